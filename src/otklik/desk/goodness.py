"""The checklist of a good answer in plain words, as the writer and the approver read it before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.cases.enums import AnswerKind, AnswerState, Outcome
from otklik.cases.goodness import Draft, checks_of
from otklik.cases.models import Answer, Case
from otklik.cases.reading import Conversation

_FINE = {
    "name": _("It speaks to the person by name."),
    "question": _("It answers the question:"),
    "who": _("It says who does it."),
    "when": _("It says by when."),
    "contacts": _("Whoever is sent elsewhere reads how to reach them."),
    "photo": _("A photo shows what was done."),
}
_LOOK = {
    "name": _("Speak to the person by name:"),
    "question": _("Is this question answered?"),
    "who": _("Say who does it: which department, crew or person."),
    "when": _("Say by when: a day, or an hour."),
    "contacts": _("You send them elsewhere: write a phone, a site or an address."),
    "photo": _("It is done: add a photo that shows it."),
    "stock": _("Say it in your own words instead of:"),
    "personal": _("Everybody reads this: take out"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, in words."""

    is_fine: bool
    words: str | Promise
    about: str


@dataclass(frozen=True, slots=True)
class Goodness:
    """The list, what needs a look first."""

    lines: Sequence[Line] = ()

    @property
    def fine(self) -> int:
        """How many lines are fine."""
        return sum(line.is_fine for line in self.lines)


def goodness_of(case: Case, answer: Answer | None, talks: Sequence[Conversation], photos: int = 0) -> Goodness:
    """Return the list for an answer that isn't on its way yet; nothing where there is none. No query."""
    if answer is None or answer.state not in (AnswerState.DRAFT, AnswerState.SUBMITTED):
        return Goodness()
    asked = [line.message for talk in talks for line in talk.lines if line.of_case and not line.message.is_ours]
    draft = Draft(
        text=answer.text,
        kind=AnswerKind(answer.kind),
        outcome=Outcome(answer.outcome),
        department=case.department.title if case.department is not None else "",
        photos=photos,
    )
    found = sorted(checks_of(draft, asked), key=lambda check: check.is_fine)
    return Goodness(
        [Line(check.is_fine, (_FINE if check.is_fine else _LOOK)[check.code], check.about) for check in found]
    )
