"""What an administrator says of the city's language model."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from otklik.assist.models import ModelSettings
from otklik.assist.services.setting import Choice


class ModelForm(forms.Form):
    """Where the model is, what it may be used for, and that one knows what leaves."""

    is_on = forms.BooleanField(label=_("Use a language model"), required=False)
    base_url = forms.CharField(
        label=_("Address of its server"),
        help_text=_("OpenAI-compatible, on the city's own network, such as http://10.0.0.5:8080/v1."),
        max_length=300,
        required=False,
    )
    model = forms.CharField(label=_("Name of the model"), max_length=120, required=False)
    key = forms.CharField(
        label=_("Key"),
        help_text=_("Sealed before it is stored, and never shown again. Empty: as it is; another address forgets it."),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "spellcheck": "false"}),
    )
    for_drafts = forms.BooleanField(label=_("Drafts of answers"), required=False)
    for_summaries = forms.BooleanField(label=_("Summaries of long conversations"), required=False)
    for_translation = forms.BooleanField(label=_("Translations of messages"), required=False)
    masks = forms.BooleanField(
        label=_("Hide personal data before a text leaves"),
        help_text=_("Phones, addresses, numbers of documents. Names of the authors are never sent."),
        required=False,
    )
    timeout_s = forms.IntegerField(label=_("Stop waiting after so many seconds"), min_value=5, max_value=300)
    summary_from = forms.IntegerField(
        label=_("A conversation is long from so many messages"), min_value=3, max_value=500
    )
    understood = forms.BooleanField(
        label=_("I know that texts of residents' messages leave for this address, for the uses ticked above"),
        help_text=_("Needed to switch it on, and again when the address, the uses or the hiding change. It is noted."),
        required=False,
    )

    def __init__(self, row: ModelSettings, data: QueryDict | None) -> None:
        names = [name for name in self.base_fields if name not in ("key", "understood")]
        super().__init__(data, initial={name: getattr(row, name) for name in names})

    @property
    def choice(self) -> Choice:
        """What was chosen."""
        return Choice(**self.cleaned_data)
