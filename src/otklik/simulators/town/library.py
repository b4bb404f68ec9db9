"""The words of the invented town, read from its data: who lives there, what they write, what the city answers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from random import Random
from typing import Any

MAX_HOUSE = 40


@dataclass(frozen=True, slots=True)
class Street:
    """A street: its name, the form after «на», how it is written in English, and what else it is called."""

    name: str
    on: str
    latin: str
    district: str
    lat: float
    lon: float
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class District:
    """A part of the town and what people call it."""

    name: str
    aliases: tuple[str, ...]
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who works for the demo city. No departments: the whole city."""

    email: str
    name: str
    position: str
    roles: tuple[str, ...]
    department: str
    departments: tuple[str, ...] = ()
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class Resident:
    """An inhabitant, at home in one network ("telegram", "vk", "site" or another); `number` is unique in the town."""

    number: int
    name: str
    network: str

    @property
    def first_name(self) -> str:
        """The name without the initial."""
        return self.name.split(" ", maxsplit=1)[0]

    @property
    def last_name(self) -> str:
        """The initial."""
        return self.name.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class PostText:
    """Something that the head publishes."""

    key: str
    rubric: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Saying:
    """Words for a comment or a direct message; `under` names the post that they hang on, `where` the only way."""

    text: str
    under: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """What a department answers to a topic (or to a whole group, or to anything: an empty topic).

    `to`: "question" for words that fit a question only, "again" for those that follow an answer that didn't help.
    """

    topic: str
    outcome: str
    text: str
    en: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that the town can say."""

    city: Mapping[str, Any]
    clerks: Sequence[Clerk]
    districts: Sequence[District]
    streets: Sequence[Street]
    residents: Sequence[Resident]
    posts: Sequence[PostText]
    sayings: Sequence[Saying]
    content: Sequence[str]
    discontent: Sequence[str]
    edits: Sequence[str]
    answers: Sequence[AnswerText]

    def filled(self, text: str, rng: Random) -> str:
        """Return a text with some street and house where it has a place for them."""
        street = rng.choice(self.streets)
        words = {"street": street.name, "on": street.on, "latin": street.latin, "house": rng.randint(1, MAX_HOUSE)}
        return text.format(**words).strip()

    def answer_to(self, topic: str, language: str, rng: Random, *, to: str = "") -> AnswerText:
        """Return what to answer: on the topic, else its group, else in general; in English only if there are words.

        To a "question": words for questions, else an explanation, never a report of work done.
        """
        sayable = [one for one in self.answers if language != "en" or one.en]
        fitting: list[AnswerText] = []
        for wanted in (topic, topic.split(".", maxsplit=1)[0], ""):
            on_topic = [one for one in sayable if one.topic == wanted]
            fitting = [one for one in on_topic if one.to == to]
            if to == "question" and not fitting:
                fitting = [one for one in on_topic if not one.to and one.outcome == "explained"]
            if fitting:
                break
        return rng.choice(fitting)

    def post_with(self, title: str) -> PostText | None:
        """Return the post of this title."""
        return next((post for post in self.posts if post.title == title), None)


def shipped() -> Library:
    """Return the town as it comes with this version."""
    city, said, people = _data("city"), _data("sayings"), _data("residents")
    returns = said["returns"]
    return Library(
        city=city,
        clerks=[Clerk(**_frozen(row)) for row in city["officials"]],
        districts=[District(**_frozen(row)) for row in city["districts"]],
        streets=[Street(**_frozen(row)) for row in city["streets"]],
        residents=_residents(people),
        posts=[PostText(**{**row, "text": row["text"].strip()}) for row in _data("posts")["posts"]],
        sayings=[
            Saying(text.strip(), row.get("under", ""), row.get("where", ""))
            for row in said["sets"]
            for text in row["texts"]
        ],
        content=[text for row in returns if row["solved"] for text in row["texts"]],
        discontent=[text for row in returns if not row["solved"] for text in row["texts"]],
        edits=[text for row in said["edits"] for text in row["texts"]],
        answers=[AnswerText(**row) for row in _data("answers")["answers"]],
    )


def _residents(people: Mapping[str, Sequence[str]]) -> list[Resident]:
    homes = [(network, name) for network, names in people.items() for name in names]
    return [Resident(number, name, network) for number, (network, name) in enumerate(homes, start=1)]


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _data(name: str) -> dict[str, Any]:
    file = resources.files("otklik.simulators.town").joinpath("data", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
