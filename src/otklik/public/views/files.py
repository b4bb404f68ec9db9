"""Files as residents see them: those that everybody may see, and those of one's own case."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from otklik.cases.files import file_for_all, file_for_resident
from otklik.media.models import StoredFile
from otklik.media.serving import file_response
from otklik.org.models import Municipality
from otklik.public.codes import case_of_code
from otklik.public.doors import file_page
from otklik.public.limits import TooManyGuesses


@file_page
def public_file(request: HttpRequest, city: Municipality, key: str, look: str) -> HttpResponseBase:
    """Show a file of public words."""
    try:
        file = file_for_all(city.pk, key)
    except StoredFile.DoesNotExist as error:
        raise Http404 from error
    return file_response(request, file, look, for_all=True)


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
