"""What an administrator says of formal appeals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.formal import AppealRules


class AppealRulesForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """What the law gives here, and where a resident makes an appeal."""

    appeals_url = forms.URLField(
        label=_("Address of the form for appeals"),
        help_text=_("The portal or official site that the law accepts. Empty: residents are offered none."),
        assume_scheme="https",
        required=False,
    )

    class Meta:
        model = AppealRules
        fields = (
            "name",
            "name_en",
            "law",
            "law_en",
            "counts",
            "register_days",
            "answer_days",
            "extend_days",
            "forward_days",
            "day_off",
            "source",
        )
        labels = {
            "name": _("What it is called, in Russian"),
            "name_en": _("What it is called, in English"),
            "law": _("By which law, in Russian"),
            "law_en": _("By which law, in English"),
            "counts": _("The law counts"),
            "register_days": _("Days to register it"),
            "answer_days": _("Days to answer it"),
            "extend_days": _("Days of the longer term"),
            "forward_days": _("Days to pass it on"),
            "day_off": _("A last day that is a day off"),
            "source": _("Who says so"),
        }
        help_texts = {
            "register_days": _("From the day it came."),
            "answer_days": _("From the day it was registered."),
            "extend_days": _("Once, when the resident was told. 0: the law gives none."),
            "forward_days": _("To another body, from the day it was registered."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields(["appeals_url"])
