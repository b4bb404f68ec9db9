"""Controls of forms that Django's own draw too slowly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.choices import normalize_choices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LongSelect(forms.Select):
    """A select of any length, drawn at once: Django's own opens two templates for each of its options.

    A tuple of pairs it takes as it is; Django looks every choice of every list through, and again at each copy.
    """

    @property
    def choices(self) -> Any:
        """What can be chosen: pairs of a value and its words, or of a group's name and such pairs."""
        return self._choices

    @choices.setter
    def choices(self, value: Any) -> None:
        self._choices = value if isinstance(value, tuple) else normalize_choices(value)

    def __deepcopy__(self, memo: dict[int, Any]) -> LongSelect:
        copied = copy(self)
        copied.attrs = self.attrs.copy()
        memo[id(self)] = copied
        return copied

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the control; groups of options are pairs of a name and a list, as in every form."""
        given: Any = attrs
        drawn = flatatt({"name": name, **self.build_attrs(self.attrs, given)})
        return format_html("<select{}>{}</select>", drawn, options(self.choices, self.format_value(value)))


def options(choices: Iterable[Any], chosen: Iterable[str] = ()) -> SafeString:
    """Draw the options of a select, or of a part of one; what was drawn before is remembered."""
    return _options(tuple([_comparable(key, label) for key, label in choices]), frozenset(chosen))


def _comparable(key: Any, label: Any) -> tuple[str, str | tuple[Any, ...]]:
    if type(key) is str and type(label) is str:
        return key, label
    value = "" if key is None else str(key)
    if isinstance(label, list | tuple):
        return value, tuple([_comparable(inner, words) for inner, words in label])
    return value, str(label)


@lru_cache(maxsize=256)
def _options(choices: tuple[tuple[str, Any], ...], chosen: frozenset[str]) -> SafeString:
    return format_html_join("", "{}", ((_option(value, label, chosen),) for value, label in choices))


def _option(value: str, label: str | tuple[Any, ...], chosen: frozenset[str]) -> SafeString:
    if isinstance(label, tuple):
        return format_html('<optgroup label="{}">{}</optgroup>', value, _options(label, chosen))
    return format_html('<option value="{}"{}>{}</option>', value, _SELECTED if value in chosen else "", label)


_SELECTED = SafeString(" selected")
