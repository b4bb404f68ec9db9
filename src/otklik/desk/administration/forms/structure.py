"""What an administrator says of departments, topics and service levels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.desk.administration.fields import IndentedChoice, levels, topic_groups
from otklik.org.access import Access
from otklik.org.models import Department, OutsideBody, ServiceLevel, Topic

_CODE_HELP = _("Latin letters, digits and -, for imports and exports. Leave it empty and one is made.")
_CODE_WRONG = {"invalid": _("Use Latin letters, digits and - only.")}


def _short(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "short"})


class _Coded(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """A row with a code that is chosen once and stays."""

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.instance.municipality_id = access.municipality_id
        if self.instance.pk:
            del self.fields["code"]
        else:
            self.fields["code"] = forms.SlugField(
                label=_("Code"), help_text=_CODE_HELP, required=False, max_length=40, error_messages=_CODE_WRONG
            )


class DepartmentForm(_Coded):
    """A department."""

    class Meta:
        model = Department
        fields = ("name", "name_en", "parent", "contacts", "code")
        labels = {"name": _("Name"), "name_en": _("Name in English"), "contacts": _("Contacts for residents")}
        help_texts = {"contacts": _("A phone, an address, hours: what an answer may tell people.")}
        error_messages = {"name": {"required": _("Write what the department is called.")}}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(access, *arguments, **options)
        self.fields["parent"] = IndentedChoice(
            access.municipality_id,
            now=self.instance.parent_id,
            leave_out=self.instance,
            label=_("Stands under"),
            empty_label=_("nothing: at the top"),
        )


class TopicForm(_Coded):
    """A topic, or a group if it stands in none."""

    class Meta:
        model = Topic
        fields = (
            "parent",
            "title",
            "title_en",
            "includes",
            "includes_en",
            "excludes",
            "excludes_en",
            "department",
            "service_level",
            "external_code",
            "code",
        )
        labels = {
            "title": _("Title"),
            "title_en": _("Title in English"),
            "includes": _("What belongs here"),
            "includes_en": _("What belongs here, in English"),
            "excludes": _("What doesn't, and belongs elsewhere"),
            "excludes_en": _("What doesn't, in English"),
            "external_code": _("Code in another classifier"),
        }
        widgets = {name: _short(2) for name in ("includes", "includes_en", "excludes", "excludes_en")}
        error_messages = {"title": {"required": _("Write what the topic is called.")}}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(access, *arguments, **options)
        city = access.municipality_id
        if self.instance.pk and self.instance.parent_id is None:
            for name in ("parent", "department", "service_level"):
                del self.fields[name]
            return
        self.fields["parent"] = topic_groups(
            city, now=self.instance.parent_id, label=_("Group"), empty_label=_("none: this is a group itself")
        )
        self.fields["department"] = IndentedChoice(
            city,
            now=self.instance.department_id,
            label=_("Who answers"),
            empty_label=_("nobody yet: a curator decides"),
        )
        self.fields["service_level"] = levels(city, label=_("Service level"), empty_label=_("none"))


class LevelForm(_Coded):
    """How soon we answer."""

    class Meta:
        model = ServiceLevel
        fields = (
            "title",
            "title_en",
            "clock",
            "acknowledge_minutes",
            "answer_minutes",
            "solve_days",
            "interim_solve_days",
            "source",
            "code",
        )
        labels = {
            "title": _("Title"),
            "title_en": _("Title in English"),
            "clock": _("Which time counts"),
            "acknowledge_minutes": _("Acknowledge within, minutes"),
            "answer_minutes": _("Answer within, minutes"),
            "solve_days": _("Solve within, working days"),
            "interim_solve_days": _("Solve after an interim answer within, working days"),
            "source": _("Where this comes from"),
        }
        help_texts = {
            "answer_minutes": _("Nine working hours are 540 minutes."),
            "solve_days": _("Empty: by the date that is promised."),
            "source": _("A law, an order, a decision: what to show who asks why."),
        }
        error_messages = {
            "title": {"required": _("Write what the level is called.")},
            "acknowledge_minutes": {"required": _("Write a number of minutes.")},
            "answer_minutes": {"required": _("Write a number of minutes.")},
        }


class BodyForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """A body outside the city."""

    site = forms.URLField(label=_("Site"), required=False, assume_scheme="https")

    class Meta:
        model = OutsideBody
        fields = ("name", "name_en", "answers_for", "answers_for_en", "phone", "site", "email")
        labels = {
            "name": _("Name"),
            "name_en": _("Name in English"),
            "answers_for": _("What it answers for"),
            "answers_for_en": _("What it answers for, in English"),
            "phone": _("Phone"),
            "email": _("E-mail"),
        }
        help_texts = {"answers_for": _("As the resident will read it: “doctors' appointments”.")}
        error_messages = {
            "name": {"required": _("Write what the body is called.")},
            "answers_for": {"required": _("Write what it answers for.")},
        }

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.instance.municipality_id = access.municipality_id

    def clean(self) -> dict[str, Any]:
        """Say at the phone that there has to be some way to reach them; the constraint would say it without words."""
        said = super().clean() or {}
        if not self.errors and not any(said.get(name) for name in ("phone", "site", "email")):
            self.add_error("phone", _("Give at least one way to reach them: a phone, a site or an e-mail."))
        return said
