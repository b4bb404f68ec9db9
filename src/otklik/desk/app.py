"""The desk as an app on a phone: its name and icons, its service worker, and the page it shows without a network.

None of them holds anything of anybody, so they are asked for without signing in.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.common import colour
from otklik.notices.enums import Matter
from otklik.org.models import Municipality
from otklik.org.queries import NoCity, municipality_for

FILES = (
    *(f"otklik/{name}" for name in ("tokens.css", "base.css", "components.css", "desk.css", "look.js", "files.js")),
    *(f"otklik/{name}" for name in ("mark.svg", "vendor/icons.svg", "vendor/icons-desk.svg")),
    *(f"otklik/vendor/golos-text-{name}.woff2" for name in ("cyrillic", "latin")),
    *(f"desk/{name}" for name in ("desk.css", "field.css", "queue.js", "field.js")),
)
"""What the field's pages are drawn with."""

ICONS = ((192, "any"), (512, "any"), (512, "maskable"))
_SCRIPT = "desk/worker.js"


@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Give the service worker; its bytes change whenever anything it keeps changes, so that browsers take it anew."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Say what the app is called, how it looks and where it starts."""
    city = _city(request)
    name = city.localised("name") if city is not None else "Otklik"
    response = JsonResponse(
        {
            "id": "/desk/",
            "name": _("%(city)s: the desk") % {"city": name},
            "short_name": name,
            "start_url": "/desk/start/",
            "scope": "/desk/",
            "display": "standalone",
            "background_color": colour.LIGHT_BACKGROUNDS[0],
            "theme_color": colour.LIGHT_BACKGROUNDS[0],
            "icons": [_icon(size, purpose) for size, purpose in ICONS],
            "shortcuts": [{"name": _("Tasks"), "url": "/desk/field/"}],
        },
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Say that there is no network, and where the kept tasks are."""
    return render(request, "desk/field/offline.html", {"city": _city(request)})


def _icon(size: int, purpose: str) -> dict[str, Any]:
    name = f"otklik/app-{size}{'-maskable' if purpose == 'maskable' else ''}.png"
    return {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _city(request: HttpRequest) -> Municipality | None:
    try:
        return municipality_for(request.get_host())
    except NoCity:
        return None


@lru_cache(maxsize=1)
def _worker() -> str:
    script = _content(_SCRIPT)
    version = hashlib.sha256(b"".join(_content(name) for name in FILES) + script).hexdigest()[:12]
    shell = [*(static(name) for name in FILES), "/theme.css", reverse("app_offline")]
    words = {code: _words(code) for code, _name in settings.LANGUAGES}
    icon = static("otklik/app-192.png")
    setup = json.dumps({"version": version, "shell": shell, "icon": icon, "words": words}, ensure_ascii=False)
    return f"const SETUP = {setup};\n{script.decode()}"


def _words(language: str) -> dict[str, Any]:
    """Return what a notice on a phone says: made there, so that nothing of it is ever sent."""
    with translation.override(language):
        matters = {matter.value: str(matter.label) for matter in Matter}
        return {
            "matters": {**matters, "try": _("It works: the city's notices come here.")},
            "something": _("There is something for you"),
            "count": _("For you"),
        }


def _content(name: str) -> bytes:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(name)
    return Path(found).read_bytes()
