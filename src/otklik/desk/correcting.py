"""Correcting a sent answer on its case's screen: the form at the answer, the words that wait, what was said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.clearing import seal_of
from otklik.cases.corrections import Correction
from otklik.cases.enums import AnswerState, CorrectionState
from otklik.cases.models import Answer, Case
from otklik.cases.queries import corrections_of
from otklik.cases.services import correcting
from otklik.desk.deeds import Deed
from otklik.desk.forms import RemarkForm, words_area
from otklik.org.access import Access, Permission


class CorrectForm(forms.Form):
    """Other words for an answer that residents have."""

    answer = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    text = forms.CharField(
        label=_("What the answer should say"),
        max_length=4000,
        widget=words_area(5),
        error_messages={"required": _("Write what the answer should say.")},
    )
    reason = forms.CharField(
        label=_("What was wrong"),
        help_text=_("Colleagues read it, residents don't. The photos of the answer stay as they are."),
        max_length=300,
        error_messages={"required": _("Say what was wrong: whoever approves it will ask.")},
    )
    hides_before = forms.BooleanField(
        label=_("What it says now holds somebody's personal data: show it to nobody outside any more"), required=False
    )


class CorrectDeedForm(CorrectForm):
    """Other words, and what the pressed button does with them."""

    then = forms.ChoiceField(choices=[("submit", ""), ("as_head", "")], required=False, widget=forms.HiddenInput)


class SeenForm(forms.Form):
    """Which words the approver has read."""

    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


def _correct(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> str:
    as_head = said["then"] == "as_head"
    correct = correcting.correct_as_head if as_head else correcting.propose
    words = correcting.NewWords(said["text"], said["reason"], said["hides_before"])
    correct(access, case, said["answer"], words, now=now)
    return "as_head" if as_head else "submit"


_ON_ITS_WAY = _("Corrected: the new words are on their way to everybody who has the answer.")
CORRECTION_DEEDS = (
    Deed(
        "correct",
        Permission.CASE_DRAFT,
        _correct,
        {"submit": _("Handed on for approval. Until then the answer stays as it is."), "as_head": _ON_ITS_WAY},
        CorrectDeedForm,
    ),
    Deed(
        "correct_approve",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: correcting.approve_correction(a, c, now=now, seen=said["seen"] or None) and None,
        _ON_ITS_WAY,
        SeenForm,
    ),
    Deed(
        "correct_decline",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: correcting.decline_correction(a, c, said["remark"], now=now),
        _("Sent back to the author with your remark."),
        RemarkForm,
    ),
    Deed(
        "correct_withdraw",
        Permission.CASE_DRAFT,
        lambda a, c, _s, now: correcting.withdraw_correction(a, c, now=now),
        _("Taken back: the answer stays as it is."),
    ),
)


@dataclass(frozen=True, slots=True)
class Corrections:
    """The corrections of a case's answers, and what this person may do about them."""

    rows: Sequence[Correction] = ()
    may_propose: bool = False
    as_head: bool = False
    may_approve: bool = False
    is_own: bool = False
    decline: forms.Form = field(default_factory=lambda: RemarkForm(prefix="correct_decline"))

    @property
    def waiting(self) -> Correction | None:
        """The one that waits for approval."""
        return next((row for row in self.rows if row.state == CorrectionState.SUBMITTED), None)

    @property
    def seal(self) -> str:
        """What names the waiting words as seen."""
        return seal_of(self.waiting.text) if self.waiting is not None else ""

    def before(self, answer: Answer) -> list[Correction]:
        """Return what an answer said before, newest first, each with until when."""
        mine = [row for row in self.rows if row.answer_id == answer.pk and row.state == CorrectionState.APPROVED]
        return mine[::-1]

    def declined(self, answer: Answer) -> Correction | None:
        """Return the newest correction if it was sent back: its words stand in the form again."""
        mine = [row for row in self.rows if row.answer_id == answer.pk]
        return mine[-1] if mine and mine[-1].state == CorrectionState.DECLINED else None


def corrections_on_screen(access: Access, case: Case, answers: Sequence[Answer]) -> Corrections:
    """Return the corrections of a case: no query where no answer was sent, else one, and one more for their sends."""
    if not any(answer.state == AnswerState.SENT for answer in answers):
        return Corrections()
    rows = corrections_of(case)
    may_propose = access.allows(Permission.CASE_DRAFT, case.department_id)
    as_head = access.allows(Permission.ANSWER_AS_HEAD)
    found = Corrections(rows)
    waits = found.waiting
    is_own = waits is not None and correcting.is_own_correction(access, case, waits)
    may_approve = access.allows(Permission.CASE_APPROVE, case.department_id) and (as_head or not is_own)
    return Corrections(rows, may_propose, as_head and may_propose, may_approve and waits is not None, is_own)


def form_for(corrections: Corrections, answer: Answer, kept: forms.Form | None) -> forms.Form | None:
    """Return the form at an answer; None where it can't be corrected now. `kept` is one that was not accepted."""
    if not corrections.may_propose or corrections.waiting is not None:
        return None
    if answer.state != AnswerState.SENT or answer.source_message_id is not None:
        return None
    if kept is not None and str(kept["answer"].value()) == str(answer.pk):
        return kept
    declined = corrections.declined(answer)
    initial: dict[str, Any] = {"answer": answer.pk, "text": declined.text if declined is not None else answer.text}
    if declined is not None:
        initial |= {"reason": declined.reason, "hides_before": declined.hides_before}
    return CorrectForm(prefix="correct", auto_id=f"id_correct_{answer.pk}_%s", initial=initial)
