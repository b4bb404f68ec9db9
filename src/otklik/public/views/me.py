"""My cases: the optional account. Nothing on the site needs it; a case is followed by its private code alone."""

from __future__ import annotations

import json
import tempfile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.cases.enums import Status
from otklik.cases.standing import standing, yours_next
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.addressforms import AddressForm, PhoneForm
from otklik.public.codes import case_of_code, tidy_code
from otklik.public.doors import file_page, private_page, show
from otklik.public.me import ASKED, COOKIE, account_from, forget, own_page, remember, remember_asking
from otklik.public.views.passkeys import may_use
from otklik.residents import queries
from otklik.residents.belongings import belongings_of, whose_account
from otklik.residents.enums import Method
from otklik.residents.models import Account
from otklik.residents.services import proving, signing_in, tying
from otklik.residents.services.erasing import erase as erase_account
from otklik.residents.services.packing import pack
from otklik.residents.services.subscribing import can_write

_ASKS, _ENTERS, _WINDOW_S = 10, 30, 3600
"""So many codes asked for, and entered, from one visitor in an hour; an address and a code have their own limits."""


_COPIES = 10
"""Copies of one's data an hour: each reads everything."""

_WAIT_FOR_YOU = (Status.ANSWERED, Status.WAITING_RESIDENT)


def has_sign_in(city: Municipality) -> bool:
    """Return whether residents may sign in here: the jurisdiction allows it, and a code can be sent."""
    return Method.EMAIL in signing_in.methods_of(city) and can_write(city.pk)


def _out(request: HttpRequest, city: Municipality, status: int = 200, **forms: object) -> HttpResponse:
    context = {
        "section": "me",
        "form": AddressForm(),
        "phone_form": PhoneForm(auto_id="phone_%s"),
        "sign_in": has_sign_in(city),
        "phones": signing_in.can_call(city),
        "passkeys_allowed": may_use(city),
    }
    return show(request, city, "public/me_out.html", {**context, **forms}, status=status)


@require_safe
@private_page
def me(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show one's own cases; to whoever isn't signed in, the two ways to them: a code, and the account."""
    account = account_from(request, city)
    if account is None:
        return _out(request, city)
    return _mine(request, city, account)


def _mine(
    request: HttpRequest, city: Municipality, account: Account, *, wrong: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    ties, cases = queries.ties_of(account), queries.cases_of(account)
    by_code = {tie.case_id: tie for tie in ties if tie.case_id is not None}
    rows = [
        {"case": case, "standing": standing(case), "next": yours_next(case, now=now), "tie": by_code.get(case.pk)}
        for case in cases
    ]
    context = {
        "section": "me",
        "address": queries.address_of(account),
        "rows": rows,
        "waiting": sum(case.status in _WAIT_FOR_YOU for case in cases),
        "joined": [{"case": case, "standing": standing(case)} for case in queries.cases_joined_by(account)],
        "linked": [tie for tie in ties if tie.identity_id is not None],
        "networks": queries.networks_to_write_to(account),
        "word": tying.word_of(account, now=now),
        "asked": proving.asked_of(account, now=now),
        "letters": queries.subscriptions_of(account),
        "passkeys_allowed": may_use(city),
        "passkeys": account.passkeys.order_by("id"),
        "wrong": wrong,
    }
    return show(request, city, "public/me.html", context, status=status)


@require_POST
@private_page
def ask_code(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Send a code; what is said is the same for every address."""
    if not has_sign_in(city):
        raise Http404
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _out(request, city, 422, form=form)
    return _asked(request, city, "" if form.is_robots() else form.cleaned_data["email"], form=form)


@require_POST
@private_page
def ask_phone(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Send a code to a phone; what is said is the same for every number, also for one that gets none."""
    if not signing_in.can_call(city):
        raise Http404
    form = PhoneForm(request.POST, auto_id="phone_%s")
    if not form.is_valid():
        return _out(request, city, 422, phone_form=form)
    return _asked(request, city, "" if form.is_robots() else form.cleaned_data["phone"], phone_form=form)


def _asked(request: HttpRequest, city: Municipality, address: str, **forms: object) -> HttpResponse:
    if not limits.may(request, city, "me-codes", _ASKS, _WINDOW_S):
        return _out(request, city, 429, too_many=True, **forms)
    response = redirect("public:me_code")
    if address:
        language = get_language() or city.language
        remember_asking(response, signing_in.send_code(city, address, language, now=clock.now()))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def enter_code(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Take the code that came by e-mail or to a phone, in the browser that asked for it."""
    if not has_sign_in(city) and not signing_in.can_call(city):
        raise Http404
    context = {"section": "me", "digits": signing_in.CODE_DIGITS, "minutes": signing_in.CODE_LIVES.seconds // 60}
    if request.method != "POST":
        return show(request, city, "public/me_code.html", context)
    if not limits.may(request, city, "me-enters", _ENTERS, _WINDOW_S):
        return show(request, city, "public/me_code.html", {**context, "too_many": True}, status=429)
    browser, language = request.COOKIES.get(ASKED, ""), get_language() or city.language
    entered = signing_in.sign_in(city, browser, request.POST.get("code", "")[:40], language, now=clock.now())
    if entered is None:
        return show(request, city, "public/me_code.html", {**context, "wrong": True}, status=422)
    response = redirect("public:me")
    remember(response, entered[1])
    return response


@require_POST
@private_page
def sign_out(request: HttpRequest, city: Municipality) -> HttpResponse:
    """End this browser's session, or all of them. Safe to repeat."""
    account = account_from(request, city)
    if account is not None and "everywhere" in request.POST:
        signing_in.sign_out_everywhere(account)
    signing_in.sign_out(city, request.COOKIES.get(COOKIE, ""))
    response = redirect("public:me")
    forget(response)
    return response


@require_POST
@own_page
def add(request: HttpRequest, city: Municipality, account: Account) -> HttpResponse:
    """Add a case by its private code. A guessed one counts as a guess, as everywhere."""
    code = request.POST.get("code", "")[:60]
    try:
        case = case_of_code(request, city, tidy_code(code))
    except Http404:
        return _mine(request, city, account, wrong=code[:40], status=404)
    tying.tie_case(account.resident, case, now=clock.now())
    return redirect("public:me")


@require_POST
@own_page
def link(_request: HttpRequest, _city: Municipality, account: Account) -> HttpResponse:
    """Make a one-time word to be sent from an account in a network."""
    tying.new_word(account, now=clock.now())
    return redirect("public:me")


@require_POST
@own_page
def untie(_request: HttpRequest, _city: Municipality, account: Account, tie: int) -> HttpResponse:
    """Take a case or an account in a network out of one's own."""
    found = next((one for one in queries.ties_of(account) if one.pk == tie), None)
    if found is None:
        raise Http404
    tying.untie(found, now=clock.now())
    return redirect("public:me")


@require_safe
@own_page
def data(_request: HttpRequest, _city: Municipality, account: Account) -> HttpResponse:
    """Give everything that is kept of a person to that person."""
    kept = belongings_of(whose_account(account), now=clock.now())
    words = json.dumps(kept.data, ensure_ascii=False, indent=2)
    response = HttpResponse(words, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-cases.json"'
    return response


@file_page
def data_zip(request: HttpRequest, city: Municipality) -> HttpResponseBase:
    """Give the same for people to read, with their photos: a ZIP, made on the disk and sent as it is read."""
    account = account_from(request, city)
    if account is None:
        return redirect("public:me")
    if not limits.may(request, city, "me-copies", _COPIES, _WINDOW_S):
        return HttpResponse(status=429)
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
    pack(belongings_of(whose_account(account), now=clock.now()), copy, get_language() or city.language)
    size = copy.tell()
    copy.seek(0)
    response = FileResponse(copy, as_attachment=True, filename="my-cases.zip", content_type="application/zip")
    response["Content-Length"] = str(size)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def erase(request: HttpRequest, city: Municipality, account: Account) -> HttpResponse:
    """Erase the account and what was written from it, after one has read what stays."""
    if request.method != "POST" or "sure" not in request.POST:
        context = {"section": "me", "unsure": request.method == "POST"}
        return show(request, city, "public/me_erase.html", context, status=422 if request.method == "POST" else 200)
    erase_account(account, now=clock.now())
    response = show(request, city, "public/me_erased.html", {"section": "me"})
    forget(response)
    return response
