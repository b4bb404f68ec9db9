"""Files as residents see them: those that everybody may see, and those of one's own case."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from otklik.cases import publicity
from otklik.cases.files import file_for_all, file_for_resident
from otklik.cases.photos import ShownPhoto
from otklik.media.addresses import digest_of, photo_path
from otklik.media.models import StoredFile
from otklik.media.serving import file_response, photo_response
from otklik.org.models import Municipality
from otklik.posts.photos import public_content, was_public
from otklik.public.codes import case_of_code
from otklik.public.doors import file_page
from otklik.public.limits import TooManyGuesses

SHOWN_S = 300
"""Browsers keep a cleared photo no longer than this: it may be taken off."""


@file_page
def public_file(request: HttpRequest, city: Municipality, key: str, look: str) -> HttpResponseBase:
    """Show a file of public words."""
    try:
        file = file_for_all(city.pk, key)
    except StoredFile.DoesNotExist as error:
        raise Http404 from error
    return file_response(request, file, look, for_all=True)


@file_page
def shown_photo(request: HttpRequest, city: Municipality, key: str, look: str) -> HttpResponseBase:
    """Show a photo that an operator cleared; of one that was taken off, say that it is gone."""
    try:
        shown = publicity.shown_photo(city.pk, key)
    except ShownPhoto.DoesNotExist as error:
        if publicity.was_shown(city.pk, key):
            return HttpResponse(status=410)
        raise Http404 from error
    if shown.file is None:
        raise Http404
    return file_response(request, shown.file, look, for_all=True, max_age_s=SHOWN_S)


@file_page
def post_photo(request: HttpRequest, city: Municipality, name: str) -> HttpResponseBase:
    """Show a form of a photo that a post shows now; of one that no post shows any more, say that it is gone."""
    digest = digest_of(name)
    content = public_content(city.pk, digest) if digest else None
    if content is not None and photo_path(digest, content.mime).endswith(name):
        return photo_response(request, content)
    if digest and was_public(city.pk, digest):
        return HttpResponse(status=410)
    raise Http404


@file_page
def own_file(request: HttpRequest, city: Municipality, code: str, key: str, look: str) -> HttpResponseBase:
    """Show a file to whoever has the private code of its case."""
    try:
        file = file_for_resident(case_of_code(request, city, code), key)
    except TooManyGuesses:
        return HttpResponse(status=429)
    except StoredFile.DoesNotExist as error:
        raise Http404 from error
    return file_response(request, file, look, for_all=False)
