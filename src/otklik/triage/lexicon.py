"""Phrases of the rules, found in a text: words, beginnings of words, gaps and sets, compiled once.

The language of a phrase: `word`, `beginn*`, `..` (up to three words may pass), `@set` (any word of a named set).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from otklik.triage.words import Memory, Reading

GAP_WORDS = 3
_MASKED = re.compile(r"[*@#]+")
_ANY = "\0"
_FIGURE_INSIDE = re.compile(r"(?:[01346]+[а-я]|[а-я]+[01346]+)[а-я]|[а-я]{2}0")
_LETTER_OF_FIGURE = str.maketrans("01346", "оизчб")
_LATIN_FIGURE_INSIDE = re.compile(r"[a-z][013457]+[a-z]")
_LATIN_LETTER_OF_FIGURE = str.maketrans("013457", "oieast")
_BOTH_ALPHABETS = re.compile(r"[а-я]+[a-z]|[a-z]+[а-я]")
_BY_SOUND = str.maketrans("abdefgijklmnoprstuvyz", "абдефгижклмнопрстувиз")
_BY_SHAPE = str.maketrans("abcdeghijkmnoprtuvxyz", "авсдедниикмпоргтивхуз")
_SPELT_OUT = re.compile(r"\w(?:-\w){3,}")
_FEWEST_SPELT = 3
_OF_ANY_SORT = 4
"""So many letters one by one are a word of any sort; fewer count only where they insult."""
_LETTER_BY_LETTER = re.compile(r"(?<!\w)\w(?:[^\w]{1,3}\w){2}(?!\w)")
_LONGEST_DISGUISED = 24
_LONGEST_MASK = 3
_FEW_LETTERS = 2


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


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
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


class _Known(NamedTuple):
    """What a form can do: be a phrase, begin one that the next word or a later one goes on with, go on with one."""

    numbers: frozenset[int]
    whole: tuple[_Phrase, ...]
    with_next: Mapping[int, Sequence[_Phrase]]
    with_later: Mapping[int, Sequence[_Phrase]]


class Lexicon:
    """All phrases of some rules; `find` walks a text once, whatever their number."""

    def __init__(self, rules: Iterable[Rule], sets: Mapping[str, str]) -> None:
        self._patterns = _Patterns()
        for name, words in sets.items():
            number = self._patterns.number(f"@{name}")
            for pattern in words.split():
                self._patterns.add(pattern, number)
        self._phrases: defaultdict[int, list[_Phrase]] = defaultdict(list)
        for rule in rules:
            for text in rule.phrases:
                phrase = _Phrase(rule.label, rule.weight, self._steps(text, sets))
                self._phrases[phrase.steps[0].pattern].append(phrase)
        self._lengths = _lengths(self._patterns.prefix)
        self._by_letter = _by_letter(self._patterns)
        self._known: Memory[_Known | None] = Memory(self._know)

    def find(self, reading: Reading) -> list[Hit]:
        """Return every phrase found, in the order of its first word. A phrase never crosses the end of a sentence."""
        known = list(map(self._known.__getitem__, reading.forms))
        hits: list[Hit] = []
        for at, word in enumerate(known):
            if word is None:
                continue
            if word.whole:
                hits += [Hit(phrase.label, phrase.weight, at, at) for phrase in word.whole]
            if word.with_next:
                _go_on(word, at, reading, known, hits)
        if list(map(len, reading.forms)).count(1) >= _FEWEST_SPELT and _LETTER_BY_LETTER.search(reading.text):
            hits += self._spelt_out(reading)
        return hits

    def _know(self, form: str) -> _Known | None:
        numbers = self._of(form)
        if not numbers:
            return None
        whole: list[_Phrase] = []
        with_next: defaultdict[int, list[_Phrase]] = defaultdict(list)
        with_later: defaultdict[int, list[_Phrase]] = defaultdict(list)
        for phrase in (phrase for number in sorted(numbers) for phrase in self._phrases.get(number, ())):
            if len(phrase.steps) == 1:
                whole.append(phrase)
                continue
            second = phrase.steps[1]
            with_next[second.pattern].append(phrase)
            if second.gap:
                with_later[second.pattern].append(phrase)
        return _Known(numbers, tuple(whole), dict(with_next), dict(with_later))

    def _of(self, form: str) -> frozenset[int]:
        found = set(self._patterns.exact.get(form, ()))
        beginnings = self._patterns.prefix
        for length in self._lengths.get(form[:_FEW_LETTERS], ()):
            if length > len(form):
                break
            if numbers := beginnings.get(form[:length]):
                found |= numbers
        if not found and len(form) <= _LONGEST_DISGUISED:
            found = self._undisguised(form)
        return frozenset(found)

    def _undisguised(self, form: str) -> set[int]:
        """Return the patterns of what a word hides.

        Behind asterisks («п*здец»), figures («г0вно»), or letters of the other alphabet by sound or shape («пиzдец»).
        """
        if _MASKED.search(form):
            return self._unmasked(form)
        if _SPELT_OUT.fullmatch(form):
            return set(self._of(form.replace("-", "")))
        if _FIGURE_INSIDE.search(form):
            plain = form.translate(_LETTER_OF_FIGURE)
            return set(self._of(plain)) if not _FIGURE_INSIDE.search(plain) else set()
        if _LATIN_FIGURE_INSIDE.search(form):
            plain = form.translate(_LATIN_LETTER_OF_FIGURE)
            return set(self._of(plain)) if plain.isalpha() else set()
        if _BOTH_ALPHABETS.search(form):
            known = {form.translate(_BY_SOUND), form.translate(_BY_SHAPE)} - {form}
            return {number for plain in known if not _BOTH_ALPHABETS.search(plain) for number in self._of(plain)}
        return set()

    def _unmasked(self, form: str) -> set[int]:
        """Return the patterns of the words that a masked one («п*здец») may stand for."""
        head, _, tail = form.partition(_MASKED.findall(form)[0])
        found: set[int] = set()
        for gap in range(1, _LONGEST_MASK + 1):
            guess = f"{head}{_ANY * gap}{_MASKED.sub(_ANY, tail)}"
            if head and len(guess) - guess.count(_ANY) >= _FEW_LETTERS:
                for word, whole, numbers in self._by_letter.get(head[0], ()):
                    if (len(word) == len(guess) if whole else len(word) <= len(guess)) and _fits(word, guess):
                        found |= numbers
        return found

    def _spelt_out(self, reading: Reading) -> list[Hit]:
        """Return the words said letter by letter: «д у р а к»."""
        hits: list[Hit] = []
        run: list[int] = []
        for at, form in enumerate((*reading.forms, "end")):
            if len(form) == 1:
                run.append(at)
                continue
            if len(run) >= _FEWEST_SPELT and (known := self._know("".join(reading.forms[one] for one in run))):
                hits += [
                    Hit(phrase.label, phrase.weight, run[0], run[-1])
                    for phrase in known.whole
                    if len(run) >= _OF_ANY_SORT or phrase.label.startswith("abuse.")
                ]
            run = []
        return hits

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


def _lengths(beginnings: Iterable[str]) -> dict[str, list[int]]:
    """Return how long the beginnings are that start with the same two letters, shortest first."""
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for beginning in beginnings:
        if len(beginning) < _FEW_LETTERS:
            raise ValueError(f"the beginning “{beginning}*” is too short to tell anything")
        lengths[beginning[:_FEW_LETTERS]].add(len(beginning))
    return {start: sorted(found) for start, found in lengths.items()}


def _by_letter(patterns: _Patterns) -> dict[str, list[tuple[str, bool, set[int]]]]:
    """Return by their first letter what a masked word may be: words (True) and beginnings of words, with numbers."""
    table: defaultdict[str, list[tuple[str, bool, set[int]]]] = defaultdict(list)
    for word, numbers in patterns.exact.items():
        table[word[0]].append((word, True, numbers))
    for beginning, numbers in patterns.prefix.items():
        if len(beginning) > _FEW_LETTERS:
            table[beginning[0]].append((beginning, False, numbers))
    return dict(table)


def _fits(word: str, guess: str) -> bool:
    """Return whether the letters agree as far as the word goes, at least two of them not masked."""
    pairs = list(zip(word, guess, strict=False))
    agreed = sum(letter == guessed for letter, guessed in pairs)
    return agreed >= 2 and all(guessed in (letter, _ANY) for letter, guessed in pairs)


def _go_on(word: _Known, at: int, reading: Reading, known: Sequence[_Known | None], hits: list[Hit]) -> None:
    """Add the phrases that begin with the word at `at` and go on behind it."""
    tried: set[_Phrase] = set()
    table = word.with_next
    for candidate, following in enumerate(known[at + 1 : at + 2 + (GAP_WORDS if word.with_later else 0)], at + 1):
        if following is not None and not following.numbers.isdisjoint(table):
            for number in following.numbers & table.keys():
                for phrase in table[number]:
                    if phrase in tried:
                        continue
                    tried.add(phrase)
                    last = _last(phrase, at, candidate, reading, known)
                    if last is not None:
                        hits.append(Hit(phrase.label, phrase.weight, at, last))
        table = word.with_later


def _last(phrase: _Phrase, first: int, second: int, reading: Reading, known: Sequence[_Known | None]) -> int | None:
    """Return where the phrase ends if it goes on from its second word, each step at the nearest word that fits."""
    here = second
    for step in phrase.steps[2:]:
        for candidate in range(here + 1, min(here + 2 + step.gap, len(known))):
            word = known[candidate]
            if word is not None and step.pattern in word.numbers:
                break
        else:
            return None
        here = candidate
    return None if reading.breaks(first, here) else here
