"""Reads for the screen of one case: what was said in it, answered, done, and what keeps it out of sight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet, prefetch_related_objects

from otklik.cases.models import Answer, Case, CaseMessage, JournalEntry
from otklik.cases.queries import is_hot_now, visible_cases
from otklik.cases.snoozes import Snooze
from otklik.channels.enums import Visibility
from otklik.channels.models import Message, Thread
from otklik.channels.queries import give_files
from otklik.common.prepared import Prepared, PreparedObjects
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
    told = _TOLD.rows(case.pk)
    of_case = {message for message, _, _, _ in told}
    branches = {(thread, "" if visibility == Visibility.PRIVATE else root) for _, thread, visibility, root in told}
    found: dict[Branch, Conversation] = {}
    for message in reversed(_said(branches)):
        talk = found.setdefault(_branch_of(message), Conversation(message.thread))
        talk.lines.append(Line(message, message.pk in of_case))
    return list(found.values())


def _said(branches: set[Branch]) -> list[Message]:
    """Return what was said in these branches, newest first."""
    private = tuple({thread for thread, root in branches if not root})
    public = tuple({thread for thread, root in branches if root})
    rows = _SAID.list(private, public, tuple({root for _, root in branches if root}))
    give_files(rows)
    return [row for row in rows if _branch_of(row) in branches]


_TOLD = Prepared(
    lambda case: (
        CaseMessage.objects.filter(case=case)
        .order_by("-message_id")
        .values_list("message_id", "thread_id", "thread__visibility", "message__root_key")[:VOICES]
    )
)
_SAID = PreparedObjects(
    lambda private, public, roots: (
        Message.objects.filter(Q(thread__in=private) | Q(thread__in=public, root_key__in=roots))
        .select_related("identity", "official__department", "channel", "thread")
        .order_by("-occurred_at", "-id")[:LINES]
    )
)


def _branch_of(message: Message) -> Branch:
    return (message.thread_id, "" if message.thread.visibility == Visibility.PRIVATE else message.root_key)


def answers_of(case: Case) -> list[Answer]:
    """Return a case's answers with where each went, oldest first."""
    answers = _ANSWERS.list(case.pk)
    prefetch_related_objects(answers, "sends__outgoing__channel")
    return answers


_ANSWERS = PreparedObjects(lambda case: Answer.objects.filter(case=case).select_related("author", "approver"))


def whole_journal_of(case: Case) -> list[JournalEntry]:
    """Return all of a case's history, oldest first, for the screen that is opened most."""
    return _JOURNAL.list(case.pk)


_JOURNAL = PreparedObjects(lambda case: JournalEntry.objects.filter(case=case).select_related("actor"))


@dataclass(frozen=True, slots=True)
class Untold:
    """A deadline that was moved to a later time without a word to the resident since."""

    due_at: datetime
    reason: str


TELLING = frozenset({"answered", "answered_in_network", "interim_answered", "promised", "asked_resident"})
"""What the journal has when the resident has read something of us."""


def untold_move(case: Case, journal: Iterable[JournalEntry], *, now: datetime) -> Untold | None:
    """Return the later deadline that the resident doesn't know of; None where they do, or none lies ahead."""
    moves: list[JournalEntry] = []
    for entry in journal:
        if entry.action in TELLING:
            moves = []
        elif entry.action == "deadline_moved":
            moves.append(entry)
    due_at = case.answer_due_at
    if not moves or due_at is None or due_at <= now or datetime.fromisoformat(moves[-1].detail["to"]) != due_at:
        return None
    first = moves[0].detail.get("from")
    later = first is None or datetime.fromisoformat(first) < due_at
    return Untold(due_at, str(moves[-1].detail.get("reason", ""))) if later else None


def snooze_of(access: Access, case: Case, *, now: datetime) -> Snooze | None:
    """Return what keeps a case out of this person's queues now; None if it is in sight."""
    rows = _SNOOZES.list(access.municipality_id, access.official.pk, case.pk, case.updated_at)
    holding = [row for row in rows if row.until is None or row.until > now]
    return holding[-1] if holding and case.is_open and not is_hot_now(case, now) else None


_SNOOZES = PreparedObjects(
    lambda city, official, case, seen_at: (
        Snooze.objects.filter(Q(official=official) | Q(official=None), municipality=city, case=case, seen_at=seen_at)
        .select_related("by")
        .order_by("id")
    )
)


def alike(access: Access, topic_code: str, limit: int = 5) -> list[Case]:
    """Return the newest open cases on a topic, to join a message to."""
    if not topic_code:
        return []
    cases = visible_cases(access).filter(is_owed=True, topic__code=topic_code)
    return list(cases.select_related("topic", "department", "channel").order_by("-id")[:limit])


def newer_than(cases: QuerySet[Case], case_id: int) -> QuerySet[Case]:
    """Narrow a list to what came after a case."""
    return cases.filter(pk__gt=case_id)
