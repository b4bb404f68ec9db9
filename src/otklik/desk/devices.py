"""The browsers that an official is told in by web push: kept, tried and forgotten, each by its own official only."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.common import clock
from otklik.desk.doors import DeskRequest
from otklik.desk.notices import anybody
from otklik.notices.services.pushing import add_device, forget_device, try_push
from otklik.org.errors import NotPossible

_BROWSERS = (
    ("YaBrowser", "Yandex Browser"),
    ("Edg/", "Edge"),
    ("Firefox", "Firefox"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""In this order: most of them call themselves Chrome and Safari as well."""

_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@anybody
@require_POST
def add(request: DeskRequest) -> HttpResponse:
    """Keep this browser's subscription to web push; answers to the script that asked the browser for it."""
    endpoint, p256dh, auth = (request.POST.get(name, "")[:2000] for name in ("endpoint", "p256dh", "auth"))
    name = browser_name(request.headers.get("User-Agent", ""))
    try:
        add_device(request.access, endpoint, p256dh, auth, name=name, now=clock.now())
    except NotPossible as error:
        return JsonResponse({"words": str(error)}, status=422)
    messages.success(request, _("Switched on. Choose what you are told on the phone."))
    return JsonResponse({})


@anybody
@require_POST
def forget(request: DeskRequest, device_id: int) -> HttpResponse:
    """Send nothing to one of one's own browsers any more."""
    if not forget_device(request.access, device_id):
        raise Http404
    messages.success(request, _("Switched off there."))
    return redirect("desk:choices")


@anybody
@require_POST
def try_it(request: DeskRequest) -> HttpResponse:
    """Send one's own browsers something to see that it works; what is wrong is said on the page."""
    try:
        try_push(request.access)
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Sent: look at your phone."))
    return redirect("desk:choices")


def browser_name(agent: str) -> str:
    """Return what a browser calls itself, for people; nothing where it says nothing that we know."""
    found = (next((words for mark, words in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, found))
