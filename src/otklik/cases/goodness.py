"""The checklist of a good answer, before it is sent: by name, every question, who and by when, contacts, a photo.

It advises and never blocks: a person decides. What has to block does so elsewhere: another body's contacts in
`services.replying`, one person's data in an answer to many in `privacy`. The words it looks for are data/answers.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from otklik.cases.enums import AnswerKind, Outcome
from otklik.channels.models import Message
from otklik.common.stems import stems
from otklik.common.text import folded
from otklik.triage.personal import find

_QUESTION = re.compile(r"[^.!?\n]{3,200}\?")
_FIGURE_OF_TIME = re.compile(
    r"\b\d{1,2}[.:/]\d{2}\b|\b\d{1,2}\s*(?:час|мин|дн|суток|h\b|hours?|days?)|\b\d{1,2}(?:st|nd|rd|th)\b"
)
_CONTACT = re.compile(r"\d[\d\s()-]{3,}\d|https?://|www\.|[\w.+-]+@[\w-]+\.\w+|\b[\w-]+\.(?:ru|рф|org|com)\b")
_SHORT = 4
MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list: what is looked at, whether it is fine, and what it found (a question, a phrase)."""

    code: str
    is_fine: bool
    about: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as the list reads it."""

    text: str
    kind: AnswerKind
    outcome: Outcome
    department: str = ""
    photos: int = 0


def checks_of(draft: Draft, asked: Sequence[Message]) -> list[Check]:
    """Return the list for an answer to these messages; what makes no sense for its kind isn't in it. No query."""
    text = folded(draft.text)
    found = [*_by_name(text, asked), *(_questions(text, asked) if draft.kind != AnswerKind.QUESTION else ())]
    if draft.kind in (AnswerKind.FINAL, AnswerKind.INTERIM, AnswerKind.PROMISE):
        found += _who_and_when(text, draft)
    if _has_any(text, "elsewhere") or draft.kind == AnswerKind.REDIRECT:
        found.append(Check("contacts", bool(_CONTACT.search(text))))
    if draft.kind == AnswerKind.FINAL and draft.outcome == Outcome.RESOLVED:
        found.append(Check("photo", draft.photos > 0))
    if phrase := next((one for one in _words("stock") if one in text), ""):
        found.append(Check("stock", is_fine=False, about=phrase))
    if any(message.is_public for message in asked) and (span := next(iter(find(draft.text)), None)) is not None:
        found.append(Check("personal", is_fine=False, about=draft.text[span.start : span.end]))
    return found


def _by_name(text: str, asked: Sequence[Message]) -> list[Check]:
    """Look for the first name, where one person asks: an answer to many names nobody."""
    names = {message.identity.display_name for message in asked if message.identity is not None}
    first = next(iter(names)).split(" ")[0] if len(names) == 1 else ""
    if len(first) < 3:
        return []
    return [Check("name", re.search(rf"\b{re.escape(folded(first))}\b", text) is not None, first)]


def _questions(text: str, asked: Sequence[Message]) -> list[Check]:
    """Look for each question's own words in the answer, and for a day where it asks when."""
    answered = set(stems(text))
    asked_for = [match.group().strip() for one in asked for match in _QUESTION.finditer(one.text)]
    checks = []
    for question in list(dict.fromkeys(asked_for))[:MOST_QUESTIONS]:
        low = folded(question)
        if any(word in low for word in _words("asks_when")):
            is_fine = _has_time(text)
        else:
            own = {stem for stem in stems(low) if len(stem) >= _SHORT}
            is_fine = not own or bool(own & answered)
        checks.append(Check("question", is_fine, question))
    return checks


def _who_and_when(text: str, draft: Draft) -> list[Check]:
    ours = {stem for stem in stems(draft.department) if len(stem) >= _SHORT}
    names_who = _has_any(f"{text} ", "who") or bool(ours & set(stems(text)))
    return [Check("who", names_who), Check("when", _has_time(text))]


def _has_time(text: str) -> bool:
    return _has_any(text, "when") or _FIGURE_OF_TIME.search(text) is not None


def _has_any(text: str, name: str) -> bool:
    return any(word in text for word in _words(name))


@lru_cache(maxsize=8)
def _words(name: str) -> tuple[str, ...]:
    text = resources.files("otklik.cases").joinpath("data", "answers.toml").read_text(encoding="utf-8")
    return tuple(folded(word) if not word.endswith(" ") else f"{folded(word)} " for word in tomllib.loads(text)[name])
