"""What anybody can check: whether words are the head's, what a post said before, and the proof of it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from otklik.org.models import Municipality
from otklik.posts import verifying
from otklik.posts.models import Revision
from otklik.posts.queries import revisions_of
from otklik.posts.quoting import differences
from otklik.proof.models import Log
from otklik.proof.queries import consistency, key_document, proof_of
from otklik.public import limits
from otklik.public.doors import absolute, cached_page, private_page, show
from otklik.public.views.posts import any_post_or_404

LOOKS, LOOKS_WINDOW_S = 60, 600
"""So many texts from one address in ten minutes: each costs some milliseconds of comparing."""


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def verify(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say whether a pasted link, quote or text of a screenshot is genuine."""
    pasted = (request.POST.get("text") or request.GET.get("text") or "").strip()
    if not pasted:
        return show(request, city, "public/verify.html", {"asked": request.method == "POST"})
    if not limits.may(request, city, "verify", LOOKS, LOOKS_WINDOW_S):
        return show(request, city, "public/verify.html", {"pasted": pasted, "too_many": True}, status=429)
    answer = verifying.look_up(city.pk, pasted)
    context = {"pasted": pasted, "answer": answer, "cut": len(pasted) > verifying.LONGEST}
    return show(request, city, "public/verify.html", context)


@cached_page
def history(request: HttpRequest, city: Municipality, slug: str) -> HttpResponse:
    """Show every revision of a post, newest first, with what changed from the one before."""
    post = any_post_or_404(city, slug)
    revisions = revisions_of(post)
    before: Mapping[int, Revision] = {one.number + 1: one for one in revisions}
    rows = [
        {"revision": one, "pieces": _changes(before[one.number], one) if one.number in before else ()}
        for one in revisions
    ]
    return show(request, city, "public/history.html", {"section": "news", "post": post, "rows": rows})


@cached_page
def as_json(_request: HttpRequest, city: Municipality, slug: str) -> HttpResponse:
    """Give the signed statement of a post's newest revision, and its place in the log."""
    return _proof(revisions_of(any_post_or_404(city, slug))[0])


@cached_page
def revision_json(_request: HttpRequest, city: Municipality, slug: str, number: int) -> HttpResponse:
    """Give the signed statement of one revision, and its place in the log."""
    found = [one for one in revisions_of(any_post_or_404(city, slug)) if one.number == number]
    if not found:
        raise Http404
    return _proof(found[0])


@cached_page
def keys(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Give the city's keys."""
    return _json(key_document(city, absolute("")))


@cached_page
def log_head(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Give the newest signed head of the log, for witnesses."""
    log = _log_or_404(city)
    return HttpResponse(log.head, content_type="text/plain; charset=utf-8")


@cached_page
def log_consistency(_request: HttpRequest, city: Municipality, size: int) -> HttpResponse:
    """Prove that the log of `size` statements is the beginning of today's."""
    log = _log_or_404(city)
    try:
        path = consistency(log, size)
    except ValueError as error:
        raise Http404 from error
    return _json({"from": size, "path": path, "checkpoint": log.head})


def _log_or_404(city: Municipality) -> Log:
    try:
        return Log.objects.exclude(head="").get(municipality=city)
    except Log.DoesNotExist as error:
        raise Http404 from error


def _proof(revision: Revision) -> HttpResponse:
    proof = proof_of(revision.entry) if revision.entry is not None else None
    if proof is None:
        return JsonResponse({"error": "this revision is older than the city's signing, or was erased"}, status=404)
    return _json(proof)


def _json(body: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def _changes(old: Revision, new: Revision) -> list[Any]:
    return differences(f"{old.title}\n{old.text}", f"{new.title}\n{new.text}")
