"""Files on the desk: seen by whoever may read the words that they came with."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from otklik.cases.files import file_for
from otklik.desk.doors import DeskRequest, door
from otklik.media.models import StoredFile
from otklik.media.serving import file_response
from otklik.org.access import Permission


@door(Permission.CASE_VIEW, Permission.POST_PUBLISH)
@require_safe
def file(request: DeskRequest, key: str, look: str) -> HttpResponseBase:
    """Show a file of a conversation that this official may read, or one of their own, such as a draft's photo."""
    try:
        found = file_for(request.access, key)
    except StoredFile.DoesNotExist as error:
        raise Http404 from error
    return file_response(request, found, look, for_all=False)
