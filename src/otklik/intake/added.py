"""What residents add on their case's own page is understood like any message, a moment after it is kept.

The page keeps it at once, in a process that knows no triage; a row without a kind says that it is due. The worker does
what the way of a message does for all others: the verdict with the places of personal data, the counts, the danger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction

from otklik.cases.models import CaseMessage
from otklik.cases.services.endangering import endanger
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.intake.deciding import VERDICT_FIELDS, keep_verdict
from otklik.intake.understanding import Brain
from otklik.pulse.services.counting import Said, count, street_of
from otklik.triage import Text, Verdict

_AT_ONCE = 20


def understand_added(brain: Brain, *, now: datetime) -> int:
    """Understand what was added to cases and nobody has read yet; returns how many there were (one query if none)."""
    due = Message.objects.filter(decision=Decision.JOINED, speech="").select_related("municipality").order_by("id")
    waiting = sorted(due[:_AT_ONCE], key=lambda message: (message.municipality_id, message.pk))
    for _city, messages in groupby(waiting, key=lambda message: message.municipality_id):
        _understand(list(messages), brain, now)
    return len(waiting)


def _understand(messages: Sequence[Message], brain: Brain, now: datetime) -> None:
    mind = brain.mind(messages[0].municipality)
    began = _first_words(messages)
    texts = [Text(message.text, parent_text=began.get(message.pk, "")) for message in messages]
    verdicts = dict(zip([message.pk for message in messages], mind.triage.classify(texts), strict=True))
    with transaction.atomic():
        rows = Message.objects.select_for_update(of=("self",)).filter(pk__in=verdicts, speech="")
        for message in rows.select_related("channel", "thread", "identity", "municipality").order_by("pk"):
            _keep(message, verdicts[message.pk], mind.version, now)


def _keep(message: Message, verdict: Verdict, version: int, now: datetime) -> None:
    keep_verdict(message, verdict, version)
    message.save(update_fields=list(VERDICT_FIELDS))
    row = CaseMessage.objects.filter(message=message).select_related("case__topic").first()
    topic = row.case.topic.code if row is not None and row.case.topic is not None else message.topic_code
    if not message.is_ours and message.deleted_at is None:
        count(message.municipality, [Said(message, topic, street_of(message))], now=now)
    if row is not None:
        endanger(row.case, message, now=now)


def _first_words(messages: Sequence[Message]) -> dict[int, str]:
    """Return the first words of each message's case: "it smells here too" is read with them (two queries)."""
    cases = dict(CaseMessage.objects.filter(message__in=messages).values_list("message_id", "case_id"))
    rows = CaseMessage.objects.filter(case__in=set(cases.values())).order_by("-message_id")
    first = dict(rows.values_list("case_id", "message__text"))
    return {message_id: first.get(case_id, "") for message_id, case_id in cases.items()}
