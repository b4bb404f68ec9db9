"""What an administrator enters for a network, as its connector declares it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from otklik.channels.models import Channel
from otklik.channels.services.connecting import choices_of, fields_of, help_of, is_ours_to_make, label_of
from otklik.common.widgets import LongSelect
from otklik.connectors.base import SettingField
from otklik.org.law import proxy_warning
from otklik.org.models import Municipality


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

    def __init__(
        self, network: str, *arguments: Any, city: Municipality, channel: Channel | None = None, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.setting_names = [field.name for field in fields_of(network)]
        self.rare_names = frozenset(field.name for field in fields_of(network) if field.rare)
        if channel is not None:
            del self.fields["name"]
            self.initial["title"] = channel.title
        for field in fields_of(network):
            kept = "" if channel is None else channel.settings.get(field.name, "")
            if field.choices:
                self.fields[field.name] = _choice(field, kept)
            else:
                self.fields[field.name] = _line(field, kept, is_new=channel is None)
        if "proxy" in self.fields:
            warning = proxy_warning(city.jurisdiction, get_language() or city.language)
            self.fields["proxy"].help_text = f"{self.fields['proxy'].help_text} {warning}".strip()

    @property
    def common_fields(self) -> list[forms.BoundField]:
        """What everybody enters."""
        return [one for one in self if one.name not in self.rare_names]

    @property
    def rare_fields(self) -> list[forms.BoundField]:
        """What hardly anybody changes."""
        return [one for one in self if one.name in self.rare_names]

    @property
    def is_wrong_among_rare(self) -> bool:
        """Whether something is to be mended among what is folded away."""
        return any(one.errors for one in self.rare_fields)

    @property
    def values(self) -> dict[str, str]:
        """The settings and secrets that were entered."""
        return {name: self.cleaned_data[name] for name in self.setting_names}


def _choice(field: SettingField, kept: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label_of(field),
        help_text=help_of(field),
        required=False,
        choices=choices_of(field),
        initial=kept or field.default,
        widget=LongSelect,
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )


def _line(field: SettingField, kept: str, *, is_new: bool) -> forms.CharField:
    keep = field.secret and not is_new
    made = field.secret and is_ours_to_make(field)
    as_it_is = _("Empty: as it is.") if keep else ""
    return forms.CharField(
        label=label_of(field),
        help_text=f"{as_it_is} {help_of(field)}".strip(),
        required=field.required and not keep and not made,
        max_length=2000,
        initial=None if field.secret or is_new else kept,
        widget=_secret_input() if field.secret else forms.TextInput(attrs={"placeholder": field.default}),
        error_messages={"required": _("Fill this in: the channel can't work without it.")},
    )


def _secret_input() -> forms.PasswordInput:
    # Shown again only while its own form is being corrected, so that nothing typed is lost; never from what is kept.
    return forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password", "spellcheck": "false"})
