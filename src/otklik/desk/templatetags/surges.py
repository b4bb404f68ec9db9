"""The strip of surges above the desk's lists: {% load surges %}{% surges %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from otklik.common import clock
from otklik.desk.surgewords import alerts_for

register = template.Library()


@register.inclusion_tag("desk/surges/strip.html", takes_context=True)
def surges(context: Context) -> dict[str, Any]:
    """Draw what many write about now; nothing for those who don't handle surges."""
    return {"alerts": alerts_for(context["request"].access, now=clock.now())}
