"""What networks tell in numbers: of an account, of its posts, of the words under them. What isn't told is not zero.

Each network's own name of a figure becomes one of a closed list; what isn't on it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Protocol, runtime_checkable

import msgspec

from otklik.common.text import storable

Count = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A number as networks write it. Below zero it stands for something else: Instagram hides counts under five so."""

MOST_OF_A_TRAIT = 12
SMALLEST_PERCENT = 1.0
"""A smaller share tells of too few people, and of nobody that a city needs to see."""
FEWEST_PEOPLE = 100
"""Of fewer people no shares are made, whatever the network tells."""


class Figure(StrEnum):
    """What can be told; every network's own words become one of these."""

    VIEWS = "views"
    REACH = "reach"
    LIKES = "likes"
    REACTIONS = "reactions"
    SHARES = "shares"
    COMMENTS = "comments"
    SAVES = "saves"
    FOLLOWERS = "followers"


class Trait(StrEnum):
    """By what an account's audience is told apart."""

    AGE = "age"
    SEX = "sex"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Share:
    """How many percent of those whom the network counted by this trait are so: "25-34", "f", "m", a city's name."""

    trait: Trait
    name: str
    percent: float


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What a network tells of an account now. `audience` None: nothing was told of it.

    `refused`: what it said where it didn't let a part be asked for; whoever mends the token wants to read it.
    """

    figures: Mapping[Figure, int] = field(default_factory=dict)
    audience: tuple[Share, ...] | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Tells:
    """What one account is told, as it is set up now: a token may be missing that its network asks for."""

    account: frozenset[Figure] = frozenset()
    posts: frozenset[Figure] = frozenset()


@runtime_checkable
class TellsFigures(Protocol):
    """A connector whose network tells figures of the account and of posts."""

    posts_at_once: ClassVar[int]
    """So many posts one question may name; 0: posts aren't asked for, their figures come by themselves."""

    def tells(self) -> Tells:
        """Return which figures this account can be told. Pure."""
        ...

    def account_figures(self) -> AccountFigures:
        """Ask what the account's figures are now. Raises SendFailed, SendUnknown (asking again harms nobody)."""
        ...

    def post_figures(self, posts: Sequence[str]) -> Mapping[str, Mapping[Figure, int]]:
        """Ask for the figures of posts, by the id that `Event.post` names them with. A post that is gone is missing.

        Raises SendFailed, SendUnknown.
        """
        ...


@runtime_checkable
class TellsReactions(Protocol):
    """A connector whose network tells, when asked, how many reactions each comment has."""

    def reactions_under(self, post: str) -> Mapping[str, Mapping[str, int]]:
        """Ask for the reactions to the newest comments of a post: by `Event.object_key`, then by the reaction's name.

        One call. A comment without any is there, with none. Raises SendFailed, SendUnknown.
        """
        ...


def told(counts: Mapping[Figure, int | None]) -> dict[Figure, int]:
    """Return the figures that were told: none that is missing, and none below zero, which is no count."""
    return {figure: count for figure, count in counts.items() if count is not None and count >= 0}


def shares_of(trait: Trait, counts: Sequence[tuple[str, int]]) -> list[Share]:
    """Return counts of people as shares, the largest first; nothing of a few people, and no share of a few."""
    summed: dict[str, int] = {}
    for name, count in counts:
        clean = storable(name).strip()[:80]
        if clean and count > 0:
            summed[clean] = summed.get(clean, 0) + count
    total = sum(summed.values())
    if total < FEWEST_PEOPLE:
        return []
    found = [Share(trait, name, round(100 * count / total, 1)) for name, count in summed.items()]
    large = [share for share in found if share.percent >= SMALLEST_PERCENT]
    return sorted(large, key=lambda one: (-one.percent, one.name))[:MOST_OF_A_TRAIT]
