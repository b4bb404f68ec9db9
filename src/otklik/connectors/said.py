"""Sentences of connectors: English, and remembering what they were made of, so that a screen can say them otherwise."""

from __future__ import annotations

from collections.abc import Mapping


class Said(str):
    """An English sentence with its template and figures. It is a plain string wherever only its words are wanted."""

    __slots__ = ("figures", "template")

    template: str
    figures: Mapping[str, object]


def said(template: str, /, **figures: object) -> Said:
    """Return a sentence; `template` names its figures as %(name)s and is what the catalogue of translations holds."""
    sentence = Said(template % figures if figures else template)
    sentence.template, sentence.figures = template, figures
    return sentence


def words_of(error: Exception) -> str:
    """Return what an error says, still as the sentence it was raised with: `str(error)` forgets the template."""
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def packed(words: str) -> str | list[object]:
    """Return a sentence as JSON keeps it, with what it was made of; a plain string stays one."""
    if not isinstance(words, Said):
        return words
    figures = {
        name: packed(figure) if isinstance(figure, str) else figure if isinstance(figure, int | float) else str(figure)
        for name, figure in words.figures.items()
    }
    return [words.template, figures]


def unpacked(kept: object) -> str:
    """Return a sentence that `packed` made, remembering again what it was made of; anything else as plain words."""
    match kept:
        case [str(template), dict(figures)]:
            whole = {str(name): unpacked(one) if isinstance(one, str | list) else one for name, one in figures.items()}
            return said(template, **whole)
        case str():
            return kept
    return ""
