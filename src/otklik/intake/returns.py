"""What residents say to an answer, in the thread where they got it: content, or not solved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from otklik.cases.enums import OPEN_STATUSES, Status
from otklik.cases.models import Case, CaseMessage
from otklik.cases.services.closing import confirm, reopen
from otklik.cases.services.journaling import line, write
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.cases.services.replying import resume_on_reply
from otklik.channels.enums import MessageKind
from otklik.channels.models import Message
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell

_LIVE = sorted({*OPEN_STATUSES, Status.ANSWERED})


def cases_of_conversations(
    municipality_id: int, messages: Sequence[Message]
) -> dict[tuple[int, int | None, str], Case]:
    """Return the newest open or answered case of each conversation that these messages go on with (one query).

    Keyed as deciding.conversation_of: thread, person, and for comments the words the conversation hangs on.
    """
    known = [message for message in messages if message.identity_id is not None]
    if not known:
        return {}
    rows = (
        CaseMessage.objects.filter(
            municipality=municipality_id,
            thread__in={message.thread_id for message in known},
            identity__in={message.identity_id for message in known},
            case__status__in=_LIVE,
        )
        .order_by("id")
        .values_list("thread_id", "identity_id", "message__root_key", "message__kind", "case_id")
    )
    found = {
        (thread, identity, "" if kind == MessageKind.DIRECT_MESSAGE else root): case_id
        for thread, identity, root, kind, case_id in rows
    }
    cases = Case.objects.in_bulk(set(found.values()))
    return {key: cases[case_id] for key, case_id in found.items()}


def answer_to_verdicts(verdicts: Iterable[tuple[Case, Message, bool]], *, now: datetime) -> None:
    """Close what residents are content with, and reopen what they say isn't solved."""
    for case, message, solved in verdicts:
        try:
            if solved:
                confirm(case, now=now)
            else:
                reopen(case, message.text or "…", now=now)
        except (IllegalMove, Overtaken):
            continue  # somebody moved it at this moment: the message is in the case's thread all the same


def go_on_with_replies(joins: Iterable[tuple[Case, Message, str]], *, now: datetime) -> None:
    """Let the clocks of cases go on whose residents answered what they were asked, and tell the executors."""
    for case, message, _ in joins:
        if resume_on_reply(case, message, now=now) and case.executor_id is not None:
            tell(
                case.municipality_id,
                [case.executor_id],
                NoticeKind.REPLIED,
                key=f"case:{case.pk}:replied:{message.pk}",
                case_number=case.number,
                at=now,
            )


def note_edits(messages: Iterable[Message], *, now: datetime) -> None:
    """Write into the history of their cases that residents rewrote their messages."""
    ids = [message.pk for message in messages]
    if not ids:
        return
    rows = CaseMessage.objects.filter(message__in=ids).select_related("case")
    write([line(row.case, "message_edited", at=now, detail={"message": row.message_id}) for row in rows])
