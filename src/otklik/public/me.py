"""Who is signed in to the residents' site: a cookie of its own, unknown to the desk and never read by kept pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from otklik.common import clock
from otklik.org.models import Municipality
from otklik.public.doors import PlainView, private_page
from otklik.residents.models import Account
from otklik.residents.services.signing_in import CODE_LIVES, SESSION_LIVES, account_by

COOKIE = "otklik_me"
ASKED = "otklik_me_asked"
"""In the browser that asked for a code; without it the code is nothing."""

Rest = ParamSpec("Rest")
OwnView = Callable[Concatenate[HttpRequest, Municipality, Account, Rest], HttpResponse]


def account_from(request: HttpRequest, city: Municipality) -> Account | None:
    """Return whose browser this is; None without a query where nobody is signed in."""
    token = request.COOKIES.get(COOKIE, "")
    return account_by(city, token, now=clock.now()) if token else None


def own_page(view: OwnView[Rest]) -> PlainView[Rest]:
    """Make a page of a signed-in resident: kept by nobody; whoever isn't signed in is led to where one can be."""

    @private_page
    @wraps(view)
    def inner(request: HttpRequest, city: Municipality, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        account = account_from(request, city)
        if account is None:
            return redirect("public:me")
        return view(request, city, account, *args, **kwargs)

    return inner


def remember(response: HttpResponse, token: str) -> None:
    """Keep a session's token in this browser."""
    _set(response, COOKIE, token, int(SESSION_LIVES.total_seconds()), "/")
    response.delete_cookie(ASKED, path="/me/")


def remember_asking(response: HttpResponse, browser: str) -> None:
    """Keep what makes a code good in this browser alone."""
    _set(response, ASKED, browser, int(CODE_LIVES.total_seconds()), "/me/")


def forget(response: HttpResponse) -> None:
    """Take the session's token out of this browser."""
    response.delete_cookie(COOKIE, path="/")


def _set(response: HttpResponse, name: str, value: str, max_age: int, path: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=path,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
