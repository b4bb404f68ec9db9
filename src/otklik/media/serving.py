"""The answer that shows a file: its own type and nothing else, in a box where no script runs."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import content_disposition_header

from otklik.media.models import Rendition, StoredFile
from otklik.media.queries import Content, content_of

DAY_S = 24 * 3600
WEEK_S = 7 * DAY_S
"""A photo that was taken off leaves the caches of others within so long; ours keep none."""


def file_response(
    request: HttpRequest, file: StoredFile, look: str, *, for_all: bool, max_age_s: int = DAY_S
) -> HttpResponseBase:
    """Show one form of a file: pictures in the page, all else to be saved. 404 where it isn't ready.

    `for_all`: anybody may keep it, for a day unless told otherwise; else only this reader's own browser, asking again.
    """
    try:
        content = content_of(file, look)
    except Rendition.DoesNotExist:
        return HttpResponse(status=404)
    return _respond(request, content, f"public, max-age={max_age_s}" if for_all else "private, no-cache")


def photo_response(request: HttpRequest, content: Content) -> HttpResponseBase:
    """Show a form of a post's photo, whose address is its digest: whoever keeps it never has to ask again."""
    response = _respond(request, content, f"public, max-age={WEEK_S}, immutable")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # readers of feeds and other sites show it too
    del response["X-Robots-Tag"]
    return response


def _respond(request: HttpRequest, content: Content, cache: str) -> HttpResponseBase:
    file = content.file
    try:
        opened = content.path.open("rb")
    except OSError:
        return HttpResponse(status=404)
    tag = f'"{content.digest[:32]}"'
    response: HttpResponseBase
    if request.headers.get("If-None-Match") == tag:
        opened.close()
        response = HttpResponseNotModified()
    else:
        response = FileResponse(opened, content_type=content.mime)
        disposition = content_disposition_header(as_attachment=not file.is_picture, filename=file.filename)
        response["Content-Disposition"] = disposition or "attachment"
        response["Content-Length"] = str(content.size)
    response["ETag"] = tag
    response["Cache-Control"] = cache
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
