"""A row of the desk's list of cases, drawn at once: fifty of them are most of a page.

A template resolves some forty names a row, which made rows two thirds of the inbox page's time, and `format_html` looks
at each piece anew. Here what all rows say alike is drawn once for a language (`_Look`), the reader's zone and months
are asked for once for a list (`human.Reader`), and only what people wrote is escaped row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.channels.enums import Network
from otklik.common import human
from otklik.common.templatetags.look import icon, network, status
from otklik.desk import words

_OTHERS = '<span class="row-others" hidden>{}<span class="for-screen-readers"></span></span>'
_URGENCY = '<span class="urgency u{}" title="{}"><span class="for-screen-readers">{}</span></span>'
_CONTROL = '<span class="badge tone-accent">{}<span class="for-screen-readers">{}</span></span>'
_CORRECTION = '<span class="badge tone-warn">{}{}</span>'
_PICK = '<input type="checkbox" class="row-pick" form="bulk" name="case" value="%d" data-pick aria-label="%s">'
_SWAPPED, _CURRENT = ' hx-swap-oob="true"', ' aria-current="true"'
_VOICES = '<span class="voices" title="{}">{}%d<span class="for-screen-readers"> {}</span></span>'


def case_rows(cases: Iterable[Case], *, now: datetime, query: str, chosen: object, picks: bool) -> SafeString:
    """Draw the rows of a list, one below the other."""
    look, reader, asked = _look(get_language()), human.reader(), _asked(query)
    return mark_safe(  # noqa: S308 - each row escaped what went in
        "".join(
            _row(case, look, reader, now=now, asked=asked, current=case.pk == chosen, picks=picks) for case in cases
        )
    )


def case_row_swapped(case: Case, *, now: datetime, query: str, picks: bool) -> SafeString:
    """Draw the row of the open case, to take the place of the row that the page has."""
    look, reader = _look(get_language()), human.reader()
    row = _row(case, look, reader, now=now, asked=_asked(query), current=True, picks=picks, swap=True)
    return mark_safe(row)  # noqa: S308 - the row escaped what went in


def urgency_dot(urgency: int) -> SafeString:
    """Draw how urgent something is: a dot, and the word for those who don't see it."""
    return _look(get_language()).urgency(urgency)


def deadline(case: Case, *, now: datetime) -> SafeString:
    """Say by when the answer is owed or how late it is, with the exact time on hover; nothing once it is given."""
    return mark_safe(_deadline(case, human.reader(), now))  # noqa: S308 - escaped there


def place_of(case: Case) -> str:
    """Return where a case is about, in the words that say most."""
    return case.place_text or (case.place.name if case.place is not None else "")


def others_mark() -> SafeString:
    """Draw the place where a row says who else is there; desk/here.js fills it."""
    return _look(get_language()).others


@dataclass(frozen=True, slots=True)
class _Look:
    """What rows say alike in one language, drawn."""

    urgencies: Mapping[int, SafeString]
    statuses: Mapping[str, SafeString]
    networks: Mapping[str, SafeString]
    others: SafeString
    control: SafeString
    correction: SafeString
    voices: str
    choose: str

    def urgency(self, urgency: int) -> SafeString:
        """Return the dot of an urgency; an unknown one isn't urgent."""
        return self.urgencies.get(urgency, self.urgencies[0])


@lru_cache(maxsize=8)
def _look(language: str | None) -> _Look:
    with override(language):
        return _Look(
            urgencies={code: format_html(_URGENCY, code, label, label) for code, label in words.URGENCY.items()},
            statuses={one.value: status(one.value, str(one.label)) for one in Status},
            networks={one.value: network(one.value, str(one.label)) for one in Network},
            others=format_html(_OTHERS, icon("eye")),
            control=format_html(_CONTROL, icon("flag"), _("Under personal control")),
            correction=format_html(_CORRECTION, icon("rubber-stamp"), _("Correction")),
            voices=format_html(_VOICES, _("Voices in this case"), icon("users"), _("voices")),
            choose=escape(_("Choose case %(number)s")),
        )


def _row(
    case: Case,
    look: _Look,
    reader: human.Reader,
    *,
    now: datetime,
    asked: str,
    current: bool,
    picks: bool,
    swap: bool = False,
) -> str:
    pk, about = case.pk, place_of(case) or (case.topic.name if case.topic is not None else "")
    address = _address(case.number) + asked
    place = f'<span class="row-place">{escape(about)}</span>' if about else ""
    age = _time(case.opened_at, reader, reader.age(case.opened_at, now=now))
    voices = look.voices % case.message_count if case.message_count > 1 else ""
    correction = look.correction if case.correction_waits else ""
    control = look.control if case.personal_control else ""
    marks = _SWAPPED * swap + _CURRENT * current
    return (
        f'<li class="row" id="row-{pk}" data-id="{pk}"{marks}>\n'
        f'  <span class="row-lead">{look.urgency(case.urgency)}{_pick(case, look) if picks else ""}</span>\n'
        f'  <a class="row-title" href="{address}" hx-get="{address}" hx-target="#open" hx-push-url="true"'
        f' hx-swap="innerHTML">{escape(case.summary)}</a>\n'
        f'  <span class="row-side">{look.others}{age}</span>\n'
        f'  <span class="row-detail">{look.networks[case.channel.network]}{place}{voices}{correction}{control}</span>\n'
        f'  <span class="row-detail row-owed">{look.statuses[case.status]}{_deadline(case, reader, now)}</span>\n'
        "</li>\n"
    )


def _pick(case: Case, look: _Look) -> str:
    return _PICK % (case.pk, look.choose % {"number": case.number})


def _deadline(case: Case, reader: human.Reader, now: datetime) -> str:
    found = words.deadline(case, now=now)
    if found is None or case.answer_due_at is None:
        return ""
    sign, moment = icon("alarm" if found.tone == "bad" else "clock"), _time(case.answer_due_at, reader, found.words)
    return f'<span class="deadline tone-{found.tone or "none"}">{sign}{moment}</span>'


def _time(moment: datetime, reader: human.Reader, said: str) -> str:
    """Draw an instant in words, with the exact time in the title and for machines."""
    exact = escape(reader.exact(moment))
    return f'<time datetime="{moment.isoformat(timespec="seconds")}" title="{exact}">{escape(said)}</time>'


def _asked(query: str) -> str:
    return f"?{escape(query)}" if query else ""


@lru_cache(maxsize=8192)
def _address(number: int) -> str:
    return reverse("desk:case", args=[number])
