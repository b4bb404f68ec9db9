"""The rules of the conversation, and the page of a hidden comment where anybody may object."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from otklik.channels.comments import hiding_by_code
from otklik.channels.hidings import Hiding, HidingReason
from otklik.channels.services.hiding import LONGEST, object_to
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.doors import cached_page, private_page, show

_OBJECTIONS, _WINDOW_S = 5, 3600
"""So many from one address in an hour."""


@cached_page
def rules(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say what is hidden under posts, what never is, and how to object."""
    return show(request, city, "public/rules.html", {"section": "about", "reasons": HidingReason.choices})


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def hidden(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """Say why a comment is hidden and what became of the objection; take one."""
    row = _find(request, city, code)
    if request.method != "POST":
        return _page(request, city, row)
    words = request.POST.get("words", "")
    if not limits.may(request, city, "objections", _OBJECTIONS, _WINDOW_S):
        return _page(request, city, row, words=words, too_many=True, status=429)
    try:
        object_to(row, words, now=clock.now())
    except ValueError as error:
        return _page(request, city, _find(request, city, code), words=words, problem=str(error), status=422)
    return redirect("public:hidden", code=row.code)


def _find(request: HttpRequest, city: Municipality, code: str) -> Hiding:
    """Return the hiding of a code. Raises Http404, TooManyGuesses after too many wrong ones."""
    if limits.is_stopped(request, city, "codes", limits.GUESSES):
        raise limits.TooManyGuesses
    try:
        return hiding_by_code(city.pk, code)
    except Hiding.DoesNotExist as error:
        limits.may(request, city, "codes", limits.GUESSES, limits.GUESSES_WINDOW_S)
        raise Http404 from error


def _page(
    request: HttpRequest,
    city: Municipality,
    row: Hiding,
    *,
    words: str = "",
    problem: str = "",
    too_many: bool = False,
    status: int = 200,
) -> HttpResponse:
    said = {"words": words, "problem": problem, "too_many": too_many, "longest": LONGEST}
    return show(request, city, "public/hidden.html", {"section": "news", "hiding": row, **said}, status=status)
