"""Photos on the desk: those of the answer being written, and what is marked or said of those that residents sent.

Every button of the answer's form brings its words along, and they are saved first: nothing typed is lost for a photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.cases.enums import Outcome, PhotoSide
from otklik.cases.models import Case
from otklik.cases.services import answering, picturing
from otklik.common import clock
from otklik.desk.casescreen import find_case
from otklik.desk.doors import DeskRequest, door, go_to, wants_fragment
from otklik.desk.forms import DraftForm
from otklik.desk.inbox import show_case
from otklik.desk.uploads import Brought, sent_by
from otklik.desk.words import PROBLEMS, problem
from otklik.org.access import Access, Permission

_SAID = re.compile(r"(?:alt|waived)-([0-9]{1,18})", re.ASCII)


def take_along(access: Access, case: Case, brought: Brought) -> None:
    """Keep what an answer's form says and brings of photos. Raises ValueError with a sentence for each refused file."""
    for photo_id, alt, waived in _said(brought.data):
        if alt or waived:
            picturing.describe(access, case, photo_id, alt, waived, now=clock.now())
    sent = sent_by(brought)
    if not sent.uploads:
        return
    attached = picturing.attach(access, case, sent, now=clock.now())
    if attached.refused:
        raise ValueError(" ".join(attached.refused))


@door(Permission.CASE_DRAFT)
@require_POST
def attach(request: DeskRequest, number: int) -> HttpResponse:
    """Take photos in; each that isn't taken is told of in a sentence. Sent twice with one `deed`, it is once."""
    case = find_case(request.access, number)
    try:
        _keep_words(request, case)
        take_along(request.access, case, Brought(request.POST, request.FILES))
    except PROBLEMS as error:
        return _refused(request, number, error)
    if not request.FILES.getlist("photos"):
        return _refused(request, number, ValueError(_("no photo was chosen")))
    messages.success(request, _("The photos are here; they are checked in a moment."))
    return _back(request, number)


@door(Permission.CASE_DRAFT)
@require_POST
def change(request: DeskRequest, number: int, photo_id: int) -> HttpResponse:
    """Describe a photo, take it away, let it stand further to the front, or mark it as before or after."""
    case, now = find_case(request.access, number), clock.now()
    access, then = request.access, request.POST.get("then", "")
    try:
        _keep_words(request, case)
        match then:
            case "remove":
                picturing.remove(access, case, photo_id, now=now)
            case "first":
                picturing.put_first(access, case, photo_id, now=now)
            case "before" | "after" | "neither":
                picturing.mark_side(access, case, photo_id, _side(then), now=now)
            case _:
                alt, waived = request.POST.get(f"alt-{photo_id}", ""), request.POST.get(f"waived-{photo_id}", "")
                picturing.describe(access, case, photo_id, alt, waived, now=now)
    except PROBLEMS as error:
        return _refused(request, number, error)
    return _back(request, number)


@door(Permission.CASE_NOTE)
@require_POST
def resident_photo(request: DeskRequest, number: int, file_id: int) -> HttpResponse:
    """Say what a resident's photo shows, or mark it as before or after."""
    case, now = find_case(request.access, number), clock.now()
    then = request.POST.get("then", "")
    try:
        if "alt" in request.POST:
            picturing.describe_resident_photo(request.access, case, file_id, request.POST["alt"], now=now)
        if then in ("before", "after"):
            picturing.mark_resident_photo(request.access, case, file_id, _side(then), now=now)
    except PROBLEMS as error:
        return _refused(request, number, error)
    messages.success(request, _("Saved."))
    return _back(request, number)


def _side(then: str) -> PhotoSide:
    return PhotoSide(then) if then in PhotoSide else PhotoSide.NONE


def _keep_words(request: DeskRequest, case: Case) -> None:
    """Save the draft that stands in the same form, if anything was written."""
    if not request.POST.get("text", "").strip():
        return
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise ValueError(" ".join(str(one) for errors in form.errors.values() for one in errors))
    said = form.cleaned_data
    outcome, now = Outcome(said["outcome"]), clock.now()
    answering.write_draft(request.access, case, said["text"], outcome, now=now, seen=said["seen"])


def _said(data: Any) -> Iterator[tuple[int, str, str]]:
    """Yield what the form says of each photo that is there already."""
    ids = {int(found[1]) for name in data if (found := _SAID.fullmatch(name))}
    for photo_id in sorted(ids)[: 2 * picturing.MOST_PHOTOS]:
        yield photo_id, *(data.get(f"{name}-{photo_id}", "").strip() for name in ("alt", "waived"))


def _refused(request: DeskRequest, number: int, error: Exception) -> HttpResponse:
    case = find_case(request.access, number)
    kept = {}
    if request.POST.get("text", "").strip():
        kept = {"draft": DraftForm(request.POST)}
    return show_case(request, case, kept=kept, problem=problem(error), failed="draft" if kept else "", status=422)


def _back(request: DeskRequest, number: int) -> HttpResponse:
    if wants_fragment(request):
        return show_case(request, find_case(request.access, number))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return go_to(request, f"{reverse('desk:case', args=[number])}{query}#photos")
