"""The strip of surges above the desk's lists: {% load surges %}{% surges %}."""

from __future__ import annotations

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from otklik.common import clock
from otklik.desk.standing import standing_of
from otklik.desk.surgewords import alerts_for

register = template.Library()


@register.simple_tag(takes_context=True)
def surges(context: Context) -> SafeString:
    """Draw what many write about now; nothing for those who don't handle surges."""
    request = context["request"]
    alerts = alerts_for(request.access, now=clock.now()) if standing_of(request).surges else []
    return render_to_string("desk/surges/strip.html", {"alerts": alerts}) if alerts else SafeString()
