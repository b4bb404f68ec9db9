"""What an administrator enters for a network, as its connector declares it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.channels.models import Channel
from otklik.channels.services.connecting import fields_of, help_of, is_ours_to_make, label_of


class ChannelForm(forms.Form):
    """A network's account. Secrets go in and never come out: an empty one keeps what is there."""

    name = forms.CharField(
        label=_("Short name"),
        max_length=60,
        help_text=_("Lower-case Latin letters, digits and -, for the command line, such as city-vk."),
        error_messages={"required": _("Write a short name.")},
    )
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("What the desk calls it, in any letters.")
    )

    def __init__(self, network: str, *arguments: Any, channel: Channel | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.setting_names = [field.name for field in fields_of(network)]
        if channel is not None:
            del self.fields["name"]
            self.initial["title"] = channel.title
        for field in fields_of(network):
            keep = channel is not None and field.secret
            made = field.secret and is_ours_to_make(field)
            as_it_is = _("Empty: as it is.") if keep else ""
            help_text = f"{as_it_is} {help_of(field)}".strip()
            self.fields[field.name] = forms.CharField(
                label=label_of(field),
                help_text=help_text,
                required=field.required and not keep and not made,
                max_length=2000,
                initial=None if field.secret or channel is None else channel.settings.get(field.name, ""),
                widget=_secret_input() if field.secret else forms.TextInput(attrs={"placeholder": field.default}),
                error_messages={"required": _("Fill this in: the channel can't work without it.")},
            )

    @property
    def values(self) -> dict[str, str]:
        """The settings and secrets that were entered."""
        return {name: self.cleaned_data[name] for name in self.setting_names}


def _secret_input() -> forms.PasswordInput:
    # Shown again only while its own form is being corrected, so that nothing typed is lost; never from what is kept.
    return forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password", "spellcheck": "false"})
