"""What residents rewrite or take away: verdicts and counts follow their words. What didn't change costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from otklik.cases.models import CaseMessage
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.services.ingesting import Batch
from otklik.intake.deciding import VERDICT_FIELDS, keep_verdict
from otklik.org.queries import Directory
from otklik.pulse.services.counting import Said, count, street_of, take_away
from otklik.triage import Kind, Verdict


def follow_changes(
    batch: Batch, verdicts: Mapping[str, Verdict], directory: Directory, *, version: int, now: datetime
) -> None:
    """Understand anew what was rewritten or brought back, and count it as it is now; count no more what was deleted.

    What was decided stays: a case doesn't vanish with the comment that opened it. Where the words are gone, those that
    the verdict kept of them go too; where they changed, the places of personal data in them are found anew.
    """
    gone = [message for message in batch.deleted.values() if not message.is_ours]
    said = {**batch.edited, **batch.restored}
    rewritten = [
        message
        for message in said.values()
        if message.deleted_at is None and not message.is_ours and message.object_key in verdicts
    ]
    if not gone and not rewritten:
        return
    topics = _topics_of_cases([*gone, *rewritten])
    before = [message for message in (*gone, *rewritten) if message.pk not in batch.restored]
    take_away(directory.municipality, _counted(before, topics), now=now)
    for message in gone:
        message.verdict = {**message.verdict, "reasons": [], "personal_data": []}
    for message in rewritten:
        keep_verdict(message, verdicts[message.object_key], version)
    Message.objects.bulk_update([*gone, *rewritten], VERDICT_FIELDS)
    count(directory.municipality, _counted(rewritten, topics), now=now)


def _counted(messages: Iterable[Message], topics: Mapping[int, str]) -> list[Said]:
    """Return what these messages count for: under the topic of their case, where they have one."""
    return [
        Said(message, topics.get(message.pk, message.topic_code), street_of(message))
        for message in messages
        if message.speech and message.speech != Kind.SPAM and message.decision != Decision.SPAM
    ]


def _topics_of_cases(messages: Iterable[Message]) -> dict[int, str]:
    rows = CaseMessage.objects.filter(message__in=[message.pk for message in messages])
    return {pk: code or "" for pk, code in rows.values_list("message_id", "case__topic__code")}
