"""What the people of the town do in MAX, where the city often can't see who comments."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from otklik.simulators.max.payloads import Json, Person
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Library, Resident

FIRST_ID = 510_000_000
RECENT_POSTS = 8
"""People talk under the newest posts."""
_HIDDEN_SHARE = 0.3
"""How many comments come without their author."""


class MaxHome:
    """Those of the town who are at home in MAX."""

    network = "max"

    def __init__(self, simulator: MaxSimulator, library: Library, rng: Random) -> None:
        self.simulator = simulator
        self._library = library
        self._rng = rng

    def say(self, who: Resident, text: str, title: str, *, private: bool) -> Callable[[], None] | None:
        """Have a resident write, under the post of this title if it is given; return how they may think again."""
        town = self.simulator.town
        posts = self.posts()[-RECENT_POSTS:]
        if private or not posts:
            made = town.write(max_person(who), text)
        else:
            fitting = [post for post in posts if title and post["body"]["text"].startswith(title)]
            post = self._rng.choice(fitting or posts)
            town.hides_commenters = self._rng.random() < _HIDDEN_SHARE
            made = town.comment(post["body"]["mid"], max_person(who), text)
        return lambda: self._think_again(made["body"]["mid"])

    def respond(self, answer: Answered, text: str) -> bool:
        """Have whoever was answered say whether it helped; False where that can't be said."""
        town, who = self.simulator.town, self._at_home(answer.peer)
        if who is None:
            return False
        post = answer.container.removeprefix("post:")
        if post == answer.container:
            town.write(max_person(who), text)
            return True
        if post not in town.messages or answer.external_id not in town.messages:
            return False
        town.hides_commenters = False
        town.comment(post, max_person(who), text, answer.external_id)
        return True

    def posts(self) -> list[Json]:
        """Return the channel's posts, oldest first."""
        told = self.simulator.town.messages.values()
        return [one for one in told if one["recipient"]["chat_type"] == "channel" and "post_id" not in one["recipient"]]

    def _think_again(self, mid: str) -> None:
        town = self.simulator.town
        if self._rng.random() < 0.4:
            town.remove(mid)
        else:
            town.edit(mid, f"{town.messages[mid]['body']['text']} {self._rng.choice(self._library.edits)}")

    def _at_home(self, peer: str) -> Resident | None:
        number = int(peer) - FIRST_ID if peer.isdecimal() else 0
        people = self._library.residents
        return next((one for one in people if one.number == number and one.network == self.network), None)


def max_person(who: Resident) -> Person:
    """Return a resident as MAX knows them."""
    return Person(FIRST_ID + who.number, who.first_name, who.last_name)
