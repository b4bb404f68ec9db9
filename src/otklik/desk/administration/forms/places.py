"""What an administrator says of places."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.desk.administration.fields import IndentedChoice, districts, places, topics_in_use
from otklik.org.access import Access
from otklik.org.models import Place


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """A district, a street or a landmark."""

    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "short"}),
        help_text=_("One a line: how people call it, older names, usual misspellings."),
    )

    lat = forms.FloatField(
        label=_("Latitude of its middle"),
        min_value=-90,
        max_value=90,
        required=False,
        help_text=_(
            "For the public map, in degrees: 44.633. A street without one stands in the middle of its district."
        ),
    )
    lon = forms.FloatField(label=_("Longitude of its middle"), min_value=-180, max_value=180, required=False)

    class Meta:
        model = Place
        fields = ("kind", "name", "aliases", "parent", "owner", "lat", "lon")
        labels = {"kind": _("Kind"), "name": _("Name")}
        help_texts = {"name": _("Without “street” or “district”, in the form of a map.")}
        error_messages = {"name": {"required": _("Write what the place is called.")}}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        city = access.municipality_id
        self.instance.municipality_id = city
        self.initial["aliases"] = "\n".join(self.instance.aliases)
        self.fields["parent"] = districts(city, label=_("District"), empty_label=_("none"))
        self.fields["owner"] = IndentedChoice(
            city,
            now=self.instance.owner_id,
            label=_("Who answers for everything here"),
            empty_label=_("nobody special: the topic decides"),
            help_text=_("For a park or a market with its own keeper; leave it empty for a usual street."),
        )

    def clean_aliases(self) -> list[str]:
        """Return the names that were typed."""
        lines = (line.strip() for line in self.cleaned_data["aliases"].splitlines())
        return [line[:200] for line in lines if line]


class ImportForm(forms.Form):
    """Many places at once."""

    lines = forms.CharField(
        label=_("Places, one a line"),
        max_length=800_000,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono", "spellcheck": "false"}),
        error_messages={"required": _("Paste the lines here.")},
    )


class RouteForm(forms.Form):
    """An exception: this topic, in this place, goes to that department."""

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        city = access.municipality_id
        needed: dict[str, Any] = {"required": True, "empty_label": ""}
        wrong = {"required": _("Choose one of the list."), "invalid_choice": _("Choose one of the list.")}
        self.fields["topic"] = topics_in_use(city, label=_("Topic"), error_messages=wrong, **needed)
        self.fields["place"] = places(city, label=_("Place"), error_messages=wrong, **needed)
        self.fields["department"] = IndentedChoice(city, label=_("Goes to"), error_messages=wrong, **needed)
