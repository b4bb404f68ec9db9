"""What every view of the residents' site goes through: which city, its clock, and who may keep the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from otklik.org.models import Municipality
from otklik.org.queries import NoCity, municipality_for
from otklik.public.limits import TooManyGuesses

SHARED = "public, s-maxage=10"
"""For the gate (gate/pages.py): right for ten seconds where nothing is written, for one where something is."""

Rest = ParamSpec("Rest")
CityView = Callable[Concatenate[HttpRequest, Municipality, Rest], HttpResponse]
PlainView = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
PlainFile = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]


def cached_page(view: CityView[Rest]) -> PlainView[Rest]:
    """Make an anonymous page that the gate may keep: read-only, no session, no form, no cookie set.

    The cache's key is the host, the path with its query, and the language (common.language.preferred).
    """
    inner = require_safe(_in_city(view))

    @wraps(inner)
    def door(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        response = inner(request, *args, **kwargs)
        if response.status_code == 200:
            response["Cache-Control"] = SHARED
            patch_vary_headers(response, ["Cookie"])
        return response

    return door


def private_page(view: CityView[Rest]) -> PlainView[Rest]:
    """Make a page with a form or a private code: nobody keeps it, and search engines don't list it."""
    inner = _in_city(view)

    @wraps(inner)
    def door(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            response = inner(request, *args, **kwargs)
        except TooManyGuesses:
            response = render(request, "public/too_many.html", status=429)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return door


def from_our_pages(request: HttpRequest) -> bool:
    """Whether a form was sent from our own page, by what the browser says of it (Sec-Fetch-Site, else Origin).

    For forms on pages that are kept for everybody: a token in them would be the same for everybody too.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()


def file_page(view: Callable[Concatenate[HttpRequest, Municipality, Rest], HttpResponseBase]) -> PlainFile[Rest]:
    """Make the address of a file: read-only, in the city's name; the view says who may keep it."""

    @require_safe
    @wraps(view)
    def door(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        try:
            city = municipality_for(request.get_host().rpartition(":")[0] or request.get_host())
        except NoCity:
            return HttpResponse(status=404)
        return view(request, city, *args, **kwargs)

    return door


def _in_city(view: CityView[Rest]) -> PlainView[Rest]:
    @wraps(view)
    def inner(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            city = municipality_for(request.get_host().rpartition(":")[0] or request.get_host())
        except NoCity:
            return render(request, "public/no_city.html", status=503)
        with timezone.override(ZoneInfo(city.timezone)):
            return view(request, city, *args, **kwargs)

    return inner


def absolute(path: str) -> str:
    """Return a page's address as others follow it."""
    return f"{settings.ENVIRONMENT.public_url}{path}"


def show(
    request: HttpRequest, city: Municipality, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page of the city, with its address for people who share it."""
    shared = {"city": city, "address": absolute(request.path)}
    return render(request, template, {**shared, **(context or {})}, status=status)
