"""What an administrator says of assignment: rules, shifts, the ladder of warnings, and a text to try."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from otklik.cases.enums import EMERGENCY
from otklik.cases.ladder import HIGHEST, LOWEST, MOST_STEPS, TOLD, Escalation
from otklik.cases.rules import AssignmentRule, Shift
from otklik.desk.administration.fields import IndentedChoice, OwnChoice, places
from otklik.org.access import Access
from otklik.org.enums import Role
from otklik.org.models import Official, Topic

_URGENCIES = (
    (0, _("any")),
    (1, _("low or higher")),
    (2, _("middle or higher")),
    (3, _("high or higher")),
    (EMERGENCY, _("danger to life only")),
)
_NO_TIME = dict.fromkeys(("required", "invalid"), _("Say the time, like 09:30."))
_NO_DAY = {"invalid": _("Choose the day.")}


def colleagues(municipality_id: int, **options: Any) -> OwnChoice:
    """Return a choice of people who work here, named with what they do."""
    rows = Official.objects.filter(municipality=municipality_id, is_active=True).select_related("department")
    return OwnChoice(rows.order_by("full_name", "id"), named=_named, **options)


def _named(official: Official) -> str:
    where = official.position or (official.department.title if official.department is not None else "")
    return f"{official.full_name} ({where})" if where else official.full_name


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """One rule: when it fits, and what it decides."""

    urgency_from = forms.TypedChoiceField(label=_("How urgent"), choices=_URGENCIES, coerce=int)
    load_from = forms.IntegerField(
        label=_("Only while it has this many open cases"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("The department that would answer by the table; to pass on what is too much. Empty: always."),
    )

    class Meta:
        model = AssignmentRule
        fields = (
            *("name", "topic", "place", "instead_of", "kind", "urgency_from", "hours", "load_from"),
            *("manner", "department", "whom", "official"),
        )
        labels = {
            "name": _("Name"),
            "kind": _("What the resident came with"),
            "hours": _("When"),
            "manner": _("What happens"),
            "whom": _("Who of the department"),
        }
        help_texts = {
            "name": _("As you would say it: the case tells it as the reason. “Snow in Zarechye: the duty officer”."),
        }
        widgets = {"manner": forms.RadioSelect}
        error_messages = {"name": {"required": _("Give it a name: cases tell it as the reason.")}}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        city, rule = access.municipality_id, self.instance
        rule.municipality_id = city
        topics = Topic.objects.filter(municipality=city, valid_to=None).select_related("parent").order_by("code")
        self.fields["topic"] = OwnChoice(topics, named=_topic, label=_("Topic or group"), empty_label=_("any"))
        self.fields["place"] = places(
            city, label=_("Place"), empty_label=_("any"), help_text=_("A district holds for all of its streets.")
        )
        self.fields["instead_of"] = IndentedChoice(
            city,
            now=rule.instead_of_id,
            label=_("Would go by the table to"),
            empty_label=_("any department, or none"),
        )
        self.fields["kind"].choices = [("", _("anything")), *self.fields["kind"].choices[1:]]  # type: ignore[attr-defined]  # a choice field
        self.fields["department"] = IndentedChoice(
            city, now=rule.department_id, label=_("Goes to"), empty_label=_("where the table says")
        )
        self.fields["official"] = colleagues(city, label=_("This person"), empty_label="—")
        self.order_fields(self.Meta.fields)


def _topic(topic: Topic) -> str:
    return f"{topic.parent} › {topic}" if topic.parent is not None else f"{topic}"


class TryForm(forms.Form):
    """A text, or the number of a case, to see which rule would decide."""

    text = forms.CharField(
        label=_("What a resident writes, or the number of a case"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a text or a number.")},
    )


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """When somebody works."""

    days = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day of the week.")},
    )

    class Meta:
        model = Shift
        fields = ("official", "days", "starts", "ends", "first_on", "last_on")
        labels = {"starts": _("From"), "ends": _("Until"), "first_on": _("First day"), "last_on": _("Last day")}
        help_texts = {
            "ends": _("Earlier than the beginning: until then the next morning."),
            "first_on": _("Empty: it holds already."),
            "last_on": _("Empty: it holds until you change it."),
        }
        widgets = {
            "starts": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "first_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        error_messages = {"starts": _NO_TIME, "ends": _NO_TIME, "first_on": _NO_DAY, "last_on": _NO_DAY}

    def __init__(self, access: Access, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.instance.municipality_id = access.municipality_id
        self.initial["days"] = list(self.instance.days)
        wrong = {"required": _("Choose one of the list.")}
        self.fields["official"] = colleagues(
            access.municipality_id, label=_("Who"), required=True, empty_label="", error_messages=wrong
        )
        self.order_fields(self.Meta.fields)

    def clean(self) -> None:
        """Say beside its field what the row's constraint would say of the whole form, in its own words."""
        super().clean()
        first, last = self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if first is not None and last is not None and last < first:
            self.add_error("last_on", _("The last day can't be before the first."))

    def clean_days(self) -> str:
        """Return the days as they are kept."""
        return "".join(sorted(self.cleaned_data["days"]))


class LadderForm(forms.ModelForm):  # type: ignore[type-arg]  # django-stubs' generic isn't one at run time
    """The steps, one a line of boxes, and the hours of telling."""

    class Meta:
        model = Escalation
        fields = ("hours", "opens", "closes")
        labels = {"hours": _("When people are told"), "opens": _("From"), "closes": _("Until")}
        widgets = {
            "hours": forms.RadioSelect,
            "opens": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "closes": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        error_messages = {"opens": _NO_TIME, "closes": _NO_TIME}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        kept = list(self.instance.steps)
        bounds = _("A step stands between %(low)s and %(high)s percent.") % {"low": LOWEST, "high": HIGHEST}
        wrong = dict.fromkeys(("invalid", "min_value", "max_value"), bounds)
        for number in range(MOST_STEPS):
            percent, roles = kept[number] if number < len(kept) else (None, [])
            self.fields[f"percent{number}"] = forms.IntegerField(
                label=_("Percent of the time"),
                required=False,
                min_value=LOWEST,
                max_value=HIGHEST,
                initial=percent,
                error_messages=wrong,
            )
            self.fields[f"roles{number}"] = forms.MultipleChoiceField(
                label=_("Who is told"),
                required=False,
                choices=[(role.value, Role(role).label) for role in TOLD],
                widget=forms.CheckboxSelectMultiple,
                initial=roles,
            )

    def clean(self) -> None:
        """Say of each line what it lacks, beside its field; what the steps are together is the service's to judge."""
        super().clean()
        said, seen = self.cleaned_data, set()
        if said.get("opens") and said.get("closes") and said["closes"] <= said["opens"]:
            self.add_error("closes", _("The hours of telling have to end after they begin."))
        for number in range(MOST_STEPS):
            percent, roles = said.get(f"percent{number}"), said.get(f"roles{number}")
            if roles and percent is None and f"percent{number}" not in self.errors:
                self.add_error(f"percent{number}", _("Say at how many percent they are told, or untick them."))
            elif percent in seen:
                self.add_error(f"percent{number}", _("Two steps stand at the same percent: make one of them."))
            elif percent is not None and not roles:
                self.add_error(f"roles{number}", _("On each step somebody has to be told."))
            seen |= {percent} - {None}

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        """The steps' fields: those that say something, and one empty line more."""
        pairs = [(self[f"percent{number}"], self[f"roles{number}"]) for number in range(MOST_STEPS)]
        said = [number for number, (percent, roles) in enumerate(pairs) if percent.value() or roles.value()]
        return pairs[: (max(said) + 2 if said else 1)]

    @property
    def steps(self) -> list[tuple[int, list[str]]]:
        """The steps that were typed, the lowest first."""
        said = self.cleaned_data
        rows = [(said.get(f"percent{number}"), said.get(f"roles{number}") or []) for number in range(MOST_STEPS)]
        return sorted((int(percent), list(roles)) for percent, roles in rows if percent)
