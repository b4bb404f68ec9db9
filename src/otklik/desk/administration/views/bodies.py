"""The bodies outside the city: who answers for what isn't the city's, and how residents reach them."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.desk.administration.forms.structure import BodyForm
from otklik.desk.administration.pages import attempt, done, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.models import OutsideBody
from otklik.org.services import directing

managed = door(Permission.CITY_MANAGE)


@managed
def bodies(request: DeskRequest) -> HttpResponse:
    """Show them all, those not offered any more too."""
    rows = OutsideBody.objects.filter(municipality=request.access.municipality_id).order_by("-is_active", "name")
    return page(request, "bodies", "bodies", bodies=list(rows))


@managed
def edit(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a body."""
    body = own(request, OutsideBody, pk=pk) if pk else OutsideBody()
    form = BodyForm(request.access, request.POST or None, instance=body)
    if request.method == "POST" and attempt(form, lambda: directing.save_body(request.access, body)):
        return done(request, _("Saved."), "bodies")
    known = own(request, OutsideBody, pk=pk) if pk else None
    return page(request, "body", "bodies", form=form, body=known)


@managed
@require_POST
def close(request: DeskRequest, pk: int) -> HttpResponse:
    """Offer a body no more."""
    body = own(request, OutsideBody, pk=pk)
    words = _("%(name)s is not offered any more.") % {"name": body}
    return press(request, lambda: directing.close_body(request.access, body), words, "bodies")


@managed
@require_POST
def reopen(request: DeskRequest, pk: int) -> HttpResponse:
    """Offer a body again."""
    body = own(request, OutsideBody, pk=pk)
    words = _("%(name)s is offered again.") % {"name": body}
    return press(request, lambda: directing.reopen_body(request.access, body), words, "bodies")
