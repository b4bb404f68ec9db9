"""Putting a case out of sight on its own screen, and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.models import Case
from otklik.cases.services import snoozing
from otklik.cases.services.snoozing import SnoozeFor
from otklik.desk.deeds import Deed
from otklik.org.access import Access, Permission


class SnoozeForm(forms.Form):
    """For how long, and whether for everybody."""

    how_long = forms.ChoiceField(label=_("For how long"), choices=SnoozeFor.choices, initial=SnoozeFor.TOMORROW)
    for_all = forms.BooleanField(
        label=_("For all who see it"), help_text=_("For those who pass cases on; the history says so."), required=False
    )

    def __init__(self, *args: Any, may_for_all: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_for_all:
            del self.fields["for_all"]


def _snooze(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    snoozing.snooze(access, case, SnoozeFor(said["how_long"]), now=now, for_all=bool(said.get("for_all")))


SNOOZE_DEEDS = (
    Deed(
        "snooze",
        Permission.CASE_VIEW,
        _snooze,
        _("Out of sight until then, or until something new comes."),
        SnoozeForm,
        undo="unsnooze",
        undo_needs=Permission.CASE_VIEW,
    ),
    Deed(
        "unsnooze",
        Permission.CASE_VIEW,
        lambda a, c, _s, now: snoozing.bring_back(a, c, now=now),
        _("In sight again."),
    ),
)
