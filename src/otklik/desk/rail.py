"""The rail of views, with how much waits in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from otklik.cases.enums import Sharing
from otklik.cases.lists import COUNT_CAP, Filters, away_counts, capped_count, count_in_sight, inbox
from otklik.cases.models import SavedView
from otklik.cases.services.viewing import shown_views
from otklik.cases.tallies import is_kept, kept_counts
from otklik.channels.queries import waiting_for_delivery, waiting_for_operator
from otklik.desk.counting import counted_once
from otklik.desk.keeping import filters_of, saved_address, saved_code
from otklik.desk.standing import Standing
from otklik.desk.words import VIEW_TITLES
from otklik.notices.queries import unseen_count
from otklik.org.access import Access, Permission

VIEW_SIGNS = {
    "open": "inbox",
    "new": "sparkles",
    "mine": "user",
    "urgent": "alarm",
    "overdue": "hourglass",
    "approval": "rubber-stamp",
    "control": "flag",
    "returned": "arrow-back-up",
    "promises": "calendar",
    "questions": "help-circle",
    "snoozed": "moon",
    "answered": "message-circle",
    "solved": "checks",
    "all": "list",
}
UNCOUNTED = (
    *("head", "field", "mood", "weekly", "moves", "appeals", "reception", "answered", "talk"),
    *("all", "teach", "posts", "administration"),
)
"""Nothing waits here for anybody, so no number asks for attention."""

ADMINISTERS = (
    Permission.PEOPLE_MANAGE,
    Permission.CITY_MANAGE,
    Permission.CHANNEL_MANAGE,
    Permission.AUDIT_VIEW,
    Permission.TRIAGE_MANAGE,
)
"""Any of these opens administration."""

WRITES = (Permission.POST_WRITE, Permission.POST_PUBLISH)
"""Any of these opens the posts."""

ON_A_PHONE = 5
"""As many views have room in the bar of a phone; the others are in the list's own menu."""


@dataclass(frozen=True, slots=True)
class RailItem:
    """One view of the rail."""

    code: str
    label: str | Promise
    url: str
    sign: str
    count: str | None
    tone: str
    current: bool
    later: bool


def shown_count(count: int) -> str:
    """Return a count as the desk shows it: "999+" at the cap."""
    return f"{COUNT_CAP - 1}+" if count >= COUNT_CAP else str(count)


def rail_items(
    access: Access, current: str, standing: Standing, *, now: datetime, change: int | None = None
) -> list[RailItem]:
    """Return the views this official works with; the query count doesn't depend on what is in them.

    `change`, the newest announced change, lets counts be shared with everybody who sees the same.
    """
    order = [code for code in _order(access) if _is_open_to(access, code)]
    saved = shown_views(access) if standing.saved_views and access.holds(Permission.CASE_VIEW) else []
    counts = _counts(access, order, saved, standing, now=now, change=change)
    own = [
        RailItem(
            code=saved_code(view),
            label=view.name,
            url=saved_address(view),
            sign="star" if view.sharing == Sharing.OWN else "users",
            count=counts.get(saved_code(view)),
            tone="",
            current=current == saved_code(view),
            later=True,
        )
        for view in saved
    ]
    items = [
        RailItem(
            code=code,
            label=TITLES[code],
            url=address(code),
            sign=SIGNS[code],
            count=counts.get(code),
            tone="bad" if code in ("urgent", "overdue", "promises", "undelivered") else "",
            current=code == current,
            later=place >= ON_A_PHONE,
        )
        for place, code in enumerate(order)
    ]
    rooms = sum(code in ("posts", "administration") for code in order)
    return [*items[: len(items) - rooms], *own, *items[len(items) - rooms :]]


def first_room(access: Access) -> str:
    """Return the address where the work of an official begins: cases, else posts, the mood, administration."""
    if access.holds(Permission.CASE_VIEW):
        return reverse("desk:inbox")
    return address(next((code for code in ("posts", "mood") if _is_open_to(access, code)), "administration"))


@cache
def address(code: str) -> str:
    """Return where a view is."""
    if code == "administration":
        return reverse("desk:administration:home")
    return reverse(f"desk:{code}") if code in _SCREENS else f"{reverse('desk:inbox')}?view={code}"


_SCREENS = (
    *("notices", "head", "field", "mood", "weekly", "moves", "absences"),
    *("appeals", "reception", "sort", "talk", "teach", "undelivered", "posts"),
)
TITLES: dict[str, str | Promise] = {
    **VIEW_TITLES,
    "notices": gettext_lazy("Bell"),
    "head": gettext_lazy("Morning"),
    "field": gettext_lazy("Tasks"),
    "sort": gettext_lazy("To sort"),
    "mood": gettext_lazy("Mood"),
    "weekly": gettext_lazy("Week"),
    "moves": gettext_lazy("Moved deadlines"),
    "absences": gettext_lazy("Who is away"),
    "appeals": gettext_lazy("Formal appeals"),
    "reception": gettext_lazy("Reception"),
    "talk": gettext_lazy("Comments"),
    "teach": gettext_lazy("Teach"),
    "undelivered": gettext_lazy("Not delivered"),
    "posts": gettext_lazy("Posts"),
    "administration": gettext_lazy("Administration"),
}
SIGNS = {
    **VIEW_SIGNS,
    "notices": "bell",
    "head": "sun",
    "field": "checks",
    "sort": "filter",
    "mood": "chart-bar",
    "weekly": "calendar",
    "moves": "clock",
    "absences": "users",
    "appeals": "rubber-stamp",
    "reception": "phone",
    "talk": "message-circle",
    "teach": "target",
    "undelivered": "alert-triangle",
    "posts": "news",
    "administration": "settings",
}


def _order(access: Access) -> tuple[str, ...]:
    """Put what the person came for first: it is what a phone shows."""
    if access.holds(Permission.CONTROL_SET):
        first: tuple[str, ...] = ("head", "urgent", "control", "approval", "open")
    elif access.holds(Permission.MESSAGE_SORT):
        first = ("sort", "new", "urgent", "overdue", "open")
    elif access.holds(Permission.CASE_APPROVE):
        first = ("approval", "open", "mine", "urgent", "overdue")
    else:
        first = ("field", "open", "urgent", "overdue", "returned")
    every = ("head", "sort", "new", "open", "mine", "urgent", "overdue", "approval", "control", "returned", "promises")
    last = (
        "field",
        "notices",
        "snoozed",
        "answered",
        "undelivered",
        "all",
        "absences",
        "appeals",
        "reception",
        "talk",
        "mood",
        "weekly",
        "moves",
        "teach",
        "posts",
        "administration",
    )
    return (*first, *(code for code in (*every, *last) if code not in first))


def _is_open_to(access: Access, code: str) -> bool:
    needs = {
        "head": Permission.CONTROL_SET,
        "sort": Permission.MESSAGE_SORT,
        "teach": Permission.TRIAGE_TEACH,
        "undelivered": Permission.TROUBLE_RESOLVE,
        "mood": Permission.MOOD_VIEW,
        "weekly": Permission.REPORT_VIEW,
        "moves": Permission.REPORT_VIEW,
        "appeals": Permission.APPEAL_REGISTER,
        "reception": Permission.RECEPTION,
        "talk": Permission.TALK_MODERATE,
    }
    if code == "administration":
        return any(access.holds(permission) for permission in ADMINISTERS)
    if code == "absences":
        return True
    if code == "posts":
        return any(access.holds(permission) for permission in WRITES)
    if code == "approval":
        return access.holds(Permission.CASE_APPROVE) or access.holds(Permission.CASE_DRAFT)
    if code in ("mine", "field"):
        return access.holds(Permission.CASE_DRAFT)
    if code in ("sort", "teach", "undelivered", "mood", "weekly"):
        return access.allows(needs[code])
    return access.holds(needs.get(code, Permission.CASE_VIEW))


def _counts(
    access: Access,
    order: Sequence[str],
    saved: Sequence[SavedView],
    standing: Standing,
    *,
    now: datetime,
    change: int | None,
) -> dict[str, str]:
    """Return how much waits in each view, as it is shown; nothing where nothing does, and for views that ask nothing.

    What is kept is read at once; what depends on the clock or on a person is counted by its index.
    """
    lists = {code: Filters(view=code) for code in order if code in VIEW_TITLES and code not in UNCOUNTED}
    lists |= {saved_code(view): filters_of(view.filters, access, now=now) for view in saved}
    puts_away = bool(lists) and standing.put_away
    own = lists if puts_away else {code: one for code, one in lists.items() if is_own(one)}
    everybodys = {code: one for code, one in lists.items() if code not in own}
    queues = tuple(code for code in ("sort", "undelivered") if code in order)

    def count() -> dict[str, int]:
        return _count_lists(access, everybodys, now, all_in_sight=True) | _count_queues(access, queues)

    if change is None:
        found = count()
    else:
        key = ("waiting", access.municipality_id, scope_of(access), queues, tuple(everybodys.items()))
        found = counted_once(key, count, change=change)
    found |= _count_lists(access, own, now, all_in_sight=not puts_away)
    if access.stands_in_for:
        found["absences"] = len(access.stands_in_for)
    if "notices" in order and standing.unseen:
        found["notices"] = unseen_count(access)
    return {code: shown_count(count) for code, count in found.items() if count > 0}


def scope_of(access: Access) -> tuple[int, ...] | None:
    """Return the departments whose cases a person sees, in order; None for the whole city, none for nobody's."""
    if not access.holds(Permission.CASE_VIEW):
        return ()
    departments = access.departments_for(Permission.CASE_VIEW)
    return None if departments is None else tuple(sorted(departments))


def is_own(filters: Filters) -> bool:
    """Return whether a list is another for each person, or for each moment."""
    return filters.view in ("mine", "snoozed") or bool(filters.executors) or filters.due_before is not None


def _count_lists(access: Access, lists: Mapping[str, Filters], now: datetime, *, all_in_sight: bool) -> dict[str, int]:
    found = kept_counts(access, {code: one for code, one in lists.items() if is_kept(one)})
    for code, count in ({} if all_in_sight else away_counts(access, lists, now=now)).items():
        if code in found:
            found[code] -= count
        elif lists[code].view == "snoozed":
            found[code] = count
    for code, filters in lists.items():
        if code in found or is_kept(filters) or (all_in_sight and filters.view == "snoozed"):
            continue
        if all_in_sight:
            found[code] = count_in_sight(access, filters, now=now)
        else:
            found[code] = capped_count(inbox(access, filters, now=now))
    return found


def _count_queues(access: Access, queues: Sequence[str]) -> dict[str, int]:
    found = {}
    if "sort" in queues:
        found["sort"] = waiting_for_operator(access.municipality_id)
    if "undelivered" in queues:
        found["undelivered"] = waiting_for_delivery(access.municipality_id)
    return found
