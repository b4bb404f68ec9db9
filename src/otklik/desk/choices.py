"""What an official is told and how: the table of one's own choices, quiet hours, one's Telegram, one's letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from otklik.common import clock
from otklik.desk.doors import DeskRequest
from otklik.desk.notices import anybody
from otklik.notices.enums import Matter, Tempo, Way
from otklik.notices.letters import Choice, Reach
from otklik.notices.services.carrying import carrier_of
from otklik.notices.services.choosing import (
    Wanted,
    choices_of,
    choose,
    letters_of,
    make_code,
    reach_of,
    unlink_telegram,
)
from otklik.notices.services.pushing import devices_of, identity
from otklik.org.access import Access, Permission

_NEEDS = {
    Matter.DIGEST: Permission.CONTROL_SET,
    Matter.WEEKLY: Permission.REPORT_VIEW,
    Matter.CONTROL: Permission.CASE_VIEW,
    Matter.DEADLINES: Permission.CASE_VIEW,
    Matter.REPLIES: Permission.CASE_VIEW,
    Matter.MENTIONS: Permission.CASE_NOTE,
    Matter.APPEALS: Permission.CASE_VIEW,
    Matter.CHANNELS: Permission.CHANNEL_MANAGE,
}
_PREPARED = (Matter.DIGEST, Matter.WEEKLY)
"""Kept as pages of their own: there is no bell to choose, nor anything to gather."""


class ChoicesForm(forms.Form):
    """One line of boxes for each matter, and the hours in which one is left in peace."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("until"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    def __init__(self, matters: list[Matter], kept: dict[Matter, Choice], reach: Reach, data: QueryDict | None) -> None:
        super().__init__(data, initial={"quiet_from": reach.quiet_from, "quiet_to": reach.quiet_to})
        self.matters = matters
        for matter in matters:
            row = kept[matter]
            for name in ("in_desk", "by_email", "by_telegram", "by_push"):
                box = forms.BooleanField(required=False, initial=getattr(row, name))
                self.fields[f"{matter}-{name}"] = box
            self.fields[f"{matter}-tempo"] = forms.ChoiceField(choices=Tempo.choices, initial=row.tempo, required=False)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The table's lines: the matter and its boxes."""
        return [
            {
                "matter": matter,
                "is_prepared": matter in _PREPARED,
                "boxes": [
                    (self[f"{matter}-in_desk"], _("on the bell")),
                    (self[f"{matter}-by_email"], Way.EMAIL.label),
                    (self[f"{matter}-by_telegram"], Way.TELEGRAM.label),
                    (self[f"{matter}-by_push"], Way.PUSH.label),
                ],
                "tempo": self[f"{matter}-tempo"],
            }
            for matter in self.matters
        ]

    @property
    def wanted(self) -> dict[Matter, Wanted]:
        """What was chosen."""
        said = self.cleaned_data
        return {
            matter: Wanted(
                in_desk=said[f"{matter}-in_desk"] or matter in _PREPARED,
                by_email=said[f"{matter}-by_email"],
                by_telegram=said[f"{matter}-by_telegram"],
                by_push=said[f"{matter}-by_push"],
                tempo=Tempo(said[f"{matter}-tempo"] or Tempo.NOW),
            )
            for matter in self.matters
        }


@anybody
def choices(request: DeskRequest) -> HttpResponse:
    """Show and keep what this official chose for oneself."""
    access = request.access
    matters = [matter for matter in Matter if access.holds(_NEEDS[matter])]
    form = ChoicesForm(matters, choices_of(access), reach_of(access), request.POST or None)
    if request.method == "POST" and form.is_valid():
        choose(access, form.wanted, (form.cleaned_data["quiet_from"], form.cleaned_data["quiet_to"]))
        messages.success(request, _("Saved."))
        return redirect("desk:choices")
    return _draw(request, access, form, status=422 if form.errors else 200)


@anybody
@require_POST
def link(request: DeskRequest) -> HttpResponse:
    """Make a code that links this official's Telegram; shown once."""
    access = request.access
    code = make_code(access, now=clock.now())
    matters = [matter for matter in Matter if access.holds(_NEEDS[matter])]
    return _draw(request, access, ChoicesForm(matters, choices_of(access), reach_of(access), None), code=code)


@anybody
@require_POST
def unlink(request: DeskRequest) -> HttpResponse:
    """Forget this official's Telegram."""
    unlink_telegram(request.access)
    messages.success(request, _("Unlinked: nothing goes there any more."))
    return redirect("desk:choices")


def _draw(
    request: DeskRequest, access: Access, form: ChoicesForm, *, code: str = "", status: int = 200
) -> HttpResponse:
    mail, bot, push = (carrier_of(access.municipality_id, way) for way in (Way.EMAIL, Way.TELEGRAM, Way.PUSH))
    context = {
        "form": form,
        "reach": reach_of(access),
        "mail": mail,
        "bot": bot,
        "push_key": identity().public if push.is_on else "",
        "devices": list(devices_of(access)),
        "code": code,
        "letters": letters_of(access),
        "city": access.official.municipality,
    }
    return render(request, "desk/choices.html", context, status=status)
