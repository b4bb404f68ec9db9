"""Networks in which some of the town are at home, beside the first three that `life` knows by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from otklik.simulators.town.library import Resident


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the city, as the network knows it: where it stands, its id there, and whom it answers."""

    network: str
    container: str
    thread_key: str
    external_id: str
    peer: str
    is_private: bool


class Home(Protocol):
    """One network and those who live there."""

    network: str

    def say(self, who: Resident, text: str, title: str, *, private: bool) -> Callable[[], None] | None:
        """Have a resident write, under the post of this title if it is given; return how they may think again."""
        ...

    def respond(self, answer: Answered, text: str) -> bool:
        """Have whoever was answered say whether it helped; False where that can't be said."""
        ...
