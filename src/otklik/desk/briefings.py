"""The morning's digest and the week's report: pages kept with their history, and the report as a table to download."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from otklik.cases.models import Case
from otklik.cases.queries import visible_cases
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.desk.head import TILES, list_of
from otklik.desk.rail import shown_count
from otklik.desk.surgewords import told
from otklik.insights.digest import Content, Told, digest_before, digests_of
from otklik.insights.models import Digest, WeeklyReport
from otklik.insights.services.preparing import digest_hour, mark_read
from otklik.insights.weekly import NAMES, WEEK, Figures, Line, Week, lines_of
from otklik.org.access import Access, Permission
from otklik.org.models import Department, Topic
from otklik.pulse.models import Surge

HISTORY = 30
"""Mornings that the list of earlier ones shows."""

FIGURES: dict[str, str | Promise] = {
    "asked": gettext_lazy("Asked"),
    "answered": gettext_lazy("Answered"),
    "late": gettext_lazy("Late"),
    "confirmed": gettext_lazy("Confirmed solved"),
    "reopened": gettext_lazy("Opened again"),
}
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Compared:
    """A number of a digest, the list it leads to, and the number of the morning before."""

    label: str | Promise
    value: str
    url: str
    before: int | None


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line of the report: each figure's name (a phone shows it beside the figure), this week's and last week's."""

    name: str
    cells: list[tuple[str | Promise, int, int]]


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic that was spoken of, as the digest tells it."""

    topic: Topic
    told: Told


@door(Permission.CONTROL_SET)
@require_safe
def digest(request: DeskRequest, day: str = "") -> HttpResponse:
    """One of the official's own mornings, the newest by default; opening it notes that it was read."""
    rows = digests_of(request.access)
    row = rows.filter(day=_date(day)).first() if day else rows.first()
    if row is None and day:
        raise Http404
    if row is None:
        hour = digest_hour(request.access.municipality_id)
        context = {"city": request.access.official.municipality, "hour": hour}
        return render(request, "desk/briefings/no_digest.html", context)
    mark_read(row, now=clock.now())
    content = Content.read(row.content)
    context = {
        "row": row,
        "since": parse_datetime(content.since),
        "tiles": _tiles(request.access, row, content),
        "alerts": _alerts(request.access, content),
        "hurts": _topics(request.access, content.hurts),
        "grew": _topics(request.access, content.grew),
        "unreported": _cases(request.access, content.unreported),
        "late": _cases(request.access, content.late),
        "thanked": _thanked(request.access, content),
        "history": list(rows.exclude(pk=row.pk).values_list("day", flat=True)[:HISTORY]),
        "city": request.access.official.municipality,
    }
    return render(request, "desk/briefings/digest.html", context)


@door(Permission.REPORT_VIEW)
@require_safe
def weekly(request: DeskRequest, monday: str = "") -> HttpResponse:
    """One week's report, the newest by default, beside the week before it."""
    rows = WeeklyReport.objects.filter(municipality=request.access.municipality_id)
    row = _report(request, monday) if monday else rows.first()
    context = {
        "row": row,
        "lines": [_drawn(line) for line in _lines(row)] if row is not None else [],
        "total": _drawn(_total(row)) if row is not None else None,
        "names": [FIGURES[name] for name in NAMES],
        "sunday": row.monday + WEEK - timedelta(days=1) if row is not None else None,
        "history": list(rows.values_list("monday", flat=True)[:HISTORY]),
        "city": request.access.official.municipality,
    }
    return render(request, "desk/briefings/weekly.html", context)


@door(Permission.REPORT_VIEW)
@require_safe
def weekly_csv(request: DeskRequest, monday: str) -> HttpResponse:
    """A week's report as a table: each figure, then last week's. Opens in a spreadsheet as it is."""
    row = _report(request, monday)
    out = io.StringIO()
    writer = csv.writer(out)
    week_before = _("the week before")
    before = [f"{FIGURES[name]}, {week_before}" for name in NAMES]
    heads = [cell for pair in zip((str(FIGURES[name]) for name in NAMES), before, strict=True) for cell in pair]
    writer.writerow([_("Department"), *heads])
    for line in [*_lines(row), _total(row)]:
        writer.writerow([_harmless(line.name), *(figure for pair in line.cells for figure in pair)])
    # The mark of UTF-8 lets spreadsheets read Cyrillic.
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="week-{row.monday.isoformat()}.csv"'
    return response


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _date(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _report(request: DeskRequest, monday: str) -> WeeklyReport:
    rows = WeeklyReport.objects.filter(municipality=request.access.municipality_id, monday=_date(monday))
    row = rows.first()
    if row is None:
        raise Http404
    return row


def _lines(row: WeeklyReport) -> list[Line]:
    now, before = Week.read(row.content["now"]), Week.read(row.content["before"])
    return lines_of(row.municipality_id, now, before, _("No department"))


def _total(row: WeeklyReport) -> Line:
    now, before = Week.read(row.content["now"]), Week.read(row.content["before"])
    return Line(_("The whole city"), sum(now.departments.values(), Figures()), before.total)


def _drawn(line: Line) -> DrawnLine:
    return DrawnLine(line.name, [(FIGURES[name], *pair) for name, pair in zip(NAMES, line.cells, strict=True)])


def _tiles(access: Access, row: Digest, content: Content) -> list[Compared]:
    earlier = digest_before(access, row.day)
    before = Content.read(earlier.content).counts if earlier is not None else {}
    return [
        Compared(label, shown_count(content.counts.get(view, 0)), list_of(view), before.get(view))
        for view, label in TILES
    ]


def _alerts(access: Access, content: Content) -> list[object]:
    surges = Surge.objects.filter(municipality=access.municipality_id, pk__in=content.surges).select_related("taken_by")
    return list(told(list(surges.order_by("-id")), now=clock.now())) if content.surges else []


def _topics(access: Access, lines: list[Told]) -> list[TopicLine]:
    codes = [one.topic_code for one in lines]
    topics = {row.code: row for row in Topic.objects.filter(municipality=access.municipality_id, code__in=codes)}
    return [TopicLine(topics[one.topic_code], one) for one in lines if one.topic_code in topics]


def _cases(access: Access, numbers: list[int]) -> list[Case]:
    rows = visible_cases(access).filter(number__in=numbers).select_related("department", "topic", "place")
    found = {case.number: case for case in rows}
    return [found[number] for number in numbers if number in found]


def _thanked(access: Access, content: Content) -> list[tuple[Department, int, str]]:
    rows = Department.objects.filter(municipality=access.municipality_id).in_bulk([pk for pk, _n in content.thanked])
    inbox = reverse("desk:inbox")
    return [(rows[pk], n, f"{inbox}?view=solved&department={pk}") for pk, n in content.thanked if pk in rows]
