"""What templates draw with: {% load look %}. docs/explanation/look.md shows each."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Protocol

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.common import clock, human

register = template.Library()

STATUS_LOOK = {
    "new": ("sparkles", "info"),
    "triage": ("filter", "info"),
    "assigned": ("user-check", "info"),
    "in_progress": ("tool", "info"),
    "drafting": ("pencil", "info"),
    "approval": ("rubber-stamp", "warn"),
    "answered": ("message-circle", "good"),
    "closed": ("checks", "good"),
    "returned": ("arrow-back-up", "warn"),
    "waiting_resident": ("hourglass", "warn"),
    "postponed": ("player-pause", "warn"),
    "reopened": ("rotate", "bad"),
    "duplicate": ("copy", ""),
    "rejected": ("ban", ""),
    "redirected": ("arrow-forward-up", ""),
    "queued": ("clock", "info"),
    "sending": ("send", "info"),
    "sent": ("check", "good"),
    "failed": ("alert-triangle", "bad"),
    "unknown": ("help-circle", "warn"),
    "by_hand": ("user-check", "warn"),
    "draft": ("pencil", ""),
    "submitted": ("rubber-stamp", "warn"),
    "approved": ("check", "good"),
    "declined": ("arrow-back-up", "warn"),
}
"""Icon and tone of a state's code. The word always comes with it, from the enum's own label."""

NETWORK_ICON = {
    "site": "world",
    "telegram": "send",
    "vk": "users-group",
    "max": "message-2",
    "ok": "user-circle",
    "instagram": "camera",
    "email": "mail",
    "activitypub": "affiliate",
    "reception": "phone",
}
"""Neutral signs, never a network's own logo."""

_GROUNDS = 6


class _Localised(Protocol):
    def localised(self, field: str) -> str: ...


@cache
def _icons_of_residents() -> frozenset[str]:
    """Return what the sprite holds that residents load; the desk has a second one."""
    sprite = Path(__file__).parents[1] / "static/otklik/vendor/icons.svg"
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', sprite.read_text(encoding="utf-8")))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite. Without a label it is decoration, and a word must stand beside it."""
    return _icon(name, str(label))


# A page draws a hundred icons and pills of a few dozen sorts: each is written once.
@lru_cache(maxsize=1024)
def _icon(name: str, label: str) -> SafeString:
    sprite = "icons.svg" if name in _icons_of_residents() else "icons-desk.svg"
    href = f"{static(f'otklik/vendor/{sprite}')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_tag
def rail_item(
    *,
    url: str,
    sign: str,
    label: str,
    count: str | None = None,
    tone: str = "",
    current: bool = False,
    later: bool = False,
) -> SafeString:
    """Draw a line of the desk's rail: where it leads, and how much waits there."""
    counted = "" if count is None else format_html('<span class="count{}">{}</span>', tone and f" tone-{tone}", count)
    return format_html(
        '<a href="{}"{}{}>{}<span>{}</span>{}</a>',
        url,
        SafeString(' aria-current="page"' if current else ""),
        SafeString(' class="later"' if later else ""),
        icon(sign),
        label,
        counted,
    )


@register.simple_tag
def avatar(name: str, photo: str = "", kind: str = "") -> SafeString:
    """Draw a face: the photo, or initials on a ground that stays the same for the same name. The name stands beside."""
    ground = zlib.crc32(name.encode()) % _GROUNDS + 1
    if photo:
        inside = format_html('<img src="{}" alt="" loading="lazy" decoding="async">', photo)
    else:
        inside = format_html("{}", human.initials(name)) if human.initials(name) else icon("user")
    return format_html('<span class="avatar {} ground-{}" aria-hidden="true">{}</span>', kind, ground, inside)


@register.simple_tag
def status(code: str, label: str) -> SafeString:
    """Draw a status pill: icon, word and colour together."""
    name, tone = STATUS_LOOK.get(code, ("point", ""))
    return pill(name, label, tone)


@register.simple_tag
def pill(icon_name: str, label: str, tone: str = "") -> SafeString:
    """Draw a pill with a tone: good, warn, bad, info, accent or none."""
    return _pill(icon_name, str(label), tone)


@lru_cache(maxsize=1024)
def _pill(icon_name: str, label: str, tone: str) -> SafeString:
    return format_html('<span class="pill tone-{}">{}{}</span>', tone or "none", icon(icon_name), label)


@register.simple_tag
def network(code: str, label: str) -> SafeString:
    """Say where something was written."""
    return _network(code, str(label))


@lru_cache(maxsize=256)
def _network(code: str, label: str) -> SafeString:
    sign = icon(NETWORK_ICON.get(code, "message-2"))
    return format_html('<span class="network">{}{}</span>', sign, label)


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """Say when in words, with the exact time in the title and for machines. Nothing for None."""
    return time_of(moment, human.when, now=clock.now())


@register.simple_tag
def due(moment: datetime | None) -> SafeString | str:
    """Say by when. Nothing for None."""
    return time_of(moment, human.due, now=clock.now())


@register.simple_tag
def age(moment: datetime | None) -> SafeString | str:
    """Say how long ago or until when, shortly. Nothing for None."""
    return time_of(moment, human.age, now=clock.now())


def time_of(moment: datetime | None, words: Callable[..., str], *, now: datetime) -> SafeString | str:
    """Draw an instant in words, with the exact time in the title and for machines. Nothing for None."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        human.exact(moment),
        words(moment, now=now),
    )


@register.simple_tag
def progress(done: int, total: int) -> SafeString:
    """Draw how much of a whole is done, with the figures in words."""
    words = _("%(done)s of %(total)s") % {"done": done, "total": total}
    width = f"{100 * min(done, total) / total:.1f}" if total else "0"
    return format_html(
        '<span class="progress"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="8"></rect></svg><span class="number">{}</span></span>',
        width,
        words,
    )


@register.filter
def localised(thing: _Localised | None, field: str) -> str:
    """Return a field in the reader's language, if the thing has translations. Nothing for None."""
    return thing.localised(field) if thing else ""


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """Draw a form's field: label, help, error and the control, tied together for screen readers."""
    if bound.is_hidden:
        return bound.as_widget()
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return SafeString(get_template("otklik/parts/field_group.html").render({"field": bound}))
    label, errors = bound.id_for_label, _field_errors(bound)
    help_text = _FIELD_HELP(bound.auto_id, bound.help_text) if bound.help_text else ""
    if isinstance(widget, CheckboxInput):
        return _FIELD_CHOICE(bound.as_widget(), label, bound.label, help_text, errors)
    optional = "" if bound.field.required else format_html(' <span class="optional">({})</span>', _("optional"))
    return _FIELD(label, bound.label, optional, help_text, bound.as_widget(), errors)


# A case has a dozen fields, folded away: as templates they took a sixth of its page.
_FIELD_HELP = partial(format_html, '<p class="field-help" id="{}_helptext">{}</p>')
_FIELD = partial(format_html, '<div class="field"><label for="{}">{}{}</label>{}{}{}</div>')
_FIELD_CHOICE = partial(
    format_html,
    '<div class="field"><div class="choice">{}<div><label for="{}">{}</label>{}</div></div>{}</div>',
)


@register.simple_tag(name="field_errors")
def _field_errors(bound: BoundField) -> SafeString:
    if not bound.errors:
        return SafeString("")
    row = '<p class="field-error">{}<span>{}</span></p>'
    rows = format_html_join("", row, ((icon("alert-circle"), error) for error in bound.errors))
    return format_html('<div id="{}_error">{}</div>', bound.auto_id, rows)
