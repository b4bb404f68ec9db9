"""A row of the desk's list of cases, drawn at once: fifty of them are most of a page.

A template resolves some forty names a row, which made rows two thirds of the inbox page's time. Here each word that
the row says is found once, and `format_html` escapes what goes in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.channels.enums import Network
from otklik.common import human
from otklik.common.templatetags.look import icon, network, status, time_of
from otklik.desk import words

_NOTHING = mark_safe("")
_ROW = (
    '<li class="row" id="row-{id}" data-id="{id}"{swap}{current}>\n'
    '  <span class="row-lead">{urgency}{pick}</span>\n'
    '  <a class="row-title" href="{address}" hx-get="{address}" hx-target="#open" hx-push-url="true"'
    ' hx-swap="innerHTML">{summary}</a>\n'
    '  <span class="row-side">{others}{age}</span>\n'
    '  <span class="row-detail">{network}{about}{voices}{correction}{control}</span>\n'
    '  <span class="row-detail row-owed">{status}{deadline}</span>\n'
    "</li>\n"
)
_OTHERS = '<span class="row-others" hidden>{}<span class="for-screen-readers"></span></span>'
_PICK = '<input type="checkbox" class="row-pick" form="bulk" name="case" value="{}" data-pick aria-label="{}">'
_VOICES = '<span class="voices" title="{title}">{icon}{count}<span class="for-screen-readers"> {voices}</span></span>'
_CONTROL = '<span class="badge tone-accent">{}<span class="for-screen-readers">{}</span></span>'
_CORRECTION = '<span class="badge tone-warn">{}{}</span>'
_URGENCY = '<span class="urgency u{}" title="{}"><span class="for-screen-readers">{}</span></span>'
_DEADLINE = '<span class="deadline tone-{}">{}<time datetime="{}" title="{}">{}</time></span>'


def case_rows(cases: Iterable[Case], *, now: datetime, query: str, chosen: object, picks: bool) -> SafeString:
    """Draw the rows of a list, one below the other."""
    return mark_safe(  # noqa: S308 - each row escaped what went in
        "".join(case_row(case, now=now, query=query, chosen=chosen, picks=picks) for case in cases)
    )


def case_row(case: Case, *, now: datetime, query: str, chosen: object, picks: bool, swap: bool = False) -> SafeString:
    """Draw one row; with `swap`, to take the place of the row that the page has."""
    address = _address(case.number)
    return format_html(
        _ROW,
        id=case.pk,
        swap=mark_safe(' hx-swap-oob="true"') if swap else _NOTHING,
        current=mark_safe(' aria-current="true"') if case.pk == chosen else _NOTHING,
        urgency=urgency_dot(case.urgency),
        pick=format_html(_PICK, case.pk, _("Choose case %(number)s") % {"number": case.number}) if picks else _NOTHING,
        address=f"{address}?{query}" if query else address,
        summary=case.summary,
        others=others_mark(),
        age=time_of(case.opened_at, human.age, now=now),
        network=network(case.channel.network, str(Network(case.channel.network).label)),
        about=_about(case),
        voices=_voices(case.message_count),
        correction=_correction() if case.correction_waits else _NOTHING,
        control=_under_control() if case.personal_control else _NOTHING,
        status=status(case.status, str(Status(case.status).label)),
        deadline=deadline(case, now=now),
    )


def urgency_dot(urgency: int) -> SafeString:
    """Draw how urgent something is: a dot, and the word for those who don't see it."""
    return _dot(urgency, str(words.URGENCY.get(urgency, words.URGENCY[0])))


def deadline(case: Case, *, now: datetime) -> SafeString:
    """Say by when the answer is owed or how late it is, with the exact time on hover; nothing once it is given."""
    found = words.deadline(case, now=now)
    if found is None or case.answer_due_at is None:
        return _NOTHING
    return format_html(
        _DEADLINE,
        found.tone or "none",
        icon("alarm" if found.tone == "bad" else "clock"),
        case.answer_due_at.isoformat(timespec="seconds"),
        human.exact(case.answer_due_at),
        found.words,
    )


def place_of(case: Case) -> str:
    """Return where a case is about, in the words that say most."""
    return case.place_text or (case.place.name if case.place is not None else "")


@lru_cache(maxsize=8192)
def _address(number: int) -> str:
    return reverse("desk:case", args=[number])


@lru_cache(maxsize=32)
def _dot(urgency: int, label: str) -> SafeString:
    return format_html(_URGENCY, urgency, label, label)


def others_mark() -> SafeString:
    """Draw the place where a row says who else is there; desk/here.js fills it."""
    return format_html(_OTHERS, icon("eye"))


def _about(case: Case) -> SafeString:
    about = place_of(case) or (case.topic.name if case.topic is not None else "")
    return format_html('<span class="row-place">{}</span>', about) if about else _NOTHING


def _voices(count: int) -> SafeString:
    if count < 2:
        return _NOTHING
    return format_html(_VOICES, title=_("Voices in this case"), icon=icon("users"), count=count, voices=_("voices"))


def _correction() -> SafeString:
    return format_html(_CORRECTION, icon("rubber-stamp"), _("Correction"))


def _under_control() -> SafeString:
    return format_html(_CONTROL, icon("flag"), _("Under personal control"))
