"""What the entrance's templates draw with: {% load entrance %}."""

from __future__ import annotations

from django import template
from django.http import HttpRequest

from otklik.org.models import Municipality
from otklik.org.queries import NoCity, municipality_for

register = template.Library()


@register.simple_tag
def city_at(request: HttpRequest) -> Municipality | None:
    """Return whose desk this address is; None if no city can be told."""
    try:
        return municipality_for(request.get_host().partition(":")[0])
    except NoCity:
        return None
