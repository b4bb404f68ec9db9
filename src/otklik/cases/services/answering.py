"""What the city says to a case: draft → approval by another person → queued in the same transaction → sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hmac import compare_digest

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.cases.albums import photos_of, seal_of_answer, to_send
from otklik.cases.carrying import carry
from otklik.cases.enums import WORKED_STATUSES, AnswerKind, AnswerState, Outcome, Status
from otklik.cases.models import Answer, AnswerSend, Case, CaseMessage
from otklik.cases.privacy import check_for_many
from otklik.cases.services import clocks
from otklik.cases.services.journaling import behalf, record
from otklik.cases.services.moving import IllegalMove, Overtaken, change, move
from otklik.cases.services.picturing import bind, check_ready
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.indexing import index_answer
from otklik.channels.services.queueing import Reply, queue_replies
from otklik.org.access import Access, Permission, Refused
from otklik.org.models import OutsideBody

_IN_WORK = (AnswerState.DRAFT, AnswerState.SUBMITTED, AnswerState.APPROVED)


class SameApprover(Refused):
    """A reopened case is approved by somebody other than before."""

    def __init__(self) -> None:
        super().__init__("the resident did not accept your last answer: another person approves this one")


class OwnDraft(Refused):
    """Nobody approves one's own draft."""

    def __init__(self) -> None:
        super().__init__("an answer is approved by somebody other than its author")


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be said to the resident, and what follows from it when it is sent."""

    text: str
    outcome: Outcome = Outcome.EXPLAINED
    kind: AnswerKind = AnswerKind.FINAL
    promised_on: date | None = None
    reason: str = ""
    body: OutsideBody | None = None


def write_draft(
    access: Access, case: Case, text: str, outcome: Outcome, *, now: datetime, seen: str | None = None
) -> Answer:
    """Save the draft of an answer, one at a time for a case; whoever saves last is its author.

    `seen` is the text that the author started from (None: not asked); a draft that became another meanwhile isn't
    overwritten. Raises Refused, ValueError for an empty text, IllegalMove where no answer can be written, Overtaken.
    """
    access.require_on(Permission.CASE_DRAFT, case)
    if case.status not in WORKED_STATUSES:
        raise IllegalMove(case, Status.DRAFTING)
    return put_draft(access, case, Words(text, outcome), now=now, seen=seen)


@transaction.atomic
def put_draft(access: Access, case: Case, words: Words, *, now: datetime, seen: str | None = None) -> Answer:
    """Save a draft of any kind for a caller that asked for the permission. Raises ValueError, IllegalMove, Overtaken.

    A colleague's words that it takes the place of are kept in the history.
    """
    if not words.text.strip():
        raise ValueError(_("the answer is empty: write a few words to the resident"))
    if case.status != Status.DRAFTING:
        executor = access.official if access.allows(Permission.CASE_DRAFT, case.department_id) else case.executor
        told = behalf(access, Permission.CASE_DRAFT, case)
        move(case, Status.DRAFTING, at=now, action="drafting", actor=access.official, detail=told, executor=executor)
    values = {name: getattr(words, name) for name in ("outcome", "kind", "promised_on", "reason", "body")}
    values |= {"text": words.text.strip(), "author": access.official}
    before = Answer.objects.select_for_update().filter(case=case, state=AnswerState.DRAFT).first()
    if before is None:
        try:
            with transaction.atomic():
                return Answer.objects.create(municipality_id=case.municipality_id, case=case, created_at=now, **values)
        except IntegrityError as error:
            raise Overtaken(case) from error
    if seen is not None and not _same(before.text, seen) and not _same(before.text, words.text):
        raise Overtaken(case)
    if Answer.objects.filter(pk=before.pk, state=AnswerState.DRAFT, text=before.text).update(**values) != 1:
        raise Overtaken(case)
    if before.author_id != access.official.pk and before.text != values["text"]:
        record(case, "draft_replaced", at=now, actor=access.official, detail={"text": before.text})
    before.refresh_from_db()
    return before


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()  # a browser sends line ends of its own


@transaction.atomic
def submit(access: Access, case: Case, *, now: datetime) -> Answer:
    """Hand the draft to an approver. Raises Refused, IllegalMove, Overtaken."""
    access.require_on(Permission.CASE_DRAFT, case)
    return hand_on(access, case, now=now)


@transaction.atomic
def hand_on(access: Access, case: Case, *, now: datetime) -> Answer:
    """Hand on the draft with its photos for a caller that asked for the permission.

    Raises ValueError for a photo that nobody has described, IllegalMove, Overtaken.
    """
    told = behalf(access, Permission.CASE_DRAFT, case)
    move(case, Status.APPROVAL, at=now, action="submitted", actor=access.official, detail=told)
    answer = _step(case, AnswerState.DRAFT, AnswerState.SUBMITTED, submitted_at=now)
    bind(case, answer)
    return answer


@transaction.atomic
def decline(access: Access, case: Case, remark: str, *, now: datetime) -> Answer:
    """Send the draft back to its author with a remark. Raises Refused, ValueError, IllegalMove, Overtaken."""
    access.require_on(Permission.CASE_APPROVE, case)
    if not remark.strip():
        raise ValueError(_("say what to change: the author sees only your remark"))
    answer = _step(case, AnswerState.SUBMITTED, AnswerState.DRAFT, remark=remark)
    told = {"remark": remark, **behalf(access, Permission.CASE_APPROVE, case)}
    move(case, Status.DRAFTING, at=now, action="declined", actor=access.official, detail=told)
    return answer


@transaction.atomic
def approve(
    access: Access, case: Case, *, now: datetime, send_at: datetime | None = None, seen: str | None = None
) -> Answer:
    """Approve the draft and queue it into every thread of the case, in one transaction; not sent before `send_at`.

    `seen` is the seal of the words and photos that the approver had before the eyes (None: not asked); others than
    those aren't approved. Raises Refused, OwnDraft, SameApprover, HoldsPersonalData, Overtaken, ValueError while a
    photo can't be seen. The head may approve an own draft: it goes out as the head's own. A substitute
    doesn't approve what the one who is away wrote: it would be their own word for their own draft.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    Case.objects.select_for_update().only("pk").get(pk=case.pk)  # whoever joins now, waits: services.latecomers
    answer = _in_state(case, AnswerState.SUBMITTED)
    if seen is not None and not compare_digest(seen.encode(), seal_of_answer(answer, photos_of(answer)).encode()):
        raise Overtaken(case)
    check_ready(answer)
    in_heads_name = access.allows(Permission.ANSWER_AS_HEAD) and answer.author_id == access.official.pk
    if is_own_draft(access, case, answer) and not in_heads_name:
        raise OwnDraft
    before = Answer.objects.filter(
        case=case, state=AnswerState.SENT, kind=AnswerKind.FINAL, approver=access.official
    )  # a question or a promise is nothing that the resident refused
    if not access.allows(Permission.ANSWER_AS_HEAD) and before.exists():
        raise SameApprover
    answer = _step(
        case,
        AnswerState.SUBMITTED,
        AnswerState.APPROVED,
        approver=access.official,
        approved_at=now,
        send_at=send_at,
        in_heads_name=in_heads_name,
    )
    _queue(case, answer, now)
    told = {"answer": answer.pk, "as_head": in_heads_name, **behalf(access, Permission.CASE_APPROVE, case)}
    record(case, "approved", at=now, actor=access.official, detail=told)
    return answer


def is_own_draft(access: Access, case: Case, answer: Answer) -> bool:
    """Return whether who would approve wrote it, or would approve only in the place of whoever wrote it."""
    author = answer.author_id
    absent = access.on_behalf_of(Permission.CASE_APPROVE, case.department_id, rather_not=author)
    return author is not None and author in (access.official.pk, absent)


@transaction.atomic
def answer_as_head(
    access: Access, case: Case, text: str, outcome: Outcome, *, now: datetime, seen: str | None = None
) -> Answer:
    """Answer in the head's own name: written and approved in one step, journalled. Raises as the steps do."""
    access.require_on(Permission.ANSWER_AS_HEAD, case)
    write_draft(access, case, text, outcome, now=now, seen=seen)
    submit(access, case, now=now)
    return approve(access, case, now=now)


def targets_of(case: Case) -> list[Message]:
    """Return one message for each conversation that the answer goes to: the newest of each person and thread."""
    told = (
        CaseMessage.objects.filter(case=case, message__deleted_at=None, message__is_ours=False)
        .select_related("message__thread", "message__channel", "message__identity")
        .order_by("message_id")
    )
    newest = {(row.thread_id, row.identity_id): row.message for row in told}
    return list(newest.values())


@transaction.atomic
def note_finished(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Hear from the worker what became of outgoing rows: an answer is given when its first thread has it."""
    sends = (
        AnswerSend.objects.filter(outgoing__in=rows)
        .select_related("answer__case", "outgoing")
        .select_for_update(of=("answer__case",))
        .order_by("answer_id", "outgoing_id")
    )
    for send in sends:
        answer, case = send.answer, send.answer.case
        if send.outgoing.state == OutgoingState.FAILED:
            detail = {"outgoing": send.outgoing_id, "error": send.outgoing.error}
            change(case, at=now, action="not_delivered", detail=detail)
        elif send.outgoing.state == OutgoingState.SENT:
            first = Answer.objects.filter(pk=answer.pk, state=AnswerState.APPROVED).update(
                state=AnswerState.SENT, sent_at=now
            )
            if first and case.status == Status.APPROVAL:
                go_on(case, answer, now)


def adopt(case: Case, message: Message, *, now: datetime) -> Answer | None:
    """Count an answer typed in the network's own app as the case's answer; None if the case isn't open to one.

    Whoever typed it acted for the city outside the desk: nobody approved it here, and the journal says so.
    """
    if case.status not in WORKED_STATUSES | {Status.NEW, Status.TRIAGE, Status.RETURNED}:
        return None
    with transaction.atomic():
        if Answer.objects.filter(source_message=message).exists():
            return None
        if Answer.objects.filter(case=case, state__in=_IN_WORK).exclude(state=AnswerState.DRAFT).exists():
            return None
        answer = Answer.objects.create(
            municipality_id=case.municipality_id,
            case=case,
            text=message.text,
            state=AnswerState.SENT,
            author=message.official,
            source_message=message,
            created_at=now,
            sent_at=message.occurred_at,
        )
        for step in _steps_to_approval(Status(case.status)):
            move(case, step, at=now, action="answered_in_network", detail={"message": message.pk})
        _mark_answered(case, answer, now)
    return answer


def _steps_to_approval(status: Status) -> list[Status]:
    path = [Status.ASSIGNED, Status.DRAFTING, Status.APPROVAL]
    if status in (Status.NEW, Status.TRIAGE, Status.RETURNED):
        return path
    return path[2:] if status == Status.DRAFTING else path[1:]


def go_on(case: Case, answer: Answer, now: datetime) -> None:
    """The resident has it: the case goes where this kind of answer leads."""
    match AnswerKind(answer.kind):
        case AnswerKind.QUESTION:
            clocks.start_waiting(case, answer, now=now)
        case AnswerKind.PROMISE:
            clocks.keep_promise(case, answer, now=now)
        case AnswerKind.INTERIM:
            clocks.start_second(case, answer, now=now)
        case AnswerKind.REDIRECT:
            _mark_redirected(case, answer, now)
        case AnswerKind.FINAL:
            _mark_answered(case, answer, now)


def _mark_redirected(case: Case, answer: Answer, now: datetime) -> None:
    move(
        case,
        Status.REDIRECTED,
        at=now,
        action="redirected",
        actor=answer.approver,
        detail={"answer": answer.pk, "body": str(answer.body), "contacts": answer.body.contacts if answer.body else ""},
        outcome=Outcome.REDIRECTED,
        redirected_to=answer.body,
        closed_at=now,
    )


def _mark_answered(case: Case, answer: Answer, now: datetime) -> None:
    index_answer(case.municipality_id, answer.pk, case.pk, case.department_id, answer.text)
    move(
        case,
        Status.ANSWERED,
        at=now,
        action="answered",
        actor=answer.approver,
        detail={"answer": answer.pk},
        outcome=answer.outcome,
        answered_at=now,
    )


def _queue(case: Case, answer: Answer, now: datetime) -> None:
    targets = targets_of(case)
    if not targets:
        raise ValueError(_("there is nobody left to answer: every message of this case was deleted by its author"))
    check_for_many(case, answer.text, targets)
    replies = replies_of(case, answer, targets)
    rows = queue_replies(replies, now=now)
    AnswerSend.objects.bulk_create(
        AnswerSend(municipality_id=case.municipality_id, answer=answer, outgoing=row) for row in rows
    )


def replies_of(case: Case, answer: Answer, targets: Sequence[Message]) -> list[Reply]:
    """Return an answer as it goes to each conversation: with its photos, or with where they are to be seen."""
    shown = to_send(answer)
    return [
        Reply(
            message=message,
            text=carried.text,
            key=f"answer:{answer.pk}:{message.pk}",
            official=answer.author,
            photos=carried.photos,
            send_at=answer.send_at,
        )
        for message in targets
        for carried in [carry(case, message, answer.text, shown)]
    ]


def _in_state(case: Case, state: AnswerState) -> Answer:
    answer = Answer.objects.filter(case=case, state=state).first()
    if answer is None:
        raise Overtaken(case)
    return answer


def _step(case: Case, before: AnswerState, after: AnswerState, **values: object) -> Answer:
    answer = _in_state(case, before)
    if Answer.objects.filter(pk=answer.pk, state=before).update(state=after, **values) != 1:
        raise Overtaken(case)
    answer.refresh_from_db()
    return answer
