"""A saved view as the desk reads it: its filters, and the address that shows its list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from otklik.cases.lists import VIEWS, Filters
from otklik.cases.models import SavedView
from otklik.org.access import Access

KEPT = ("view", "status", "department", "topic", "channel", "due", "control", "mine")
DUE_WITHIN = {"overdue": timedelta(0), "day": timedelta(days=1), "week": timedelta(days=7)}


def saved_code(view: SavedView) -> str:
    """Return what the rail calls a saved view."""
    return f"saved-{view.pk}"


def saved_address(view: SavedView) -> str:
    """Return the address of a saved view's list."""
    kept = [(name, view.filters[name]) for name in KEPT if view.filters.get(name)]
    return f"{reverse('desk:inbox')}?{urlencode([*kept, ('saved', view.pk)])}"


def filters_of(kept: Mapping[str, Any], access: Access, *, now: datetime) -> Filters:
    """Return the filters that a saved view keeps; what was kept wrongly narrows nothing."""
    rows = {name: int(kept[name]) for name in ("department", "topic", "channel") if str(kept.get(name, "")).isdecimal()}
    view, due = str(kept.get("view", "")), str(kept.get("due", ""))
    return Filters(
        view=view if view in VIEWS else "open",
        status=str(kept.get("status", "")),
        executors=(access.official.pk, *access.stands_in_for) if kept.get("mine") else (),
        due_before=now + DUE_WITHIN[due] if due in DUE_WITHIN else None,
        control=bool(kept.get("control")),
        **rows,
    )
