"""What networks told in numbers, as screens show it: each figure with when it was told, or that it isn't told there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext

from otklik.channels.figures import AccountFigure, Audience, Figure, PostFigure, Reaction, Trait
from otklik.channels.models import Channel, Message
from otklik.common.prepared import PreparedObjects
from otklik.connectors.registry import CONNECTORS

HISTORY_DAYS = 30
LARGEST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. `value` None: it isn't known; `is_told` says whether the network tells it at all."""

    figure: Figure
    is_told: bool
    value: int | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one post in one network."""

    channel: Channel
    cells: Sequence[Cell]

    @property
    def read_at(self) -> datetime | None:
        """When the newest of them was told."""
        return max((cell.read_at for cell in self.cells if cell.read_at is not None), default=None)


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """What an account's network told: now, in the days before, and whom it reaches."""

    now: Sequence[Cell]
    days: Sequence[tuple[date, Sequence[int | None]]] = ()
    audience: Sequence[tuple[str, Sequence[tuple[str, float]]]] = ()
    audience_read_at: datetime | None = None
    columns: Sequence[Figure] = field(default_factory=tuple)


def tells_anything(channel: Channel) -> bool:
    """Return whether a channel's network tells any figure."""
    return bool(CONNECTORS[channel.network].capabilities.account_figures)


def of_posts(places: Sequence[tuple[Channel, str]]) -> list[Row]:
    """Return the newest figures of posts by channel and the network's id, one row for each place. One query."""
    where = Q()
    for channel, post in places:
        where |= Q(municipality=channel.municipality_id, channel=channel, post_external_id=post)
    newest: dict[tuple[int, str, str], PostFigure] = {}
    for row in PostFigure.objects.filter(where).order_by("day") if places else ():
        newest[row.channel_id, row.post_external_id, row.figure] = row
    return [Row(channel, _cells_of_post(channel, post, newest)) for channel, post in places]


def _cells_of_post(channel: Channel, post: str, newest: dict[tuple[int, str, str], PostFigure]) -> list[Cell]:
    told = CONNECTORS[channel.network].capabilities.post_figures
    return [_cell(figure, told, newest.get((channel.pk, post, figure))) for figure in Figure if figure != "followers"]


def _cell(figure: Figure, told: Iterable[str], row: PostFigure | AccountFigure | None) -> Cell:
    if row is None:
        return Cell(figure, figure.value in set(told))
    return Cell(figure, is_told=True, value=row.value, read_at=row.read_at)


def of_account(channel: Channel, *, today: date) -> AccountNumbers:
    """Return an account's newest figures and those of the days before. Two queries."""
    told = CONNECTORS[channel.network].capabilities.account_figures
    kept = AccountFigure.objects.filter(
        municipality=channel.municipality_id, channel=channel, day__gt=today - timedelta(days=HISTORY_DAYS)
    )
    newest: dict[str, AccountFigure] = {}
    days: dict[date, dict[str, int]] = {}
    for row in kept.order_by("day"):
        newest[row.figure] = row
        days.setdefault(row.day, {})[row.figure] = row.value
    columns = [figure for figure in Figure if figure.value in newest]
    audience = Audience.objects.filter(municipality=channel.municipality_id, channel=channel).first()
    return AccountNumbers(
        now=[_cell(figure, told, newest.get(figure)) for figure in Figure if figure.value in {*told, *newest}],
        days=[(day, [counts.get(figure) for figure in columns]) for day, counts in sorted(days.items(), reverse=True)],
        audience=_audience(audience),
        audience_read_at=audience.read_at if audience is not None else None,
        columns=columns,
    )


def _audience(kept: Audience | None) -> list[tuple[str, Sequence[tuple[str, float]]]]:
    if kept is None:
        return []
    sexes = {"f": gettext("women"), "m": gettext("men")}
    by_trait: dict[Trait, list[tuple[str, float]]] = {trait: [] for trait in Trait}
    for told, name, percent in kept.shares:
        by_trait[Trait(told)].append((sexes.get(name, name) if told == Trait.SEX else name, percent))
    return [(str(trait.label), shares[:LARGEST_SHOWN]) for trait, shares in by_trait.items() if shares]


def with_reactions(messages: Sequence[Message]) -> None:
    """Give messages their `given`: a reaction and how many there are, the most first. One query; none for none.

    Never who gave them: nobody keeps that.
    """
    messages = [one for one in messages if CONNECTORS[one.channel.network].capabilities.reaction_counts]
    if not messages:
        return
    found: dict[tuple[int, str], list[tuple[str, int]]] = {}
    channels, keys = (tuple({one.channel_id for one in messages}), tuple({one.object_key for one in messages}))
    for row in _REACTIONS.list(messages[0].municipality_id, channels, keys):
        if row.count:
            found.setdefault((row.channel_id, row.object_key), []).append((sign_of(row.name), row.count))
    for message in messages:
        given = found.get((message.channel_id, message.object_key), [])
        message.given = sorted(given, key=lambda one: (-one[1], one[0]))  # type: ignore[attr-defined]  # for one screen


_REACTIONS = PreparedObjects(
    lambda city, channels, keys: Reaction.objects.filter(municipality=city, channel__in=channels, object_key__in=keys)
)


def sign_of(name: str) -> str:
    """Return how a reaction looks: networks' names of the common ones are signs, an emoji is itself."""
    return {"like": "♥", "love": "♥", "dislike": "👎", "announce": "🔁", "paid": "⭐"}.get(
        name, name if not name.isascii() else "•"
    )
