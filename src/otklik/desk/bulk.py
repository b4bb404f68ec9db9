"""Many cases at once: choose them in the list, say what to do, see what was done and what was not, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from otklik.cases.enums import BulkKind
from otklik.cases.lists import inbox
from otklik.cases.models import BulkAction
from otklik.cases.services.bulk import MOST, Outcome, TooLate, Wish, do_to_many, permission_for, undo
from otklik.cases.services.macros import undo_macro
from otklik.cases.services.snoozing import SnoozeFor, snooze_many, undo_many
from otklik.common import clock
from otklik.desk.doors import DeskRequest, door
from otklik.desk.forms import pick_department, pick_topic
from otklik.desk.inbox import filter_form
from otklik.desk.words import problem
from otklik.org.access import Access, Permission
from otklik.org.queries import departments_of, topics_of

WHY = {
    "permission": gettext_lazy("Not yours to change: they belong to another department."),
    "same": gettext_lazy("They are so already."),
    "status": gettext_lazy("Not possible from where they stand."),
    "alone": gettext_lazy("They were returned, or wait for the resident: decide on each by itself."),
    "hot": gettext_lazy("Urgent, late or under personal control: they stay in sight."),
    "unfit": gettext_lazy("The macro is for another topic or status."),
    "draft": gettext_lazy("An answer is being written there already."),
    "moved": gettext_lazy("Somebody changed them since: they stay as they are."),
}


class BulkForm(forms.Form):
    """What to do with the chosen cases."""

    kind = forms.ChoiceField(choices=[(one.value, one.label) for one in BulkKind if one != BulkKind.MACRO])
    reason = forms.CharField(required=False, max_length=300)
    how_long = forms.ChoiceField(choices=SnoozeFor.choices, required=False)

    def __init__(self, data: QueryDict, access: Access) -> None:
        super().__init__(data)
        self.fields["department"] = pick_department(departments_of(access.municipality_id), empty="—", required=False)
        self.fields["topic"] = pick_topic(topics_of(access.municipality_id), empty="—", required=False)

    def wish(self) -> Wish:
        """Return what was asked for; only what its kind needs."""
        said, kind = self.cleaned_data, BulkKind(self.cleaned_data["kind"])
        return Wish(
            kind,
            department=said["department"] if kind == BulkKind.ASSIGN else None,
            topic=said["topic"] if kind == BulkKind.TOPIC else None,
            reason=said["reason"] if kind in (BulkKind.ASSIGN, BulkKind.REJECT) else "",
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Cases that stayed as they were, and why."""

    words: str
    numbers: Sequence[int]


@door(Permission.CASE_VIEW, Permission.CASE_ASSIGN, Permission.CONTROL_SET)
@require_POST
def act(request: DeskRequest) -> HttpResponse:
    """Do it, and say what was done; a page of its own where something was refused."""
    form = BulkForm(request.POST, request.access)
    if not form.is_valid():
        raise Http404
    back = back_to(request.POST.get("back", ""))
    wish = form.wish()
    request.access.departments_for(permission_for(wish.kind))
    try:
        outcome = _do(request, wish, form.cleaned_data["how_long"])
    except ValueError as error:
        messages.error(request, problem(error))
        return HttpResponseRedirect(back)
    undo_url = reverse("desk:bulk_undo", args=[outcome.action.pk]) if outcome.done else ""
    count = len(outcome.done)
    words = ngettext("%(n)s case changed.", "%(n)s cases changed.", count) % {"n": count}
    return told(request, outcome, words, undo_url, back)


@door(Permission.CASE_VIEW, Permission.CASE_ASSIGN, Permission.CONTROL_SET)
@require_POST
def take_back(request: DeskRequest, action_id: int) -> HttpResponse:
    """Take a bulk action back where nothing has moved since."""
    try:
        action = BulkAction.objects.get(
            pk=action_id, municipality=request.access.municipality_id, official=request.access.official
        )
    except BulkAction.DoesNotExist as error:
        raise Http404 from error
    try:
        back = {BulkKind.SNOOZE.value: undo_many, BulkKind.MACRO.value: undo_macro}.get(action.kind, undo)
        outcome = back(request.access, action, now=clock.now())
    except TooLate:
        messages.error(request, _("This can't be taken back any more: change the cases one by one."))
        return HttpResponseRedirect(reverse("desk:inbox"))
    count = len(outcome.done)
    words = ngettext("%(n)s case is as it was.", "%(n)s cases are as they were.", count) % {"n": count}
    return told(request, outcome, words, "", reverse("desk:inbox"))


def _do(request: DeskRequest, wish: Wish, how_long: str) -> Outcome:
    if wish.kind == BulkKind.SNOOZE:
        span = SnoozeFor(how_long or SnoozeFor.TOMORROW)
        return snooze_many(request.access, chosen_cases(request), span, now=clock.now())
    return do_to_many(request.access, chosen_cases(request), wish, now=clock.now())


def told(request: DeskRequest, outcome: Outcome, words: str, undo_url: str, back: str) -> HttpResponse:
    """Say what was done; where something was refused, on a page that names what was done and what was not, and why."""
    if not outcome.refused:
        messages.success(request, words, extra_tags=undo_url)
        return HttpResponseRedirect(back)
    refusals = [Refusal(str(WHY[why]), numbers) for why, numbers in outcome.refused.items()]
    context = {"words": words, "undo_url": undo_url, "refusals": refusals, "done": outcome.done, "back": back}
    return render(request, "desk/bulk.html", context)


def chosen_cases(request: DeskRequest) -> list[int]:
    """Return the chosen cases: those that are ticked, or all of the list as it is narrowed, up to MOST and one more."""
    if request.POST.get("all") == "on":
        asked = QueryDict(request.POST.get("back", "").partition("?")[2][:2000])
        now = clock.now()
        filters = filter_form(request.access, asked).filters(request.access, now=now)
        return list(inbox(request.access, filters, now=now).values_list("pk", flat=True)[: MOST + 1])
    return [int(one) for one in request.POST.getlist("case")[: MOST + 1] if one.isdecimal() and len(one) < 19]


def back_to(address: str) -> str:
    """Return the list one came from; nothing but our own list is an address to go to."""
    home = reverse("desk:inbox")
    return address if address == home or address.startswith(f"{home}?") else home
