"""What an administrator says of working time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.org.enums import DayKind

Interval = tuple[time, time]
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})")


def read_intervals(text: str) -> list[Interval]:
    """Return the intervals of "9:00-13:00, 14:00-18:00". Raises ValidationError."""
    intervals: list[Interval] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = _INTERVAL.fullmatch(part)
        try:
            hours = [int(number) for number in match.groups()] if match else []
            intervals.append((time(hours[0], hours[1]), time(hours[2], hours[3])))
        except (IndexError, ValueError) as error:
            raise forms.ValidationError(
                gettext("Write it like 9:00-13:00, 14:00-18:00; nothing for a day off.")
            ) from error
    return intervals


def write_intervals(intervals: Sequence[Interval]) -> str:
    """Return intervals as a person writes them."""
    return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in intervals)


class HoursForm(forms.Form):
    """The working week: a line for each day."""

    def __init__(self, hours: Mapping[int, Sequence[Interval]], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for weekday, name in WEEKDAYS.items():
            self.fields[f"day{weekday}"] = forms.CharField(
                label=name,
                required=False,
                max_length=200,
                initial=write_intervals(hours.get(weekday, ())),
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
            )

    def clean(self) -> dict[str, Any]:
        """Read every day's intervals; a day that can't be read says so."""
        cleaned = super().clean() or {}
        for name, text in list(cleaned.items()):
            try:
                cleaned[name] = read_intervals(text)
            except forms.ValidationError as error:
                self.add_error(name, error)
        return cleaned

    @property
    def week(self) -> dict[int, list[Interval]]:
        """The week that was typed."""
        return {weekday: self.cleaned_data[f"day{weekday}"] for weekday in WEEKDAYS}


class DayForm(forms.Form):
    """A day that differs."""

    date = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose the day.")},
    )
    kind = forms.ChoiceField(label=_("What it is"), choices=DayKind.choices)
    note = forms.CharField(label=_("Why"), required=False, max_length=200)
    source = forms.CharField(
        label=_("Who says so"),
        required=False,
        max_length=200,
        help_text=_("A decree or an order with its date: what to show who asks why."),
    )
