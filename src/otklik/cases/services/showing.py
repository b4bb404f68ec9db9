"""Letting a case be public: its message was public or the resident agreed, and an operator cleared its words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from otklik.cases.clearing import for_everybody, seal_of, without, words_of
from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case
from otklik.cases.openness import Showing
from otklik.cases.publicity import contacts_of, names_in, sources_of
from otklik.cases.services.moving import Overtaken, change
from otklik.cases.services.picturing import forget_deleted_photos
from otklik.cases.services.unveiling import forget_deleted_shown, withdraw
from otklik.channels.enums import Visibility
from otklik.channels.models import Message
from otklik.common.stems import stems
from otklik.common.text import shorten
from otklik.org.access import Access, Permission

TITLE_LIMIT = 140


class NotForPublic(Exception):
    """The case may not be shown: nobody made it public and the resident did not agree."""

    def __init__(self) -> None:
        super().__init__("the message was private and the resident did not agree to show it")


@dataclass(frozen=True, slots=True)
class Clearing:
    """What an operator lets everybody read: whose words, which of them hidden, under what heading.

    `seen` is the seal of the text as the operator saw it (cases.clearing.seal_of). An empty title is made of the text.
    """

    message_id: int
    hidden: frozenset[int]
    seen: str
    title: str = ""


def as_found(case: Case) -> Clearing:
    """Return the clearing that hides what is found by itself. Raises NotForPublic where nothing may be shown."""
    sources = sources_of(case)
    if not sources:
        raise NotForPublic
    message = sources[0]
    words = words_of(message.text, names_in(case), known=contacts_of(case.municipality_id))
    return Clearing(message.pk, frozenset(word.number for word in words if word.hidden), seal_of(message.text))


@transaction.atomic
def make_public(access: Access, case: Case, clearing: Clearing, *, now: datetime) -> Showing:
    """Show the case on the public pages in these words; again, to change them. Raises Refused, NotForPublic, Overtaken.

    Overtaken: its author has changed the message since it was looked at.
    """
    _allow(access, case)
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    message = next((one for one in sources_of(case) if one.pk == clearing.message_id), None)
    if message is None:
        raise NotForPublic
    if seal_of(message.text) != clearing.seen:
        raise Overtaken(case)
    values = _words(case, message, clearing.hidden, clearing.title)
    values |= {"cleared_by": access.official, "cleared_at": now, "withdrawn_at": None, "withdrawal": ""}
    showing, _ = Showing.objects.update_or_create(
        case=case, defaults={**values, "municipality_id": case.municipality_id}
    )
    action = "shown_words_changed" if case.is_public else "made_public"
    detail = {"hidden_words": len(values["hidden"])}
    change(case, at=now, action=action, actor=access.official, detail=detail, is_public=True)
    return showing


@transaction.atomic
def make_private(access: Access, case: Case, why: Withdrawal, *, now: datetime) -> None:
    """Take the case off the public pages: its words go, a tombstone says since when and why. Raises Refused."""
    _allow(access, case)
    _withdraw(case, why, now)
    detail = {"withdrawal": why.value}
    change(case, at=now, action="made_private", actor=access.official, detail=detail, is_public=False)


@transaction.atomic
def agree(case: Case, *, now: datetime) -> None:
    """The resident lets the case be shown; an operator still has to clear it. Safe to repeat."""
    if not case.resident_agreed:
        change(case, at=now, action="resident_agreed", resident_agreed=True)


@transaction.atomic
def disagree(case: Case, *, now: datetime) -> None:
    """The resident takes that back: what only their word made public goes at once. Safe to repeat."""
    if not case.resident_agreed:
        return
    change(case, at=now, action="resident_disagreed", resident_agreed=False)
    withdraw(case, Withdrawal.RESIDENT, now, Q(message__visibility=Visibility.PRIVATE))
    shown = Showing.objects.filter(case=case, withdrawn_at=None).select_related("message").first()
    if case.is_public and shown is not None and not shown.message.is_public:
        _withdraw(case, Withdrawal.RESIDENT, now)
        change(case, at=now, action="made_private", detail={"withdrawal": Withdrawal.RESIDENT.value}, is_public=False)


def _allow(access: Access, case: Case) -> None:
    access.require_on(Permission.CASE_PUBLISH, case)


def forget_deleted(*, now: datetime, limit: int = 200) -> int:
    """Forget the shown words whose authors have deleted their messages; returns how many. Safe to repeat.

    The public pages leave them out at once; this takes the copy away too, and their photos.
    """
    forget_deleted_shown(now=now)
    forget_deleted_photos()
    rows = Showing.objects.filter(withdrawn_at=None, message__deleted_at__isnull=False).select_related("case")
    found = list(rows.order_by("pk")[:limit])
    for showing in found:
        with transaction.atomic():
            _withdraw(showing.case, None, now)
            change(showing.case, at=now, action="made_private", is_public=False)
    return len(found)


def _withdraw(case: Case, why: Withdrawal | None, now: datetime) -> None:
    Showing.objects.filter(case=case, withdrawn_at=None).update(
        title="", text="", stems="", hidden=[], withdrawn_at=now, withdrawal=why or ""
    )
    withdraw(case, why, now)


def _words(case: Case, message: Message, hidden: Collection[int], title: str) -> dict[str, Any]:
    words = words_of(message.text)
    text = without(words, message.text, hidden)
    # What a heading says is read again: nobody types in by hand what is hidden in the text.
    heading = for_everybody(title.strip(), names_in(case), known=contacts_of(case.municipality_id)) or text
    kept = sorted(word.number for word in words if word.always or word.number in hidden)
    found_by = " ".join(stems(heading, text))
    return {
        "message": message,
        "title": shorten(heading, TITLE_LIMIT) or "📷",
        "text": text,
        "hidden": kept,
        "stems": f" {found_by} ",
    }
