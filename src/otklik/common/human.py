"""Instants in people's words: "yesterday at 14:20", "by Wednesday, 18:00", in the active language and time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, override
from django.utils.translation import gettext as _

_ON_WEEKDAY = (
    gettext_lazy("on Monday"),
    gettext_lazy("on Tuesday"),
    gettext_lazy("on Wednesday"),
    gettext_lazy("on Thursday"),
    gettext_lazy("on Friday"),
    gettext_lazy("on Saturday"),
    gettext_lazy("on Sunday"),
)
_BY_WEEKDAY = (
    gettext_lazy("by Monday"),
    gettext_lazy("by Tuesday"),
    gettext_lazy("by Wednesday"),
    gettext_lazy("by Thursday"),
    gettext_lazy("by Friday"),
    gettext_lazy("by Saturday"),
    gettext_lazy("by Sunday"),
)


def when(moment: datetime, *, now: datetime) -> str:
    """Say when something happened, or will. Exact to the minute within a week, to the day beyond it."""
    past = now - moment
    if timedelta(0) <= past < timedelta(minutes=1):
        return _("just now")
    if timedelta(0) < past < timedelta(hours=1):
        minutes = int(past.total_seconds() // 60)
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    days = (today - local.date()).days
    near = {0: _("today"), 1: _("yesterday"), -1: _("tomorrow")}.get(days)
    if near is None and 1 < days < 7:
        near = str(_ON_WEEKDAY[local.weekday()])
    if near is None:
        return reader().day(local) if local.year == today.year else f"{reader().day(local)} {local.year}"
    return _("%(day)s at %(time)s") % {"day": near, "time": f"{local:%H:%M}"}


def due(moment: datetime, *, now: datetime) -> str:
    """Say by when something is promised; a past instant says that it was."""
    if moment < now:
        return _("was due %(when)s") % {"when": when(moment, now=now)}
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    days, time = (local.date() - today).days, f"{local:%H:%M}"
    if days == 0:
        return _("today by %(time)s") % {"time": time}
    if days == 1:
        return _("tomorrow by %(time)s") % {"time": time}
    if days < 7:
        return _("%(day)s, %(time)s") % {"day": _BY_WEEKDAY[local.weekday()], "time": time}
    return _("by %(date)s, %(time)s") % {"date": reader().day(local), "time": time}


def age(moment: datetime, *, now: datetime) -> str:
    """Return how long ago, or until when, as a list shows it: "5 min", "2 h", "3 d"."""
    return reader().age(moment, now=now)


def exact(moment: datetime) -> str:
    """Return the whole date and time, for a title."""
    return reader().exact(moment)


@dataclass(frozen=True, slots=True)
class Reader:
    """The language and the time zone that somebody reads in, asked for once where hundreds of instants are drawn."""

    zone: tzinfo
    months: Sequence[str]
    just_now: str
    minutes: str
    hours: str
    days: str

    def age(self, moment: datetime, *, now: datetime) -> str:
        """Return what `age` says."""
        minutes = int(abs(now - moment).total_seconds() // 60)
        if minutes < 1:
            return self.just_now
        if minutes < 60:
            return self.minutes % {"n": minutes}
        if minutes < 48 * 60:
            return self.hours % {"n": minutes // 60}
        return self.days % {"n": minutes // (24 * 60)}

    def exact(self, moment: datetime) -> str:
        """Return what `exact` says."""
        local = moment.astimezone(self.zone)
        return f"{self.day(local)} {local.year}, {local.hour:02}:{local.minute:02}"

    def day(self, local: datetime) -> str:
        """Return the day and the month's name as a date has it, which isn't its name in a calendar's head."""
        return f"{local.day} {self.months[local.month - 1]}"


def reader() -> Reader:
    """Return whoever reads now: the active language, the active time zone."""
    return _reader(get_language(), timezone.get_current_timezone())


@lru_cache(maxsize=64)
def _reader(language: str | None, zone: tzinfo) -> Reader:
    with override(language):
        months = tuple(dateformat.format(date(2000, month, 1), "E") for month in range(1, 13))
        return Reader(zone, months, _("now"), _("%(n)s min"), _("%(n)s h"), _("%(n)s d"))


def initials(name: str) -> str:
    """Return one or two letters that stand for a face; nothing for a name without letters."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in words[:2]).upper()
