"""Keeping the counts: a batch of messages in two statements, and one message moved when people correct its topic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from otklik.channels.models import Message
from otklik.common.adding import Sums, add_up
from otklik.org.models import Municipality
from otklik.pulse import scopes
from otklik.pulse.models import Tally, Voice
from otklik.triage import Kind

_COLUMNS = {
    Kind.REQUEST: "requests",
    Kind.QUESTION: "questions",
    Kind.IDEA: "ideas",
    Kind.THANKS: "thanks",
    Kind.VENTING: "venting",
    Kind.ABUSE: "abuse",
}
COUNTED = ("messages", "voices", *_COLUMNS.values())
TALLIES = Sums(Tally, key=("municipality_id", "hour", "topic_code", "street"), added=COUNTED, settled=("day",))
VOICES = Sums(Voice, key=("municipality_id", "scope", "hour", "identity_id"), added=("times",), latest=("last_at",))

_Hour = tuple[datetime, str, str]
"""An hour, a topic, a street."""

FORGOTTEN_AFTER = timedelta(hours=26)
"""Who spoke is kept for a day, and the hour it began in; counts stay."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message with what it counts for: its topic (its case's, where it has one) and its street."""

    message: Message
    topic_code: str
    street: str

    @property
    def scopes(self) -> list[str]:
        """Return where it is a voice."""
        return scopes.scopes_of(self.message.speech, self.topic_code, self.street, post_thread_of(self.message))


def post_thread_of(message: Message) -> int | None:
    """Return the thread if it is the comments of a post; a conversation in private is no crowd."""
    thread = message.thread
    return thread.pk if message.is_public and thread.post_external_id else None


def street_of(message: Message) -> str:
    """Return the street that a message is about, in comparable form; empty where it names none."""
    return str(message.verdict.get("street", ""))


@transaction.atomic
def count(municipality: Municipality, said: Sequence[Said], *, now: datetime) -> set[str]:
    """Add new messages to the kept counts and return the scopes that got a voice. Two statements, whatever the number.

    Call it in the transaction that writes the messages: what is counted is stored, and what is stored is counted, once.
    Who writes without an account is counted as a message, not as a voice: ten of them may be one person.
    """
    if not said:
        return set()
    voices = _voices(said, now)
    grown = add_up(VOICES, [(municipality.pk, *of, heard.times, heard.last_at) for of, heard in voices.items()])
    new = [
        (scope, hour)
        for _, scope, hour, identity, in_all in grown
        if voices[scope, hour, identity].times == in_all  # nobody heard them in this hour before
    ]
    tallies: dict[_Hour, Counter[str]] = defaultdict(Counter)
    for one in said:
        for street in {"", one.street}:
            _add_message(tallies[hour_of(one.message, now), one.topic_code, street], one.message.speech)
    for scope, hour in new:
        pair = _topic_and_street(scope)
        if pair is not None:
            tallies[hour, *pair]["voices"] += 1
    zone = ZoneInfo(municipality.timezone)
    add_up(
        TALLIES,
        [
            (municipality.pk, *of, *(counts[column] for column in COUNTED), of[0].astimezone(zone).date())
            for of, counts in tallies.items()
        ],
    )
    return {scope for scope, _, _ in voices}


@transaction.atomic
def move(municipality: Municipality, messages: Iterable[Message], before: str, after: str, *, now: datetime) -> None:
    """Count these messages under another topic: people said what they are about. Rare, so a few queries each.

    A person whose other words of that hour stay counts for both topics. Beyond a day, when nobody remembers who spoke,
    each message that moves takes its person along.
    """
    if before == after:
        return
    for message in messages:
        if message.speech == Kind.SPAM or message.is_ours or message.deleted_at is not None:
            continue
        street = street_of(message)
        if _take_off(municipality, Said(message, before, street), now):
            count(municipality, [Said(message, after, street)], now=now)


@transaction.atomic
def take_away(municipality: Municipality, said: Iterable[Said], *, now: datetime) -> None:
    """Count these messages no more, nor as a voice unless the person said something else: they were taken back.

    Give them as they were counted. Rare, so a few queries each; what was never counted stays so.
    """
    for one in said:
        _take_off(municipality, one, now)


def forget_voices(now: datetime) -> int:
    """Forget who spoke more than a day ago; returns how many rows went."""
    return Voice.objects.filter(hour__lt=now - FORGOTTEN_AFTER).delete()[0]


def hour_of(message: Message, now: datetime) -> datetime:
    """Return the hour a message counts for: when it was said; a clock that runs ahead is not believed."""
    at = min(message.occurred_at, now).astimezone(UTC)
    return at.replace(minute=0, second=0, microsecond=0)


@dataclass(slots=True)
class _Heard:
    """How often one person spoke of something in an hour, and when last."""

    times: int
    last_at: datetime


def _voices(said: Sequence[Said], now: datetime) -> dict[tuple[str, datetime, int], _Heard]:
    """Return who spoke, by scope, hour and identity."""
    found: dict[tuple[str, datetime, int], _Heard] = {}
    for one in said:
        identity = one.message.identity
        if identity is None or identity.is_bot:
            continue
        hour, at = hour_of(one.message, now), min(one.message.occurred_at, now)
        for scope in one.scopes:
            heard = found.setdefault((scope, hour, identity.pk), _Heard(0, at))
            heard.times += 1
            heard.last_at = max(heard.last_at, at)
    return found


def _topic_and_street(scope: str) -> tuple[str, str] | None:
    kind, _, value = scope.partition(":")
    if kind == "topic":
        return value, ""
    if kind == "both":
        code, _, street = value.partition("|")
        return code, street
    return None


def _add_message(counts: Counter[str], speech: str) -> None:
    counts["messages"] += 1
    if speech in _COLUMNS:
        counts[_COLUMNS[Kind(speech)]] += 1


def _place(city: Municipality, said: Said, street: str, now: datetime) -> dict[str, Any]:
    hour = hour_of(said.message, now)
    return {"municipality": city.pk, "hour": hour, "topic_code": said.topic_code, "street": street}


def _take_off(city: Municipality, said: Said, now: datetime) -> bool:
    """Take a message off the counts and return whether it was in them."""
    if not Tally.objects.filter(**_place(city, said, "", now), messages__gt=0).exists():
        return False
    column = _COLUMNS.get(Kind(said.message.speech)) if said.message.speech in _COLUMNS else None
    for street in {"", said.street}:
        scope = scopes.of_both(said.topic_code, street) if street else scopes.of_topic(said.topic_code)
        less = {"messages": 1, "voices": int(_voice_leaves(city, said, scope, now))}
        if column is not None:
            less[column] = 1
        for name, taken in less.items():
            rows = Tally.objects.filter(**_place(city, said, street, now), **{f"{name}__gte": taken})
            rows.update(**{name: F(name) - taken})
    for scope in said.scopes:
        if _topic_and_street(scope) is None:
            _voice_leaves(city, said, scope, now)  # counted there again with its new topic
    return True


def _voice_leaves(city: Municipality, said: Said, scope: str, now: datetime) -> bool:
    """Take one message off a voice and return whether it was the last, or nobody remembers."""
    if said.message.identity_id is None or said.message.speech in scopes.CALM:
        return False
    hour = hour_of(said.message, now)
    voice = Voice.objects.filter(
        municipality=city.pk, scope=scope, hour=hour, identity=said.message.identity_id
    ).first()
    if voice is None:
        return hour < now - FORGOTTEN_AFTER
    if voice.times > 1:
        Voice.objects.filter(pk=voice.pk).update(times=F("times") - 1)
        return False
    voice.delete()
    return True
