"""The places a city knows: districts and streets with the names people use, who owns them, and exceptions."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.enums import PlaceKind
from otklik.org.errors import NotPossible
from otklik.org.models import Department, Place, Topic, TopicRoute
from otklik.org.services.auditing import audit, ours, save_audited

MAX_LINES = 5_000


@transaction.atomic
def save_place(access: Access, place: Place) -> Place:
    """Save a place. Raises NotPossible for a place inside a street or a second of the same name, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, place, place.parent, place.owner)
    if place.parent and (place.parent.kind != PlaceKind.DISTRICT or place.kind == PlaceKind.DISTRICT):
        raise NotPossible(_("Streets and landmarks lie in districts, districts in nothing."), field="parent")
    return save_audited(access, place, "place", taken="name")


@transaction.atomic
def remove_place(access: Access, place: Place) -> None:
    """Forget a place, with its routes; what lay in it stays without a district. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, place)
    audit(access, "place.removed", place.name, kind=place.kind)
    place.delete()


@transaction.atomic
def set_route(access: Access, topic: Topic, place: Place, department: Department) -> TopicRoute:
    """Send a topic in a place to a department; an earlier rule for both is replaced. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, topic, place, department)
    route, was_new = TopicRoute.objects.update_or_create(
        municipality_id=access.municipality_id, topic=topic, place=place, defaults={"department": department}
    )
    audit(access, "route.added" if was_new else "route.changed", f"{topic.code} · {place.name}", to=department.code)
    return route


@transaction.atomic
def remove_route(access: Access, route: TopicRoute) -> None:
    """Let a topic go where it goes elsewhere. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, route)
    audit(access, "route.removed", f"{route.topic.code} · {route.place.name}", was=route.department.code)
    route.delete()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an import, checked: what the place will be."""

    number: int
    kind: PlaceKind
    name: str
    district: str
    aliases: list[str]
    owner: Department | None
    middle: tuple[float, float] | None


@dataclass(slots=True)
class ImportReport:
    """What an import did, or why it did nothing."""

    added: int = 0
    changed: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def import_places(access: Access, text: str) -> ImportReport:
    """Take places from lines of `kind; name; district; other names; department; latitude; longitude`, all or none.

    Tabs, semicolons or commas part the columns, | the other names; kinds and departments go by their codes. A place
    that is known by kind and name is changed. With any problem nothing is saved and every bad line is named. Raises
    Refused.
    """
    access.require(Permission.CITY_MANAGE)
    report = ImportReport()
    lines = _read(access, text, report)
    if report.problems:
        return report
    known = {(place.kind, place.name): place for place in Place.objects.filter(municipality=access.municipality_id)}
    # Districts first: a street may name one that comes later in the text.
    for line in sorted(lines, key=lambda line: line.kind != PlaceKind.DISTRICT):
        district = known.get((PlaceKind.DISTRICT, line.district)) if line.district else None
        if line.district and district is None:
            report.problems.append((line.number, _("district “%(name)s” is not known") % {"name": line.district}))
            continue
        key = (line.kind.value, line.name)
        place = known.get(key) or Place(municipality_id=access.municipality_id, kind=line.kind, name=line.name)
        report.changed, report.added = report.changed + bool(place.pk), report.added + (not place.pk)
        place.parent, place.aliases, place.owner = district, line.aliases, line.owner
        if line.middle is not None:
            place.lat, place.lon = line.middle
        place.save()
        known[key] = place
    if report.problems:
        report.added = report.changed = 0
        report.problems.sort()
        transaction.set_rollback(True)
        return report
    audit(access, "places.imported", "", added=report.added, changed=report.changed)
    return report


def _read(access: Access, text: str, report: ImportReport) -> list[Line]:
    departments = {row.code: row for row in Department.objects.filter(municipality=access.municipality_id)}
    first = text.strip().split("\n", 1)[0]
    delimiter = next((mark for mark in "\t;," if mark in first), ";")
    lines: list[Line] = []
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
        if number > MAX_LINES:
            report.problems.append((number, _("more lines than we take at once")))
            break
        if not any(cell.strip() for cell in row):
            continue
        try:
            lines.append(_line(number, [cell.strip() for cell in row], departments))
        except NotPossible as error:
            report.problems.append((number, str(error)))
    if not lines and not report.problems:
        report.problems.append((1, _("there is nothing to import")))
    return lines


def _line(number: int, cells: list[str], departments: dict[str, Department]) -> Line:
    if len(cells) > 7:
        raise NotPossible(_("there are more than seven columns"))
    kind, name, district, aliases, owner, lat, lon = (cells + [""] * 7)[:7]
    if kind not in PlaceKind.values:
        kinds = ", ".join(PlaceKind.values)
        raise NotPossible(_("the first column is one of: %(kinds)s") % {"kinds": kinds})
    if not name or len(name) > 200:
        raise NotPossible(_("the second column is a name of up to 200 letters"))
    if district and kind == PlaceKind.DISTRICT:
        raise NotPossible(_("a district lies in no other"))
    if owner and owner not in departments:
        raise NotPossible(_("department “%(code)s” is not known") % {"code": owner})
    return Line(
        number=number,
        kind=PlaceKind(kind),
        name=name,
        district=district,
        aliases=[alias.strip() for alias in aliases.split("|") if alias.strip()],
        owner=departments.get(owner),
        middle=_middle(lat, lon) if lat or lon else None,
    )


def _middle(lat: str, lon: str) -> tuple[float, float]:
    """Return where the middle of a place is, in degrees. Raises NotPossible for what lies on no globe."""
    try:
        found = float(lat.replace(",", ".")), float(lon.replace(",", "."))
    except ValueError as error:
        raise NotPossible(
            _("the last two columns are latitude and longitude in degrees, like 44.633 and 41.942")
        ) from error
    if not (-90 <= found[0] <= 90 and -180 <= found[1] <= 180):
        raise NotPossible(_("the last two columns are latitude and longitude in degrees, like 44.633 and 41.942"))
    return found
