"""Choices of a city's own rows, for the forms of administration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.org.models import Department, Place, ServiceLevel, Topic


class OwnChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # one class for every kind of row
    """A row of this city; another city's id is no valid choice. `named` says what a row is called in the list."""

    def __init__(self, rows: Any, *, named: Callable[[Any], str] = str, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("error_messages", {"invalid_choice": _("Choose one of the list.")})
        self._named = named
        super().__init__(queryset=rows, **options)

    def label_from_instance(self, obj: Any) -> str:
        """Return what a row is called in the list."""
        return self._named(obj)


class IndentedChoice(OwnChoice):
    """Departments as the tree they are: the open ones, and the one that is chosen `now` even if it is closed."""

    def __init__(
        self, municipality_id: int, *, now: int | None = None, leave_out: Department | None = None, **options: Any
    ) -> None:
        rows = Department.objects.filter(Q(is_active=True) | Q(pk=now), municipality=municipality_id)
        if leave_out is not None and leave_out.pk:
            rows = rows.exclude(pk=leave_out.pk)
        super().__init__(rows, **options)
        self.choices = self._tree(list(rows))

    def _tree(self, rows: list[Department]) -> list[tuple[str, str]]:
        tree = [(str(row.pk), "\u2003" * depth + row.title) for depth, row in in_tree_order(rows)]
        return [("", str(self.empty_label or "")), *tree]


def in_tree_order(rows: list[Department]) -> list[tuple[int, Department]]:
    """Return departments with their depth, each after the one above it; a circle or a gap loses nobody."""
    children: dict[int | None, list[Department]] = {}
    known = {row.pk for row in rows}
    for row in rows:
        children.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    ordered: list[tuple[int, Department]] = []
    waiting = [(0, row) for row in reversed(children.get(None, []))]
    while waiting:
        depth, row = waiting.pop()
        ordered.append((depth, row))
        waiting += [(depth + 1, child) for child in reversed(children.pop(row.pk, []))]
    placed = {row.pk for _depth, row in ordered}
    return ordered + [(0, row) for row in rows if row.pk not in placed]


def topic_groups(municipality_id: int, *, now: int | None = None, **options: Any) -> OwnChoice:
    """Return a choice of the groups in use, and of the one that is chosen `now`."""
    rows = Topic.objects.filter(Q(valid_to=None) | Q(pk=now), municipality=municipality_id, parent=None)
    return OwnChoice(rows, **options)


def topics_in_use(municipality_id: int, **options: Any) -> OwnChoice:
    """Return a choice of the topics in use, named with their groups."""
    rows = Topic.objects.filter(municipality=municipality_id, valid_to=None).exclude(parent=None)
    return OwnChoice(rows.select_related("parent"), named=lambda topic: f"{topic.parent} › {topic}", **options)


def levels(municipality_id: int, **options: Any) -> OwnChoice:
    """Return a choice of service levels."""
    return OwnChoice(ServiceLevel.objects.filter(municipality=municipality_id), **options)


def districts(municipality_id: int, **options: Any) -> OwnChoice:
    """Return a choice of districts."""
    return OwnChoice(Place.objects.filter(municipality=municipality_id, kind="district"), **options)


def places(municipality_id: int, **options: Any) -> OwnChoice:
    """Return a choice of any place, with its kind."""
    rows = Place.objects.filter(municipality=municipality_id).order_by("kind", "name")
    return OwnChoice(rows, named=lambda place: f"{place} ({place.get_kind_display().lower()})", **options)
