"""Writing a post on the desk: what is typed is kept, photos are taken in one by one, ordered, cut and described.

Every button of the form brings its words along, so nothing typed is lost for a photo; a script does the same between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from otklik.common import clock
from otklik.desk.doors import DeskRequest, door, go_to, wants_fragment
from otklik.media.services.keeping import NotTaken
from otklik.org.access import Permission
from otklik.org.errors import NotPossible
from otklik.posts.drafts import draft_by_key, photos_of_draft
from otklik.posts.models import DraftPhoto, PostDraft, Rubric
from otklik.posts.services import drafting
from otklik.posts.services.drafting import Caption, DraftOvertaken, Typed, Upload
from otklik.posts.services.picturing import MOST_PHOTOS, Picture

_PHOTO = re.compile(r"alt-([0-9]{1,18})", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)
_STEPS = {"earlier": -1, "later": 1}


def typed_in(data: Any) -> Typed:
    """Return what stands in the form of a post, whole or not."""
    ids = sorted({int(found[1]) for name in data if (found := _PHOTO.fullmatch(name))})[: 2 * MOST_PHOTOS]
    rubric = data.get("rubric", "")
    return Typed(
        title=" ".join(data.get("title", "").split()),
        text=data.get("text", "").replace("\r\n", "\n"),
        rubric=Rubric(rubric) if rubric in Rubric.values else Rubric.TOWN,
        captions={pk: _caption(data, pk) for pk in ids},
    )


def _caption(data: Any, pk: int) -> Caption:
    said = {name: " ".join(data.get(f"{name}-{pk}", "").split()) for name in ("alt", "waived", "consent")}
    return Caption(said["alt"], said["waived"], f"children-{pk}" in data, said["consent"])


def keep_typed(request: DeskRequest, key: UUID) -> PostDraft:
    """Keep what the form says under its key. Raises DraftOvertaken, NotPossible."""
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else 0
    return drafting.keep_words(request.access, key, typed_in(request.POST), seen=version, now=clock.now())


def pictures_of(draft: PostDraft | None) -> tuple[Picture, ...]:
    """Return what a draft is to show; nothing for no draft."""
    return drafting.pictures_of_draft(draft) if draft is not None else ()


def tray_of(draft: PostDraft | None) -> Mapping[str, Any]:
    """Return what the form shows of a draft's photos. Two queries."""
    photos = photos_of_draft(draft) if draft is not None else []
    return {
        "photos": photos,
        "taken_out": photos_of_draft(draft, removed=True) if draft is not None else [],
        "waits": any(photo.file.state == "waiting" for photo in photos),
        "most": MOST_PHOTOS,
    }


@door(Permission.POST_PUBLISH)
@require_POST
def keep(request: DeskRequest, key: UUID) -> HttpResponse:
    """Keep what was typed so far; says which version it is now, or what stands there where another device was first."""
    try:
        draft = keep_typed(request, key)
    except DraftOvertaken as error:
        now = error.draft
        theirs = {"title": now.title, "text": now.text, "rubric": now.rubric, "version": now.version}
        return JsonResponse(theirs, status=409)
    except NotPossible as error:
        return JsonResponse({"error": str(error)}, status=410)
    if wants_fragment(request):
        return JsonResponse({"version": draft.version})
    return go_to(request, _address(key))


@door(Permission.POST_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: DeskRequest, key: UUID) -> HttpResponse:
    """Take photos in, each once by its `part`; those that aren't taken stop no others. GET: how they stand now."""
    request.access.require(Permission.POST_PUBLISH)
    if request.method != "POST":
        return _tray(request, key)
    refused: list[str] = []
    try:
        if "title" in request.POST:
            keep_typed(request, key)
        part = request.POST.get("part", "")
        for number, file in enumerate(request.FILES.getlist("photos")):
            name = f"{part}-{number}" if _PART.fullmatch(part) else ""
            try:
                upload = Upload(file.name or "", file.chunks(), (name or f"{file.name}-{file.size}")[-40:])
                drafting.add_photo(request.access, key, upload, now=clock.now())
            except NotTaken as error:
                refused.append(str(error))
    except DraftOvertaken:
        refused.append(_("The draft was changed on another device meanwhile: look at it first."))
    except NotPossible as error:
        refused.append(str(error))
    return _answer(request, key, refused)


@door(Permission.POST_PUBLISH)
@require_POST
def photo(request: DeskRequest, key: UUID, photo_id: int) -> HttpResponse:
    """Move a photo, cut it, take it out or bring it back."""
    request.access.require(Permission.POST_PUBLISH)
    draft = _draft_or_404(request, key)
    found = DraftPhoto.objects.filter(draft=draft, pk=photo_id).select_related("file", "source", "draft").first()
    if found is None:
        raise Http404
    then, now, refused = request.POST.get("then", ""), clock.now(), []
    try:
        if "title" in request.POST:
            keep_typed(request, key)
        match then:
            case "earlier" | "later":
                drafting.move(request.access, draft, found, _STEPS[then])
            case "order":
                drafting.put_in_order(request.access, draft, _ids(request.POST.get("order", "")))
            case "cut":
                drafting.cut(request.access, found, _area(request.POST.get("area", "")), now=now)
            case "whole":
                drafting.cut(request.access, found, None, now=now)
            case "take_out":
                drafting.take_out(request.access, found, now=now)
            case "bring_back":
                drafting.bring_back(request.access, found)
    except DraftOvertaken:
        refused.append(_("The draft was changed on another device meanwhile: look at it first."))
    except (ValueError, NotPossible) as error:  # NotTaken is a ValueError too
        refused.append(str(error))
    return _answer(request, key, refused)


@door(Permission.POST_PUBLISH)
@require_POST
def drop(request: DeskRequest, key: UUID) -> HttpResponse:
    """Throw a draft away."""
    drafting.drop(request.access, _draft_or_404(request, key))
    messages.success(request, _("The draft is thrown away."))
    return go_to(request, reverse("desk:posts"))


def _draft_or_404(request: DeskRequest, key: UUID) -> PostDraft:
    draft = draft_by_key(request.access, key)
    if draft is None:
        raise Http404
    return draft


def _answer(request: DeskRequest, key: UUID, refused: list[str]) -> HttpResponse:
    if wants_fragment(request):
        return _tray(request, key, refused, status=422 if refused else 200)
    for sentence in refused:
        messages.error(request, sentence)
    return go_to(request, f"{_address(key)}#photos")


def _tray(request: DeskRequest, key: UUID, refused: list[str] | None = None, *, status: int = 200) -> HttpResponse:
    context = {"key": key, "refused": refused or [], **tray_of(draft_by_key(request.access, key))}
    return render(request, "desk/posts/tray.html", context, status=status)


def _address(key: UUID) -> str:
    return f"{reverse('desk:post_new')}?{urlencode({'draft': str(key)})}"


def _ids(text: str) -> list[int]:
    return [int(one) for one in text.split(",")[: 2 * MOST_PHOTOS] if one.isdecimal() and len(one) < 19]


def _area(text: str) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of `0.1,0.2,0.9,1`. Raises ValueError for anything else."""
    try:
        left, top, right, bottom = (float(one) for one in text.split(","))
    except ValueError as error:
        raise ValueError(_("what is cut out lies inside the photo and has some size")) from error
    return left, top, right, bottom
