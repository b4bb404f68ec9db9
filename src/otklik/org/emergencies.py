"""What a person in danger is told at once, and whom to call: by the sort of danger, the jurisdiction and the city."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from otklik.org.models import Municipality

OTHER = "other"


def advice(code: str, municipality: Municipality, language: str) -> str:
    """Return a sentence or two on the danger, with the service's number and the city's own.

    An unknown code gets the general sentence, an unknown language English.
    """
    data = _data()
    spoken = "ru" if language == "ru" else "en"
    texts = data["texts"][spoken]
    own = data["numbers"].get(municipality.jurisdiction, {}).get(code, "")
    phones = [number for number in (own, municipality.emergency_phone) if number]
    joined = (" или " if spoken == "ru" else " or ").join(dict.fromkeys(phones))
    return str(texts.get(code, texts[OTHER])).format(phones=joined)


def codes() -> frozenset[str]:
    """Return the dangers that have a text in every language."""
    tables = [frozenset(texts) for texts in _data()["texts"].values()]
    return frozenset.intersection(*tables) - {OTHER}


@cache
def _data() -> dict[str, Any]:
    raw = resources.files("otklik.org").joinpath("data", "emergencies.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw)
