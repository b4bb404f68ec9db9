"""Amounts of time in words: {% load words %}."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def duration(minutes: int) -> str:
    """Return minutes as a person says them: "15 min", "9 h", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    parts = [_("%(n)s h") % {"n": hours}] if hours else []
    if rest or not hours:
        parts.append(_("%(n)s min") % {"n": rest})
    return " ".join(parts)
