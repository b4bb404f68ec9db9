"""Reads for the screen of one case: what was said in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from otklik.cases.models import Case, CaseMessage
from otklik.cases.queries import visible_cases
from otklik.channels.enums import Visibility
from otklik.channels.models import Message, Thread
from otklik.channels.queries import with_files
from otklik.org.access import Access

VOICES = 100
"""Newest messages of a case whose conversations its screen shows; a surge has thousands, and one answer."""

LINES = 400
"""Lines of all those conversations together."""

Branch = tuple[int, str]
"""A thread and the key of the first words in it; direct messages are one branch, without a key."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something said in a conversation; `of_case` is false for others who talk in the same branch."""

    message: Message
    of_case: bool


@dataclass(slots=True)
class Conversation:
    """One branch of comments, or one person's direct messages, oldest first, as the people in it see it."""

    thread: Thread
    lines: list[Line] = field(default_factory=list)

    @property
    def first(self) -> Message:
        """What it began with."""
        return self.lines[0].message


def conversations_of(case: Case) -> list[Conversation]:
    """Return the conversations of a case, the earliest first: what residents said, what we answered. Three queries."""
    told = list(
        CaseMessage.objects.filter(case=case)
        .order_by("-message_id")
        .values_list("message_id", "thread_id", "thread__visibility", "message__root_key")[:VOICES]
    )
    of_case = {message for message, _, _, _ in told}
    branches = {(thread, "" if visibility == Visibility.PRIVATE else root) for _, thread, visibility, root in told}
    found: dict[Branch, Conversation] = {}
    for message in reversed(_said(branches)):
        talk = found.setdefault(_branch_of(message), Conversation(message.thread))
        talk.lines.append(Line(message, message.pk in of_case))
    return list(found.values())


def _said(branches: set[Branch]) -> list[Message]:
    """Return what was said in these branches, newest first."""
    private = Q(thread__in={thread for thread, root in branches if not root})
    public = Q(thread__in={thread for thread, root in branches if root}, root_key__in={root for _, root in branches})
    rows = (
        Message.objects.filter(private | public)
        .select_related("identity", "official__department", "channel", "thread")
        .prefetch_related(with_files())
        .order_by("-occurred_at", "-id")
    )
    return [row for row in rows[:LINES] if _branch_of(row) in branches]


def _branch_of(message: Message) -> Branch:
    return (message.thread_id, "" if message.thread.visibility == Visibility.PRIVATE else message.root_key)


def alike(access: Access, topic_code: str, limit: int = 5) -> list[Case]:
    """Return the newest open cases on a topic, to join a message to."""
    if not topic_code:
        return []
    cases = visible_cases(access).filter(is_owed=True, topic__code=topic_code)
    return list(cases.select_related("topic", "department", "channel").order_by("-id")[:limit])


def newer_than(cases: QuerySet[Case], case_id: int) -> QuerySet[Case]:
    """Narrow a list to what came after a case."""
    return cases.filter(pk__gt=case_id)
