"""What people type for the turns of a case's life: a question, a promise, another body, whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.texts import redirecting
from otklik.desk.forms import Pick, pick_department, words_area
from otklik.org.models import Department, OutsideBody


class ReturnForm(forms.Form):
    """Why a case is not ours, and whose it is."""

    reason = forms.CharField(
        label=_("Why it is not yours"),
        max_length=300,
        error_messages={"required": _("Say why this case is not yours.")},
    )

    def __init__(self, *args: Any, departments: Iterable[Department] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["proposed"] = pick_department(
            departments, label=_("Whose it is, in your eyes"), empty=_("I don't know"), required=False
        )
        self.order_fields(["proposed", "reason"])


class AskForm(forms.Form):
    """A question to the resident."""

    text = forms.CharField(
        label=_("What we need to know"),
        help_text=_("Another person approves it. While we wait the clock stands still."),
        max_length=4000,
        widget=words_area(4),
        error_messages={"required": _("Write what you ask.")},
    )


class InterimForm(forms.Form):
    """A word on what is being done."""

    text = forms.CharField(
        label=_("What is being done, and what comes next"),
        help_text=_("Another person approves it. Then the days to solve it run."),
        max_length=4000,
        widget=words_area(4),
        error_messages={"required": _("Write what is being done.")},
    )


class PromiseForm(forms.Form):
    """A day, and why it takes so long."""

    until = forms.DateField(label=_("Promised day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Why it takes so long"),
        max_length=300,
        error_messages={"required": _("Say why it takes so long: the resident and the curator will ask.")},
    )
    text = forms.CharField(
        label=_("What the resident reads"),
        help_text=_("Name the day. Another person approves it."),
        max_length=4000,
        widget=words_area(4),
        error_messages={"required": _("Write to the resident what you promise.")},
    )


class ResumeForm(forms.Form):
    """How we know without a reply in the conversation."""

    reason = forms.CharField(
        label=_("How we came to know"),
        max_length=300,
        error_messages={"required": _("Say how we came to know: it stays in the history.")},
    )


class RedirectForm(forms.Form):
    """Who answers for it outside the city, and what the resident reads."""

    text = forms.CharField(
        label=_("What the resident reads"),
        help_text=_("Leave it empty, and it is filled in for you to look at."),
        max_length=4000,
        required=False,
        widget=words_area(6),
    )

    def __init__(self, *args: Any, bodies: Iterable[OutsideBody] = (), language: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        rows = list(bodies)
        self.fields["body"] = Pick(
            [(str(row.pk), str(row)) for row in rows],
            rows,
            label=_("Who answers for it"),
            empty="—",
            error_messages={"required": _("Choose the body that answers for it.")},
        )
        self.order_fields(["body", "text"])
        self.language = language

    def clean(self) -> dict[str, Any]:
        """Fill in the text where there is none, to be read before it is handed on."""
        said = super().clean() or {}
        if said.get("body") is not None and not said.get("text"):
            words = redirecting(said["body"], self.language)
            self.data = {**self.data.dict(), self.add_prefix("text"): words}  # type: ignore[attr-defined]  # a QueryDict
            self.add_error("text", _("Filled in for you: read it, change what you like, and hand it on."))
        return said


class RepeatForm(forms.Form):
    """The earlier case that this one is over again."""

    number = forms.IntegerField(label=_("Number of the earlier case"), min_value=1, max_value=2**31 - 1)
