"""The words of a letter, in its official's language: numbers, kinds and links, never what a resident wrote.

Where the jurisdiction's pack says so (org.law), counts and links only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import dateformat, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.notices.enums import Matter, Way, matter_of
from otklik.notices.letters import Letter
from otklik.notices.models import Notice
from otklik.org.law import law_of

COUNTS: Mapping[str, str | Promise] = {
    "control": gettext_lazy("Under control"),
    "overdue": gettext_lazy("Overdue"),
    "approval": gettext_lazy("To approve"),
    "questions": gettext_lazy("Questions"),
    "solved": gettext_lazy("Solved this week"),
    "surges": gettext_lazy("Surges"),
    "asked": gettext_lazy("Asked"),
    "answered": gettext_lazy("Answered"),
    "late": gettext_lazy("Late"),
    "confirmed": gettext_lazy("Confirmed solved"),
    "reopened": gettext_lazy("Opened again"),
}
NAMED = 30
"""Notices that a letter names one by one; the bell has the others."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is sent."""

    subject: str
    text: str


def words_of(letter: Letter, notices: list[Notice]) -> Words:
    """Return a letter's words; `notices` are those that joined it (none for a digest or report)."""
    with translation.override(letter.official.language):
        if letter.content:
            return _prepared(letter)
        # A way is named like the network it goes by, and the pack speaks of networks.
        law = law_of(letter.official.municipality.jurisdiction, letter.way)
        return _counted(letter, notices) if law.counts_only else _named(letter, notices)


def signal_of(letter: Letter, notices: list[Notice]) -> dict[str, str | int]:
    """Return what a push says of a letter: what it is about, how many, and where to look; the device has the words."""
    if letter.content:
        matter, path = str(letter.content["matter"]), str(letter.content["path"])
        return {"matter": matter, "n": 0, "path": path, "lang": letter.official.language}
    matters = {matter_of(one.kind).value for one in notices}
    path = notices[0].address if len(notices) == 1 else "/desk/notices/"
    matter = matters.pop() if len(matters) == 1 else ""
    return {"matter": matter, "n": len(notices), "path": path, "lang": letter.official.language}


def _prepared(letter: Letter) -> Words:
    title = str(Matter(letter.content["matter"]).label)
    counts = [f"{COUNTS[name]}: {n}" for name, n in letter.content["counts"].items() if name in COUNTS]
    subject = f"{_city(letter)}: {title.lower()}"
    return Words(subject, "\n".join([subject, "", *counts, "", _link(str(letter.content["path"])), *_footer(letter)]))


def _named(letter: Letter, notices: list[Notice]) -> Words:
    first = notices[:NAMED]
    lines = [f"{_title(letter, one)}\n{_link(one.address)}" for one in first]
    if len(notices) > len(first):
        lines.append(f"{_more(len(notices) - len(first))}\n{_link('/desk/notices/')}")
    subject = _title(letter, notices[0]) if len(notices) == 1 else _things(len(notices))
    return Words(f"{_city(letter)}: {subject}", "\n\n".join([*lines, "\n".join(_footer(letter))]))


def _counted(letter: Letter, notices: list[Notice]) -> Words:
    by_matter = Counter(matter_of(one.kind) for one in notices)
    lines = [f"{matter.label}: {n}" for matter, n in by_matter.items()]
    subject = f"{_city(letter)}: {_things(len(notices))}"
    return Words(subject, "\n".join([subject, *lines, _link("/desk/notices/")]))


def _title(letter: Letter, notice: Notice) -> str:
    words = notice.title
    if notice.due_at is None:
        return words
    local = notice.due_at.astimezone(ZoneInfo(letter.official.municipality.timezone))
    by = _("by")  # not inside the string: what is there isn't collected for translation
    return f"{words}, {by} {dateformat.format(local, 'j E, H:i')}"


def _things(count: int) -> str:
    return ngettext("%(n)s thing for you", "%(n)s things for you", count) % {"n": count}


def _more(count: int) -> str:
    return ngettext("and %(n)s more", "and %(n)s more", count) % {"n": count}


def _city(letter: Letter) -> str:
    return letter.official.municipality.localised("name")


def _footer(letter: Letter) -> list[str]:
    if letter.way == Way.TELEGRAM:
        return []
    choose = _("Choose what you are told, and how:")
    return ["", f"{choose} {_link('/desk/notices/choices/')}"]


def _link(path: str) -> str:
    return f"{settings.ENVIRONMENT.public_url}{path}"
