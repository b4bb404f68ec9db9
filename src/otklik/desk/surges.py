"""A surge on the desk: what many say now, who looks after it, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.surgewords import told
from otklik.org.access import Permission
from otklik.pulse.models import Surge
from otklik.pulse.queries import messages_of
from otklik.pulse.services import handling

_SHOWN = 50
"""So many of the newest messages: whoever wants them all goes to the cases."""


class DismissForm(forms.Form):
    """Why it is no surge."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is no surge"),
        help_text=gettext_lazy("Stays in its journal. It isn't shown nor raised again while it lasts."),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why it is no surge.")},
    )


@door(Permission.SURGE_HANDLE)
@require_safe
def surge(request: DeskRequest, surge_id: int) -> HttpResponse:
    """One surge: its headline, its journal, the newest of what was said."""
    return _draw(request, _find(request, surge_id), DismissForm())


@door(Permission.SURGE_HANDLE)
@require_POST
def take(request: DeskRequest, surge_id: int) -> HttpResponse:
    """Look after it oneself."""
    found = _find(request, surge_id)
    return _do(request, found, partial(handling.take, request.access, found, now=clock.now()), _("You look after it."))


@door(Permission.SURGE_HANDLE)
@require_POST
def dismiss(request: DeskRequest, surge_id: int) -> HttpResponse:
    """Put it aside, with the reason."""
    found, form = _find(request, surge_id), DismissForm(request.POST)
    if not form.is_valid():
        return _draw(request, found, form, status=422)
    change = partial(handling.dismiss, request.access, found, form.cleaned_data["reason"], now=clock.now())
    return _do(request, found, change, _("Taken off the screens."))


@door(Permission.SURGE_HANDLE)
@require_safe
def strip(request: DeskRequest) -> HttpResponse:
    """What live updates draw on a page that has no list of cases: the surges, and the rail's counts."""
    return render(request, "desk/surges/pulse.html", {"view": "head"})


def _find(request: DeskRequest, surge_id: int) -> Surge:
    rows = Surge.objects.filter(municipality=request.access.municipality_id).select_related("taken_by", "thread")
    found = rows.filter(pk=surge_id).first()
    if found is None:
        raise Http404
    return found


def _do(request: DeskRequest, surge: Surge, change: Callable[[], None], words: str) -> HttpResponse:
    try:
        change()
    except handling.SurgeOver:
        messages.error(request, _("It is over, or a colleague has dealt with it."))
    else:
        messages.success(request, words)
    return go_to(request, reverse("desk:surge", args=[surge.pk]))


def _draw(request: DeskRequest, surge: Surge, form: DismissForm, status: int = 200) -> HttpResponse:
    (alert,) = told([surge], now=clock.now())
    context = {
        "alert": alert,
        "surge": surge,
        "form": form,
        "said": messages_of(surge)[:_SHOWN],
        "journal": surge.journal.select_related("actor").order_by("id"),
        "is_open": surge.ended_at is None and surge.dismissed_at is None,
        "city": request.access.official.municipality,
    }
    return render(request, "desk/surges/surge.html", context, status=status)
