"""The operator's queue: messages that the rules left to a person, and what that person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from otklik.cases.models import Case
from otklik.cases.offering import Matter, Offer, offers
from otklik.cases.queries import case_for
from otklik.cases.reading import alike
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.channels.queries import conversation, operator_queue
from otklik.common import clock
from otklik.desk.casescreen import reasons_of
from otklik.desk.doors import DeskRequest, door, go_to, wants_fragment
from otklik.desk.forms import JoinForm, OpenForm, SetAsideForm, TopicForm
from otklik.desk.paging import page
from otklik.desk.words import PROBLEMS, problem
from otklik.intake import sorting
from otklik.org.access import Access, Permission
from otklik.org.models import Topic
from otklik.org.queries import answerer_of, departments_of, street_named, topics_of
from otklik.posts.models import Post
from otklik.posts.queries import post_of_thread


@dataclass(frozen=True, slots=True)
class MessageScreen:
    """One message of the queue with what helps to decide."""

    message: Message
    said: list[Message]
    post: Post | None
    reasons: list[str]
    alike: list[Case]
    likely: list[Topic]
    offers: list[Offer]
    forms: dict[str, forms.Form]
    problem: str = ""
    failed: str = ""


@door(Permission.MESSAGE_SORT)
@require_safe
def queue(request: DeskRequest) -> HttpResponse:
    """The queue alone."""
    return render(request, "desk/sort.html", _queue_context(request))


@door(Permission.MESSAGE_SORT)
@require_safe
def message(request: DeskRequest, message_id: int) -> HttpResponse:
    """The queue with one message open beside it."""
    return _show(request, _find(request.access, message_id))


@door(Permission.MESSAGE_SORT)
@require_POST
def open_case(request: DeskRequest, message_id: int) -> HttpResponse:
    """Open a case on the chosen topic, or for the chosen department."""
    found, city = _find(request.access, message_id), request.access.municipality_id
    form = OpenForm(request.POST, topics=topics_of(city), departments=departments_of(city), prefix="open")
    if not form.is_valid():
        return _show(request, found, kept={"open": form}, failed="open", status=422)
    try:
        said = form.cleaned_data
        case = sorting.open_case_by_hand(
            request.access, found, said["topic"], now=clock.now(), department=said["department"]
        )
    except PROBLEMS as error:
        return _show(request, found, kept={"open": form}, problem=problem(error), failed="open", status=409)
    return _next(request, found, _("Case № %(number)s is open.") % {"number": case.number})


@door(Permission.MESSAGE_SORT)
@require_POST
def join(request: DeskRequest, message_id: int) -> HttpResponse:
    """Add the message to a case."""
    found = _find(request.access, message_id)
    form = JoinForm(request.POST, prefix="join")
    if not form.is_valid():
        return _show(request, found, kept={"join": form}, failed="join", status=422)
    try:
        case = case_for(request.access, form.cleaned_data["number"])
        sorting.join_by_hand(request.access, found, case, now=clock.now())
    except Case.DoesNotExist:
        form.add_error("number", _("There is no case with this number."))
        return _show(request, found, kept={"join": form}, failed="join", status=422)
    except PROBLEMS as error:
        return _show(request, found, kept={"join": form}, problem=problem(error), failed="join", status=409)
    return _next(request, found, _("Joined to case № %(number)s.") % {"number": case.number})


@door(Permission.MESSAGE_SORT)
@require_POST
def set_aside(request: DeskRequest, message_id: int) -> HttpResponse:
    """Decide that no answer is owed, with the reason."""
    found = _find(request.access, message_id)
    form = SetAsideForm(request.POST, prefix="aside")
    if not form.is_valid():
        return _show(request, found, kept={"aside": form}, failed="aside", status=422)
    decision, reason = Decision(form.cleaned_data["decision"]), form.cleaned_data["reason"]
    try:
        sorting.set_aside(request.access, found, decision, reason, now=clock.now())
    except PROBLEMS as error:
        return _show(request, found, kept={"aside": form}, problem=problem(error), failed="aside", status=409)
    return _next(request, found, _("Put aside; the reason is kept."))


def _find(access: Access, message_id: int) -> Message:
    """Return a message of the queue, also one that was sorted a moment ago. Raises Refused, Http404."""
    access.require(Permission.MESSAGE_SORT)
    rows = Message.objects.filter(municipality=access.municipality_id, is_ours=False)
    found = rows.select_related("channel", "identity", "thread", "municipality").filter(pk=message_id).first()
    if found is None or found.decision == Decision.PENDING:
        raise Http404
    return found


def _queue_context(request: DeskRequest) -> dict[str, Any]:
    access = request.access
    access.require(Permission.MESSAGE_SORT)
    rows, following = page(operator_queue(access.municipality_id), request.GET)
    return {
        "waiting": rows,
        "next_url": f"{reverse('desk:sort')}?before={following}" if following is not None else "",
        "city": access.official.municipality,
    }


def _show(
    request: DeskRequest,
    found: Message,
    *,
    kept: dict[str, forms.Form] | None = None,
    problem: str = "",
    failed: str = "",
    status: int = 200,
) -> HttpResponse:
    topics = topics_of(request.access.municipality_id)
    by_code = {topic.code: topic for members in topics.values() for topic in members}
    guess = by_code.get(found.topic_code)
    screen = MessageScreen(
        message=found,
        said=list(conversation(found)),
        post=post_of_thread(found.thread),
        reasons=reasons_of(found, {topic.code: topic.name for row in topics.items() for topic in (row[0], *row[1])}),
        alike=alike(request.access, next(iter(_likely(found)), "")),
        likely=[by_code[code] for code in _likely(found) if code in by_code],
        offers=_offers(
            request.access, found, next((by_code[code] for code in _likely(found) if code in by_code), None)
        ),
        forms={**_fresh_forms(topics, guess), **(kept or {})},
        problem=problem,
        failed=failed,
    )
    if wants_fragment(request):
        return render(request, "desk/parts/message_swapped.html", {"screen": screen}, status=status)
    return render(request, "desk/sort.html", {"screen": screen, **_queue_context(request)}, status=status)


def _fresh_forms(topics: dict[Topic, list[Topic]], guess: Topic | None) -> dict[str, forms.Form]:
    return {
        "open": TopicForm(topics=topics, initial={"topic": guess.pk if guess is not None else ""}, prefix="open"),
        "join": JoinForm(prefix="join"),
        "aside": SetAsideForm(prefix="aside"),
    }


def _likely(found: Message) -> list[str]:
    """Return the codes of the topics that triage hesitated between, the likeliest first."""
    codes = [found.topic_code, *found.verdict.get("top3", [])]
    return list(dict.fromkeys(str(code) for code in codes if code))


def _offers(access: Access, found: Message, likeliest: Topic | None) -> list[Offer]:
    """Return who may answer; nothing for those who may not assign. The likeliest topic counts, sure or not."""
    if found.decision != Decision.OPERATOR or not access.allows(Permission.CASE_ASSIGN):
        return []
    table = answerer_of(likeliest, street_named(access.municipality_id, sorting.street_of(found)))
    return offers(Matter(table, likeliest, found.verdict), departments_of(access.municipality_id))


def _next(request: DeskRequest, done: Message, words: str) -> HttpResponse:
    """Say what was done and go on with the next message, older ones first to run out."""
    messages.success(request, words)
    queue = operator_queue(request.access.municipality_id)
    following = queue.filter(pk__lt=done.pk).first() or queue.first()
    if following is None:
        return go_to(request, reverse("desk:sort"))
    return go_to(request, reverse("desk:sort_message", args=[following.pk]))
