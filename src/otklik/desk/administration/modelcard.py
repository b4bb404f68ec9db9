"""The model card: what is in use, how good it is and why, prepared for people who never saw a statistic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from otklik.desk.understanding import COLUMNS, Brings, brings, hundred, refit_words, version_words
from otklik.org.models import Municipality
from otklik.org.queries import topics_of
from otklik.teaching.cards import Bin, Card, HeadCard, InUse, LabelFigures, card_of
from otklik.teaching.enums import About, RefitState, Source
from otklik.teaching.models import Learning, Refit, Version
from otklik.teaching.queries import kept_versions, last_refit, taught, versions_of

VERSIONS_SHOWN = 20
GROUPS_IN_TABLE = 8
"""A confusion table of more groups is read by nobody: the others are summed up in its last column."""
MISTAKES_SHOWN = 8
PLOT_W, PLOT_H = 300, 220


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One question of the card: figures of 100."""

    title: str | Promise
    rows: int
    right: str
    low: str
    high: str
    top3: str
    alone: str
    target: str
    error: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of topics: of `support` messages so many were found; of those it named so, so many were right."""

    title: str
    support: int
    found: str
    right: str
    is_weak: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the confusion table; `shade` 0 to 4 by its share of the row."""

    count: int
    shade: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """What became of the messages of one group."""

    title: str
    cells: tuple[Cell, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of the calibration plot, in the drawing's own units, and in words."""

    x: float
    y: float
    r: float
    sure: str
    right: str
    count: int


@dataclass(frozen=True, slots=True)
class Plot:
    """How sure it was against how often it was right, for one question."""

    title: str | Promise
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """What triage sorts by itself, of 100, and how much of it is right."""

    sorted: str
    right: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list."""

    version: Version
    words: str
    is_used: bool
    is_kept: bool


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything that the card shows."""

    used: Version | None
    learning: Learning
    brings: Brings
    refit: Refit | None
    refit_said: str
    is_busy: bool
    heads: tuple[HeadRow, ...]
    groups: tuple[GroupRow, ...]
    confusion_titles: tuple[str, ...]
    confusion: tuple[ConfusionRow, ...]
    mistakes: tuple[tuple[str, str, int], ...]
    plots: tuple[Plot, ...]
    group_alone: Alone | None
    topic_alone: Alone | None
    sources: tuple[tuple[str, int], ...]
    about: tuple[tuple[str, int], ...]
    versions: tuple[VersionRow, ...]
    shipped_used: bool


def model_card(city: Municipality, learning: Learning, version: Version | None, *, now: datetime) -> ModelCard:
    """Return the card of a version (None: what came with the product), with how the city's learning stands."""
    card = card_of(version.card) if version is not None else Card()
    topics = topics_of(city.pk)
    titles = {topic.code: topic.name for group, members in topics.items() for topic in (group, *members)}
    groups = card.head("topic_group")
    refit = last_refit(city.pk)
    given = taught(city.pk)
    names, confusion = _confusion(card, titles)
    topic = card.head("topic")
    return ModelCard(
        used=version,
        learning=learning,
        brings=brings(city, now=now),
        refit=refit,
        refit_said=refit_words(refit) if refit is not None else "",
        is_busy=refit is not None and refit.state in (RefitState.QUEUED, RefitState.RUNNING),
        heads=tuple(_head_row(head) for head in card.heads if _tells_apart(head)),
        groups=tuple(_group_row(label, titles) for label in groups.labels if label.support) if groups else (),
        confusion_titles=names,
        confusion=confusion,
        mistakes=tuple(
            (titles.get(one.truth, one.truth), titles.get(one.answer, one.answer), one.count)
            for one in (topic.confused[:MISTAKES_SHOWN] if topic else ())
        ),
        plots=tuple(_plot(head) for head in card.heads if head.column in ("topic_group", "topic") and head.bins),
        group_alone=_alone(card.group_in_use),
        topic_alone=_alone(card.topic_in_use),
        sources=tuple((str(Source(code).label), n) for code, n in _most_first(given.sources)),
        about=tuple((str(About(code).label), n) for code, n in sorted(given.messages.items())),
        versions=tuple(_versions(city, learning)),
        shipped_used=learning.in_use_id is None,
    )


def _versions(city: Municipality, learning: Learning) -> Iterator[VersionRow]:
    kept = kept_versions(city.pk)
    for version in versions_of(city.pk).defer("learnt", "card")[:VERSIONS_SHOWN]:
        yield VersionRow(
            version=version,
            words=version_words(version),
            is_used=version.pk == learning.in_use_id,
            is_kept=version.pk in kept,
        )


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _tells_apart(head: HeadCard) -> bool:
    """Return whether there was anything to mistake: where all messages have one label, every figure flatters."""
    return sum(label.support > 0 for label in head.labels) > 1


def _head_row(head: HeadCard) -> HeadRow:
    return HeadRow(
        title=COLUMNS.get(head.column, head.column),
        rows=head.rows,
        right=hundred(head.weighted_f1.value),
        low=hundred(head.weighted_f1.low),
        high=hundred(head.weighted_f1.high),
        top3=hundred(head.top3.value),
        alone=hundred(head.coverage.value),
        target=hundred(head.target_precision),
        error=hundred(head.calibration_error.value),
    )


def _group_row(label: LabelFigures, titles: Mapping[str, str]) -> GroupRow:
    return GroupRow(
        title=titles.get(label.label, label.label),
        support=label.support,
        found=hundred(label.recall),
        right=hundred(label.precision),
        is_weak=label.f1 < 0.5,
    )


def _confusion(card: Card, titles: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[ConfusionRow, ...]]:
    """Return the commonest groups and, for each, what its messages were taken for."""
    counts = {(one.truth, one.answer): one.count for one in card.groups}
    support: dict[str, int] = {}
    for one in card.groups:
        support[one.truth] = support.get(one.truth, 0) + one.count
    codes = sorted(support, key=lambda code: (-support[code], code))[:GROUPS_IN_TABLE]
    rows = []
    for truth in codes:
        cells = tuple(_cell(counts.get((truth, answer), 0), support[truth], truth == answer) for answer in codes)
        others = support[truth] - sum(cell.count for cell in cells)
        rows.append(ConfusionRow(titles.get(truth, truth), cells, others))
    return tuple(titles.get(code, code) for code in codes), tuple(rows)


def _cell(count: int, whole: int, is_right: bool) -> Cell:  # noqa: FBT001 - a field's value, not a switch
    return Cell(count, min(4, -(-4 * count // whole)) if whole else 0, is_right)


def _plot(head: HeadCard) -> Plot:
    most = max(one.count for one in head.bins)
    return Plot(COLUMNS.get(head.column, head.column), tuple(_dot(one, most) for one in head.bins))


def _dot(one: Bin, most: int) -> Dot:
    return Dot(
        x=round(PLOT_W * one.confidence, 1),
        y=round(PLOT_H * (1 - one.right), 1),
        r=round(3 + 7 * (one.count / most) ** 0.5, 1),
        sure=hundred(one.confidence),
        right=hundred(one.right),
        count=one.count,
    )


def _alone(found: InUse | None) -> Alone | None:
    if found is None or not found.asked:
        return None
    return Alone(hundred(found.sorted / found.asked), hundred(found.right / found.sorted) if found.sorted else "")
