"""Clearing one photo for everybody: large, with what is to be covered, in words, and as everybody would see it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case
from otklik.cases.publicity import Showable, photos_to_clear
from otklik.cases.services.unveiling import Unveiling, preview, show_photo, take_off
from otklik.common import clock
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.words import PROBLEMS, problem
from otklik.media.drawing import Area
from otklik.media.models import StoredFile
from otklik.media.services.covering import MOST_AREAS
from otklik.org.access import Permission

_NAMES = ("left", "top", "width", "height")
_SHARE = 100.0
_ROUNDED = 1.002


@dataclass(frozen=True, slots=True)
class Row:
    """An area to cover as it is typed: percent of the picture's width and height."""

    left: str = ""
    top: str = ""
    width: str = ""
    height: str = ""


@door(Permission.CASE_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: DeskRequest, number: int, source_id: int) -> HttpResponse:
    """Show a photo large; look at it with areas covered, show it to everybody, or take it off again."""
    case = find_case(request.access, number)
    request.access.require(Permission.CASE_PUBLISH, case.department_id)
    photos = photos_to_clear(case)
    wanted = next((one for one in photos if one.file.pk == source_id), None)
    if wanted is None:
        raise Http404
    if request.method != "POST":
        return _page(request, case, photos, wanted, _begun(wanted))
    typed = {"alt": request.POST.get("alt", "").strip(), "rows": _rows(request.POST)}
    try:
        return _acted(request, case, photos, wanted, typed)
    except PROBLEMS as error:
        return _page(request, case, photos, wanted, {**typed, "problem": problem(error)}, status=422)


def _acted(
    request: DeskRequest, case: Case, photos: list[Showable], wanted: Showable, typed: dict[str, Any]
) -> HttpResponse:
    now, then = clock.now(), request.POST.get("then", "")
    if then == "off":
        why = request.POST.get("why", "")
        if why not in Withdrawal:
            raise ValueError(_("say why it goes"))
        take_off(request.access, case, wanted.file.pk, Withdrawal(why), now=now)
        messages.success(request, _("The photo is off the public page."))
        return go_to(request, reverse("desk:showing", args=[case.number]))
    unveiling = Unveiling(wanted.file.pk, typed["alt"], areas_of(typed["rows"]))
    if then != "show":
        made = preview(request.access, case, unveiling, now=now)
        return _page(request, case, photos, wanted, {**typed, "seen": made})
    show_photo(request.access, case, unveiling, now=now)
    if case.is_public:
        messages.success(request, _("Everybody can see this photo now."))
    else:
        messages.success(request, _("The photo is cleared: everybody sees it once the words are shown."))
    return go_to(request, _next(case, photos, wanted))


def areas_of(rows: Sequence[Row]) -> tuple[Area, ...]:
    """Return the areas that were typed, as shares of the sides. Raises ValueError for what is no number."""
    found = []
    for row in rows:
        try:
            left, top, width, height = (float(getattr(row, name).replace(",", ".")) / _SHARE for name in _NAMES)
        except ValueError as error:
            raise ValueError(_("an area needs four numbers: from the left, from the top, width and height")) from error
        right, bottom = left + width, top + height
        if not all(map(math.isfinite, (left, top, right, bottom))):
            raise ValueError(_("an area to cover lies inside the photo and has some size"))
        found.append((left, top, _to_edge(right), _to_edge(bottom)))
    return tuple(found)


def _to_edge(share: float) -> float:
    """Return the edge for what lies beyond it by a rounding of typed tenths only."""
    return 1.0 if 1.0 < share <= _ROUNDED else share


def _rows(posted: QueryDict) -> list[Row]:
    columns = [posted.getlist(name)[: MOST_AREAS + 1] for name in _NAMES]
    rows = [Row(*(one.strip()[:12] for one in four)) for four in zip(*columns, strict=False)]
    return [row for row in rows if any(getattr(row, name) for name in _NAMES)]


def _begun(wanted: Showable) -> dict[str, Any]:
    shown = wanted.shown
    if shown is None or shown.withdrawn_at is not None:
        return {"alt": wanted.alt, "rows": []}
    rows = [Row(*(f"{value * _SHARE:g}" for value in (a[0], a[1], a[2] - a[0], a[3] - a[1]))) for a in shown.areas]
    return {"alt": shown.alt, "rows": rows, "seen": shown.file}


def _next(case: Case, photos: list[Showable], wanted: Showable) -> str:
    """Return the next photo that nobody has cleared yet; the words' page once there is none."""
    left = [one for one in photos if one.shown is None and one.file.pk != wanted.file.pk]
    if not left:
        return reverse("desk:showing", args=[case.number])
    return reverse("desk:showing_photo", args=[case.number, left[0].file.pk])


def _page(
    request: DeskRequest,
    case: Case,
    photos: list[Showable],
    wanted: Showable,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    seen: StoredFile | None = context.get("seen")
    shared = {
        "case": case,
        "city": case.municipality,
        "photo": wanted,
        "place": [one.file.pk for one in photos].index(wanted.file.pk) + 1,
        "photos": photos,
        "drawn": seen,
        "withdrawals": Withdrawal.choices,
        "blank": Row(),
    }
    return render(request, "desk/showing_photo.html", {**shared, **context}, status=status)
