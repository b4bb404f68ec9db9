"""What residents fill in. Rules of the domain stay below; a form knows only shapes and words."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.openness import Appraisal
from otklik.cases.publicity import SHOWS, Looking
from otklik.common.text import storable
from otklik.connectors.site.connector import TEXT_LIMIT
from otklik.media.models import StoredFile
from otklik.org.models import Place, Topic

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

    def key(self, files: Iterable[StoredFile] = ()) -> str:
        """Return the submission's key: the same words and files sent twice are one; changed ones another message."""
        words = "\0".join(str(self.cleaned_data.get(name, "")) for name in sorted(self.fields))
        words += "".join(f"\0{digest}" for digest in sorted(file.digest for file in files))
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
            ("", _("Don't publish: only the city reads it")),
            ("1", _("Yes, without my name and contacts: others may have the same problem")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    anonymous = forms.ChoiceField(
        label=_("May the city know who you are?"),
        choices=[
            ("", _("Yes: name and contact below, seen only by those who answer, never shown")),
            ("1", _("No: don't show my name to anybody. Nothing about you is kept; you still get a code")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    field_order = ("text", "may_publish", "anonymous", "name", "contact")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What happened, and where?")
        self.fields["text"].help_text = _("In your own words. A street and a house help us to find the right people.")
        self.initial.setdefault("may_publish", "")
        self.initial.setdefault("anonymous", "")

    def clean(self) -> dict[str, Any]:
        """Drop the name and the contact of whoever wants to be nobody, also where they were filled in."""
        given = super().clean()
        if given.get("anonymous"):
            given |= {"name": "", "contact": ""}
        return given


class CommentForm(_Submission):
    """A comment under a post."""

    field_order = ("text", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your comment")
        self.fields["text"].help_text = _(
            "Everybody will see it. If it is a question or a request, the city answers here."
        )


class LookForm(forms.Form):
    """What a reader of the public list looks for. Wrong values narrow nothing: an old link still opens."""

    q = forms.CharField(
        label=_("Words"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, districts: Iterable[Place], groups: Iterable[Topic], **options: Any) -> None:
        super().__init__(*args, **options)
        anywhere, anything = ("", _("the whole city")), ("", _("everything"))
        self.fields["district"] = forms.ChoiceField(
            label=_("Where"), choices=[anywhere, *((str(one.pk), one.name) for one in districts)], required=False
        )
        self.fields["topic"] = forms.ChoiceField(
            label=_("What about"), choices=[anything, *((str(one.pk), one.name) for one in groups)], required=False
        )

    def looking(self) -> Looking:
        """Return what is looked for, without what makes no sense."""
        self.is_valid()
        chosen = self.cleaned_data
        shown, street = self.data.get("show", "all"), str(self.data.get("street", ""))
        return Looking(
            show=shown if shown in SHOWS else "all",
            district=int(chosen["district"]) if chosen.get("district") else None,
            place=int(street) if street.isdecimal() and street.isascii() and len(street) <= 18 else None,
            group=int(chosen["topic"]) if chosen.get("topic") else None,
            words=storable(chosen.get("q", "")),
        )

    def kept(self) -> dict[str, str]:
        """Return the part of the address that says what is looked for, `show` first."""
        looking = self.looking()
        named = {"district": looking.district, "street": looking.place, "topic": looking.group, "q": looking.words}
        return {"show": looking.show, **{name: str(value) for name, value in named.items() if value}}

    def narrows(self) -> bool:
        """Whether anything beside the sort of cases is looked for."""
        return len(self.kept()) > 1


class ReopenForm(forms.Form):
    """Why it isn't solved."""

    reason = forms.CharField(
        max_length=2000,
        label=_("What is not solved?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Tell us in a few words what is not solved.")},
    )


class AddForm(_Submission):
    """What a resident adds to the own case."""

    name = None  # type: ignore[assignment]  # Django's way to leave out an inherited field: we know who it is

    field_order = ("text",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What should we know besides?")
        self.fields["text"].widget.attrs["rows"] = 3
        self.fields["text"].error_messages["required"] = _("Write a few words.")


_STARS = [(number, str(number)) for number in range(1, 6)]


class RateForm(forms.Form):
    """How one was treated, and what came of it: each from one to five."""

    attitude = forms.TypedChoiceField(
        label=_("How were you treated?"),
        help_text=_("1: rudely or with stock phrases, 5: with respect"),
        coerce=int,
        choices=_STARS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a number from 1 to 5.")},
    )
    result = forms.TypedChoiceField(
        label=_("What came of it?"),
        help_text=_("1: nothing at all, 5: all done"),
        coerce=int,
        choices=_STARS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a number from 1 to 5.")},
    )

    @classmethod
    def of(cls, appraisal: Appraisal | None) -> RateForm:
        """Return the form with what was said before."""
        if appraisal is None:
            return cls()
        return cls(initial={"attitude": appraisal.attitude, "result": appraisal.result})
