"""What an administrator says of how the city sends to its officials."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from otklik.notices.letters import TELEGRAM, Carrier
from otklik.notices.services.carrying import MailServer


def _secret(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=_("Sealed before it is stored, and never shown again. Empty: as it is."),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )


class MailForm(forms.Form):
    """The city's mail server."""

    is_on = forms.BooleanField(label=_("Send letters by e-mail"), required=False)
    host = forms.CharField(label=_("Mail server"), max_length=200, required=False)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    security = forms.ChoiceField(
        label=_("Protection"), choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none"))]
    )
    user = forms.CharField(label=_("Name to sign in with"), max_length=200, required=False)
    password = _secret(_("Password"))
    sender = forms.EmailField(label=_("Sender's address"), required=False)

    def __init__(self, row: Carrier, data: QueryDict | None) -> None:
        names = [name for name in self.base_fields if name != "password"]
        super().__init__(data, initial={name: getattr(row, name) for name in names}, prefix="mail")

    @property
    def server(self) -> MailServer:
        """What was said."""
        return MailServer(**self.cleaned_data)


class BotForm(forms.Form):
    """The city's Telegram bot for officials."""

    is_on = forms.BooleanField(label=_("Send to officials by Telegram"), required=False)
    token = _secret(_("Token of the bot"))

    def __init__(self, row: Carrier, data: QueryDict | None) -> None:
        super().__init__(data, initial={"is_on": row.is_on}, prefix="bot")
        if settings.ENVIRONMENT.allow_loopback:  # a simulator's address, in tests and the demo only
            self.fields["base"] = forms.CharField(
                label=_("Address of Telegram's server"), initial=row.host or TELEGRAM, max_length=200, required=False
            )


class PushForm(forms.Form):
    """Whether officials may be told on their phones."""

    is_on = forms.BooleanField(label=_("Let officials be told on their phones"), required=False)


class HourForm(forms.Form):
    """When digests are prepared."""

    digest_at = forms.TimeField(
        label=_("Digests are prepared at"),
        help_text=_("On working days, in the city's own time."),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
