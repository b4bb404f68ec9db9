"""How controls of forms are drawn: the plain ones at once, all others by Django's templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_INPUTS = frozenset(
    f"django/forms/widgets/{kind}.html"
    for kind in ("input", "text", "number", "email", "url", "password", "hidden", "date", "time", "checkbox", "file")
)
_TEXTAREA = "django/forms/widgets/textarea.html"


class Renderer(DjangoTemplates):
    """Django's renderer, quicker: an input of its is two templates, one within the other, for one line of HTML."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """Return a control as its template would write it."""
        if template_name in _INPUTS:
            return _input(context["widget"])
        if template_name == _TEXTAREA:
            return _textarea(context["widget"])
        return mark_safe(super().render(template_name, context, request))  # noqa: S308 - what templates have escaped


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, _attributes(widget))


def _textarea(widget: Mapping[str, Any]) -> SafeString:
    words = widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', widget["name"], _attributes(widget), words)


def _attributes(widget: Mapping[str, Any]) -> SafeString:
    """Return attributes as Django's template writes them: True is the name alone, False is nothing."""
    attrs: Mapping[str, Any] = widget["attrs"]
    drawn = SafeString("")
    for name, value in attrs.items():
        if value is not False:
            drawn += format_html(" {}", name) if value is True else format_html(' {}="{}"', name, str(value))
    return drawn
