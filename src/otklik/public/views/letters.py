"""Letters about a case by e-mail: asked for on its page, begun by a link in the first letter, ended by one press."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from otklik.cases import publicity
from otklik.cases.models import Case
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.addressforms import AddressForm
from otklik.public.codes import case_of_code
from otklik.public.doors import private_page, show
from otklik.residents.services.subscribing import (
    ask_for_letters,
    can_write,
    confirm_letters,
    end_letters,
    subscription_by,
)

_ASKS, _WINDOW_S = 10, 3600
"""So many times an hour one visitor may have a letter sent; an address has its own limit (residents.subscribing)."""


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def own(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """Ask for letters about one's own case."""
    case = case_of_code(request, city, code)
    return _ask(request, city, case, back=reverse("public:case", args=[case.code]), is_own=True)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def public(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Ask for letters about a case that everybody may see."""
    try:
        case = publicity.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Http404 from error
    return _ask(request, city, case, back=reverse("public:public_case", args=[number]), is_own=False)


def _ask(request: HttpRequest, city: Municipality, case: Case, *, back: str, is_own: bool) -> HttpResponse:
    if not can_write(city.pk):
        raise Http404  # the city has no mail server: nothing here was offered
    form = AddressForm(request.POST) if request.method == "POST" else AddressForm()
    context = {"section": "cases", "case": case, "form": form, "back": back, "is_own": is_own}
    if request.method != "POST":
        return show(request, city, "public/letters_ask.html", context)
    if not form.is_valid():
        return show(request, city, "public/letters_ask.html", context, status=422)
    if not limits.may(request, city, "letters", _ASKS, _WINDOW_S):
        return show(request, city, "public/letters_ask.html", {**context, "too_many": True}, status=429)
    if not form.is_robots():
        language = get_language() or city.language
        ask_for_letters(case, form.cleaned_data["email"], language, is_own=is_own, now=clock.now())
    return show(request, city, "public/letters_asked.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def answer(request: HttpRequest, city: Municipality, token: str) -> HttpResponse:
    """The link of the first letter: a press says yes. Opening it says nothing: mail programs open links too."""
    row = subscription_by(city.pk, token, now=clock.now())
    if row is None:
        return show(request, city, "public/letters_over.html", {"section": "cases"}, status=404)
    is_on = row.confirmed_at is not None
    if request.method == "POST":
        confirm_letters(row, now=clock.now())
        is_on = True
    context = {"section": "cases", "case": row.case, "is_own": row.is_own, "is_on": is_on, "token": token}
    return show(request, city, "public/letters_answer.html", context)


@csrf_exempt  # RFC 8058: the mail provider presses for the reader, without a page or a cookie of ours
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def stop(request: HttpRequest, city: Municipality, token: str) -> HttpResponse:
    """End the letters by one press; pressed twice, or long ended, it says the same."""
    if request.method == "POST":
        end_letters(city.pk, token)
        return show(request, city, "public/letters_over.html", {"section": "cases", "ended": True})
    row = subscription_by(city.pk, token, now=clock.now())
    if row is None:
        return show(request, city, "public/letters_over.html", {"section": "cases", "ended": True})
    return show(request, city, "public/letters_stop.html", {"section": "cases", "case": row.case})
