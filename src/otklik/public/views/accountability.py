"""What was promised and what was kept, by month and department; and the rows to count it again from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from otklik.cases import accountability
from otklik.cases.accountability import MONTHS, Blocked, Hidden, Moderated, Row
from otklik.cases.figures import FEWEST, Figures, by_department, figures_of
from otklik.cases.opendata import description, table
from otklik.common import clock
from otklik.org.models import Department, Municipality
from otklik.public.doors import cached_page, show

KEPT_S = 600
"""How old the figures may be: they are counted from every case of six months."""

_FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """A month's figures, and those of the months before it."""

    month: date
    whole: Figures
    compared: list[tuple[str, Figures]]
    too_few: list[tuple[str, Figures]]
    months: list[tuple[date, Figures]]
    hidden: list[Hidden]
    blocked: list[Blocked]
    moderated: list[Moderated]


@cached_page
def page(request: HttpRequest, city: Municipality, month: str = "") -> HttpResponse:
    """Show a month; without one the present month, or the one before it while this one has too few cases."""
    report = _report(city, _asked(city, month)) if month else _newest(city)
    names = {row.code: row.title for row in Department.objects.filter(municipality=city)}
    months = _since_the_first_case(report.months)
    following = _next(report.month)
    context = {
        "section": "accountability",
        "report": report,
        "compared": [(names.get(code, code), figures) for code, figures in report.compared],
        "too_few": [(names.get(code, code), figures) for code, figures in report.too_few],
        "fewest": FEWEST,
        "waiting": accountability.waiting_questions(city.pk),
        "now": clock.now(),
        "months": months,
        "earlier_url": _url(_before(months[0][0])) if months[0][1].registered else "",
        "later_url": _url(following) if following <= _today(city) else "",
        "csv_url": reverse("public:accountability_csv", args=[f"{report.month:%Y-%m}"]),
        "package_url": reverse("public:accountability_package"),
        "json_url": reverse("public:accountability_json", args=[f"{report.month:%Y-%m}"]),
    }
    return show(request, city, "public/accountability.html", context)


@cached_page
def as_csv(_request: HttpRequest, city: Municipality, month: str) -> HttpResponse:
    """Give the rows of a month, one line each; marks are 0 and 1, what is unknown is empty."""
    first = _asked(city, month)
    answer = HttpResponse("".join(_table(city, first)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{city.slug}-{first:%Y-%m}.csv"'
    return answer


@cached_page
def as_json(_request: HttpRequest, city: Municipality, month: str) -> HttpResponse:
    """Give the rows of a month with the hidden comments and the figures that the page shows."""
    first = _asked(city, month)
    rows = list(accountability.rows_between(city, first, _last(first), now=clock.now()))
    compared, too_few = by_department(rows)
    body = {
        "month": f"{first:%Y-%m}",
        "counted_at": clock.now(),
        "rows": [asdict(row) for row in rows],
        "hidden_comments": [asdict(one) for one in accountability.hidden_between(city, first, _last(first))],
        "hidden_by_reason": [asdict(one) for one in accountability.moderated_between(city, first, _last(first))],
        "blocked_accounts": [asdict(one) for one in accountability.blocked_between(city, first, _last(first))],
        "figures": asdict(figures_of(rows)),
        "departments": {code: asdict(figures) for code, figures in (*compared, *too_few)},
        "fewest_to_compare": FEWEST,
    }
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def _table(city: Municipality, first: date) -> Iterator[str]:
    return table(accountability.rows_between(city, first, _last(first), now=clock.now()), Row)


@cached_page
def as_package(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say what each column of the tables holds, as a tabular data package does."""
    return HttpResponse(msgspec.json.encode(description(city)), content_type="application/json")


def _newest(city: Municipality) -> Report:
    this = _today(city).replace(day=1)
    report = _report(city, this)
    before = report.months[-2][1]
    return _report(city, _before(this)) if before.is_enough and not report.whole.is_enough else report


def _since_the_first_case(months: list[tuple[date, Figures]]) -> list[tuple[date, Figures]]:
    """Leave out the months before there was anything to count, never the last one."""
    first = next((at for at, (_, figures) in enumerate(months) if figures.registered), len(months) - 1)
    return months[first:]


def _report(city: Municipality, month: date) -> Report:
    """Return the figures as they were at most ten minutes ago. One query for all the months' cases."""
    key = f"accountability:{city.pk}:{month:%Y-%m}"
    kept: Report | None = cache.get(key)
    if kept is None:
        kept = _counted(city, month)
        cache.set(key, kept, KEPT_S)
    return kept


def _counted(city: Municipality, month: date) -> Report:
    first = month
    for _ in range(MONTHS - 1):
        first = _before(first)
    by_month: dict[str, list[Row]] = {}
    for row in accountability.rows_between(city, first, _last(month), now=clock.now()):
        by_month.setdefault(row.month, []).append(row)
    months, at = [], first
    while at <= month:
        months.append((at, figures_of(by_month.get(f"{at:%Y-%m}", []))))
        at = _next(at)
    compared, too_few = by_department(by_month.get(f"{month:%Y-%m}", []))
    hidden = accountability.hidden_between(city, month, _last(month))
    blocked = accountability.blocked_between(city, month, _last(month))
    moderated = accountability.moderated_between(city, month, _last(month))
    return Report(month, months[-1][1], compared, too_few, months, hidden, blocked, moderated)


def _asked(city: Municipality, month: str) -> date:
    """Return the first day of a month of an address. Raises Http404 for one that isn't, or is to come."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Http404 from error
    if first > _today(city) or first.year < _FIRST_YEAR:
        raise Http404
    return first


def _today(city: Municipality) -> date:
    return clock.now().astimezone(ZoneInfo(city.timezone)).date()


def _before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _last(month: date) -> date:
    return _next(month) - timedelta(days=1)


def _url(month: date) -> str:
    return reverse("public:accountability_month", args=[f"{month:%Y-%m}"])
