"""Days of the week as people write them."""

from __future__ import annotations

from django import template
from django.utils.dates import WEEKDAYS_ABBR

register = template.Library()


@register.filter
def weekdays(days: str) -> str:
    """Return "012" as "Mon-Wed"; days that don't follow each other are named one by one."""
    numbers = sorted({int(day) for day in days if day in "0123456"})
    names = [str(WEEKDAYS_ABBR[number]) for number in numbers]
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{names[0]}-{names[-1]}"
    return ", ".join(names)
