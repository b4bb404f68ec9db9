"""What residents rewrite or take away: verdicts and counts follow their words. What didn't change costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from otklik.cases.enums import EMERGENCY, Status
from otklik.cases.models import CaseMessage
from otklik.cases.services.closing import reopen
from otklik.cases.services.endangering import endanger
from otklik.cases.services.opening import open_cases
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.services.indexing import place_messages
from otklik.channels.services.ingesting import Batch
from otklik.channels.whys import Why, stored
from otklik.intake.deciding import VERDICT_FIELDS, keep_verdict, opening_of
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
    _raise_dangers(rewritten, verdicts, directory, now)
    count(directory.municipality, _counted(rewritten, topics), now=now)


def _raise_dangers(
    rewritten: Iterable[Message], verdicts: Mapping[str, Verdict], directory: Directory, now: datetime
) -> None:
    """Let danger to life that somebody wrote in afterwards count as one that was told at once.

    Its case goes to the top; one that was answered is opened again; a message without a case opens one. A case that
    ended otherwise, as spam or with another body, stays as it is, and those who ended it see the words.
    """
    dangers = {message.pk: message for message in rewritten if message.urgency >= EMERGENCY}
    if not dangers:
        return
    rows = CaseMessage.objects.filter(message__in=dangers).select_related("case__municipality", "case__topic")
    for row in rows:
        message = dangers.pop(row.message_id)
        if row.case.status in (Status.ANSWERED, Status.CLOSED):
            reopen(row.case, message.text, now=now)
        endanger(row.case, message, now=now)
    openings = [opening_of(message, verdicts[message.object_key], directory) for message in dangers.values()]
    for message in dangers.values():
        message.decision, message.decision_reason = Decision.OPENED, stored(Why.DANGER_ADDED)
    Message.objects.bulk_update(dangers.values(), ["decision", "decision_reason"])
    for case, opening in zip(open_cases(openings, directory, now=now), openings, strict=True):
        place_messages({opening.message.pk: (case.pk, case.department_id)})


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
