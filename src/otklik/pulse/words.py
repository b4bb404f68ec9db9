"""What many say in the same words: the strongest common words of some texts, for a headline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from otklik.triage.knowledge import shipped
from otklik.triage.words import Reader

AT_LEAST = 3
"""So many people have to say a word: fewer might give one of them away."""
_SHARE = 0.25
_SHORTEST = 3

Marks = Sequence[tuple[str, Sequence[tuple[int, int]]]]
"""Texts, each with the pieces (offsets) that point to a person and are left out."""


def strongest(texts: Marks, beside: Marks, *, leave_out: str = "", limit: int = 3) -> list[str]:
    """Return what a good part of `texts` says and the others (`beside`) don't, strongest first, as most write it.

    `leave_out` is what the headline says already: the street's and the topic's names.
    """
    reader = Reader()
    said = [_stems(reader, text, hidden) for text, hidden in texts]
    elsewhere = Counter(stem for text, hidden in beside for stem in _stems(reader, text, hidden))
    counts = Counter(stem for stems in said for stem in stems)
    told_already = {token.word.stem for token in reader.read(leave_out)}
    least = max(AT_LEAST, round(len(texts) * _SHARE))
    shares = {
        stem: count / len(texts) - elsewhere[stem] / max(1, len(beside))
        for stem, count in counts.items()
        if count >= least and stem not in told_already
    }
    best = sorted((stem for stem, share in shares.items() if share > 0), key=lambda stem: (-shares[stem], stem))[:limit]
    return [_commonest(stem, said) for stem in best]


def _stems(reader: Reader, text: str, hidden: Iterable[tuple[int, int]]) -> dict[str, str]:
    """Return the telling stems of a text, each with the word as it stands there."""
    pieces = list(hidden)
    stop = shipped().stop_words
    return {
        token.word.stem: token.word.form
        for token in reader.read(text)
        if len(token.word.form) >= _SHORTEST
        and token.word.form.isalpha()
        and token.word.form not in stop
        and not any(start < token.end and token.start < end for start, end in pieces)
    }


def _commonest(stem: str, said: Sequence[dict[str, str]]) -> str:
    forms = Counter(stems[stem] for stems in said if stem in stems)
    return min(forms, key=lambda form: (-forms[form], form))
