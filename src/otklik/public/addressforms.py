"""Forms that ask for an e-mail address, or for what came to it."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from otklik.residents.addresses import tidy


class AddressForm(forms.Form):
    """An e-mail address, and a field that only robots fill."""

    email = forms.CharField(
        max_length=254,
        label=_("E-mail"),
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Write your e-mail address.")},
    )
    website = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_email(self) -> str:
        """Return the address as it is kept."""
        try:
            return tidy(self.cleaned_data["email"])
        except ValidationError as error:
            raise ValidationError(_("This is not an e-mail address: look at it once more.")) from error

    def is_robots(self) -> bool:
        """Whether the field was filled that no person sees; nothing is sent then, and nothing is said."""
        return bool(self.cleaned_data.get("website"))
