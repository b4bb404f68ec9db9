"""Danger to life that is told of in an open case: it goes to the top, as if the case had begun with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from otklik.cases import timing
from otklik.cases.enums import EMERGENCY, Status
from otklik.cases.models import Case
from otklik.cases.queries import people_in
from otklik.cases.services.moving import change, move
from otklik.cases.texts import emergency_acknowledgement
from otklik.channels.models import Message
from otklik.channels.services.queueing import Reply, is_told_by_hand, queue_replies, takes_answer
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.enums import Role

_TOLD = (Role.EXECUTOR, Role.APPROVER, Role.CURATOR)
_CHANGED = ("urgency", "status", "answer_due_at", "clock_minutes", "warned", "wakes_at", "waiting_since", "updated_at")


@transaction.atomic
def endanger(case: Case, message: Message, *, now: datetime) -> bool:
    """Raise an open case to danger to life because one of its messages tells of it; False if it is there already.

    The deadline becomes that of an emergency, never a later one, and a clock that stood still goes on. Whoever wrote is
    told what to do and whom to call, those who work on the case that it is urgent now. Safe to repeat.
    """
    rows = Case.objects.select_for_update(of=("self",)).select_related("municipality", "topic__service_level")
    seen = rows.get(pk=case.pk)
    if message.urgency < EMERGENCY or seen.urgency >= EMERGENCY or not seen.is_open:
        return False
    danger = str(message.verdict.get("emergency", ""))
    if seen.status == Status.WAITING_RESIDENT:
        move(seen, Status.IN_PROGRESS, at=now, action="resumed", detail={"message": message.pk})
    detail = {"message": message.pk, "danger": danger, "urgency": [seen.urgency, EMERGENCY]}
    seen.urgency = EMERGENCY  # the service level hangs on it
    change(seen, at=now, action="danger_found", detail=detail, urgency=EMERGENCY, **_hurried(seen, now))
    for name in _CHANGED:
        setattr(case, name, getattr(seen, name))
    if (
        takes_answer(message)
        and not is_told_by_hand(message)
        and (message.identity_id is not None or message.is_public)
    ):
        text = emergency_acknowledgement(
            seen, seen.municipality, message.language or seen.municipality.language, danger
        )
        queue_replies([Reply(message=message, text=text, key=f"danger:{seen.pk}", automated=True)], now=now)
    people = [pk for role in _TOLD for pk in people_in(seen, role)]
    key = f"case:{seen.pk}:danger"
    tell(seen.municipality_id, people, NoticeKind.DANGER, key=key, case_number=seen.number, at=now)
    return True


def _hurried(case: Case, now: datetime) -> dict[str, Any]:
    """Return the changes that start an emergency's deadline; none where one stands that is sooner."""
    changes = timing.fresh(case, now=now)
    stands, due_at = case.answer_due_at, changes.get("answer_due_at")
    return changes if due_at is not None and (stands is None or due_at < stands) else {}
