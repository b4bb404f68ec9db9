"""What GeoReport v2 (Open311) says and hears: values as XML or JSON, errors of the standard, what is asked for.

Source: http://wiki.open311.org/GeoReport_v2 [V, by the channel reference].
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from django.http import HttpResponse, JsonResponse, QueryDict
from django.utils.dateparse import parse_datetime

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.common.text import storable

SPAN = timedelta(days=90)
MOST = 1000
CLOSED = frozenset({Status.CLOSED, Status.REJECTED, Status.DUPLICATE, Status.REDIRECTED})
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json"}
Row = Mapping[str, Any]
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Letters that no XML document may hold."""


class Wrong(Exception):
    """The standard's error: its HTTP code and a sentence."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


@dataclass(frozen=True, slots=True)
class Report:
    """What an application reports for somebody."""

    service: str
    words: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    name: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Which requests are asked for."""

    first: datetime
    last: datetime
    status: str = ""
    services: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


def written(rows: Sequence[Row], names: tuple[str, str], shape: str, *, status: int = 200) -> HttpResponse:
    """Return a list as the standard writes it: `names` are those of the list and of one row in XML."""
    if shape == "json":
        return JsonResponse([dict(row) for row in rows], safe=False, status=status)
    root = ET.Element(names[0])
    for row in rows:
        _put(ET.SubElement(root, names[1]), row)
    return _xml(root, status)


def written_alone(row: Row, name: str, shape: str) -> HttpResponse:
    """Return one thing that is no list."""
    if shape == "json":
        return JsonResponse(dict(row))
    root = ET.Element(name)
    _put(root, row)
    return _xml(root, 200)


def refused(error: Wrong, shape: str) -> HttpResponse:
    """Return an error as the standard writes it."""
    shape = shape if shape in TYPES else "xml"
    row = {"code": error.code, "description": error.description}
    return written([row], ("errors", "error"), shape, status=error.code)


def _xml(root: ET.Element, status: int) -> HttpResponse:
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(body, content_type=TYPES["xml"], status=status)


def _put(element: ET.Element, row: Row) -> None:
    for name, value in row.items():
        child = ET.SubElement(element, name)
        if isinstance(value, Mapping):
            _put(child, value)
        elif isinstance(value, list):
            for one in value:
                _put(ET.SubElement(child, name.removesuffix("s")), one)
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else _NOT_IN_XML.sub("", str(value))


def report_in(form: QueryDict) -> Report:
    """Return what is reported. Raises Wrong naming the field."""
    words, address = _line(form, "description", 4000), _line(form, "address_string", 300)
    lat, lon = _degrees(form, "lat", 90), _degrees(form, "long", 180)
    if not _line(form, "service_code", 60):
        raise Wrong(400, "service_code was not provided")
    if not words:
        raise Wrong(400, "description was not provided: say what happened")
    if not address and (lat is None or lon is None):
        raise Wrong(400, "lat and long, or address_string, must be provided: say where it is")
    name = f"{_line(form, 'first_name', 90)} {_line(form, 'last_name', 90)}".strip()
    contact = ", ".join(part for part in (_line(form, "email", 120), _line(form, "phone", 60)) if part)
    return Report(_line(form, "service_code", 60), words, address, lat, lon, name, contact)


def _line(form: QueryDict, field: str, most: int) -> str:
    return storable(form.get(field, "")).strip()[:most]


def _degrees(form: QueryDict, field: str, most: int) -> float | None:
    told = form.get(field, "").strip()
    if not told:
        return None
    try:
        value = float(told)
    except ValueError as error:
        raise Wrong(400, f"{field} must be degrees, such as 44.63") from error
    if not -most <= value <= most:
        raise Wrong(400, f"{field} must lie between -{most} and {most}")
    return value


def span_in(asked: QueryDict, *, now: datetime) -> Span:
    """Return which requests are asked for: 90 days where no other span is named, never more at once. Raises Wrong."""
    last = _moment(asked, "end_date") or now
    first = _moment(asked, "start_date") or last - SPAN
    status = asked.get("status", "")
    if status not in ("", "open", "closed", "open,closed", "closed,open"):
        raise Wrong(400, "status must be open or closed")
    numbers = [one for one in asked.get("service_request_id", "").split(",") if one]
    if any(not (one.isascii() and one.isdecimal() and len(one) < 10) for one in numbers):
        raise Wrong(400, "service_request_id must be numbers, divided by commas")
    services = tuple(one for one in asked.get("service_code", "").split(",") if one)
    return Span(max(first, last - SPAN), last, "" if "," in status else status, services, tuple(map(int, numbers)))


def _moment(asked: QueryDict, field: str) -> datetime | None:
    told = asked.get(field, "").replace(" ", "+")  # a plus sign that an address has lost
    if not told:
        return None
    try:
        moment = parse_datetime(told)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Wrong(400, f"{field} must be a moment with an offset, such as 2026-03-02T09:30:00+03:00")
    return moment


def row_of(case: Case) -> dict[str, Any]:
    """Return a public case as the standard tells it, with nothing that its own page doesn't show."""
    place, topic = case.place, case.topic
    return {
        "service_request_id": case.number,
        "status": "closed" if case.status in CLOSED else "open",
        "status_notes": str(case.get_status_display()),
        "service_name": topic.name if topic is not None else None,
        "service_code": topic.code if topic is not None else None,
        "description": case.showing.text,
        "agency_responsible": case.department.title if case.department is not None else None,
        "service_notice": None,
        "requested_datetime": _told(case.opened_at),
        "updated_datetime": _told(case.updated_at),
        "expected_datetime": _told(case.answer_due_at),
        "address": place.name if place is not None else None,
        "address_id": None,
        "zipcode": None,
        "lat": place.lat if place is not None else None,
        "long": place.lon if place is not None else None,
        "media_url": None,
    }


def _told(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment is not None else None
