"""What voices can be about, as one comparable word each: a topic, a place, a topic in a place, a post's comments."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.pulse.enums import SurgeKind
from otklik.triage import Kind, normalise_place

CALM = frozenset({Kind.THANKS, Kind.GREETING, Kind.SPAM, Kind.IDEA})
"""Kinds that are no sign of trouble, however many say them."""


def of_topic(code: str) -> str:
    """Return the scope of a topic."""
    return f"topic:{code}"


def of_place(street: str) -> str:
    """Return the scope of a street, whatever is said about it."""
    return f"place:{street}"


def of_both(code: str, street: str) -> str:
    """Return the scope of a topic on a street. It never makes a surge: its two halves do."""
    return f"both:{code}|{street}"


def of_post(thread_id: int) -> str:
    """Return the scope of the comments under one post in one network."""
    return f"post:{thread_id}"


def street_key(street: str) -> str:
    """Return a street in the form that is the same however it was written: «на Садовой», «ул. Садовая» give «садов»."""
    return normalise_place(street, "").rstrip("|")[:120] if street else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope that may become a surge, taken apart."""

    kind: SurgeKind
    value: str

    @classmethod
    def read(cls, scope: str) -> Scope:
        """Return the scope that a word names. Raises ValueError for one that makes no surge."""
        kind, _, value = scope.partition(":")
        return cls(SurgeKind(kind), value)


def scopes_of(speech: str, code: str, street: str, post_thread: int | None) -> list[str]:
    """Return every scope in which a message is a voice. Praise is none, but for the post it stands under."""
    found = [of_post(post_thread)] if post_thread is not None else []
    if speech not in CALM:
        found.append(of_topic(code))
        found += [of_place(street), of_both(code, street)] if street else []
    return found
