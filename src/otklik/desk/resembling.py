""" "Possibly the same" beside a case and beside an unsorted message: join, say no, take apart."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.cases.models import Case, Suggestion
from otklik.cases.resembling import resembling, suggestion_for
from otklik.cases.services import merging, suggesting
from otklik.channels.models import Message
from otklik.common import clock
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.inbox import show_case
from otklik.desk.words import PROBLEMS, problem
from otklik.org.access import Permission, Refused


class IntoForm(forms.Form):
    """The number of the case that goes on."""

    into = forms.IntegerField(min_value=1, max_value=2_147_483_647)


@door(Permission.CASE_MERGE)
@require_POST
def join(request: DeskRequest, number: int) -> HttpResponse:
    """Make a case the duplicate of another, and go there."""
    case, form = find_case(request.access, number), IntoForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, problem=_("Which case is it the same as? Type its number."), status=422)
    into = _found(request, form.cleaned_data["into"])
    if into is None:
        return show_case(request, case, problem=_("There is no case with this number that you may see."), status=422)

    def do() -> HttpResponse:
        merging.merge(request.access, case, into, now=clock.now())
        words = _("№ %(case)s goes on in № %(into)s.") % {"case": case.number, "into": into.number}
        return _to(request, into.number, words, undo=reverse("desk:same_apart", args=[case.number]))

    return _try(request, number, do)


@door(Permission.CASE_MERGE)
@require_POST
def join_all(request: DeskRequest, number: int) -> HttpResponse:
    """Join everything that is suggested to this case; what can't be joined any more stays and is counted."""
    case = find_case(request.access, number)
    joined = left = 0
    for suggestion in resembling(request.access, case):
        try:
            if suggestion.case is not None:
                merging.merge(request.access, suggestion.case, case, now=clock.now())
                joined += 1
        except (*PROBLEMS, Refused):
            left += 1
    words = _("Joined: %(joined)s. Left as they are: %(left)s.") % {"joined": joined, "left": left}
    return _to(request, number, words)


@door(Permission.CASE_MERGE)
@require_POST
def decline(request: DeskRequest, suggestion_id: int) -> HttpResponse:
    """Say that a suggestion is wrong, and go back to where it was shown (`?at=` the case's number)."""
    try:
        suggestion = suggestion_for(request.access, suggestion_id)
    except Suggestion.DoesNotExist as error:
        raise Http404 from error
    try:
        suggesting.decide(request.access, suggestion, same=False, now=clock.now())
        messages.success(request, _("Noted: not the same."))
    except PROBLEMS as error:
        messages.error(request, problem(error))
    at = request.GET.get("at", "")
    if suggestion.case is None:
        return go_to(request, reverse("desk:sort_message", args=[suggestion.message_id]))
    number = suggestion.candidate.number if at == str(suggestion.candidate.number) else suggestion.case.number
    return go_to(request, reverse("desk:case", args=[number]))


@door(Permission.CASE_MERGE)
@require_POST
def apart(request: DeskRequest, number: int) -> HttpResponse:
    """Take a duplicate out again."""
    case = find_case(request.access, number)

    def do() -> HttpResponse:
        merging.unmerge(request.access, case, now=clock.now())
        return _to(request, number, _("Taken apart: the case stands as before."))

    return _try(request, number, do)


@door(Permission.CASE_MERGE)
@require_POST
def split(request: DeskRequest, number: int, message_id: int) -> HttpResponse:
    """Open a case of its own for one message of a case, and go there."""
    case = find_case(request.access, number)
    message = Message.objects.filter(pk=message_id, case_message__case=case).select_related("channel", "thread").first()
    if message is None:
        raise Http404

    def do() -> HttpResponse:
        fresh = merging.split_message(request.access, message, now=clock.now())
        return _to(request, fresh.number, _("It is a case of its own now."))

    return _try(request, number, do)


def patterns() -> list[URLPattern]:
    """Return the addresses of these deeds."""
    return [
        path("cases/<int:number>/same/", join, name="same_join"),
        path("cases/<int:number>/same/all/", join_all, name="same_join_all"),
        path("cases/<int:number>/apart/", apart, name="same_apart"),
        path("cases/<int:number>/apart/<int:message_id>/", split, name="same_split"),
        path("same/<int:suggestion_id>/no/", decline, name="same_decline"),
    ]


def _found(request: DeskRequest, number: int) -> Case | None:
    try:
        return find_case(request.access, number)
    except Http404:
        return None


def _try(request: DeskRequest, number: int, do: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return do()
    except PROBLEMS as error:
        return show_case(request, find_case(request.access, number), problem=problem(error), status=409)


def _to(request: DeskRequest, number: int, words: str, undo: str = "") -> HttpResponse:
    messages.success(request, words, extra_tags=undo)
    return go_to(request, reverse("desk:case", args=[number]))
