"""How sure triage must be before it sorts by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _share(**options: Any) -> forms.IntegerField:
    words = {"min_value": _("Between 50 and 99 of 100."), "max_value": _("Between 50 and 99 of 100.")}
    return forms.IntegerField(min_value=50, max_value=99, error_messages=words, **options)


class PrecisionForm(forms.Form):
    """Of 100 messages that triage sorts by itself, so many must be right."""

    group = _share(
        label=_("Group of topics: right of 100"),
        help_text=_("90 means: of 100 messages whose group it names by itself, at most 10 are wrong."),
    )
    topic = _share(
        label=_("Topic: right of 100"),
        help_text=_("85 means: of 100 that it sorts by itself, at most 15 go wrong. Higher: people sort more by hand."),
    )
