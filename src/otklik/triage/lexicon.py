"""Phrases of the rules, found in a text: words, beginnings of words, gaps and sets, compiled once.

The language of a phrase: `word`, `beginn*`, `..` (up to three words may pass), `@set` (any word of a named set).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from otklik.triage.words import Token, remember

GAP_WORDS = 3
_BREAK = re.compile(r"[!?\n;]|\.\s+[А-ЯЁA-Z]|\.{2,}|…")
_MASKED = re.compile(r"[*@#]+")
_ANY = "\0"
_LONGEST_MASK = 3
_FEW_LETTERS = 2
_NONE: frozenset[int] = frozenset()


class Hit(NamedTuple):
    """A phrase found: what it speaks for, how strongly, and which tokens it covers (both ends included)."""

    label: str
    weight: float
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Phrases that speak for one label."""

    label: str
    weight: float
    phrases: tuple[str, ...]


class _Step(NamedTuple):
    pattern: int
    gap: int


class _Phrase(NamedTuple):
    label: str
    weight: float
    steps: tuple[_Step, ...]


@dataclass(slots=True)
class _Patterns:
    """Numbers for word patterns: a form has those of itself, of its beginnings and of the sets it is in."""

    exact: dict[str, set[int]] = field(default_factory=dict)
    prefix: dict[str, set[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, pattern: str) -> int:
        known = self.numbers.get(pattern)
        if known is None:
            known = self.numbers[pattern] = len(self.numbers)
            if not pattern.startswith("@"):
                self.add(pattern, known)
        return known

    def add(self, pattern: str, number: int) -> None:
        table, key = (self.prefix, pattern[:-1]) if pattern.endswith("*") else (self.exact, pattern)
        table.setdefault(key, set()).add(number)


class Lexicon:
    """All phrases of some rules; `find` walks a text once, whatever their number."""

    def __init__(self, rules: Iterable[Rule], sets: Mapping[str, str]) -> None:
        self._patterns = _Patterns()
        for name, words in sets.items():
            number = self._patterns.number(f"@{name}")
            for pattern in words.split():
                self._patterns.add(pattern, number)
        self._phrases: dict[int, list[_Phrase]] = {}
        for rule in rules:
            for text in rule.phrases:
                phrase = _Phrase(rule.label, rule.weight, self._steps(text, sets))
                self._phrases.setdefault(phrase.steps[0].pattern, []).append(phrase)
        self._lengths = sorted({len(beginning) for beginning in self._patterns.prefix})
        self._cache: dict[str, frozenset[int]] = {}

    def find(self, text: str, tokens: Sequence[Token]) -> list[Hit]:
        """Return every phrase found, in the order of its first word. A phrase never crosses the end of a sentence."""
        cache = self._cache
        patterns = []
        for token in tokens:
            form = token.word.form
            known = cache.get(form)
            patterns.append(self._of(form) if known is None else known)
        hits = []
        for at, numbers in enumerate(patterns):
            for number in numbers:
                for phrase in self._phrases.get(number, ()):
                    last = _match(phrase.steps, at, text, tokens, patterns)
                    if last is not None:
                        hits.append(Hit(phrase.label, phrase.weight, at, last))
        return hits

    def _of(self, form: str) -> frozenset[int]:
        found = set(self._patterns.exact.get(form, ()))
        for length in self._lengths:
            if length > len(form):
                break
            found |= self._patterns.prefix.get(form[:length], _NONE)
        if not found and _MASKED.search(form):
            found = self._unmasked(form)
        numbers = frozenset(found) if found else _NONE
        remember(self._cache, form, numbers)
        return numbers

    def _unmasked(self, form: str) -> set[int]:
        """Return the patterns of the words that a masked one («п*здец») may stand for."""
        head, _, tail = form.partition(_MASKED.findall(form)[0])
        found: set[int] = set()
        for gap in range(1, _LONGEST_MASK + 1):
            guess = f"{head}{_ANY * gap}{_MASKED.sub(_ANY, tail)}"
            if len(guess) - guess.count(_ANY) < 2 or not head:
                continue
            for word, numbers in self._patterns.exact.items():
                if len(word) == len(guess) and _fits(word, guess):
                    found |= numbers
            for beginning, numbers in self._patterns.prefix.items():
                if _FEW_LETTERS < len(beginning) <= len(guess) and _fits(beginning, guess):
                    found |= numbers
        return found

    def _steps(self, text: str, sets: Mapping[str, str]) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        gap = 0
        for piece in text.split():
            if piece == "..":
                gap = GAP_WORDS
                continue
            if piece.startswith("@") and piece[1:] not in sets:
                raise ValueError(f"the phrase “{text}” names an unknown set {piece}")
            steps.append(_Step(self._patterns.number(piece), gap))
            gap = 0
        if not steps:
            raise ValueError("a rule has an empty phrase")
        return tuple(steps)


def _fits(word: str, guess: str) -> bool:
    """Return whether the letters agree as far as the word goes, at least two of them not masked."""
    pairs = list(zip(word, guess, strict=False))
    agreed = sum(letter == guessed for letter, guessed in pairs)
    return agreed >= 2 and all(guessed in (letter, _ANY) for letter, guessed in pairs)


def _match(
    steps: Sequence[_Step], at: int, text: str, tokens: Sequence[Token], patterns: Sequence[frozenset[int]]
) -> int | None:
    here = at
    for step in steps[1:]:
        for candidate in range(here + 1, min(here + 2 + step.gap, len(tokens))):
            if step.pattern in patterns[candidate]:
                break
        else:
            return None
        if _BREAK.search(text, tokens[here].end, tokens[candidate].start + 1):
            return None
        here = candidate
    return here
