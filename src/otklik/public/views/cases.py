"""Cases as residents see them: public ones by number, one's own by its private code."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from otklik.cases import queries
from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.cases.resembling import messages_brought, surviving
from otklik.cases.services import closing
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.common import clock
from otklik.common.masking import masked
from otklik.org.models import Municipality
from otklik.public.doors import cached_page, private_page, show
from otklik.public.forms import RateForm, ReopenForm
from otklik.public.timeline import standing, steps_of

_LIST_PAGE = 20


@cached_page
def public_list(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show the cases that everybody may see, narrowed by `?show=`, newest first."""
    shown = request.GET.get("show", "all")
    shown = shown if shown in queries.PUBLIC_SHOWS else "all"
    before = request.GET.get("before", "")
    before_id = int(before) if before.isdecimal() and before.isascii() and len(before) <= 18 else None
    cases, following = queries.page_after(queries.public_cases_shown(city.pk, shown), before_id, _LIST_PAGE)
    rows = [{"case": case, "title": masked(case.summary), "standing": standing(case)} for case in cases]
    here = f"{reverse('public:cases')}?{urlencode({'show': shown})}"
    context = {
        "section": "cases",
        "shown": shown,
        "rows": rows,
        "newer_url": here if before_id is not None else "",
        "older_url": f"{here}&before={following}" if following is not None else "",
    }
    return show(request, city, "public/cases.html", context)


@cached_page
def public_case(request: HttpRequest, city: Municipality, number: int) -> HttpResponse:
    """Show a public case without anything personal."""
    try:
        case = queries.public_case(city.pk, number)
    except (Case.DoesNotExist, OverflowError) as error:
        raise Http404 from error
    answers = [{"answer": answer, "text": masked(answer.text)} for answer in queries.sent_answers_of(case)]
    context = {
        "section": "cases",
        "case": case,
        "title": masked(case.summary),
        "standing": standing(case),
        "steps": steps_of(case, queries.journal_of(case), now=clock.now(), own=False),
        "answers": answers,
    }
    return show(request, city, "public/public_case.html", context)


@require_safe
@private_page
def find(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Lead from a typed code to its case."""
    code = "".join(request.GET.get("code", "").lower().split())
    if not code:
        return show(request, city, "public/find.html", {"section": "cases"})
    letters = code.replace("-", "")
    tidy = "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
    try:
        case = queries.case_by_code(city.pk, tidy)
    except Case.DoesNotExist:
        return show(request, city, "public/find.html", {"section": "cases", "wrong": code[:40]}, status=404)
    return redirect("public:case", code=case.code)


@require_safe
@private_page
def own_case(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """Show one's own case, and what one may do now."""
    return _own(request, city, _by_code(city, code))


@require_POST
@private_page
def confirm(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident says it is solved."""
    case = _by_code(city, code)
    return _act(request, city, case, lambda: closing.confirm(surviving(case), now=clock.now()))


@require_POST
@private_page
def reopen(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident says it isn't, and why."""
    case, form = _by_code(city, code), ReopenForm(request.POST)
    if not form.is_valid():
        return _own(request, city, case, reopening=form, status=422)
    return _act(
        request, city, case, lambda: closing.reopen(surviving(case), form.cleaned_data["reason"], now=clock.now())
    )


@require_POST
@private_page
def rate(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident rates the answer."""
    case, form = _by_code(city, code), RateForm(request.POST)
    if not form.is_valid():
        return _own(request, city, case, rating=form, status=422)
    return _act(request, city, case, lambda: closing.rate(surviving(case), form.cleaned_data["stars"], now=clock.now()))


def _by_code(city: Municipality, code: str) -> Case:
    try:
        return queries.case_by_code(city.pk, code)
    except Case.DoesNotExist as error:
        raise Http404 from error


def _act(request: HttpRequest, city: Municipality, case: Case, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except (IllegalMove, Overtaken, ValueError):
        return _own(request, city, _by_code(city, case.code), overtaken=True, status=409)
    return redirect("public:case", code=case.code)


def _own(
    request: HttpRequest,
    city: Municipality,
    case: Case,
    *,
    reopening: Form | None = None,
    rating: Form | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> HttpResponse:
    own, case = case, surviving(case)
    messages = list(queries.messages_of(case))
    mine = messages_brought(own, messages)
    answered = case.status in (Status.ANSWERED, Status.CLOSED)
    context = {
        "section": "cases",
        "case": case,
        "own": own,
        "standing": standing(case),
        "steps": steps_of(case, queries.journal_of(case), now=clock.now()),
        "mine": mine,
        "others": max(case.message_count - len(mine), 0),
        "answers": [{"answer": answer, "text": answer.text} for answer in queries.sent_answers_of(case)],
        "may_confirm": case.status == Status.ANSWERED,
        "reopening": (reopening or ReopenForm()) if answered else None,
        "rating": (rating or RateForm(initial={"stars": case.rating})) if case.answered_at is not None else None,
        "overtaken": overtaken,
    }
    return show(request, city, "public/own_case.html", context, status=status)
