"""Forms that ask for an e-mail address or a phone."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from otklik.residents.addresses import tidy, tidy_phone


class _Trap(forms.Form):
    """A field that only robots fill."""

    website = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def is_robots(self) -> bool:
        """Whether the field was filled that no person sees; nothing is sent then, and nothing is said."""
        return bool(self.cleaned_data.get("website"))


class PhoneForm(_Trap):
    """A phone."""

    phone = forms.CharField(
        max_length=30,
        label=_("Phone"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("Write your phone number.")},
    )

    def clean_phone(self) -> str:
        """Return the number as it is kept."""
        try:
            return tidy_phone(self.cleaned_data["phone"])
        except ValidationError as error:
            raise ValidationError(_("This is not a phone number: begin with + and the country's code.")) from error


class AddressForm(_Trap):
    """An e-mail address."""

    email = forms.CharField(
        max_length=254,
        label=_("E-mail"),
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email", "inputmode": "email"}),
        error_messages={"required": _("Write your e-mail address.")},
    )

    def clean_email(self) -> str:
        """Return the address as it is kept."""
        try:
            return tidy(self.cleaned_data["email"])
        except ValidationError as error:
            raise ValidationError(_("This is not an e-mail address: look at it once more.")) from error
