"""What connectors say of an account and of a network's refusals, in the reader's language.

Connectors are a library without Django: they speak English, and each sentence remembers its template
(`connectors.said`), which is the key of its translation. A network's own words stand as they came.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from otklik.connectors.base import Finding
from otklik.connectors.said import Said


def told(words: str) -> str:
    """Return a connector's sentence in the reader's language; what is no such sentence stands as it is."""
    if not isinstance(words, Said):
        return words
    figures = {name: told(figure) if isinstance(figure, str) else figure for name, figure in words.figures.items()}
    template = gettext(words.template)
    return template % figures if figures else template


def told_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return what was looked at, in the reader's language."""
    return [Finding(told(one.what), ok=one.ok, advice=told(one.advice)) for one in findings]
