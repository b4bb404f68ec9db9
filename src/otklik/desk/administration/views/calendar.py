"""When the city works: the week, the days that differ, and what that makes of the coming months."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.common.clock import now
from otklik.desk.administration.forms.schedule import DayForm, HoursForm
from otklik.desk.administration.pages import attempt, city_of, done, own, page, press
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import DayKind
from otklik.org.models import CalendarDay
from otklik.org.queries import calendar_of
from otklik.org.services import scheduling

managed = door(Permission.CITY_MANAGE)
MONTHS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month as the calendar counts it."""

    date: date
    hours: str
    override: CalendarDay | None
    is_today: bool
    is_usual: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month; `blanks` are the days of its first week that belong to the month before."""

    first: date
    blanks: range
    days: list[Day]
    working_days: int


@managed
def calendar(request: DeskRequest) -> HttpResponse:
    """Show the calendar."""
    return _page(request)


@managed
@require_POST
def hours(request: DeskRequest) -> HttpResponse:
    """Take the working hours of the week."""
    form = HoursForm({}, request.POST)
    if attempt(form, lambda: scheduling.set_hours(request.access, form.week)):
        return done(request, _("Saved. Deadlines already given stay as they are."), "calendar")
    return _page(request, hours_form=form)


@managed
@require_POST
def day(request: DeskRequest) -> HttpResponse:
    """Take a day that differs."""
    form = DayForm(request.POST)

    def save() -> None:
        asked = form.cleaned_data
        kind = DayKind(asked["kind"])
        scheduling.set_day(request.access, asked["date"], kind, note=asked["note"], source=asked["source"])

    if attempt(form, save):
        return done(request, _("Saved. Deadlines already given stay as they are."), "calendar")
    return _page(request, day_form=form)


@managed
@require_POST
def clear(request: DeskRequest, pk: int) -> HttpResponse:
    """Let the country's calendar decide about a day again."""
    row = own(request, CalendarDay, pk=pk)
    words = _("The country's calendar decides about this day again.")
    return press(request, lambda: scheduling.clear_day(request.access, row), words, "calendar")


def _page(
    request: DeskRequest, *, hours_form: HoursForm | None = None, day_form: DayForm | None = None
) -> HttpResponse:
    city = city_of(request)
    today = timezone.localtime(now()).date()
    first = _first_month(request.GET.get("from", ""), today)
    work = calendar_of(city)
    overrides = {row.date: row for row in CalendarDay.objects.filter(municipality=city, date__gte=first)}
    shown = [_month(_plus(first, ahead), work, overrides, today) for ahead in range(MONTHS_SHOWN)]
    years = [year for year in (today.year, today.year + 1) if scheduling.moved_days_known(city.country, year) is False]
    asked_day = request.GET.get("day", "")
    return page(
        request,
        "calendar",
        "calendar",
        status=422 if hours_form or day_form else 200,
        hours_form=hours_form or HoursForm(work.hours),
        day_form=day_form or DayForm(initial={"date": asked_day or None}),
        months=shown,
        weekdays=[date(2024, 1, 1) + timedelta(days=ahead) for ahead in range(7)],
        overrides=[row for row in overrides.values() if row.date >= today],
        missing_years=years,
        earlier=_plus(first, -MONTHS_SHOWN),
        later=_plus(first, MONTHS_SHOWN),
        works_never=not work.hours,
    )


def _first_month(asked: str, today: date) -> date:
    """Return the first day of the month asked for ("2027-01"), of this month if that can't be read."""
    try:
        return datetime.strptime(asked, "%Y-%m").date()  # noqa: DTZ007 - a month has no time zone
    except ValueError:
        return today.replace(day=1)


def _plus(first: date, count: int) -> date:
    """Return the first day of the month so many months on, kept within the years that a date can have."""
    years, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(min(max(years, 1970), 2199), month + 1, 1)


def _month(first: date, work: WorkCalendar, overrides: dict[date, CalendarDay], today: date) -> Month:
    last = months.monthrange(first.year, first.month)[1]
    days = [_day(first.replace(day=number), work, overrides, today) for number in range(1, last + 1)]
    return Month(first, range(first.weekday()), days, sum(1 for one in days if one.hours))


def _day(one: date, work: WorkCalendar, overrides: dict[date, CalendarDay], today: date) -> Day:
    intervals = work.hours_of(one)
    minutes = sum((ends.hour - starts.hour) * 60 + ends.minute - starts.minute for starts, ends in intervals)
    usual = work.hours.get(one.weekday(), ())
    return Day(
        date=one,
        hours=f"{minutes / 60:g}" if minutes else "",
        override=overrides.get(one),
        is_today=one == today,
        is_usual=bool(intervals) == bool(usual),
    )
