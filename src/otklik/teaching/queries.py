"""Reads of what was taught and learnt."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.org.models import Department, Municipality, Topic
from otklik.teaching.enums import About
from otklik.teaching.models import Label, Refit, Version
from otklik.triage import Kind

TAUGHT_KINDS = tuple(Kind)
"""The kinds that a person may name."""
OWED_KINDS = (Kind.REQUEST, Kind.QUESTION, Kind.IDEA)
"""The kinds that have a topic worth naming."""

_WINDOW = 300
"""So many of the newest messages are looked through for the most useful ones: older ones speak of an older city."""
_ALIKE = 0.6
"""Messages that share this part of their words teach the same: one of them is enough."""
_FRESH = timedelta(days=2)
_WORD = re.compile(r"\w{3,}")


def label_now(message_id: int, about: About) -> Label | None:
    """Return the label of a message that counts: the newest."""
    return Label.objects.filter(message=message_id, about=about).order_by("-id").first()


def labels_now(municipality_id: int) -> dict[int, dict[About, str]]:
    """Return what people say of each message, the newest of each; what was taken back is not in it (one query)."""
    rows = Label.objects.filter(municipality=municipality_id).order_by("id").values_list("message", "about", "value")
    found: dict[int, dict[About, str]] = {}
    for message_id, about, value in rows.iterator(chunk_size=5000):
        found.setdefault(message_id, {})[About(about)] = value
    said = ((message_id, {about: value for about, value in row.items() if value}) for message_id, row in found.items())
    return {message_id: row for message_id, row in said if row}


def names_now(municipality_id: int) -> dict[str, dict[str, str]]:
    """Return what the city calls its topics, their groups and its departments, by code, in both languages (two
    queries): the names teach as well."""
    topics = Topic.objects.filter(municipality=municipality_id).values_list("code", "title", "title_en")
    departments = Department.objects.filter(municipality=municipality_id).values_list("code", "name", "name_en")
    of_topics = {code: f"{title}. {title_en}" for code, title, title_en in topics}
    of_departments = {code: f"{name}. {name_en}" for code, name, name_en in departments}
    return {"topic": of_topics, "topic_group": of_topics, "department": of_departments}


@dataclass(frozen=True, slots=True)
class Taught:
    """How much people taught: messages with a label, by what the label is about, and labels by where they came from."""

    messages: dict[str, int]
    sources: dict[str, int]


def taught(municipality_id: int) -> Taught:
    """Count what a city was taught (two queries)."""
    labels = Label.objects.filter(municipality=municipality_id).order_by()
    newest = Label.objects.filter(message=OuterRef("message"), about=OuterRef("about")).order_by("-id").values("pk")[:1]
    about = labels.filter(pk=Subquery(newest)).exclude(value="").values_list("about").annotate(n=Count("id"))
    sources = labels.exclude(value="").values_list("source").annotate(n=Count("id"))
    return Taught(dict(about), dict(sources))


def labels_since(municipality_id: int, moment: datetime | None) -> int:
    """Return how many labels came after a moment; all of them without one."""
    labels = Label.objects.filter(municipality=municipality_id)
    return (labels if moment is None else labels.filter(at__gt=moment)).count()


def taught_today(municipality: Municipality, official_id: int, *, now: datetime) -> int:
    """Return how many messages this person taught on the labelling screen since the city's midnight."""
    midnight = now.astimezone(ZoneInfo(municipality.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Label.objects.filter(municipality=municipality.pk, by=official_id, at__gte=midnight, source="labelling")
    return rows.exclude(value="").values("message").distinct().count()


def versions_of(municipality_id: int) -> QuerySet[Version]:
    """Return a city's versions without their bytes, newest first."""
    rows = Version.objects.filter(municipality=municipality_id).defer("learnt").select_related("asked_by")
    return rows.order_by("-number")


def kept_versions(municipality_id: int) -> set[int]:
    """Return the keys of the versions whose bytes are there: what can be put in use."""
    rows = Version.objects.filter(municipality=municipality_id, learnt__isnull=False)
    return set(rows.values_list("pk", flat=True))


def last_refit(municipality_id: int) -> Refit | None:
    """Return the newest refit, whatever became of it."""
    rows = Refit.objects.filter(municipality=municipality_id).select_related("asked_by", "version")
    return rows.defer("version__learnt", "version__card").order_by("-id").first()


def most_useful(municipality_id: int, *, now: datetime, skipped: Collection[int] = (), limit: int = 1) -> list[Message]:
    """Return the messages whose labels would teach most, the most useful first (one query).

    Of the newest that nobody labelled: what triage was least sure of, what it left to people, what is fresh; of those
    that say nearly the same, one.
    """
    labelled = Label.objects.filter(message=OuterRef("pk"), about__in=[About.TOPIC, About.KIND])
    rows = (
        Message.objects.filter(~Exists(labelled), municipality=municipality_id, is_ours=False, deleted_at=None)
        .exclude(text="")
        .exclude(pk__in=skipped)
        .exclude(decision=Decision.PENDING)
        .select_related("channel", "identity", "thread")
        .order_by("-id")[:_WINDOW]
    )
    ranked = sorted(rows, key=lambda message: (-_use(message, now), -message.pk))
    return _unlike(ranked, limit)


def _use(message: Message, now: datetime) -> float:
    """Return how much a label would teach: doubt, the more where a person was asked, and a little for freshness."""
    doubt = 1 - float(message.verdict.get("topic_confidence") or 0)
    asked = 0.3 if message.decision == Decision.OPERATOR else 0.0
    fresh = 0.2 if now - message.received_at < _FRESH else 0.0
    # Words too few to learn from, or a text that goes on for pages, teach less than they cost.
    readable = 0.0 if len(_words(message.text)) >= 3 else -0.6
    return doubt + asked + fresh + readable


def _unlike(ranked: Iterable[Message], limit: int) -> list[Message]:
    chosen: list[tuple[Message, frozenset[str]]] = []
    for message in ranked:
        if len(chosen) == limit:
            break
        words = _words(message.text)
        if all(_share(words, other) < _ALIKE for _, other in chosen):
            chosen.append((message, words))
    return [message for message, _ in chosen]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text[:2000].lower().replace("ё", "е")))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one | other)
    return len(one & other) / both if both else 1.0
