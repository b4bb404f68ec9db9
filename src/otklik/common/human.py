"""Instants in people's words: "yesterday at 14:20", "by Wednesday, 18:00", in the active language and time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
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
        return _day(local) if local.year == today.year else f"{_day(local)} {local.year}"
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
    return _("by %(date)s, %(time)s") % {"date": _day(local), "time": time}


def age(moment: datetime, *, now: datetime) -> str:
    """Return how long ago, or until when, as a list shows it: "5 min", "2 h", "3 d"."""
    minutes = int(abs(now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s h") % {"n": minutes // 60}
    return _("%(n)s d") % {"n": minutes // (24 * 60)}


def exact(moment: datetime) -> str:
    """Return the whole date and time, for a title."""
    local = timezone.localtime(moment)
    return f"{_day(local)} {local.year}, {local:%H:%M}"


def _day(local: datetime) -> str:
    """Return the day and the month's name as a date has it, which isn't its name in a calendar's head."""
    return f"{local.day} {_month(get_language(), local.month)}"


@lru_cache(maxsize=64)
def _month(language: str | None, month: int) -> str:
    with override(language):
        return dateformat.format(date(2000, month, 1), "E")


def initials(name: str) -> str:
    """Return one or two letters that stand for a face; nothing for a name without letters."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in words[:2]).upper()
