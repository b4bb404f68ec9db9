"""The mood about each group of topics, drawn on the server: a line of thirty days and a sentence in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.org.models import Topic
from otklik.pulse.mood import DAYS, LEAST, Mood, Turn, moods_of, pieces

WIDTH, HEIGHT = 150, 40
_LOWEST_TOP = 20
"""The scale ends here or higher: a few per cent more must not look like a mountain."""
_TONES = {Turn.HARSHER: "bad", Turn.CALMER: "good", Turn.STEADY: "", Turn.UNKNOWN: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One group of topics on the page."""

    title: str
    sentence: str
    tone: str
    thanks: str
    lines: tuple[str, ...]
    """Points of each unbroken piece, as SVG takes them."""
    last: str
    """Where the line ends today; empty where too little was said this week."""


@door(Permission.MOOD_VIEW)
@require_safe
def mood(request: DeskRequest) -> HttpResponse:
    """Every group of topics of which enough was said, those that turned harsher first. Two queries of its own."""
    topics = Topic.objects.filter(municipality=request.access.municipality_id).select_related("parent")
    titles: dict[str, str] = {}
    groups: dict[str, str] = {}
    for topic in topics:
        group = topic.parent or topic
        groups[topic.code], titles[group.code] = group.code, group.name
    today = timezone.localtime(clock.now()).date()
    moods = moods_of(request.access.municipality_id, groups, today=today)
    highest = max((percent for one in moods for percent in one.points if percent is not None), default=0)
    context = {
        "lines": [_line(one, titles[one.group], highest) for one in moods],
        "days": DAYS,
        "least": LEAST,
        "width": WIDTH,
        "height": HEIGHT,
        "city": request.access.official.municipality,
    }
    return render(request, "desk/mood.html", context)


def _line(mood: Mood, title: str, highest: int) -> Line:
    drawn = [[_point(day, percent, highest) for day, percent in piece] for piece in pieces(mood.points)]
    return Line(
        title=title,
        sentence=_sentence(mood),
        tone=_TONES[mood.turn],
        thanks=_thanks(mood),
        lines=tuple(" ".join(piece) for piece in drawn if len(piece) > 1),
        last=drawn[-1][-1] if mood.points[-1] is not None else "",
    )


def _point(day: int, percent: int, highest: int) -> str:
    """Return where a day's share is drawn, as SVG writes it; every line of the page has the same scale.

    The margin keeps the end's dot whole. Words, not numbers: a template would give them the language's own comma.
    """
    top = max(highest, _LOWEST_TOP)
    return f"{4 + day * (WIDTH - 8) / (DAYS - 1):.1f},{4 + (top - percent) * (HEIGHT - 8) / top:.1f}"


def _sentence(mood: Mood) -> str:
    said = ngettext("%(n)s message", "%(n)s messages", mood.messages) % {"n": mood.messages}
    values = {"before": mood.before.scolding_percent, "now": mood.week.scolding_percent, "said": said}
    match mood.turn:
        case Turn.HARSHER:
            return _("people scold more often: %(before)s %% → %(now)s %%, %(said)s") % values
        case Turn.CALMER:
            return _("people scold less often: %(before)s %% → %(now)s %%, %(said)s") % values
        case Turn.STEADY:
            return _("much as before: %(now)s %% scold, %(said)s") % values
        case Turn.UNKNOWN:
            return _("too little was said to compare the last week with the weeks before: %(said)s") % values


def _thanks(mood: Mood) -> str:
    percent = (mood.week + mood.before).thanks_percent
    return _("thanks: %(n)s %%") % {"n": percent} if percent else ""
