"""Who else is here: a page says what it shows and whether somebody types, and asks about what it shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, JsonResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from otklik.cases.presences import PresenceAt
from otklik.cases.services.attending import MOST, There, attend, leave, others_at
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission

_STATES = ("looking", "typing", "gone")


@door(Permission.CASE_VIEW, Permission.MESSAGE_SORT)
@require_POST
def here(request: DeskRequest) -> JsonResponse:
    """Hear that somebody looks at something, types there, or left; tells who else is there."""
    at, ref, state = _place(request.POST), request.POST.get("ref", ""), request.POST.get("state", "")
    if not _is_id(ref) or state not in _STATES:
        raise Http404
    now = clock.now()
    if state == "gone":
        leave(request.access, at, int(ref), now=now)
        return JsonResponse({})
    if not attend(request.access, at, int(ref), typing=state == "typing", now=now):
        raise Http404
    return _told(others_at(request.access, at, [int(ref)], now=now), now)


@door(Permission.CASE_VIEW, Permission.MESSAGE_SORT)
@require_safe
def others(request: DeskRequest) -> JsonResponse:
    """Tell who else is at each of the places that a page shows."""
    refs = [int(ref) for ref in request.GET.getlist("ref")[:MOST] if _is_id(ref)]
    now = clock.now()
    return _told(others_at(request.access, _place(request.GET), refs, now=now), now)


def _place(asked: Mapping[str, Any]) -> PresenceAt:
    try:
        return PresenceAt(str(asked.get("at", "")))
    except ValueError as error:
        raise Http404 from error


def _is_id(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 19


def _told(found: Mapping[int, Collection[There]], now: datetime) -> JsonResponse:
    return JsonResponse(
        {
            str(ref): {
                "words": words(people),
                "typing": any(one.is_typing for one in people),
                "for_s": max(1, int(min((one.until - now).total_seconds() for one in people)) + 1),
            }
            for ref, people in found.items()
        }
    )


def words(people: Collection[There]) -> str:
    """Say who is there, and who types: two names at most."""
    writing = [one.name for one in people if one.is_typing]
    named = (writing or [one.name for one in people])[:2]
    more = len(writing or people) - len(named)
    names = ", ".join(named)
    if more:
        rest = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
        names = f"{names} {rest}"
    if writing:
        return ngettext("%(names)s is writing here", "%(names)s are writing here", len(writing)) % {"names": names}
    return ngettext("%(names)s is looking at this", "%(names)s are looking at this", len(people)) % {"names": names}
