"""What an official says about an answer that only a person can tell: told, how and when; or nobody could be reached."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.cases.models import AnswerSend, Case
from otklik.cases.queries import visible_cases
from otklik.cases.services.journaling import record as journal
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.sending import Sent, record
from otklik.connectors.base import SendFailed
from otklik.connectors.events import Receipt
from otklik.intake.delivered import note_delivered
from otklik.intake.resolving import NotInDoubt
from otklik.org.access import Access, Permission


def to_tell(access: Access) -> QuerySet[AnswerSend]:
    """Return the answers of cases in sight that wait until a person tells them, the longest waiting first."""
    rows = AnswerSend.objects.filter(
        municipality=access.municipality_id,
        outgoing__state=OutgoingState.BY_HAND,
        answer__case__in=visible_cases(access).order_by().values("pk"),
    )
    related = ("answer__case", "outgoing__reply_to__identity", "outgoing__reply_to__channel")
    return rows.select_related(*related).order_by("outgoing_id")


@transaction.atomic
def tell(access: Access, case: Case, outgoing_id: int, how: str, told_at: datetime, *, now: datetime) -> None:
    """Count an answer as given because somebody told it: the case goes on from that moment, as if a network had it.

    Raises Refused, ValueError without how, or for a moment before it was approved or after now; NotInDoubt where it was
    settled meanwhile.
    """
    access.require_on(Permission.RECEPTION, case)
    if not how.strip():
        raise ValueError(_("say how they were told: it stays in the history"))
    row = _locked(case, outgoing_id)
    if not row.created_at <= told_at <= now:
        raise ValueError(_("that is before the answer was approved, or in the future: when were they told?"))
    container, thread = str(row.target.get("container", "")), str(row.target.get("thread_key", ""))
    sent = Sent(row, receipts=[Receipt(external_id=f"told-{row.pk}", container=container, thread_key=thread)])
    record([sent], now=told_at, then=note_delivered)
    journal(case, "told_by_hand", at=now, actor=access.official, detail=_detail(row, how))


@transaction.atomic
def not_reached(access: Access, case: Case, outgoing_id: int, why: str, *, now: datetime) -> None:
    """Say that nobody could be told; the case keeps its answer and shows the other ways. Raises as `tell` does."""
    access.require_on(Permission.RECEPTION, case)
    if not why.strip():
        raise ValueError(_("say why nobody could be told: it stays in the history"))
    row = _locked(case, outgoing_id)
    record([Sent(row, error=SendFailed(why.strip()[:300], permanent=True))], now=now, then=note_delivered)
    journal(case, "not_reached", at=now, actor=access.official, detail=_detail(row, why))


def _detail(row: Outgoing, reason: str) -> dict[str, object]:
    return {"outgoing": row.pk, "reason": reason.strip()[:300]}


def _locked(case: Case, outgoing_id: int) -> Outgoing:
    row = (
        Outgoing.objects.select_for_update(of=("self",))
        .select_related("channel", "thread", "reply_to", "official", "edits")
        .filter(pk=outgoing_id, answer_send__answer__case=case, state=OutgoingState.BY_HAND)
        .first()
    )
    if row is None:
        raise NotInDoubt
    return row
