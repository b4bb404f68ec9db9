"""The ring of a case under control: {% load control %}{% ring watched %}. Four parts, from the flag to the deadline."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.cases.enums import CHECKPOINTS, CheckpointState, ControlState
from otklik.cases.watching import Watched
from otklik.desk.control import CHECKPOINT_LOOK, STATE_LOOK

register = template.Library()

_PART = 22
"""Of a circle of 100: four parts with a gap of 3 between them."""


@register.simple_tag
def ring(watched: Watched) -> SafeString:
    """Draw how far the plan is: a part for each checkpoint and one for the deadline, in the colour of what became."""
    tones = [_tone(watched, percent) for percent in CHECKPOINTS] + [_last(watched)]
    parts = format_html_join(
        "",
        '<circle class="ring-part tone-{}" cx="18" cy="18" r="15.915" pathLength="100" stroke-dasharray="{} {}"'
        ' stroke-dashoffset="{}"/>',
        ((tone or "none", _PART, 100 - _PART, -25 * place - 1.5) for place, tone in enumerate(tones)),
    )
    done = sum(one.state == CheckpointState.REPORTED for one in watched.checkpoints)
    label = _("%(n)s reports so far") % {"n": done}
    return format_html(
        '<svg class="ring" viewBox="0 0 36 36" role="img" aria-label="{}">{}'
        '<text x="18" y="22.5" text-anchor="middle">{}</text></svg>',
        label,
        parts,
        done,
    )


def _tone(watched: Watched, percent: int) -> str:
    states = [one.state for one in watched.checkpoints if one.percent == percent]
    return CHECKPOINT_LOOK[CheckpointState(states[-1])][1] if states else ""


def _last(watched: Watched) -> str:
    if watched.state in (ControlState.LATE, ControlState.RELEASE):
        return "good" if not watched.case.is_open else STATE_LOOK[watched.state][1]
    return ""
