"""What residents fill in. Rules of the domain stay below; a form knows only shapes and words."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.connectors.site.connector import TEXT_LIMIT

_ID = re.compile(r"[0-9a-f]{32}")


class _Submission(forms.Form):
    """The shared part: the words, a name, a field that only robots fill, and the key that makes a second click safe."""

    text = forms.CharField(
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": _("Write a few words: what happened and where."),
            "max_length": _("That is too long: please keep it under %(limit_value)s characters."),
        },
    )
    name = forms.CharField(
        max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}), label=_("Your name")
    )
    website = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    submission_id = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("submission_id", uuid.uuid4().hex)
        super().__init__(*args, **kwargs)

    def clean_website(self) -> str:
        """Refuse what a robot filled in. A person whose browser did it sees why and sends again."""
        if self.cleaned_data["website"]:
            self.data = {**dict(self.data.items()), "website": ""}
            raise forms.ValidationError("")
        return ""

    def clean_submission_id(self) -> str:
        """Take only keys that we gave: long enough that nobody guesses another person's page."""
        sent: str = self.cleaned_data["submission_id"]
        if not _ID.fullmatch(sent):
            raise forms.ValidationError(_("The page is broken: copy your text, reload the page and send it again."))
        return sent

    def clean(self) -> dict[str, Any]:
        """Say what is wrong with the hidden fields where people can see it."""
        for hidden in ("website", "submission_id"):
            if hidden in self.errors:
                words = [error for error in self.errors[hidden] if error]
                del self.errors[hidden]
                self.add_error(
                    None, words or _("This looked like a robot's work. If you are a person, just send again.")
                )
        return self.cleaned_data

    def key(self) -> str:
        """Return the submission's key: the same words sent twice are one; changed words are another message."""
        words = "\0".join(str(self.cleaned_data.get(name, "")) for name in sorted(self.fields))
        return f"{self.cleaned_data['submission_id']}-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


class WriteForm(_Submission):
    """A message to the city from its own site."""

    contact = forms.CharField(
        max_length=200,
        required=False,
        label=_("Phone or e-mail"),
        help_text=_("Only if you want us to reach you. Nobody but those who answer will see it."),
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )
    may_publish = forms.ChoiceField(
        label=_("May we show it on the city's page?"),
        choices=[
            ("", _("No, only the city reads it")),
            ("1", _("Yes, without my name and contacts: others may have the same problem")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ("text", "may_publish", "name", "contact")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What happened, and where?")
        self.fields["text"].help_text = _("In your own words. A street and a house help us to find the right people.")
        self.initial.setdefault("may_publish", "")


class CommentForm(_Submission):
    """A comment under a post."""

    field_order = ("text", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your comment")
        self.fields["text"].help_text = _(
            "Everybody will see it. If it is a question or a request, the city answers here."
        )


class ReopenForm(forms.Form):
    """Why it isn't solved."""

    reason = forms.CharField(
        max_length=2000,
        label=_("What is not solved?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tell us in a few words what is not solved.")},
    )


class RateForm(forms.Form):
    """One to five."""

    stars = forms.TypedChoiceField(
        label=_("How good was the answer?"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, 6)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a number from 1 to 5.")},
    )
