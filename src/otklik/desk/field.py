"""The field: an executor's own tasks on a phone, and the one address that takes what the phone did, once.

Pages say for whom a phone may keep a copy to read without a network (`X-Otklik-Keep`, see desk/static/desk/worker.js).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4, uuid5

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from otklik.cases.albums import album_of
from otklik.cases.enums import TRANSITIONS, WORKED_STATUSES, AnswerState, Status
from otklik.cases.fieldwork import FieldDeed
from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.cases.queries import draft_of, messages_of, visible_cases
from otklik.cases.reading import answers_of
from otklik.cases.services import picturing
from otklik.cases.services.fieldwork import Sending, do_once, done_before
from otklik.cases.tasks import TO_DO, tasks_of
from otklik.common import clock
from otklik.desk.casescreen import find_case, steps_for
from otklik.desk.doors import DeskRequest, door
from otklik.desk.fielddeeds import DEEDS, Deed, form_of, hand_on, write
from otklik.desk.forms import DraftForm
from otklik.desk.uploads import uploads_of
from otklik.desk.words import PROBLEMS, problem
from otklik.org.access import Permission, Refused
from otklik.org.models import Municipality

KEEP = "X-Otklik-Keep"
"""Names the session that a phone may keep this page for; another session's copies are thrown away."""


@dataclass(frozen=True, slots=True)
class TaskScreen:
    """Everything the page of one task draws."""

    case: Case
    said: list[Any]
    photos: list[CasePhoto]
    answer: Answer | None
    sent: list[Answer]
    may_take: bool
    may_draft: bool
    may_return: bool
    forms: dict[str, forms.Form] = field(default_factory=dict)
    keys: dict[str, UUID] = field(default_factory=dict)
    problem: str = ""
    failed: str = ""


@door(Permission.CASE_DRAFT)
@require_safe
def listing(request: DeskRequest) -> HttpResponse:
    """Show an executor's own tasks and those that nobody of the department took, what is due first on top."""
    tasks = tasks_of(request.access)
    return _kept(request, render(request, "desk/field/list.html", {"tasks": tasks, "city": _city(request)}))


@door(Permission.CASE_DRAFT)
@require_safe
def task(request: DeskRequest, number: int) -> HttpResponse:
    """Show one task of one's own department: what, where, by when, and what may be done with it."""
    return _kept(request, _show(request, _own(request, number)))


@door(Permission.CASE_DRAFT)
@require_POST
def send(request: DeskRequest, number: int) -> HttpResponse:
    """Do what a phone sends, once for its key; a second sending hears what the first heard.

    Answers in JSON where that is asked for: done, or refused with a sentence, so that the phone keeps what was written.
    """
    name, key = request.POST.get("deed", ""), _key(request.POST.get("key", ""))
    if name not in DEEDS or key is None:
        raise Http404
    before = done_before(request.access, key)
    if before is not None and (before.case.number, before.deed) == (number, name):
        return _heard(request, before.case, DEEDS[name], before.came_to)  # also of a case that went to others since
    try:
        return _do(request, _own(request, number), Sending(key, name))
    except (Http404, Refused):
        if not _wants_json(request):
            raise
        return _refused(gettext("The case went to somebody else in the meantime, or is not yours to change."), 404)


def _do(request: DeskRequest, case: Case, sending: Sending) -> HttpResponse:
    access, deed = request.access, DEEDS[sending.deed]
    form = form_of(sending.deed, case, request.POST)
    if not form.is_valid():
        words = " ".join(str(one) for errors in form.errors.values() for one in errors)
        return _not_done(request, case, {sending.deed: form}, words, 422)
    said = form.cleaned_data
    sending = replace(sending, came_to=said.get("then", ""))
    try:
        if sending.deed == "draft" and request.FILES:
            done = _draft_with_photos(request, case, sending, said)
        else:
            done = do_once(access, case, sending, lambda: deed.do(access, case, said), now=clock.now())
    except PROBLEMS as error:
        return _not_done(request, find_case(access, case.number), {sending.deed: form}, problem(error), 409)
    return _heard(request, case, deed, done.came_to)


def _draft_with_photos(request: DeskRequest, case: Case, sending: Sending, said: Mapping[str, Any]) -> FieldDeed:
    """Save the words, then each photo, then hand on: every step once for its key, so that a repeat goes on from there.

    Files can't be kept inside a transaction; the sending's own key is noted by the last step. Raises as the steps do.
    """
    access, now = request.access, clock.now()
    words = replace(sending, key=_words_of(sending.key), came_to="save")
    do_once(access, case, words, lambda: write(access, case, said), now=now)
    case.refresh_from_db()
    brought = picturing.Sent(uploads_of(request.FILES, request.POST.getlist("alt")), deed=str(sending.key))
    attached = picturing.attach(access, case, brought, now=now)
    if attached.refused:
        raise ValueError(" ".join(attached.refused))
    return do_once(access, case, sending, lambda: hand_on(access, case, said), now=now)


@door(Permission.CASE_DRAFT)
@require_safe
def who(request: DeskRequest) -> JsonResponse:
    """Tell a phone who is signed in, the token its sendings need, and the key that locks what waits on it.

    The key is the same for an official on every phone and in every session: what waits is locked when the session
    ends, and opens when the same official signs in again.
    """
    official = request.access.official
    owner = f"{official.municipality_id}:{official.pk}"
    return JsonResponse(
        {
            "owner": salted_hmac("otklik.desk.field.owner", owner).hexdigest()[:24],
            "session": _session(request),
            "lock": salted_hmac("otklik.desk.field.lock", owner, algorithm="sha256").hexdigest(),
            "csrf": get_token(request),
        }
    )


def _words_of(key: UUID) -> UUID:
    """Return the key of the first step of a sending that brings photos."""
    return uuid5(key, "words")


def _own(request: DeskRequest, number: int) -> Case:
    """Return a case of one's own department. Raises Http404 for any other, also one that may only be looked at."""
    case = find_case(request.access, number)
    if not request.access.allows(Permission.CASE_DRAFT, case.department_id):
        raise Http404
    return case


def _show(request: DeskRequest, case: Case, *, status: int = 200, **more: Any) -> HttpResponse:
    answers = answers_of(case)
    current = next((one for one in answers if one.state in (AnswerState.DRAFT, AnswerState.SUBMITTED)), None)
    steps = steps_for(request.access, case, current)
    kept: dict[str, forms.Form] = more.pop("kept", {})
    screen = TaskScreen(
        case=case,
        said=list(messages_of(case)),
        photos=album_of(case).of_draft(current) if steps.draft else [],
        answer=current,
        sent=[one for one in answers if one.state == AnswerState.SENT],
        may_take=steps.take and case.executor_id != request.access.official.pk,
        may_draft=steps.draft,
        may_return=Status.RETURNED in TRANSITIONS[Status(case.status)]
        and request.access.allows(Permission.CASE_RETURN, case.department_id),
        forms={name: kept.get(name) or form_of(name, case, None, current) for name in DEEDS},
        keys={name: uuid4() for name in DEEDS},
        **more,
    )
    context = {"screen": screen, "case": case, "city": case.municipality, "map_app": geo_link(case, case.municipality)}
    return render(request, "desk/field/task.html", context, status=status)


def geo_link(case: Case, city: Municipality) -> str:
    """Return the address that opens a phone's own map app at a case's place (RFC 5870); nothing without a place."""
    words = case.place_text or (case.place.name if case.place is not None else "")
    if not words:
        return ""
    place = case.place
    known = place is not None and place.lat is not None and place.lon is not None
    at = f"{place.lat:.6f},{place.lon:.6f}" if known and place is not None else "0,0"
    looked_for = quote(f"{words}, {city.localised('name')}")
    return f"geo:{at}?q={looked_for}"


def _heard(request: DeskRequest, case: Case, deed: Deed, came_to: str) -> HttpResponse:
    words = str(deed.done[came_to])
    if _wants_json(request):
        return JsonResponse({"state": "done", "words": words})
    messages.success(request, words)
    seen = visible_cases(request.access).filter(pk=case.pk, status__in=[*TO_DO, *WORKED_STATUSES]).exists()
    return redirect("desk:field_task", case.number) if seen else redirect("desk:field")


def _not_done(request: DeskRequest, case: Case, kept: dict[str, forms.Form], words: str, status: int) -> HttpResponse:
    if _wants_json(request):
        key = _key(request.POST.get("key", ""))
        return _refused(
            words, status, taken=key is not None and done_before(request.access, _words_of(key)) is not None
        )
    ((name, form),) = kept.items()
    if isinstance(form, DraftForm) and status == 409:
        form.starts_from(draft_of(case))
    return _show(request, case, status=status, kept=kept, problem=words, failed=name)


def _refused(words: str, status: int, *, taken: bool = False) -> JsonResponse:
    """Say why not; `taken`: the words and the photos that could be taken are here, and need not be sent again."""
    return JsonResponse({"state": "refused", "words": words, "taken": taken}, status=status)


def _wants_json(request: DeskRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _kept(request: DeskRequest, response: HttpResponse) -> HttpResponse:
    response[KEEP] = _session(request)
    return response


def _session(request: DeskRequest) -> str:
    return salted_hmac("otklik.desk.field.session", str(request.session.session_key)).hexdigest()[:24]


def _city(request: DeskRequest) -> Municipality:
    return request.access.official.municipality


@door(*Permission)
@require_safe
def start(request: DeskRequest) -> HttpResponse:
    """Lead from the app's icon to where this person's day begins."""
    access = request.access
    if access.holds(Permission.CONTROL_SET):
        return redirect("desk:head")
    if access.holds(Permission.CASE_DRAFT) and not access.holds(Permission.CASE_APPROVE):
        return redirect("desk:field")
    return redirect(reverse("desk:inbox"))
