"""What an administrator says of answers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.sendtimes import AnswerSettings


class AnswerSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """When an approved answer goes out."""

    class Meta:
        model = AnswerSettings
        fields = ("at_night",)
        labels = {"at_night": _("An answer approved outside working hours")}
        help_texts = {
            "at_night": _(
                "Danger to life never waits, nor does an answer that the network would refuse by then. "
                "Whoever approves may send it at once all the same."
            )
        }
        widgets = {"at_night": forms.RadioSelect}
