"""The inbox: views, the list, and the chosen case beside it. One template draws it whole or in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.cases import lists
from otklik.cases.enums import BulkKind, Sharing
from otklik.cases.models import Case, SavedView
from otklik.cases.reading import newer_than
from otklik.cases.searching import Found
from otklik.cases.services.bulk import kinds_for
from otklik.cases.services.snoozing import SnoozeFor
from otklik.cases.services.viewing import sharings_for, views_of
from otklik.channels.queries import channels_of, operator_queue
from otklik.common import clock
from otklik.desk.casescreen import CaseScreen, find_case, screen_of
from otklik.desk.counting import counted_once
from otklik.desk.doors import DeskRequest, door, wants_fragment
from otklik.desk.forms import NARROWING, FilterForm
from otklik.desk.keeping import KEPT, filters_of, saved_code
from otklik.desk.paging import asked_before
from otklik.desk.rail import ADMINISTERS, WRITES, first_room, is_own, scope_of, shown_count
from otklik.desk.searching import asked_words, found_for, is_number
from otklik.desk.standing import standing_of
from otklik.desk.words import VIEW_EMPTY, VIEW_TITLES
from otklik.org.access import Access, Permission
from otklik.org.queries import Named, department_names, newest_change, topic_names

HOME = (Permission.CASE_VIEW, *WRITES, Permission.MOOD_VIEW, *ADMINISTERS)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The list as it stands: a view, what narrows it, and one page of its cases."""

    view: str
    form: FilterForm
    chips: list[tuple[str, str]]
    cases: list[Case]
    newest: int
    next_url: str
    first_url: str
    query: str
    found: Found | None = None
    saved: SavedView | None = None
    bulk: Sequence[BulkKind] = ()
    spans: Sequence[SnoozeFor] = tuple(SnoozeFor)
    sharings: Sequence[Sharing] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def rail_code(self) -> str:
        """What the rail marks as open."""
        return saved_code(self.saved) if self.saved is not None else "" if self.found is not None else self.view

    @property
    def title(self) -> str:
        """The name of the view."""
        if self.found is not None:
            return _("Found")
        if self.saved is not None:
            return self.saved.name
        return str(VIEW_TITLES[self.view])

    @property
    def nothing(self) -> str:
        """What an empty list says."""
        return str(VIEW_EMPTY.get(self.view, ""))


def shelf_for(access: Access, asked: QueryDict, *, now: datetime, beside: CaseScreen | None = None) -> Shelf:
    """Return the list that a query string asks for; the query count doesn't depend on what is in it.

    `beside` is the open case, whose screen has read the city's departments and topics.
    """
    form = filter_form(access, asked, beside)
    filters = form.filters(access, now=now)
    kept = _kept(asked)
    before = asked_before(asked)
    found = found_for(access, asked, filters, now=now)
    cases, following = ([], None) if found else lists.page_of(access, filters, before, now=now)
    return Shelf(
        view=filters.view,
        form=form,
        chips=[(words, _without(kept, name)) for name, words in form.narrowed()],
        cases=cases,
        newest=cases[0].pk if cases else 0,
        next_url=_with(kept, before=str(following)) if following is not None else "",
        first_url=_with(kept) if before is not None else "",
        query=kept.urlencode(),
        found=found,
        saved=_saved(access, asked),
        bulk=kinds_for(access),
        sharings=sharings_for(access),
        kept={name: value for name in KEPT if (value := str(asked.get(name, "")))},
    )


def _saved(access: Access, asked: QueryDict) -> SavedView | None:
    """Return the saved view that an address names, if this person works with it. One query, none without a name."""
    number = asked.get("saved", "")
    return views_of(access).filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None


def filter_form(access: Access, asked: QueryDict, beside: CaseScreen | None = None) -> FilterForm:
    """Return the form that narrows the inbox, filled with a query string."""
    city = access.municipality_id
    departments = department_names(city) if beside is None else [Named(row.pk, row.title) for row in beside.departments]
    topics = topic_names(city) if beside is None else beside.topics
    return FilterForm(asked, departments=departments, topics=topics, channels=channels_of(city))


def _kept(asked: QueryDict) -> QueryDict:
    """Return the part of a query string that names a list, without its page."""
    kept = QueryDict(mutable=True)
    for name in ("q", "view", *NARROWING, "saved"):
        if value := asked.get(name):
            kept[name] = str(value)
    return kept


def _with(kept: QueryDict, **more: str) -> str:
    asked = kept.copy()
    asked.update(more)
    return f"{reverse('desk:inbox')}?{asked.urlencode()}"


def _without(kept: QueryDict, name: str) -> str:
    asked = kept.copy()
    for one in (name, "saved"):  # a narrower or a wider list is not the saved one any more
        asked.pop(one, None)
    return f"{reverse('desk:inbox')}?{asked.urlencode()}"


@door(*HOME)
@require_safe
def inbox(request: DeskRequest) -> HttpResponse:
    """The list alone. Whoever may see no cases goes to the first room that is open to them; a number opens its case."""
    if not request.access.holds(Permission.CASE_VIEW):
        return HttpResponseRedirect(first_room(request.access))
    number = (request.GET.get("number") or asked_words(request.GET)).lstrip("№# ").strip()
    if number.isdecimal() and len(number) < 10 and ("number" in request.GET or is_number(request.access, int(number))):
        find_case(request.access, int(number))
        return HttpResponseRedirect(reverse("desk:case", args=[int(number)]))
    shelf = shelf_for(request.access, request.GET, now=clock.now())
    return render(request, "desk/inbox.html", {"shelf": shelf, "city": request.access.official.municipality})


@door(Permission.CASE_VIEW)
@require_safe
def case(request: DeskRequest, number: int) -> HttpResponse:
    """The list with one case open beside it."""
    return show_case(request, find_case(request.access, number))


def show_case(
    request: DeskRequest,
    case: Case,
    *,
    kept: Mapping[str, forms.Form] | None = None,
    problem: str = "",
    failed: str = "",
    status: int = 200,
) -> HttpResponse:
    """Draw a case: its panes alone where they are to be swapped in, the whole page otherwise."""
    screen = screen_of(request.access, case, kept=kept, problem=problem, failed=failed)
    context: dict[str, Any] = {"screen": screen, "city": case.municipality, "query": _kept(request.GET).urlencode()}
    if wants_fragment(request):
        return render(request, "desk/parts/case_swapped.html", context, status=status)
    shelf = shelf_for(request.access, request.GET, now=clock.now(), beside=screen)
    return render(request, "desk/inbox.html", {**context, "shelf": shelf}, status=status)


@door(Permission.CASE_VIEW)
@require_safe
def pulse(request: DeskRequest) -> HttpResponse:
    """What live updates draw: the rail's counts, and how many cases came above the list that is open."""
    since = request.GET.get("since", "")
    if not since.isdecimal() or len(since) > 18:
        raise Http404
    if request.GET.get("at") == "sort":
        request.access.require(Permission.MESSAGE_SORT)
        waiting = operator_queue(request.access.municipality_id).filter(pk__gt=int(since))
        return _draw_pulse(request, "sort", lists.capped_count(waiting), reverse("desk:sort"))
    now, change = clock.now(), newest_change()
    filters = filters_of(request.GET, request.access, now=now)
    saved = _saved(request.access, request.GET)
    view = saved_code(saved) if saved is not None else filters.view
    fresh = _came_above(request, filters, int(since), change, now)
    return _draw_pulse(request, view, fresh, _with(_kept(request.GET)), change)


def _came_above(request: DeskRequest, filters: lists.Filters, since: int, change: int, now: datetime) -> int:
    """Count what came above a list since its newest case; once for all whose same list waits."""
    access = request.access
    seen = standing_of(request).put_away or is_own(filters)
    key = ("above", access.municipality_id, scope_of(access), filters, since)

    def count() -> dict[str, int]:
        return {"fresh": lists.capped_count(newer_than(lists.inbox(access, filters, now=now), since))}

    return (count() if seen else counted_once(key, count, change=change))["fresh"]


def _draw_pulse(request: DeskRequest, view: str, fresh: int, url: str, change: int | None = None) -> HttpResponse:
    context = {"view": view, "fresh": fresh, "fresh_shown": shown_count(fresh), "fresh_url": url, "change": change}
    return render(request, "desk/parts/pulse.html", context)
