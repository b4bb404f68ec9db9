"""The one door of every desk screen: signed in, active, and allowed. Deny by default.

    @door(Permission.CASE_VIEW)
    def inbox(request: DeskRequest) -> HttpResponse: ...

A test walks all addresses under /desk/ and refuses a view that isn't behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from otklik.org.access import Access, Permission, Refused, access_of
from otklik.org.models import Official

if TYPE_CHECKING:
    from otklik.desk.standing import Standing

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request of a signed-in official, as the door hands it on."""

    access: Access
    standing: Standing | None
    """What is there for this person, once a page has asked (desk.standing)."""
    htmx: HtmxDetails


View = Callable[Concatenate[DeskRequest, P], HttpResponseBase]


def door(*anyone_with: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Let in officials who hold any of these permissions somewhere; the view sees `request.access`.

    Anonymous, inactive and (outside the demo) demo accounts go to the sign-in page, others without the permission get
    403, and so does a Refused that the view lets through. The page is in the official's language and the city's time.
    """
    if not anyone_with:
        raise TypeError("a door needs at least one permission")

    def wrap(view: View[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            official = signed_in(request)
            if official is None:
                return _to_sign_in(request)
            access = access_of(official)
            if not any(access.holds(permission) for permission in anyone_with):
                raise PermissionDenied
            return _inside(view, _with_access(request, access), *args, **kwargs)

        guarded.door = anyone_with  # type: ignore[attr-defined]  # read by the test that walks the addresses
        return guarded

    return wrap


def signed_in(request: HttpRequest) -> Official | None:
    """Return the official behind a request; None for anybody who may not use the desk at all."""
    user = get_user(request)
    if not isinstance(user, Official) or not user.is_active:
        return None
    if user.is_demo and not settings.ENVIRONMENT.demo:
        return None
    return user


def language_of(request: HttpRequest, official: Official) -> str:
    """Return what this browser was switched to, else the official's own language."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = dict(settings.LANGUAGES)
    return next((code for code in (chosen, official.language) if code in known), settings.LANGUAGE_CODE)


def _with_access(request: HttpRequest, access: Access) -> DeskRequest:
    desk = cast("DeskRequest", request)
    desk.access, desk.user, desk.standing = access, access.official, None
    return desk


def _inside(view: View[P], request: DeskRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    language = language_of(request, request.access.official)
    city = request.access.official.municipality
    with translation.override(language), timezone.override(ZoneInfo(city.timezone)):
        request.LANGUAGE_CODE = language
        try:
            response = view(request, *args, **kwargs)
        except Refused as error:
            raise PermissionDenied from error
    response.headers.setdefault("Content-Language", language)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(settings.LOGIN_URL)
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


def wants_fragment(request: DeskRequest) -> bool:
    """Return whether only the changed part of the page is asked for (not when the browser goes back)."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def go_to(request: DeskRequest, url: str) -> HttpResponse:
    """Send the browser to another page, also when it asked for a fragment."""
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)
