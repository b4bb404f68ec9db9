"""What staff type about a formal appeal: that it came, its number, a longer term, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.formal import Appeal
from otklik.desk.forms import Pick
from otklik.org.models import OutsideBody


def day_field(label: Any, **options: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class AppealForm(forms.Form):
    """That a formal appeal came about this matter; with its number at once, where it has one."""

    received_on = day_field(_("Came on"), error_messages={"required": _("Say on which day it came.")})
    number = forms.CharField(
        label=_("Number in the city's register"),
        help_text=_("Leave it empty if it isn't registered yet: the days to register it run."),
        max_length=40,
        required=False,
    )
    registered_on = day_field(_("Registered on"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for both of number and day, or for none."""
        said = super().clean() or {}
        if said.get("number") and not said.get("registered_on"):
            self.add_error("registered_on", _("Say on which day it was registered."))
        if said.get("registered_on") and not said.get("number"):
            self.add_error("number", _("Give its number in the city's register."))
        return said


class AboutAppealForm(forms.Form):
    """Something about one of a case's appeals."""

    def __init__(self, *args: Any, appeals: Iterable[Appeal] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        rows = list(appeals)
        self.fields["appeal"] = Pick([(str(row.pk), str(row)) for row in rows], rows, widget=forms.HiddenInput)


class RegisterForm(AboutAppealForm):
    """Its number and the day."""

    number = forms.CharField(
        label=_("Number in the city's register"),
        max_length=40,
        error_messages={"required": _("Give its number in the city's register.")},
    )
    registered_on = day_field(_("Registered on"), error_messages={"required": _("Say on which day it was registered.")})


class ExtendForm(AboutAppealForm):
    """Why the term is longer, and when the resident was told."""

    reason = forms.CharField(
        label=_("Why it takes longer"),
        max_length=300,
        error_messages={"required": _("Say why the term is longer: the resident is told the same.")},
    )
    told_on = day_field(
        _("The resident was told on"),
        help_text=_("First send the notice, then write its day here."),
        error_messages={"required": _("Say on which day the resident was told.")},
    )


class AnsweredForm(AboutAppealForm):
    """How it was answered."""

    on = day_field(_("Answered on"), error_messages={"required": _("Say on which day it was answered.")})
    remark = forms.CharField(
        label=_("Number of the answer"),
        max_length=300,
        error_messages={"required": _("Give the number of the answer: it stays in the history.")},
    )


class ForwardForm(AboutAppealForm):
    """To whom it was passed on."""

    on = day_field(_("Day it was passed on"), error_messages={"required": _("Say on which day it was passed on.")})

    def __init__(self, *args: Any, bodies: Iterable[OutsideBody] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        rows = list(bodies)
        self.fields["body"] = Pick(
            [(str(row.pk), str(row)) for row in rows],
            rows,
            label=_("Who answers for it"),
            empty="—",
            error_messages={"required": _("Choose the body that answers for it.")},
        )
        self.order_fields(["appeal", "body", "on"])


class StrikeForm(AboutAppealForm):
    """Why it was no appeal about this."""

    reason = forms.CharField(
        label=_("Why it is struck out"),
        max_length=300,
        error_messages={"required": _("Say why it is struck out: it stays in the register.")},
    )
