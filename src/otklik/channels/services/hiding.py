"""Hiding a comment on the city's site for a reason of a list, showing it again, and the objection to it.

In the network it stays as it is. Whoever hid it doesn't decide about an objection: a second person does.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.channels.enums import MessageKind, Visibility
from otklik.channels.hidings import Hiding, HidingReason
from otklik.channels.models import Message
from otklik.org.access import Access, Permission
from otklik.org.services.auditing import audit, ours

LONGEST = 2000
"""An objection, in characters."""


@transaction.atomic
def hide(access: Access, message: Message, reason: str, *, now: datetime) -> Hiding:
    """Hide somebody's comment from the site. Raises Refused, ValueError with the sentence to show."""
    access.require(Permission.TALK_MODERATE)
    ours(access, message)
    if reason not in HidingReason.values:
        raise ValueError(_("choose a reason from the list"))
    if message.is_ours or message.visibility != Visibility.PUBLIC or message.kind != MessageKind.COMMENT:
        raise ValueError(_("only a resident's public comment can be hidden"))
    try:
        with transaction.atomic():
            row = Hiding.objects.create(
                municipality_id=message.municipality_id,
                message=message,
                reason=reason,
                hidden_by=access.official,
                hidden_at=now,
            )
    except IntegrityError as error:
        raise ValueError(_("a colleague has hidden this comment already")) from error
    audit(access, "comment.hidden", f"#{message.pk}", reason=reason)
    return row


@transaction.atomic
def show_again(access: Access, hiding: Hiding, *, now: datetime) -> None:
    """Show a comment again; the row stays. Safe to repeat. Raises Refused."""
    access.require(Permission.TALK_MODERATE)
    ours(access, hiding)
    changed = Hiding.objects.filter(pk=hiding.pk, shown_at=None).update(shown_at=now, shown_by=access.official)
    if changed:
        audit(access, "comment.shown_again", f"#{hiding.message_id}")


def object_to(hiding: Hiding, words: str, *, now: datetime) -> None:
    """Keep what somebody says against a hiding. Raises ValueError with the sentence to show."""
    said = words.strip()[:LONGEST]
    if not said:
        raise ValueError(_("write why the comment should be shown"))
    waiting = Hiding.objects.filter(pk=hiding.pk, shown_at=None, objected_at=None)
    if not waiting.update(objection=said, objected_at=now):
        raise ValueError(_("somebody has objected already, or the comment is shown again"))


@transaction.atomic
def decide(access: Access, hiding: Hiding, words: str, *, show: bool, now: datetime) -> None:
    """Decide about an objection: show the comment again, or leave it hidden with a word to whoever objected.

    Raises Refused, ValueError with the sentence to show.
    """
    access.require(Permission.TALK_MODERATE)
    ours(access, hiding)
    if hiding.hidden_by_id == access.official.pk:
        raise ValueError(_("you hid this comment, so somebody else decides about the objection"))
    if not words.strip():
        raise ValueError(_("write what whoever objected is told"))
    waiting = Hiding.objects.filter(pk=hiding.pk, decided_at=None, objected_at__isnull=False)
    if not waiting.update(decided_at=now, decided_by=access.official, decision=words.strip()[:500]):
        raise ValueError(_("a colleague has decided about this already"))
    audit(access, "comment.objection_decided", f"#{hiding.message_id}", shown=show)
    if show:
        show_again(access, hiding, now=now)
