"""What an executor does from the field: each deed's form, the one service it calls, and what the person hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.cases.enums import AnswerKind, Outcome
from otklik.cases.models import Answer, Case
from otklik.cases.queries import draft_of
from otklik.cases.services import answering, assigning
from otklik.cases.services.moving import Overtaken
from otklik.cases.services.noting import LONGEST, write_note
from otklik.common import clock
from otklik.desk.forms import DraftForm, words_area
from otklik.desk.lifeforms import ReturnForm
from otklik.org.access import Access
from otklik.org.models import Department
from otklik.org.queries import departments_of


class TakeForm(forms.Form):
    """Nothing to say: the case is mine now."""


class NoteForm(forms.Form):
    """A word to colleagues."""

    note = forms.CharField(
        label=_("Note"), max_length=LONGEST, widget=words_area(3), error_messages={"required": _("The note is empty.")}
    )


class FieldDraftForm(DraftForm):
    """A draft, and whether it is handed on."""

    then = forms.ChoiceField(choices=[("save", ""), ("submit", "")], required=False)

    def clean_then(self) -> str:
        """Save where no button says more."""
        return self.cleaned_data["then"] or "save"


def write(access: Access, case: Case, said: Mapping[str, Any]) -> None:
    """Save the words of a draft."""
    answering.write_draft(access, case, said["text"], Outcome(said["outcome"]), now=clock.now(), seen=said["seen"])


def hand_on(access: Access, case: Case, said: Mapping[str, Any]) -> None:
    """Hand on the draft, if the button said so and it still has these words. Raises Overtaken where it hasn't."""
    if said["then"] != "submit":
        return
    if draft_of(case).split() != said["text"].split():
        raise Overtaken(case)
    answering.submit(access, case, now=clock.now())


def _draft(access: Access, case: Case, said: Mapping[str, Any]) -> None:
    write(access, case, said)
    hand_on(access, case, said)


def _note(access: Access, case: Case, said: Mapping[str, Any]) -> None:
    write_note(access, case, said["note"], [], now=clock.now())


def _return(access: Access, case: Case, said: Mapping[str, Any]) -> None:
    assigning.give_back(access, case, said["reason"], now=clock.now(), proposed=said["proposed"])


def _take(access: Access, case: Case, _said: Mapping[str, Any]) -> None:
    assigning.take(access, case, now=clock.now())


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done from the field: the service, what is typed for it, and what the person hears."""

    do: Callable[[Access, Case, Mapping[str, Any]], None]
    form: type[forms.Form]
    done: Mapping[str, Promise]


DEEDS: Mapping[str, Deed] = {
    "take": Deed(_take, TakeForm, {"": _("It is yours now.")}),
    "note": Deed(_note, NoteForm, {"": _("Noted; only colleagues see it.")}),
    "return": Deed(_return, ReturnForm, {"": _("Returned: a curator will find who answers.")}),
    "draft": Deed(
        _draft,
        FieldDraftForm,
        {"save": _("Saved; nobody outside sees it yet."), "submit": _("Saved and handed on for approval.")},
    ),
}


def form_of(name: str, case: Case, data: QueryDict | None, answer: Answer | None = None) -> forms.Form:
    """Return the form of a deed: empty, with the draft as it stands, or with what was sent."""
    options: dict[str, Any] = {}
    if name == "return":
        options["departments"] = _others(case)
    if name == "draft" and answer is not None:
        own = answer.kind == AnswerKind.FINAL
        options["initial"] = {"seen": answer.text, **({"text": answer.text, "outcome": answer.outcome} if own else {})}
    elif name == "draft":
        options["initial"] = {"seen": ""}
    return DEEDS[name].form(data, **options)


def _others(case: Case) -> list[Department]:
    return [row for row in departments_of(case.municipality_id) if row.pk != case.department_id]
