"""Many voices at once: counting a batch as it is stored, and noticing when it becomes a surge."""

from __future__ import annotations

from datetime import datetime

from otklik.channels.enums import Decision
from otklik.channels.services.ingesting import Batch
from otklik.intake.deciding import Decisions
from otklik.org.queries import Directory
from otklik.pulse import scopes
from otklik.pulse.models import Surge, SurgeSettings
from otklik.pulse.services.counting import Said, count, street_of
from otklik.pulse.services.raising import watch


def count_in(
    batch: Batch, decisions: Decisions, directory: Directory, thresholds: SurgeSettings, *, now: datetime
) -> list[Surge]:
    """Count what residents said and return the surges that go on. In the transaction that stores the messages."""
    topics = _topics_of_cases(decisions, directory)
    said = [
        Said(message, topics.get(message.object_key, message.topic_code), street_of(message))
        for message in batch.created
        if not message.is_ours and message.speech and message.decision != Decision.SPAM and message.deleted_at is None
    ]
    return watch(
        directory.municipality,
        count(directory.municipality, said, now=now),
        thresholds,
        now=now,
        street_name=lambda key: _street_name(key, directory, said),
    )


def _topics_of_cases(decisions: Decisions, directory: Directory) -> dict[str, str]:
    """Return the topic of each message that goes on with a case: thanks in a case on heating is about heating."""
    codes = {topic.pk: topic.code for topic in directory.topics.values()}
    known: dict[str, str] = {}
    for case, message, _ in (*decisions.joins, *decisions.verdicts):
        known[message.object_key] = codes.get(case.topic_id or 0, "")
    for told, message, _ in decisions.joins_to_told:
        known[message.object_key] = told.case_topic or ""
    opened = {one.message.object_key: one.topic.code if one.topic else "" for one in decisions.openings}
    for first, message, _ in decisions.joins_to_new:
        known[message.object_key] = opened.get(first.object_key, "")
    return known


def _street_name(key: str, directory: Directory, said: list[Said]) -> str:
    """Return a street as people read it: the city's own name for it, else as it was written just now."""
    for name in directory.streets:
        if scopes.street_key(name) == key:
            return name
    written = (str(one.message.verdict.get("street_name", "")) for one in said if one.street == key)
    return next((name for name in written if name), key)
