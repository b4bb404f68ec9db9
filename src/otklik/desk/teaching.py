"""The labelling screen: one message at a time, the most useful first, one key to say what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from otklik.channels.models import Message
from otklik.channels.queries import parent_of
from otklik.common import clock
from otklik.desk.casescreen import reasons_of
from otklik.desk.doors import DeskRequest, door, go_to
from otklik.desk.understanding import Brings, brings
from otklik.org.access import Access, Permission
from otklik.org.models import Topic
from otklik.org.queries import topics_of
from otklik.posts.models import Post
from otklik.posts.queries import post_of_thread
from otklik.teaching.enums import About
from otklik.teaching.models import Label
from otklik.teaching.queries import OWED_KINDS, TAUGHT_KINDS, most_useful, taught_today
from otklik.teaching.services.labelling import NotALabel, take_back, teach
from otklik.triage import Kind

KIND_TITLES: dict[Kind, str | Promise] = {
    Kind.REQUEST: gettext_lazy("Request"),
    Kind.QUESTION: gettext_lazy("Question"),
    Kind.IDEA: gettext_lazy("Idea"),
    Kind.THANKS: gettext_lazy("Thanks"),
    Kind.VENTING: gettext_lazy("Venting"),
    Kind.GREETING: gettext_lazy("Greeting or noise"),
    Kind.SPAM: gettext_lazy("Spam"),
    Kind.ABUSE: gettext_lazy("Abuse"),
}
KIND_KEYS = {
    Kind.REQUEST: "r",
    Kind.QUESTION: "q",
    Kind.IDEA: "i",
    Kind.THANKS: "t",
    Kind.VENTING: "v",
    Kind.GREETING: "g",
    Kind.SPAM: "s",
    Kind.ABUSE: "a",
}
_SKIPPED, _TAUGHT = "teach_skipped", "teach_taught"
_KEPT = 200
"""How many skipped messages a session remembers, and how many steps can be undone."""


@dataclass(frozen=True, slots=True)
class KindChoice:
    """One kind with its key; one that owes nothing needs no topic: a press is enough."""

    code: str
    title: str | Promise
    key: str
    is_owed: bool


@dataclass(frozen=True, slots=True)
class TeachScreen:
    """One message with what helps to name it."""

    message: Message
    parent: Message | None
    post: Post | None
    likely: list[Topic]
    reasons: list[str]
    problem: str = ""
    typed: str = ""


@door(Permission.TRIAGE_TEACH)
@require_safe
def first(request: DeskRequest) -> HttpResponse:
    """The message whose label would teach most."""
    found = most_useful(request.access.municipality_id, now=clock.now(), skipped=_remembered(request, _SKIPPED))
    return _show(request, found[0] if found else None)


@door(Permission.TRIAGE_TEACH)
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: DeskRequest, message_id: int) -> HttpResponse:
    """One message; what is said of it is kept, and the next one comes."""
    found = _find(request.access, message_id)
    if request.method != "POST":
        return _show(request, found)
    if request.POST.get("then") == "skip":
        _remember(request, _SKIPPED, [found.pk])
        return go_to(request, reverse("desk:teach"))
    typed = request.POST.get("find", "").strip()
    said = _said(request, typed)
    if not said:
        words = _("There is no such topic: choose one of the list.") if typed else _("Choose a topic or a kind.")
        return _show(request, found, problem=words, typed=typed, status=422)
    try:
        labels = teach(request.access, found, said, now=clock.now())
    except NotALabel:
        words = _("There is no such topic or kind any more.")
        return _show(request, found, problem=words, typed=typed, status=422)
    _remember(request, _TAUGHT, [[label.pk for label in labels]])
    messages.success(request, _("Kept: triage will learn of it."), extra_tags=reverse("desk:teach_undo"))
    return go_to(request, reverse("desk:teach"))


@door(Permission.TRIAGE_TEACH)
@require_POST
def undo(request: DeskRequest) -> HttpResponse:
    """Take the last step of this screen back and show its message again."""
    steps = request.session.get(_TAUGHT, [])
    if not steps:
        messages.info(request, _("There is nothing to take back."))
        return go_to(request, reverse("desk:teach"))
    rows = Label.objects.filter(pk__in=steps.pop(), municipality=request.access.municipality_id)
    labels = list(rows.select_related("message"))
    for label in labels:
        take_back(request.access, label, now=clock.now())
    request.session[_TAUGHT] = steps
    messages.success(request, _("Taken back."))
    back = reverse("desk:teach_message", args=[labels[0].message_id]) if labels else reverse("desk:teach")
    return go_to(request, back)


def _said(request: DeskRequest, typed: str) -> dict[About, str]:
    """Return what the form says: a suggestion that was pressed, else the topic that was looked for; and a kind."""
    said: dict[About, str] = {}
    topic = request.POST.get("topic", "") or _topic_named(request.access, typed)
    kind = request.POST.get("kind", "")
    if topic:
        said[About.TOPIC] = topic
    if kind and not (typed and not topic):
        said[About.KIND] = kind
    return said


def _topic_named(access: Access, typed: str) -> str:
    """Return the code of the topic with these words: as the list offers it, or its own name or code."""
    wanted = typed.casefold()
    for group, members in topics_of(access.municipality_id).items() if wanted else ():
        for topic in members:
            if wanted in (f"{group.name} › {topic.name}".casefold(), topic.name.casefold(), topic.code):
                return topic.code
    return ""


def _find(access: Access, message_id: int) -> Message:
    rows = Message.objects.filter(municipality=access.municipality_id, is_ours=False, deleted_at=None)
    found = rows.select_related("channel", "identity", "thread").filter(pk=message_id).first()
    if found is None:
        raise Http404
    return found


def _show(
    request: DeskRequest, found: Message | None, *, problem: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    access = request.access
    access.require(Permission.TRIAGE_TEACH)
    city = access.official.municipality
    topics = topics_of(access.municipality_id)
    context = {
        "screen": _screen(found, topics, problem, typed) if found is not None else None,
        "topics": [(group, topic) for group, members in topics.items() for topic in members],
        "kinds": [KindChoice(k.value, KIND_TITLES[k], KIND_KEYS[k], k in OWED_KINDS) for k in TAUGHT_KINDS],
        "today": taught_today(city, access.official.pk, now=clock.now()),
        "brings": _brings(access),
        "may_undo": bool(request.session.get(_TAUGHT)),
        "skipped": bool(request.session.get(_SKIPPED)),
        "city": city,
    }
    return render(request, "desk/teach.html", context, status=status)


def _brings(access: Access) -> Brings:
    return brings(access.official.municipality, now=clock.now())


def _screen(found: Message, topics: dict[Topic, list[Topic]], problem: str, typed: str) -> TeachScreen:
    by_code = {topic.code: topic for members in topics.values() for topic in members}
    titles = {topic.code: topic.name for group, members in topics.items() for topic in (group, *members)}
    codes = dict.fromkeys([found.topic_code, *found.verdict.get("top3", [])])
    return TeachScreen(
        message=found,
        parent=parent_of(found),
        post=post_of_thread(found.thread),
        likely=[by_code[code] for code in codes if code in by_code][:3],
        reasons=reasons_of(found, titles),
        problem=problem,
        typed=typed,
    )


def _remembered(request: DeskRequest, name: str) -> list[int]:
    return list(request.session.get(name, []))


def _remember(request: DeskRequest, name: str, more: list[int] | list[list[int]]) -> None:
    request.session[name] = [*request.session.get(name, []), *more][-_KEPT:]
