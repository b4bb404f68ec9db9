"""The town's people in Instagram: they write under the account's posts, directly, and say whether an answer helped."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.instagram.town import Person, Post
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Library, Resident

FIRST_ID = 34_600_000_000_000
RECENT_POSTS = 8

_LETTERS = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejziiklmnoprstufhccss_y_eua", strict=True))


class InstagramHome:
    """Those of the town who are at home in Instagram."""

    network = "instagram"

    def __init__(
        self, simulator: InstagramSimulator, library: Library, rng: Random, *, may_write_privately: bool = True
    ) -> None:
        self.simulator = simulator
        self._may_write_privately = may_write_privately
        self._library = library
        self._rng = rng

    def open(self) -> None:
        """Have the head's posts stand there, as if published by hand; in each run the same, with the same numbers."""
        town = self.simulator.town
        for number, text in enumerate(self._library.posts, start=1):
            caption = f"{text.title}\n\n{text.text}"
            town.put_back(Post(f"179{number:014d}", caption, town.clock(), town.account_id))

    def say(self, who: Resident, text: str, title: str, *, private: bool) -> Callable[[], None] | None:
        """Have a resident write, under the post of this title if it is given; return how they may think again."""
        town, person = self.simulator.town, person_of(who)
        if private and self._may_write_privately:
            message = town.write(person, text)
            return lambda: town.unsend(message)
        posts = list(town.posts.values())[:RECENT_POSTS]
        post = next((one for one in town.posts.values() if title and one.caption.startswith(title)), None)
        town.comment((post or self._rng.choice(posts)).id, person, text)
        return None

    def respond(self, answer: Answered, text: str) -> bool:
        """Have whoever was answered say whether it helped; False where that can't be said."""
        who = self._at_home(answer.peer)
        if who is None:
            return False
        town = self.simulator.town
        if answer.is_private:
            town.write(person_of(who), text)
            return True
        answered = town.comments.get(answer.external_id)
        if answered is None:
            return False
        town.comment(answered.media, person_of(who), text, answered.id)
        return True

    def _at_home(self, peer: str) -> Resident | None:
        number = int(peer) - FIRST_ID if peer.isdecimal() else 0
        people = self._library.residents
        return next((one for one in people if one.number == number and one.network == self.network), None)


def person_of(who: Resident) -> Person:
    """Return a resident as Instagram knows them."""
    name = "".join(_LETTERS.get(letter, letter) for letter in who.name.lower())
    handle = re.sub(r"[^a-z0-9]+", ".", name).strip(".")
    return Person(str(FIRST_ID + who.number), f"{handle}{who.number}", who.name)
