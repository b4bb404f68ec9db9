"""Places, their import, and the routes that differ from a topic's own."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.desk.administration.forms.places import ImportForm, PlaceForm, RouteForm
from otklik.desk.administration.pages import attempt, done, own, page, press
from otklik.desk.administration.reading import places_of, routes_of
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.enums import PlaceKind
from otklik.org.models import Place, TopicRoute
from otklik.org.services import placing

managed = door(Permission.CITY_MANAGE)


@managed
def places(request: DeskRequest) -> HttpResponse:
    """List the places of one kind, by name, those that hold the words looked for."""
    asked = request.GET.get("kind", "")
    kind = PlaceKind(asked) if asked in PlaceKind.values else PlaceKind.STREET
    words = request.GET.get("q", "").strip()[:100]
    rows, more = places_of(request.access.municipality_id, kind, words, after=request.GET.get("after", ""))
    return page(
        request, "places", "places", places=rows, more=more, kind=kind.value, kinds=PlaceKind.choices, words=words
    )


@managed
def edit(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a place."""
    place = own(request, Place, pk=pk) if pk else Place(kind=PlaceKind.STREET)
    form = PlaceForm(request.access, request.POST or None, instance=place)
    if request.method == "POST" and attempt(form, lambda: placing.save_place(request.access, place)):
        return done(request, _("Saved."), "places")
    return page(request, "place", "places", form=form, place=own(request, Place, pk=pk) if pk else None)


@managed
@require_POST
def remove(request: DeskRequest, pk: int) -> HttpResponse:
    """Forget a place."""
    place = own(request, Place, pk=pk)
    words = _("%(name)s is removed.") % {"name": place.name}
    return press(request, lambda: placing.remove_place(request.access, place), words, "places")


@managed
def take_in(request: DeskRequest) -> HttpResponse:
    """Take many places at once, all or none; every bad line is named."""
    form = ImportForm(request.POST or None)
    problems: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        report = placing.import_places(request.access, form.cleaned_data["lines"])
        if not report.problems:
            words = _("Added: %(added)s. Changed: %(changed)s.") % {"added": report.added, "changed": report.changed}
            return done(request, words, "places")
        problems = report.problems
        form.add_error("lines", _("Nothing is saved yet: correct these lines and try again."))
    return page(request, "places_import", "places", form=form, problems=problems[:50], more=max(0, len(problems) - 50))


@managed
def routes(request: DeskRequest) -> HttpResponse:
    """List the exceptions, and take one more."""
    form = RouteForm(request.access, request.POST or None)

    def save() -> None:
        asked = form.cleaned_data
        placing.set_route(request.access, asked["topic"], asked["place"], asked["department"])

    if request.method == "POST" and attempt(form, save):
        return done(request, _("Saved. It holds for new messages."), "routes")
    return page(request, "routes", "routes", form=form, routes=routes_of(request.access.municipality_id))


@managed
@require_POST
def remove_route(request: DeskRequest, pk: int) -> HttpResponse:
    """Drop an exception."""
    route = own(request, TopicRoute, pk=pk)
    words = _("Removed. The topic goes where it goes elsewhere.")
    return press(request, lambda: placing.remove_route(request.access, route), words, "routes")
