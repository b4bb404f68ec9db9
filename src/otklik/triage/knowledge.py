"""What ships with the library, read from data/*.toml: seed phrases of topics, the rules' phrases, stop words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from otklik.triage.lexicon import Lexicon, Rule

LANGUAGES = ("ru", "en")
_RULES = ("kinds", "urgency", "spam", "abuse")


@dataclass(frozen=True, slots=True)
class Seed:
    """How residents write about one topic."""

    topic: str
    cues: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The shipped knowledge, in memory."""

    seeds: tuple[Seed, ...]
    stop_words: frozenset[str]
    rules: tuple[Rule, ...]
    sets: dict[str, str]

    def lexicon(self) -> Lexicon:
        """Return the rules ready to search with; it keeps a cache, so one per thread."""
        return Lexicon(self.rules, self.sets)


@cache
def shipped() -> Knowledge:
    """Return what came with this version; read once per process."""
    rules: list[Rule] = []
    sets: dict[str, str] = {}
    for name in _RULES:
        content = toml(name)
        sets.update(content.get("sets", {}))
        rules += [Rule(rule["label"], rule["weight"], _lines(rule["phrases"])) for rule in content["rules"]]
    stop = toml("stopwords")
    return Knowledge(
        seeds=tuple(_seeds()),
        stop_words=frozenset(word.replace("ё", "е") for language in LANGUAGES for word in stop[language].split()),
        rules=tuple(rules),
        sets=sets,
    )


def _seeds() -> list[Seed]:
    files = [toml(f"topics_{language}") for language in LANGUAGES]
    return [
        Seed(
            topic,
            cues=tuple(cue for file in files for cue in file[topic]["cues"].split()),
            phrases=tuple(phrase for file in files for phrase in _lines(file[topic]["phrases"])),
        )
        for topic in files[0]
    ]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def toml(name: str) -> dict[str, Any]:
    """Return one file of the shipped data."""
    return tomllib.loads((resources.files("otklik.triage") / "data" / f"{name}.toml").read_text(encoding="utf-8"))
