"""What an administrator says of a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.desk.administration.fields import IndentedChoice
from otklik.org.access import Access
from otklik.org.enums import Role
from otklik.org.models import Official

_WHERE = _("Where: empty means the whole city")


class RoleForm(forms.Form):
    """One more role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["department"] = IndentedChoice(access.municipality_id, label=_WHERE, empty_label="")


class InviteForm(RoleForm):
    """Somebody new."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the person's e-mail address.")},
    )
    full_name = forms.CharField(
        label=pgettext_lazy("person", "Name"),
        max_length=200,
        help_text=_("First name and surname, as residents will read it under answers."),
        error_messages={"required": _("Write the person's name.")},
    )
    field_order = ("email", "full_name", "role", "department")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """Who a person is."""

    class Meta:
        model = Official
        fields = ("full_name", "position", "department", "language")
        labels = {
            "full_name": pgettext_lazy("person", "Name"),
            "position": _("Position"),
            "language": _("Language of the screens"),
        }
        error_messages = {"full_name": {"required": _("Write the person's name.")}}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["department"] = IndentedChoice(
            access.municipality_id, now=self.instance.department_id, label=_("Works in"), empty_label=""
        )
        self.fields["language"] = forms.ChoiceField(label=_("Language of the screens"), choices=settings.LANGUAGES)
