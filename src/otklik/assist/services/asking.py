"""Asking the model: a row, at once; the worker does the rest. A person may stop it, or put what it wrote aside."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from otklik.assist.enums import Use, Wish
from otklik.assist.models import MachineText
from otklik.assist.queries import settings_of
from otklik.cases.models import Case
from otklik.cases.services.journaling import record
from otklik.channels.models import Message
from otklik.common import bell
from otklik.org.access import Access, Permission
from otklik.org.services.announcing import announce
from otklik.org.services.auditing import ours


class NotOffered(Exception):
    """The city has no language model for this."""

    def __init__(self) -> None:
        super().__init__("the language model is off for this, or the message isn't of this case")


_NEEDS = {
    Use.DRAFT: Permission.CASE_DRAFT,
    Use.SUMMARY: Permission.CASE_VIEW,
    Use.TRANSLATION: Permission.CASE_VIEW,
}


def ask(access: Access, case: Case, use: Use, *, now: datetime, message: Message | None = None) -> MachineText:
    """Queue a question about a case, or return the one that waits already. Journalled: a text leaves for the model.

    Raises Refused, NotOffered.
    """
    ours(access, case, message)
    access.require(_NEEDS[use], case.department_id)
    if not settings_of(access.municipality_id).allows(use) or not _fits(use, case, message):
        raise NotOffered
    waiting = MachineText.objects.filter(
        municipality=case.municipality_id, case=case, use=use, message=message, state__in=[Wish.QUEUED, Wish.WORKING]
    )
    if found := waiting.first():
        return found
    try:
        with transaction.atomic():
            row = MachineText.objects.create(
                municipality_id=case.municipality_id,
                case=case,
                message=message,
                use=use,
                language=get_language() or "ru" if use is not Use.DRAFT else _language_of(case),
                asked_by=access.official,
                asked_at=now,
            )
            record(case, "machine_asked", at=now, actor=access.official, detail={"use": use.value})
            bell.ring("machine")
    except IntegrityError:
        return waiting.get()
    return row


@transaction.atomic
def cancel(access: Access, row: MachineText, *, now: datetime) -> bool:
    """Stop a question, or put what was written aside. Returns whether there was anything left to do. Raises Refused."""
    ours(access, row)
    access.require(_NEEDS[Use(row.use)], row.case.department_id)
    rows = MachineText.objects.filter(pk=row.pk).exclude(state=Wish.CANCELLED)
    done = rows.update(state=Wish.CANCELLED, text="", finished_at=now) == 1
    announce(row.municipality_id, "case", [row.case_id], at=now)
    bell.ring("live")
    return done


def _fits(use: Use, case: Case, message: Message | None) -> bool:
    if use is not Use.TRANSLATION:
        return message is None
    return message is not None and case.case_messages.filter(message=message).exists()


def _language_of(case: Case) -> str:
    """Return the language in which the resident wrote, where the city answers in it too."""
    first = case.case_messages.order_by("id").select_related("message").first()
    written = first.message.language if first is not None else ""
    return written if written in ("ru", "en") else case.municipality.language
