"""What is typed at the reception: what somebody told the city, and how they were told the answer."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.channels.services.taking_down import Heard
from otklik.common import clock
from otklik.connectors.reception.connector import TEXT_LIMIT, Way
from otklik.desk.forms import words_area

_KEY = re.compile(r"[0-9a-f]{32}")
_MOMENT = "%Y-%m-%dT%H:%M"

WAYS = (
    (Way.PHONE.value, _("by phone")),
    (Way.PAPER.value, _("on paper")),
    (Way.IN_PERSON.value, _("in person")),
    (Way.PASTED.value, _("copied from elsewhere")),
)


def moment_field(label: Any, **options: Any) -> forms.DateTimeField:
    """Return a field for a day and a time of day, in the city's time."""
    widget = forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget, input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S"], **options)


def _this_minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


class HeardForm(forms.Form):
    """What somebody told the city."""

    entry_id = forms.CharField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label=_("How they told us"), choices=WAYS, widget=forms.RadioSelect, initial=Way.PHONE.value
    )
    text = forms.CharField(
        label=_("What they said"),
        help_text=_("In their words, as far as you can. A scan of the letter may stand instead."),
        max_length=TEXT_LIMIT,
        required=False,
        widget=words_area(6),
    )
    place = forms.CharField(label=_("Where it is"), max_length=300, required=False)
    told_at = moment_field(_("When they told us"), error_messages={"required": _("Say when they told us.")})
    name = forms.CharField(label=_("Who they are"), max_length=200, required=False)
    contact = forms.CharField(
        label=_("Phone, e-mail or address for the answer"),
        help_text=_("Only those who answer see it."),
        max_length=200,
        required=False,
    )
    consents = forms.BooleanField(label=_("They let us keep their name and contact for this matter"), required=False)
    may_publish = forms.BooleanField(
        label=_("It may be shown on the city's page, without their name and contact"), required=False
    )
    source = forms.CharField(
        label=_("Where it was copied from"), help_text=_("A link, or in words."), max_length=500, required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("entry_id", uuid.uuid4().hex)
        self.initial.setdefault("told_at", _this_minute())

    def clean_entry_id(self) -> str:
        """Take only keys such as the page gives: a second press stores nothing twice."""
        key: str = self.cleaned_data["entry_id"]
        if not _KEY.fullmatch(key):
            raise forms.ValidationError(_("The page is broken: copy your text, reload the page and send it again."))
        return key

    def clean(self) -> dict[str, Any]:
        """Ask for consent beside what is to be kept of a person; say what is wrong with the page where it is seen."""
        said = super().clean() or {}
        if "entry_id" in self.errors:
            self.add_error(None, self.errors.pop("entry_id"))
        if (said.get("name") or said.get("contact")) and not said.get("consents"):
            self.add_error("consents", _("Ask whether we may keep it, or leave the name and the contact out."))
        return said

    def heard(self) -> Heard:
        """Return what was typed."""
        said = self.cleaned_data
        return Heard(
            key=said["entry_id"],
            way=Way(said["way"]),
            text=said["text"],
            told_at=said["told_at"],
            name=said["name"],
            contact=said["contact"],
            consents=said["consents"],
            place=said["place"],
            source=said["source"],
            may_publish=said["may_publish"],
        )


class ToldForm(forms.Form):
    """How and when somebody was told the answer."""

    how = forms.CharField(
        label=_("How they were told"),
        help_text=_("By phone, at the reception, by letter, and by whom. It stays in the history."),
        max_length=300,
        error_messages={"required": _("Say how they were told: it stays in the history.")},
    )
    told_at = moment_field(_("When"), error_messages={"required": _("Say when they were told.")})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.setdefault("told_at", _this_minute())


class NotReachedForm(forms.Form):
    """Why nobody could be told."""

    reason = forms.CharField(
        label=_("Why nobody could be told"),
        max_length=300,
        error_messages={"required": _("Say why nobody could be told: it stays in the history.")},
    )


class ManyForm(forms.Form):
    """A table of messages, pasted or as a file."""

    table = forms.CharField(
        label=_("Rows from a table"),
        help_text=_(
            "The first row names the columns: text, and if you have them received, name, contact, place, way, source."
        ),
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=words_area(8),
    )
    file = forms.FileField(label=_("Or a CSV file"), required=False)
    consents = forms.BooleanField(label=_("Those who are named let us keep their names and contacts"), required=False)
