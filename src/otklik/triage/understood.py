"""A text understood, with what was read of it: so that whoever goes on needn't read it again."""

from __future__ import annotations

from typing import NamedTuple

from otklik.triage.verdict import Place, Verdict
from otklik.triage.words import Reading


class Understood(NamedTuple):
    """A verdict, the text's words as they were written, and every street named in it (as `places.find_all` gives)."""

    verdict: Verdict
    reading: Reading
    places: tuple[Place, ...]
