"""One's own case, by its private code: how it stands, and what its resident may say to it."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from otklik.cases import queries
from otklik.cases.albums import album_of, sides_for
from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.cases.publicity import before_for_residents
from otklik.cases.resembling import messages_brought, surviving
from otklik.cases.services import closing, showing
from otklik.cases.services.adding import add_details
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.cases.standing import meaning, standing, yours_next
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.codes import case_of_code, tidy_code
from otklik.public.doors import private_page, show
from otklik.public.forms import AddForm, RateForm, ReopenForm
from otklik.public.me import account_from
from otklik.public.timeline import steps_of
from otklik.public.uploads import Uploads, uploads_of
from otklik.residents.queries import is_own
from otklik.residents.services.subscribing import can_write


@require_safe
@private_page
def find(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Lead from a typed code to its case."""
    code = "".join(request.GET.get("code", "").lower().split())
    if not code:
        return show(request, city, "public/find.html", {"section": "cases"})
    try:
        case = case_of_code(request, city, tidy_code(code))
    except Http404:
        return show(request, city, "public/find.html", {"section": "cases", "wrong": code[:40]}, status=404)
    return redirect("public:case", code=case.code)


@require_safe
@private_page
def own_case(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """Show one's own case, and what one may do now."""
    return _own(request, city, case_of_code(request, city, code))


@require_POST
@private_page
def confirm(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident says it is solved."""
    case = case_of_code(request, city, code)
    return _act(request, city, case, lambda: closing.confirm(surviving(case), now=clock.now()))


@require_POST
@private_page
def reopen(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident says it isn't, and why."""
    case, form = case_of_code(request, city, code), ReopenForm(request.POST)
    if not form.is_valid():
        return _own(request, city, case, reopening=form, status=422)
    return _act(
        request, city, case, lambda: closing.reopen(surviving(case), form.cleaned_data["reason"], now=clock.now())
    )


@require_POST
@private_page
def rate(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident rates the answer."""
    case, form = case_of_code(request, city, code), RateForm(request.POST)
    if not form.is_valid():
        return _own(request, city, case, rating=form, status=422)
    given = form.cleaned_data
    return _act(
        request,
        city,
        case,
        lambda: closing.rate(surviving(case), given["attitude"], given["result"], now=clock.now()),
    )


@require_POST
@private_page
def add(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident adds details."""
    case, form = case_of_code(request, city, code), AddForm(request.POST)
    uploads = uploads_of(request, city, now=clock.now())
    if not form.is_valid() or uploads.refused:
        return _own(request, city, case, adding=form, uploads=uploads, status=422)
    if not limits.may_write(request, city):
        return _own(request, city, case, adding=form, uploads=uploads, too_many=True, status=429)
    text, key, files = form.cleaned_data["text"], form.key(uploads.files), uploads.told()
    return _act(request, city, case, lambda: add_details(case, text, key, files=files, now=clock.now()))


@require_POST
@private_page
def publicity(request: HttpRequest, city: Municipality, code: str) -> HttpResponse:
    """The resident lets the own words be shown to everybody (`agree`), or takes that back."""
    case = case_of_code(request, city, code)
    say = showing.agree if "agree" in request.POST else showing.disagree
    return _act(request, city, case, lambda: say(case, now=clock.now()))


def _act(request: HttpRequest, city: Municipality, case: Case, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except (IllegalMove, Overtaken, ValueError):
        return _own(request, city, case_of_code(request, city, case.code), overtaken=True, status=409)
    return redirect("public:case", code=case.code)


def _own(
    request: HttpRequest,
    city: Municipality,
    own: Case,
    *,
    reopening: Form | None = None,
    rating: Form | None = None,
    adding: Form | None = None,
    uploads: Uploads | None = None,
    overtaken: bool = False,
    too_many: bool = False,
    status: int = 200,
) -> HttpResponse:
    case, now, account = surviving(own), clock.now(), account_from(request, city)
    messages = list(queries.messages_of(case))
    mine, album = messages_brought(own, messages), album_of(case)
    answers = list(queries.sent_answers_of(case))
    before = before_for_residents(queries.words_before(answers))
    answered = case.status in (Status.ANSWERED, Status.CLOSED)
    appraisal = getattr(case, "appraisal", None)
    context = {
        "section": "cases",
        "case": case,
        "own": own,
        "standing": standing(case),
        "meaning": meaning(case),
        "next": yours_next(case, now=now),
        "letters": can_write(city.pk),
        "may_tie": account is not None and not is_own(account, own),
        "steps": steps_of(case, queries.journal_of(case), now=now),
        "mine": mine,
        "files_base": f"{reverse('public:case', args=[own.code])}files/",
        "others": max(case.message_count - len(mine), 0),
        "answers": [
            {
                "answer": answer,
                "text": answer.text,
                "photos": album.of_answer(answer),
                "before": before.get(answer.pk, []),
            }
            for answer in answers
        ],
        "sides": sides_for(album, mine),
        "may_confirm": case.status == Status.ANSWERED,
        "reopening": (reopening or ReopenForm()) if answered else None,
        "rating": rating or RateForm.of(appraisal) if closing.may_rate(case, appraisal, now=now) else None,
        "appraisal": appraisal,
        "adding": adding or AddForm() if case.is_open else None,
        "uploads": uploads or Uploads(),
        "was_private": bool(mine) and not any(message.is_public for message in mine),
        "overtaken": overtaken,
        "too_many": too_many,
    }
    return show(request, city, "public/own_case.html", context, status=status)
