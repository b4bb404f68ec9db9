""" "Me too" under a public case: one press, no account, one voice for each browser."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from otklik.cases import publicity
from otklik.cases.models import Case
from otklik.cases.services.counting_in import count_in, count_out, is_counted, visitor_of
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.doors import from_our_pages, private_page, show
from otklik.residents.services.subscribing import can_write

COOKIE = "otklik_same_here"
_SALT = "otklik.same_here"
_YEAR_S = 365 * 24 * 3600
_PRESSES, _WINDOW_S = 20, 3600
_OF_ONE_CASE, _DAY_S = 3, 24 * 3600
"""From one address: so many presses an hour, and so many voices in one case a day (a household shares an address)."""


@csrf_exempt  # the button stands on a page that is kept for everybody: from_our_pages checks who sent it instead
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def same_here(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Count this browser in or, with `back`, out again; then say how it stands."""
    case = _public(city, number)
    token = _token(request)
    if request.method != "POST":
        return _page(request, city, case, token)
    if not from_our_pages(request):
        return HttpResponseForbidden()
    if "back" in request.POST:
        if token:
            count_out(case, visitor_of(case, token))
        return redirect("public:same_here", number=number)
    if not limits.may(request, city, "same-here", _PRESSES, _WINDOW_S):
        return _page(request, city, case, token, too_many=True)
    if not (token and is_counted(case, visitor_of(case, token))):
        if not limits.may(request, city, f"same-here:{case.pk}", _OF_ONE_CASE, _DAY_S):
            return _page(request, city, case, token, too_many=True)
        token = token or secrets.token_hex(16)
        count_in(case, visitor_of(case, token), now=clock.now())
    response = redirect("public:same_here", number=number)
    _keep(response, token)
    return response


def _public(city: Municipality, number: int) -> Case:
    try:
        return publicity.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Http404 from error


def _token(request: HttpRequest) -> str:
    """Return the number in this browser's cookie; nothing where there is none, or somebody made it up."""
    try:
        return str(request.get_signed_cookie(COOKIE, salt=_SALT))
    except (KeyError, BadSignature):
        return ""


def _keep(response: HttpResponse, token: str) -> None:
    response.set_signed_cookie(
        COOKIE,
        token,
        salt=_SALT,
        max_age=_YEAR_S,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


def _page(request: HttpRequest, city: Municipality, case: Case, token: str, *, too_many: bool = False) -> HttpResponse:
    counted = bool(token) and is_counted(case, visitor_of(case, token))
    context = {
        "section": "cases",
        "case": case,
        "counted": counted,
        "too_many": too_many,
        "letters": can_write(city.pk),
    }
    return show(request, city, "public/same_here.html", context, status=429 if too_many else 200)
