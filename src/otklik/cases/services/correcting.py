"""Correcting an answer that residents have: other words → approval by another person → where the answer is.

Own pages show the approved words at once. In each conversation the sent message gets them in its place where the
network lets it, else they follow below it with a short lead. A change that a network refuses for good follows as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.cases.albums import to_send
from otklik.cases.carrying import carry
from otklik.cases.clearing import seal_of
from otklik.cases.corrections import Correction, CorrectionSend
from otklik.cases.enums import AnswerState, CorrectionState, Status
from otklik.cases.models import Answer, Case
from otklik.cases.privacy import check_for_many
from otklik.cases.services.answering import OwnDraft
from otklik.cases.services.journaling import behalf
from otklik.cases.services.moving import IllegalMove, Overtaken, change
from otklik.cases.texts import correcting as with_lead
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.editing import can_rewrite, queue_edit
from otklik.channels.services.indexing import index_answer
from otklik.channels.services.parting import with_photos
from otklik.channels.services.queueing import Reply, queue_replies
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Permission
from otklik.org.enums import Role
from otklik.org.queries import officials_for

_ON_ITS_WAY = (OutgoingState.QUEUED, OutgoingState.SENDING, OutgoingState.UNKNOWN, OutgoingState.BY_HAND)


@dataclass(frozen=True, slots=True)
class NewWords:
    """What an answer is to say, why, and whether what it said must not be read any more outside the desk."""

    text: str
    reason: str
    hides_before: bool = False

    def check(self, answer: Answer) -> None:
        """Raise ValueError where nothing would change, or no reason is given."""
        if not self.text.strip() or self.text.split() == answer.text.split():
            raise ValueError(_("nothing would change: write what the answer should say"))
        if not self.reason.strip():
            raise ValueError(_("say what was wrong: whoever approves it will ask"))


@transaction.atomic
def propose(access: Access, case: Case, answer_id: int, words: NewWords, *, now: datetime) -> Correction:
    """Hand on other words for a sent answer to an approver; the answer stays as it is until then.

    Raises Refused, IllegalMove for an answer that nobody has, ValueError where nothing would change or no reason is
    given, Overtaken while another correction waits.
    """
    access.require_on(Permission.CASE_DRAFT, case)
    answer = _sent(case, answer_id)
    words.check(answer)
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                municipality_id=case.municipality_id,
                answer=answer,
                text=words.text.strip(),
                before=answer.text,
                reason=words.reason.strip()[:300],
                hides_before=words.hides_before,
                author=access.official,
                created_at=now,
            )
    except IntegrityError as error:
        raise Overtaken(case) from error
    detail = {"answer": answer.pk, "reason": correction.reason, **behalf(access, Permission.CASE_DRAFT, case)}
    change(case, at=now, action="correction_proposed", actor=access.official, detail=detail, correction_waits=True)
    people = set(officials_for(case.municipality_id, Role.APPROVER, case.department_id)) - {access.official.pk}
    key = f"case:{case.pk}:correction:{correction.pk}"
    tell(case.municipality_id, people, NoticeKind.CORRECTION, key=key, case_number=case.number, at=now)
    return correction


@transaction.atomic
def approve_correction(access: Access, case: Case, *, now: datetime, seen: str | None = None) -> Correction:
    """Approve the other words and bring them to every conversation that has the answer.

    `seen` is the seal of the words that the approver has read (None: not asked). Raises Refused, OwnDraft (the head may
    approve own words), Overtaken, HoldsPersonalData, ValueError while the answer itself is still on its way somewhere.
    """
    access.require_on(Permission.CASE_APPROVE, case)
    _lock(case)  # who joins now waits: they get one text or the other
    correction = waiting_correction(case)
    if seen is not None and not compare_digest(seen.encode(), seal_of(correction.text).encode()):
        raise Overtaken(case)
    if is_own_correction(access, case, correction) and not access.allows(Permission.ANSWER_AS_HEAD):
        raise OwnDraft
    answer = correction.answer
    rows = _where_it_is(answer)
    check_for_many(case, correction.text, [row.reply_to for row in rows if row.reply_to is not None])
    approved = {"state": CorrectionState.APPROVED, "approver": access.official, "approved_at": now}
    before = {"before": answer.text}
    if Correction.objects.filter(pk=correction.pk, state=CorrectionState.SUBMITTED).update(**approved, **before) != 1:
        raise Overtaken(case)
    Answer.objects.filter(pk=answer.pk).update(text=correction.text, corrected_at=now)
    index_answer(case.municipality_id, answer.pk, case.pk, case.department_id, correction.text)
    for row in rows:
        _queue(case, answer, correction, row, now)
    told = {"answer": answer.pk, "text": answer.text, **behalf(access, Permission.CASE_APPROVE, case)}
    change(case, at=now, action="corrected", actor=access.official, detail=told, **_still_waits(case))
    correction.refresh_from_db()
    return correction


@transaction.atomic
def correct_as_head(access: Access, case: Case, answer_id: int, words: NewWords, *, now: datetime) -> Correction:
    """Correct in one step, for the head. Raises as the steps do."""
    access.require_on(Permission.ANSWER_AS_HEAD, case)
    propose(access, case, answer_id, words, now=now)
    return approve_correction(access, case, now=now)


@transaction.atomic
def decline_correction(access: Access, case: Case, remark: str, *, now: datetime) -> Correction:
    """Send the other words back to their author with a remark. Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.CASE_APPROVE, case)
    if not remark.strip():
        raise ValueError(_("say what to change: the author sees only your remark"))
    correction = waiting_correction(case)
    _end(case, correction, CorrectionState.DECLINED, remark=remark.strip())
    told = {"remark": remark.strip(), **behalf(access, Permission.CASE_APPROVE, case)}
    change(case, at=now, action="correction_declined", actor=access.official, detail=told, **_still_waits(case))
    return correction


@transaction.atomic
def withdraw_correction(access: Access, case: Case, *, now: datetime) -> Correction:
    """Take the other words back before anybody approved them. Raises Refused, Overtaken."""
    access.require_on(Permission.CASE_DRAFT, case)
    correction = waiting_correction(case)
    _end(case, correction, CorrectionState.WITHDRAWN)
    change(case, at=now, action="correction_withdrawn", actor=access.official, **_still_waits(case))
    return correction


def waiting_correction(case: Case) -> Correction:
    """Return the correction of a case that waits for approval. Raises Overtaken where there is none."""
    waits = Correction.objects.filter(answer__case=case, state=CorrectionState.SUBMITTED)
    found = waits.select_related("answer", "author").order_by("id").first()
    if found is None:
        raise Overtaken(case)
    return found


def is_own_correction(access: Access, case: Case, correction: Correction) -> bool:
    """Return whether who would approve wrote it, or would approve only in the place of whoever wrote it."""
    author = correction.author_id
    absent = access.on_behalf_of(Permission.CASE_APPROVE, case.department_id, rather_not=author)
    return author is not None and author in (access.official.pk, absent)


@transaction.atomic
def note_finished(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Hear from the worker what became of corrections: a change refused for good follows as a message of its own."""
    maybe = [row.pk for row in rows if row.idempotency_key.startswith("correction:")]
    if not maybe:
        return
    sends = CorrectionSend.objects.filter(outgoing__in=maybe).select_related(
        "correction__answer__case__municipality", "correction__author", "outgoing"
    )
    for send in sends.order_by("id"):
        if send.outgoing.state != OutgoingState.FAILED:
            continue
        case = send.correction.answer.case
        if send.outgoing.edits_id is not None and _follow(case, send.correction, send.sent, now):
            continue
        detail = {"outgoing": send.outgoing_id, "error": send.outgoing.error}
        change(case, at=now, action="correction_not_delivered", detail=detail)


def _sent(case: Case, answer_id: int) -> Answer:
    answer = Answer.objects.select_for_update().filter(case=case, pk=answer_id).first()
    # What somebody typed in the network's own app was sent by nobody here: it is corrected where it was typed.
    if answer is None or answer.state != AnswerState.SENT or answer.source_message_id is not None:
        raise IllegalMove(case, Status.APPROVAL)
    return answer


def _where_it_is(answer: Answer) -> list[Outgoing]:
    """Return what was sent. Raises ValueError while any of it, or of an earlier correction, is still on its way."""
    everything = Outgoing.objects.filter(answer_send__answer=answer) | Outgoing.objects.filter(
        correction_send__correction__answer=answer
    )
    if everything.filter(state__in=_ON_ITS_WAY).exists():
        raise ValueError(_("the answer is still on its way to somebody: correct it when everybody has it"))
    sent = Outgoing.objects.filter(answer_send__answer=answer, state=OutgoingState.SENT).order_by("id")
    return list(sent.select_related("channel", "reply_to__thread", "reply_to__channel").prefetch_related(with_photos()))


def _queue(case: Case, answer: Answer, correction: Correction, sent: Outgoing, now: datetime) -> None:
    text = correction.text
    if sent.reply_to is not None:
        text = carry(case, sent.reply_to, text, to_send(answer)).text
    if not can_rewrite(sent, text):
        _follow(case, correction, sent, now)
        return
    row = queue_edit(sent, text, f"correction:{correction.pk}:{sent.pk}", official=correction.author, now=now)
    _note(correction, sent, row)


def _follow(case: Case, correction: Correction, sent: Outgoing, now: datetime) -> bool:
    """Queue the words below what was sent; False where nobody is left to answer there."""
    message = sent.reply_to
    if message is None or message.deleted_at is not None:
        return False
    text = with_lead(correction.text, message.language or case.municipality.language)
    key = f"correction:{correction.pk}:{sent.pk}:after"
    rows = queue_replies([Reply(message=message, text=text, key=key, official=correction.author)], now=now)
    for row in rows:
        _note(correction, sent, row)
    return True


def _note(correction: Correction, sent: Outgoing, row: Outgoing) -> None:
    CorrectionSend.objects.get_or_create(
        outgoing=row,
        defaults={"municipality_id": correction.municipality_id, "correction": correction, "sent": sent},
    )


def _lock(case: Case) -> None:
    Case.objects.select_for_update().only("pk").get(pk=case.pk)


def _still_waits(case: Case) -> dict[str, Any]:
    """Return what the case keeps once one correction ended; another answer of it may have one too."""
    waits = Correction.objects.filter(answer__case=case, state=CorrectionState.SUBMITTED)
    return {"correction_waits": waits.exists()}


def _end(case: Case, correction: Correction, state: CorrectionState, **values: str) -> None:
    _lock(case)
    waits = Correction.objects.filter(pk=correction.pk, state=CorrectionState.SUBMITTED)
    if waits.update(state=state, **values) != 1:
        raise Overtaken(case)
    correction.refresh_from_db()
