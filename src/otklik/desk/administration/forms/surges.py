"""What an administrator says of surges."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.pulse.models import SurgeSettings


class SurgeSettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """When many voices are a surge."""

    class Meta:
        model = SurgeSettings
        fields = ("is_on", "voices", "times_usual", "post_voices", "quiet_minutes", "acknowledge_once")
        labels = {
            "is_on": _("Watch for surges"),
            "voices": _("People in an hour about one topic or street"),
            "times_usual": _("Times what is usual"),
            "post_voices": _("People in an hour under one post"),
            "quiet_minutes": _("Over after so many quiet minutes"),
            "acknowledge_once": _("Under a post say “we have it” once, not to each"),
        }
        help_texts = {
            "voices": _("Different people: ten messages of one person are one voice."),
            "times_usual": _("Compared with the same hour of the last two weeks. A busy topic stays quiet."),
            "post_voices": _("So many under one post are a surge, whatever they write about."),
            "quiet_minutes": _("Nobody wrote of it for so long: it has passed."),
            "acknowledge_once": _("Danger to life, and whoever writes in private, is always told alone."),
        }
