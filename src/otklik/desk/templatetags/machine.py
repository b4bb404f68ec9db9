"""What the language model wrote beside a message: {% load machine %}."""

from __future__ import annotations

from django import template

from otklik.channels.models import Message
from otklik.desk.machine import Box, Machine

register = template.Library()


@register.filter
def translation_of(machine: Machine | str | None, message: Message) -> Box | None:
    """Return the place for a message's translation; nothing where none is offered, or the screen has no machine."""
    return machine.translations.get(message.pk) if isinstance(machine, Machine) else None
