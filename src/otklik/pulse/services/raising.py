"""Noticing a surge: many voices on one topic, street or post, far above what is usual at this hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.common.inserting import insert_new
from otklik.org.models import Municipality
from otklik.org.services.announcing import announce
from otklik.pulse import queries, scopes
from otklik.pulse.enums import SurgeDeed, SurgeKind
from otklik.pulse.models import Surge, SurgeEntry, SurgeSettings
from otklik.pulse.words import Marks, strongest

_LOOKED_AT = 500
"""So many of the newest messages are read to make a headline."""
_SAME_CROWD = 0.7
"""A topic that mostly the people of a known surge speak of is that surge, not another one."""
_ORDER = (SurgeKind.POST, SurgeKind.PLACE, SurgeKind.TOPIC)

Named = Callable[[str], str]
"""Gives a topic's title and a street's name as people read them, from what is kept of them."""


@dataclass(slots=True)
class _Recent:
    """The newest messages, and which of them are of a scope."""

    rows: Sequence[Message]
    members: dict[str, list[Message]] = field(default_factory=dict)

    def of(self, scope: str) -> list[Message]:
        if scope not in self.members:
            read = scopes.Scope.read(scope)
            self.members[scope] = [row for row in self.rows if _belongs(row, read)]
        return self.members[scope]

    def people(self, scope: str) -> set[int]:
        return {row.identity_id for row in self.of(scope) if row.identity_id is not None}


@dataclass(frozen=True, slots=True)
class _Many:
    """A scope in which so many spoke that it is unusual."""

    scope: str
    voices: int
    since: datetime
    usual: float


def watch(
    municipality: Municipality, about: Collection[str], settings: SurgeSettings, *, now: datetime, street_name: Named
) -> list[Surge]:
    """Raise what became a surge by these voices and return the surges that go on and weren't put aside.

    Call it in the transaction that counted the voices. Raised once while it lasts: a unique constraint decides between
    two workers. Two queries where nothing is unusual.
    """
    watched = {scope for scope in about if not scope.startswith("both:") and scope != scopes.of_topic("")}
    if not watched or not settings.is_on:
        return []
    live = list(queries.going_on(municipality.pk))
    counted = queries.voices_in(municipality.pk, watched - {surge.scope for surge in live}, now=now)
    many = {scope: found for scope, found in counted.items() if found[0] >= _least(settings, scope)}
    if many:
        usual = queries.usual_voices(municipality, many, now=now)
        unusual = [
            _Many(scope, voices, since, usual[scope])
            for scope, (voices, since) in many.items()
            if voices >= usual[scope] * settings.times_usual
        ]
        live += _raise(municipality, unusual, live, street_name=street_name, now=now) if unusual else []
    return [surge for surge in live if surge.dismissed_at is None]


def _least(settings: SurgeSettings, scope: str) -> int:
    return settings.post_voices if scopes.Scope.read(scope).kind == SurgeKind.POST else settings.voices


def _raise(
    municipality: Municipality, unusual: Sequence[_Many], live: Sequence[Surge], *, street_name: Named, now: datetime
) -> list[Surge]:
    recent = _Recent(_newest(municipality.pk))
    known = [surge.scope for surge in live]
    fresh: list[Surge] = []
    for many in sorted(unusual, key=lambda one: (_ORDER.index(scopes.Scope.read(one.scope).kind), one.scope)):
        people = recent.people(many.scope)
        if people and any(len(people & recent.people(other)) >= _SAME_CROWD * len(people) for other in known):
            continue
        surge = _surge(municipality, many.scope, recent, street_name)
        surge.voices, surge.usual, surge.first_voice_at = many.voices, round(many.usual, 1), many.since
        surge.last_voice_at = surge.raised_at = now
        # One by one: whichever another worker raised at this moment is left out, the others stay.
        if insert_new([surge]):
            SurgeEntry.objects.create(
                municipality=municipality, surge=surge, at=now, deed=SurgeDeed.RAISED, detail={"voices": many.voices}
            )
            fresh.append(surge)
            known.append(many.scope)
    if fresh:
        announce(municipality.pk, "surge", [surge.pk for surge in fresh], at=now)
    return fresh


def _surge(municipality: Municipality, scope: str, recent: _Recent, street_name: Named) -> Surge:
    read, rows = scopes.Scope.read(scope), recent.of(scope)
    streets = Counter(str(row.verdict.get("street", "")) for row in rows)
    street = read.value if read.kind == SurgeKind.PLACE else _most(streets)
    code = read.value if read.kind == SurgeKind.TOPIC else _most(Counter(row.topic_code for row in rows))
    named = street_name(street) if street else ""
    marks = _marks(rows)
    others = [row for row in recent.rows if row not in rows]
    return Surge(
        municipality=municipality,
        kind=read.kind,
        scope=scope,
        topic_code=code,
        street=named[:120],
        thread_id=int(read.value) if read.kind == SurgeKind.POST else None,
        words=strongest(marks, _marks(others), leave_out=named),
        first_message_id=min((row.pk for row in rows), default=0),
    )


def _most(counts: Counter[str]) -> str:
    """Return what at least half of all have in common; nothing where they differ or mostly have none."""
    if not counts:
        return ""
    value, count = counts.most_common(1)[0]
    return value if count * 2 >= counts.total() else ""


def _marks(rows: Sequence[Message]) -> Marks:
    return [(row.text, [(start, end) for _, start, end in row.verdict.get("personal_data", ())]) for row in rows]


def _newest(municipality_id: int) -> list[Message]:
    rows = Message.objects.filter(municipality=municipality_id, is_ours=False).exclude(decision=Decision.SPAM)
    wanted = rows.only("id", "identity_id", "thread_id", "topic_code", "speech", "text", "verdict").order_by("-id")
    return list(wanted[:_LOOKED_AT])


def _belongs(row: Message, scope: scopes.Scope) -> bool:
    if scope.kind == SurgeKind.POST:
        return str(row.thread_id) == scope.value
    if row.speech in scopes.CALM:
        return False
    value = row.topic_code if scope.kind == SurgeKind.TOPIC else str(row.verdict.get("street", ""))
    return value == scope.value
