"""The small pages: how it works, the language, the city's colours, what search engines may read."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from otklik.common import colour
from otklik.common.language import SUPPORTED
from otklik.org.models import Municipality
from otklik.public.doors import cached_page, private_page, show

_SITEMAPS = ("sitemap", "news_sitemap")
YEAR_S = 365 * 24 * 3600


@cached_page
def about(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say how it works, what is public and what is not."""
    return show(request, city, "public/about.html", {"section": "about"})


@require_safe
@private_page
def choose_language(request: HttpRequest, _city: Municipality) -> HttpResponse:
    """Keep the reader's language in a cookie and go back to the page it was chosen on."""
    to, back = request.GET.get("to", ""), request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    if to in SUPPORTED:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            to,
            max_age=YEAR_S,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


@cached_page
def theme(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Give the city's colours, made readable."""
    try:
        sheet = colour.stylesheet(city.accent)
    except ValueError:
        sheet = ""  # not a colour: the tokens' own accent stays
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@cached_page
def robots(_request: HttpRequest, _city: Municipality) -> HttpResponse:
    """Keep search engines to what is meant for everybody."""
    closed = ["/case/", "/sent/", "/write/", "/lang/", "/desk/", "/hooks/", "/posts/*/comment/", "/letters/", "/me/"]
    closed += ["/hidden/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    maps = [f"Sitemap: {settings.ENVIRONMENT.public_url}{reverse(f'public:{name}')}" for name in _SITEMAPS]
    lines += ["", *maps]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
