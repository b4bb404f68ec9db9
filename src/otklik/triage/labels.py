"""Reasons in a person's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from otklik.triage.knowledge import toml


@cache
def _labels() -> dict[str, dict[str, str]]:
    return {name: dict(table) for name, table in toml("labels").items()}


def sentence(rule: str, said: str, speaks_for: str, *, language: str, titles: Mapping[str, str]) -> str:
    """Return one line: what was said and what it speaks for. An unknown language gets English."""
    table = _labels()["ru" if language == "ru" else "en"]
    what, _, code = speaks_for.partition(":")
    name = table.get(what, what)
    if code:
        title = titles.get(code) or table.get(code, code)
        name = f"{name}: {title}" if name else title
    return table[rule].format(said=said, name=name)


def name(code: str, language: str) -> str:
    """Return what a kind or a danger is called; the code where it has no name."""
    return _labels()["ru" if language == "ru" else "en"].get(code, code)
