"""What people type and choose on the desk. Empty reasons are caught here; the rules stay in the services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.cases.enums import ANSWER_OUTCOMES, OPEN_STATUSES, Outcome, Status, Withdrawal
from otklik.cases.lists import VIEWS, Filters
from otklik.channels.enums import Decision
from otklik.channels.models import Channel
from otklik.common import clock
from otklik.common.widgets import LongSelect
from otklik.desk.keeping import DUE_WITHIN
from otklik.desk.words import VIEW_TITLES
from otklik.org.access import Access
from otklik.org.models import Department, Topic
from otklik.org.queries import Named, TopicNames


class Pick(forms.ChoiceField):
    """A choice of rows that were read already: validates without a query, and gives the row."""

    widget = LongSelect

    def __init__(self, choices: list[Any], rows: Iterable[Any], *, empty: Any = None, **options: Any) -> None:
        self.rows: Mapping[str, Any] = {str(row.pk): row for row in rows}
        super().__init__(choices=(*((("", empty),) if empty is not None else ()), *choices), **options)

    @property
    def choices(self) -> Any:
        """What can be chosen, as its widget has it."""
        return self._choices

    @choices.setter
    def choices(self, value: Any) -> None:
        widget: Any = self.widget
        self._choices = widget.choices = value

    def clean(self, value: Any) -> Any:
        """Return the chosen row, None where nothing was chosen."""
        return self.rows.get(super().clean(value))


def pick_topic(topics: Mapping[Topic, list[Topic]] | TopicNames, **options: Any) -> Pick:
    """Return a choice of a topic under the names of its group."""
    choices = [(group.name, [(str(topic.pk), topic.name) for topic in members]) for group, members in topics.items()]
    return Pick(choices, [topic for members in topics.values() for topic in members], **options)


def pick_department(departments: Iterable[Department], **options: Any) -> Pick:
    """Return a choice of a department."""
    rows = list(departments)
    return Pick([(str(row.pk), row.title) for row in rows], rows, **options)


def words_area(rows: int, **attributes: Any) -> forms.Textarea:
    """Return a field for several lines of words."""
    return forms.Textarea(attrs={"rows": rows, **attributes})


class DraftForm(forms.Form):
    """An answer being written."""

    text = forms.CharField(
        label=_("Answer to the resident"),
        help_text=_("By name; what is done, by whom and by when; no stock phrases."),
        max_length=8000,
        widget=words_area(7, **{"data-key-target": "answer"}),
        error_messages={"required": _("The answer is empty: write a few words to the resident.")},
    )
    outcome = forms.ChoiceField(
        label=_("What it comes to"),
        choices=[(outcome.value, outcome.label) for outcome in ANSWER_OUTCOMES],
        initial=Outcome.EXPLAINED,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean_seen(self) -> str | None:
        """Return the draft that the author started from; None where the form didn't say."""
        return self.cleaned_data["seen"] if self.add_prefix("seen") in self.data else None

    def starts_from(self, text: str) -> None:
        """Let the next save take the place of this draft: its author has it before the eyes."""
        self.data = {**self.data.dict(), self.add_prefix("seen"): text}  # type: ignore[attr-defined]  # a posted QueryDict


class RemarkForm(forms.Form):
    """What to change in a draft."""

    remark = forms.CharField(
        label=_("What should be different"),
        max_length=2000,
        widget=words_area(3),
        error_messages={"required": _("Say what to change: the author sees only your remark.")},
    )


class AssignForm(forms.Form):
    """Who answers."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=300)

    def __init__(self, *args: Any, departments: Iterable[Department] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department"] = pick_department(departments, label=_("Department"), empty="—")
        self.order_fields(["department", "reason"])


class TopicForm(forms.Form):
    """What it is about."""

    def __init__(
        self, *args: Any, topics: Mapping[Topic, list[Topic]] | TopicNames | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["topic"] = pick_topic(topics or {}, label=_("Topic"), empty="—")


class OpenForm(TopicForm):
    """What it is about, or, by one of the offered buttons, who answers; one of them must be said."""

    def __init__(self, *args: Any, departments: Iterable[Department] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["department"] = pick_department(departments, empty="—", required=False)
        if self.data.get(self.add_prefix("department")):
            self.fields["topic"].required = False


class PlaceForm(forms.Form):
    """Where it is: a street of the city's list, or words, and the house."""

    street = forms.CharField(
        label=_("Street or place"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "city-streets", "autocomplete": "off"}),
        error_messages={"required": _("Write the street or the place.")},
    )
    house = forms.CharField(
        label=_("House"), required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeadlineForm(forms.Form):
    """A new deadline and its reason."""

    due_at = forms.DateTimeField(
        label=_("New deadline"), widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    )
    reason = forms.CharField(
        label=_("Why it moves"),
        max_length=300,
        error_messages={"required": _("Say why the deadline moves: the reason stays in the history.")},
    )

    def clean_due_at(self) -> datetime:
        """Refuse a deadline that has passed before it begins."""
        due_at: datetime = self.cleaned_data["due_at"]
        if due_at <= clock.now():
            raise forms.ValidationError(_("A deadline lies in the future."))
        return due_at


class RejectForm(forms.Form):
    """Why a case ends without an answer, and what triage learns of it."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[("spam", _("Spam")), ("abuse", _("Abuse"))],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=_("Spam or abuse: what it is"),
        help_text=_("Criticism is not a reason."),
        max_length=300,
        error_messages={"required": _("Say why the case is rejected; criticism is not a reason.")},
    )


class WithdrawForm(forms.Form):
    """Why a case goes off the public page."""

    why = forms.TypedChoiceField(
        label=_("Why"),
        help_text=_("Everybody reads it in the place of the case."),
        choices=Withdrawal.choices,
        coerce=Withdrawal,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say why it goes: the page will say so.")},
    )


class JoinForm(forms.Form):
    """The number of the case that a message belongs to."""

    number = forms.IntegerField(label=_("Number of the case"), min_value=1, max_value=2**31 - 1)


class SetAsideForm(forms.Form):
    """Why a message needs no answer."""

    decision = forms.ChoiceField(
        label=_("What it is"),
        choices=[(Decision.NO_ANSWER, Decision.NO_ANSWER.label), (Decision.SPAM, Decision.SPAM.label)],
        widget=forms.RadioSelect,
        initial=Decision.NO_ANSWER,
    )
    reason = forms.CharField(
        label=_("Why"), max_length=300, error_messages={"required": _("Say why no answer is owed.")}
    )


class GiveUpForm(forms.Form):
    """Why something will not be sent."""

    reason = forms.CharField(
        label=_("Why it will not be sent"),
        max_length=300,
        error_messages={"required": _("Say why it will not be sent.")},
    )


NARROWING = ("status", "department", "topic", "channel", "due", "control", "mine")


class FilterForm(forms.Form):
    """What the inbox is narrowed to. Wrong values narrow nothing: an old link still opens."""

    view = forms.ChoiceField(
        label=_("View"), choices=[(code, VIEW_TITLES[code]) for code in VIEWS], required=False, widget=LongSelect
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    due = forms.ChoiceField(
        label=_("Deadline"),
        choices=[("", _("any")), ("overdue", _("overdue")), ("day", _("within a day")), ("week", _("within a week"))],
        required=False,
        widget=LongSelect,
    )
    control = forms.BooleanField(label=_("Under personal control"), required=False)
    mine = forms.BooleanField(label=_("Only mine"), required=False)

    def __init__(
        self,
        *args: Any,
        departments: Iterable[Named],
        topics: Mapping[Topic, list[Topic]] | TopicNames,
        channels: Iterable[Channel],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        known, open_now = list(channels), list(departments)
        statuses = [(status.value, status.label) for status in Status]
        ours = [pair for pair in statuses if pair[0] in OPEN_STATUSES]
        ended = [pair for pair in statuses if pair[0] not in OPEN_STATUSES]
        self.fields["status"] = forms.ChoiceField(
            label=_("Status"), choices=[("", _("any")), *ours, *ended], required=False, widget=LongSelect
        )
        self.fields["department"] = Pick(
            [(str(row.pk), row.name) for row in open_now],
            open_now,
            label=_("Department"),
            empty=_("any"),
            required=False,
        )
        self.fields["topic"] = pick_topic(topics, label=_("Topic"), empty=_("any"), required=False)
        self.fields["channel"] = Pick(
            [(str(row.pk), str(row)) for row in known], known, label=_("Where from"), empty=_("any"), required=False
        )

    def filters(self, access: Access, *, now: datetime) -> Filters:
        """Return what is asked for, without what makes no sense."""
        self.is_valid()
        chosen = self.cleaned_data
        rows = {name: chosen[name].pk for name in ("department", "topic", "channel") if chosen.get(name)}
        due = chosen.get("due") or ""
        return Filters(
            view=chosen.get("view") or "open",
            status=chosen.get("status") or "",
            executors=(access.official.pk, *access.stands_in_for) if chosen.get("mine") else (),
            due_before=now + DUE_WITHIN[due] if due else None,
            control=bool(chosen.get("control")),
            **rows,
        )

    def narrowed(self) -> list[tuple[str, str]]:
        """Return what narrows the list beside its view: field and words, for the chips above it."""
        found = []
        for name in NARROWING:
            value = self.cleaned_data.get(name)
            if value:
                field = self.fields[name]
                words = field.label if value is True else dict(getattr(field, "choices", ())).get(value, value)
                found.append((name, str(words)))
        return found
