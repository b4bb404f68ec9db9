"""What can be done with a case: one address for each deed, behind the permission it needs.

A deed calls one service. What the service refuses comes back as a sentence above what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from otklik.cases.enums import Outcome
from otklik.cases.models import Case
from otklik.cases.queries import draft_of, visible_cases
from otklik.cases.services import answering, assigning, locating, postponing, scheduling, showing
from otklik.cases.services.locating import Whereabouts
from otklik.common import clock
from otklik.desk import photos
from otklik.desk.appeals import APPEAL_DEEDS
from otklik.desk.casescreen import find_case
from otklik.desk.control import CONTROL_DEEDS
from otklik.desk.correcting import CORRECTION_DEEDS
from otklik.desk.deeds import Deed
from otklik.desk.doors import DeskRequest, door, go_to, wants_fragment
from otklik.desk.forms import (
    AssignForm,
    DeadlineForm,
    DraftForm,
    PlaceForm,
    RejectForm,
    RemarkForm,
    TopicForm,
    WithdrawForm,
)
from otklik.desk.inbox import show_case
from otklik.desk.life import LIFE_DEEDS
from otklik.desk.linking import LINK_DEEDS
from otklik.desk.people import PEOPLE_DEEDS
from otklik.desk.reaching import REACH_DEEDS
from otklik.desk.snoozing import SNOOZE_DEEDS
from otklik.desk.uploads import Brought
from otklik.desk.words import PROBLEMS, problem
from otklik.org.access import Access, Permission
from otklik.org.queries import departments_of, topics_of


def _draft(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> None:
    """Save the draft with its photos and, as the button says, hand it on or answer as the head.

    A saved draft stays if that fails, and so does every photo that was taken.
    """
    outcome = Outcome(said["outcome"])
    if said["then"] == "as_head":
        access.require(Permission.ANSWER_AS_HEAD)
    answering.write_draft(access, case, said["text"], outcome, now=now, seen=said["seen"])
    said["photos"](access, case)
    if said["then"] == "as_head":
        answering.answer_as_head(access, case, said["text"], outcome, now=now)
    elif said["then"] == "submit":
        answering.submit(access, case, now=now)


_DRAFTED = {
    "save": _("Saved; nobody outside sees it yet."),
    "submit": _("Saved and handed on for approval."),
    "as_head": _("Your answer is on its way."),
}


def _approve(access: Access, case: Case, said: Mapping[str, Any], now: datetime) -> str:
    """Approve, to be sent when the city's rule says so, or at once if the button says that; returns which it was."""
    send_at = None if said["then"] == "now" else scheduling.send_at_for(case, now=now)
    answering.approve(access, case, now=now, send_at=send_at, seen=said["seen"] or None)
    return "now" if send_at is None else "held"


_APPROVED = {
    "now": _("Approved: the answer is on its way."),
    "held": _("Approved: the answer goes out when work begins. Until then it can be stopped."),
}


class ApproveForm(forms.Form):
    """Whether an approved answer waits for the morning, where the city's rule lets it; what the approver has read."""

    then = forms.ChoiceField(choices=[("rule", ""), ("now", "")], required=False)
    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    def clean_then(self) -> str:
        """As the city's rule says, where no button says more."""
        return self.cleaned_data["then"] or "rule"


class DraftDeedForm(DraftForm):
    """A draft, and what the pressed button does with it."""

    then = forms.ChoiceField(
        choices=[("save", ""), ("submit", ""), ("as_head", "")], required=False, widget=forms.HiddenInput
    )

    def clean_then(self) -> str:
        """Save where no button says more."""
        return self.cleaned_data["then"] or "save"

    def clean(self) -> dict[str, Any]:
        """Bring the form's photos along, and what it says of those that are there."""
        brought = Brought(self.data, self.files)
        return {**(super().clean() or {}), "photos": partial(photos.take_along, brought=brought)}


DEEDS = (
    Deed("take", Permission.CASE_DRAFT, lambda a, c, _s, now: assigning.take(a, c, now=now), _("It is yours now.")),
    Deed("draft", Permission.CASE_DRAFT, _draft, _DRAFTED, DraftDeedForm),
    Deed("approve", Permission.CASE_APPROVE, _approve, _APPROVED, ApproveForm),
    Deed(
        "send_now",
        Permission.CASE_APPROVE,
        lambda a, c, _s, now: scheduling.send_now(a, c, now=now),
        _("The answer is on its way."),
    ),
    Deed(
        "stop_sending",
        Permission.CASE_APPROVE,
        lambda a, c, _s, now: scheduling.stop(a, c, now=now),
        _("Stopped: it is a draft again, and nobody has read it."),
    ),
    Deed(
        "decline",
        Permission.CASE_APPROVE,
        lambda a, c, said, now: answering.decline(a, c, said["remark"], now=now),
        _("Sent back to the author with your remark."),
        RemarkForm,
    ),
    Deed(
        "assign",
        Permission.CASE_ASSIGN,
        lambda a, c, said, now: assigning.assign(a, c, said["department"], now=now, reason=said["reason"]),
        _("Passed to the department."),
        AssignForm,
        options=lambda case: {"departments": departments_of(case.municipality_id)},
    ),
    Deed(
        "topic",
        Permission.CASE_ASSIGN,
        lambda a, c, said, now: assigning.change_topic(a, c, said["topic"], now=now),
        _("Topic corrected."),
        TopicForm,
        options=lambda case: {"topics": topics_of(case.municipality_id)},
    ),
    Deed(
        "place",
        Permission.CASE_ASSIGN,
        lambda a, c, said, now: locating.locate(a, c, Whereabouts(said["street"], said["house"]), now=now),
        _("The place is noted."),
        PlaceForm,
    ),
    Deed(
        "deadline",
        Permission.CASE_DEADLINE,
        lambda a, c, said, now: postponing.move_deadline(a, c, said["due_at"], said["reason"], now=now),
        _("Deadline moved."),
        DeadlineForm,
    ),
    Deed(
        "reject",
        Permission.CASE_ASSIGN,
        lambda a, c, said, now: assigning.reject(a, c, said["reason"], now=now, kind=said["kind"]),
        _("Rejected; the reason stays in the history."),
        RejectForm,
    ),
    Deed(
        "unpublish",
        Permission.CASE_PUBLISH,
        lambda a, c, said, now: showing.make_private(a, c, said["why"], now=now),
        _("The case is off the public page."),
        WithdrawForm,
    ),
    *CONTROL_DEEDS,
    *LIFE_DEEDS,
    *APPEAL_DEEDS,
    *SNOOZE_DEEDS,
    *PEOPLE_DEEDS,
    *CORRECTION_DEEDS,
    *LINK_DEEDS,
    *REACH_DEEDS,
)


def patterns() -> list[URLPattern]:
    """Return an address for each deed, each behind its own permission."""
    return [path(f"cases/<int:number>/{deed.name}/", _view(deed), name=f"do_{deed.name}") for deed in DEEDS]


def _view(deed: Deed) -> Callable[..., Any]:
    @door(deed.permission)
    @require_POST
    def act(request: DeskRequest, number: int) -> HttpResponse:
        case = find_case(request.access, number)
        request.access.require(deed.permission, case.department_id)
        form = _form(deed, request, case)
        if form is not None and not form.is_valid():
            return show_case(request, case, kept={deed.name: form}, failed=deed.name, status=422)
        said = form.cleaned_data if form is not None else {}
        try:
            came_to = deed.do(request.access, case, said, clock.now())
        except PROBLEMS as error:
            return _refused(deed, request, number, form, error)
        return _done(deed, request, case, said, came_to)

    return act


def _refused(deed: Deed, request: DeskRequest, number: int, form: forms.Form | None, error: Exception) -> HttpResponse:
    kept = {deed.name: form} if form is not None else {}
    case = find_case(request.access, number)  # as it stands now: what we held may be half changed
    if isinstance(form, DraftForm):
        form.starts_from(draft_of(case))
    return show_case(request, case, kept=kept, problem=problem(error), failed=deed.name, status=409)


def _form(deed: Deed, request: DeskRequest, case: Case) -> forms.Form | None:
    if deed.form is None:
        return None
    options: dict[str, Any] = {} if deed.name == "draft" else {"prefix": deed.name}
    if deed.options is not None:
        options |= deed.options(case)
    return deed.form(request.POST, request.FILES, **options)


def _done(deed: Deed, request: DeskRequest, case: Case, said: Mapping[str, Any], came_to: object) -> HttpResponse:
    number, then = case.number, came_to if isinstance(came_to, str) else said.get("then", "")
    words = deed.done[then] if isinstance(deed.done, Mapping) else deed.done
    undo = ""
    if deed.undo_needs is not None and request.access.allows(deed.undo_needs, case.department_id):
        undo = reverse(f"desk:do_{deed.undo}", args=[number])
    messages.success(request, str(words), extra_tags=undo)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    if request.POST.get("back") == "head":
        return go_to(request, reverse("desk:head"))  # done from the head's page with one tap: the thumb stays there
    if not visible_cases(request.access).filter(number=number).exists():
        return go_to(request, f"{reverse('desk:inbox')}{query}")  # it went where this person doesn't look
    if wants_fragment(request):
        return show_case(request, find_case(request.access, number))
    return go_to(request, f"{reverse('desk:case', args=[number])}{query}")
