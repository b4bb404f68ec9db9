"""What people say under posts, and what of it is hidden, for a reason of a list; objections have another judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from otklik.channels.comments import comments, hidden_among, hidings
from otklik.channels.hidings import Hiding, HidingReason
from otklik.channels.models import Message
from otklik.channels.services import hiding
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.paging import page
from otklik.desk.words import PROBLEMS, problem
from otklik.org.access import Permission

SHOWN = {
    "all": gettext_lazy("All comments"),
    "hidden": gettext_lazy("Hidden"),
    "objections": gettext_lazy("Objections"),
}


class HideForm(forms.Form):
    """Why a comment is hidden."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[("", "—"), *HidingReason.choices],
        help_text=gettext_lazy("There is no other reason: criticism is never hidden. The figures are public."),
    )


class DecideForm(forms.Form):
    """What whoever objected is told."""

    words = forms.CharField(
        label=gettext_lazy("What whoever objected is told"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


@door(Permission.TALK_MODERATE)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """The newest comments, what is hidden, or what somebody objected to."""
    return _show(request)


@door(Permission.TALK_MODERATE)
@require_POST
def hide(request: DeskRequest, message_id: int) -> HttpResponse:
    """Hide a comment for the reason that was chosen."""
    found = Message.objects.filter(municipality=request.access.municipality_id, pk=message_id).first()
    if found is None:
        raise Http404
    reason = request.POST.get(f"hide-{message_id}-reason", "")
    return _act(
        request,
        lambda: hiding.hide(request.access, found, reason, now=clock.now()),
        _("Hidden on the city's site; in its place stands the reason. It can be shown again under “Hidden”."),
    )


@door(Permission.TALK_MODERATE)
@require_POST
def show_again(request: DeskRequest, hiding_id: int) -> HttpResponse:
    """Show a comment again."""
    row = _find(request, hiding_id)
    return _act(request, lambda: hiding.show_again(request.access, row, now=clock.now()), _("It is shown again."))


@door(Permission.TALK_MODERATE)
@require_POST
def decide(request: DeskRequest, hiding_id: int) -> HttpResponse:
    """Decide about an objection (`show`: the comment is shown again)."""
    row, show = _find(request, hiding_id), "show" in request.POST
    words = request.POST.get(f"decide-{hiding_id}-words", "")
    told = _("Decided: it is shown again.") if show else _("Decided: it stays hidden, and your words say why.")
    return _act(request, lambda: hiding.decide(request.access, row, words, show=show, now=clock.now()), told)


def _find(request: DeskRequest, hiding_id: int) -> Hiding:
    row = Hiding.objects.filter(municipality=request.access.municipality_id, pk=hiding_id).first()
    if row is None:
        raise Http404
    return row


def _act(request: DeskRequest, act: Callable[[], object], told: str) -> HttpResponse:
    try:
        act()
    except PROBLEMS as error:
        return _show(request, problem=problem(error), status=409)
    messages.success(request, told)
    return go_to(request, _address(request.GET.get("show", "all")))


def _address(shown: str) -> str:
    here = reverse("desk:talk")
    return here if shown not in SHOWN or shown == "all" else f"{here}?show={shown}"


def _show(request: DeskRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    city, shown = request.access.official.municipality, request.GET.get("show", "all")
    shown = shown if shown in SHOWN else "all"
    following: int | None
    if shown == "all":
        said, following = page(comments(city.pk), request.GET)
        hidden = hidden_among(said)
        rows: list[dict[str, Any]] = [{"said": one, "hiding": hidden.get(one.pk)} for one in said]
    else:
        found, following = page(hidings(city.pk, objected=shown == "objections"), request.GET)
        rows = [{"said": one.message, "hiding": one} for one in found]
    for row in rows:
        row["form"] = HideForm(prefix=f"hide-{row['said'].pk}") if row["hiding"] is None else None
        if row["hiding"] is not None and row["hiding"].is_objected:
            row["decide"] = DecideForm(prefix=f"decide-{row['hiding'].pk}")
            row["is_mine"] = row["hiding"].hidden_by_id == request.access.official.pk
    join = "&" if shown != "all" else "?"
    context = {
        "rows": rows,
        "shown": shown,
        "tabs": [(code, words, _address(code)) for code, words in SHOWN.items()],
        "next_url": f"{_address(shown)}{join}before={following}" if following is not None else "",
        "problem": problem,
        "city": city,
    }
    return render(request, "desk/talk.html", context, status=status)
