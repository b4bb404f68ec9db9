"""Passkeys: the only part of a resident's account that needs a script, as browsers give them to scripts alone."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public import limits
from otklik.public.doors import private_page
from otklik.public.me import own_page, remember
from otklik.residents.enums import Method
from otklik.residents.models import Account
from otklik.residents.queries import address_of
from otklik.residents.services import passkeys
from otklik.residents.services.signing_in import methods_of

_TRIES, _WINDOW_S = 30, 3600
_LONGEST = 20_000


def may_use(city: Municipality) -> bool:
    """Return whether the jurisdiction lets residents sign in by a passkey."""
    return Method.PASSKEY in methods_of(city)


@require_POST
@own_page
def ask_to_add(request: HttpRequest, city: Municipality, account: Account) -> HttpResponse:
    """Say what the browser needs in order to make a passkey."""
    site = _site(request, city)
    options, browser = passkeys.ask_to_add(site, account, address_of(account), now=clock.now())
    return JsonResponse({"options": options, "browser": browser})


@require_POST
@own_page
def add(request: HttpRequest, city: Municipality, account: Account) -> HttpResponse:
    """Keep a passkey that the browser has made."""
    site, said, now = _site(request, city), _said(request), clock.now()
    try:
        passkeys.add(site, account, said["browser"], said["answer"], _name(request), now=now)
    except passkeys.NotProved:
        return _refused()
    return JsonResponse({"to": "/me/"})


@require_POST
@private_page
def ask_to_sign_in(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Ask for any passkey of this address; nobody learns who has one."""
    site = _site(request, city)
    if not limits.may(request, city, "me-passkeys", _TRIES, _WINDOW_S):
        return JsonResponse({"error": _("Too many tries: wait an hour.")}, status=429)
    options, browser = passkeys.ask_to_sign_in(site, now=clock.now())
    return JsonResponse({"options": options, "browser": browser})


@require_POST
@private_page
def sign_in(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Sign in by what the passkey has signed."""
    site, said = _site(request, city), _said(request)
    try:
        _account, token = passkeys.sign_in(site, said["browser"], said["answer"], now=clock.now())
    except passkeys.NotProved:
        return _refused()
    response = JsonResponse({"to": "/me/"})
    remember(response, token)
    return response


@require_POST
@own_page
def remove(_request: HttpRequest, _city: Municipality, account: Account, passkey: int) -> HttpResponse:
    """Forget a passkey."""
    if not passkeys.remove(account, passkey):
        raise Http404
    return redirect("public:me")


def _site(request: HttpRequest, city: Municipality) -> passkeys.Site:
    if not may_use(city):
        raise Http404
    return passkeys.Site(city, f"{request.scheme}://{request.get_host()}")


def _said(request: HttpRequest) -> dict[str, Any]:
    """Return the browser's JSON; what has another shape proves nothing further on."""
    try:
        said = json.loads(request.body[:_LONGEST])
    except ValueError:
        said = {}
    given = said if isinstance(said, dict) else {}
    answer = given.get("answer")
    return {"browser": str(given.get("browser", "")), "answer": answer if isinstance(answer, dict) else {}}


def _name(request: HttpRequest) -> str:
    """Return by what a person knows a passkey again: the system it was made on, as the browser names it."""
    agent = request.headers.get("User-Agent", "")
    systems = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
    return next((name for name in systems if name in agent), "?")


def _refused() -> HttpResponse:
    return JsonResponse({"error": _("The passkey didn't fit. Try again, or ask for a code by e-mail.")}, status=422)
