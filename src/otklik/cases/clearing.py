"""Which words everybody may read: a text in words, which of them point to a person, and the text without those.

A word is what stands between two spaces: an operator hides and shows whole words, so that no half of a number is left
over. What identifies a person beyond doubt, and where somebody lives, can't be shown by hand either (`ALWAYS`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from otklik.common.masking import HIDDEN, personal_pieces
from otklik.common.names import named_in
from otklik.common.text import folded
from otklik.triage.personal import find

LONGEST = 3000
"""Characters of a message that everybody may read; a longer one is cut at a word."""

ALWAYS = frozenset({"flat", "card", "snils", "passport", "birth_date"})
"""Kinds of personal data that nobody may show, whoever clears it."""

_WORD = re.compile(r"\S+")
_OPENS, _CLOSES = re.compile(r"[^\w•+@]*"), re.compile(r"[^\w•]*\Z")
_GREETED = re.compile(rf"\A{HIDDEN}(?: {HIDDEN})*[,!] +(\w)")
_GREETED_AFTER = re.compile(rf"\A([^.!?,•]{{3,30}}), {HIDDEN}(?: {HIDDEN})*(?=[!.,])")
_NUMBER = re.compile(r"\d(?:[ ()-]{0,3}\d){3,}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a message: whether it is hidden unless somebody says otherwise, and whether it always is."""

    number: int
    text: str
    start: int
    end: int
    hidden: bool
    always: bool


def words_of(text: str, names: Collection[str] = (), *, known: str = "") -> list[Word]:
    """Return the words of a text with what points to a person marked.

    `names` are the people's own names, in whatever case they stand; `known` are contacts that are nobody's secret.
    """
    # All of the text is searched, also behind the cut: half a number at the end would not be known for one.
    pieces = [(start, end, False) for start, end in personal_pieces(text)]
    pieces += [(span.start, span.end, span.kind in ALWAYS) for span in find(text)]
    pieces = [piece for piece in pieces if piece[2] or not _is_known(text[piece[0] : piece[1]], known)]
    pieces += [(start, end, False) for start, end in named_in(text, names)]
    shown = (match for match in _WORD.finditer(text) if match.end() <= LONGEST)
    return [_word(number, match, pieces) for number, match in enumerate(shown)]


def without(words: Iterable[Word], text: str, hidden: Collection[int]) -> str:
    """Return the text with these words hidden, and those that always are; a run of them is one mark."""
    parts: list[str] = []
    at, was_hidden = 0, False
    for word in words:
        is_hidden = word.always or word.number in hidden
        gap = text[at : word.start]
        if is_hidden:
            before, after = _edges(word.text)
            if was_hidden and not before:
                parts[-1] = after
            else:
                parts += [gap, before, HIDDEN, after]
        else:
            parts += [gap, word.text, "", ""]
        at, was_hidden = word.end, is_hidden
    return "".join(parts) + ("…" if len(text) > LONGEST else "")


def for_everybody(text: str, names: Collection[str] = (), *, known: str = "") -> str:
    """Return a text with everything hidden that points to a person."""
    words = words_of(text, names, known=known)
    return without(words, text, {word.number for word in words if word.hidden})


def answer_for_everybody(text: str, names: Collection[str] = (), *, known: str = "") -> str:
    """Return an answer with everything hidden that points to a person; it greets nobody rather than a mark."""
    shown = for_everybody(text, names, known=known)
    shown = _GREETED.sub(lambda found: found[1].upper(), shown)
    return _GREETED_AFTER.sub(r"\1", shown)


def seal_of(text: str) -> str:
    """Return a short digest: words are cleared as somebody saw them, never as they were edited meanwhile."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _word(number: int, match: re.Match[str], pieces: list[tuple[int, int, bool]]) -> Word:
    over = [always for start, end, always in pieces if start < match.end() and match.start() < end]
    return Word(number, match.group(), match.start(), match.end(), bool(over), any(over))


def _edges(word: str) -> tuple[str, str]:
    """Return the marks before and behind a word, which stay: a hidden word ends its sentence all the same."""
    opens, closes = _OPENS.match(word), _CLOSES.search(word)
    before, after = opens.group() if opens else "", closes.group() if closes else ""
    return (before, after) if len(before) < len(word) else ("", "")


def _is_known(piece: str, known: str) -> bool:
    """Whether a contact is one that the city itself gives out."""
    if not known:
        return False
    if not any(char.isalpha() for char in piece):
        return _number(piece) in {_number(match.group()) for match in _NUMBER.finditer(known)}
    return folded(piece) in folded(known)


def _number(text: str) -> str:
    """Return a number's digits; ten tell a phone apart, whether it begins with 8 or +7."""
    return re.sub(r"\D+", "", text)[-10:]
