"""Correcting a sent answer at the desk, and what its resident and everybody then read."""

from __future__ import annotations

import pytest
from django.test import Client

from otklik.cases.clearing import seal_of
from otklik.cases.corrections import Correction
from otklik.cases.enums import AnswerState, CorrectionState, Outcome, Status
from otklik.cases.lists import Filters
from otklik.cases.models import Answer, AnswerSend, Case
from otklik.cases.privacy import HoldsPersonalData
from otklik.cases.services import answering, correcting, showing
from otklik.cases.services.correcting import NewWords
from otklik.cases.tallies import kept_counts
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, Outgoing, SearchEntry
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.org.access import Refused, access_of
from otklik.org.enums import Role
from tests.builders import make_official
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import do, open_case, words_of

FIRST, SECOND = "Игорь, засыпали сегодня.", "Игорь, засыпали вчера вечером."


def answered(office: Office, network: str = "site", text: str = FIRST) -> tuple[Case, Answer]:
    """A case whose resident has the answer."""
    case = office.case(network=network)
    now = office.town.now
    answering.write_draft(access_of(office.executor), case, text, Outcome.RESOLVED, now=now)
    answering.submit(access_of(office.executor), case, now=now)
    answer = answering.approve(access_of(office.approver), case, now=now)
    rows = list(Outgoing.objects.filter(answer_send__answer=answer))
    receipts = [{"external_id": "city-1", "container": "c", "thread_key": "", "permalink": "", "post_external_id": ""}]
    Outgoing.objects.filter(pk__in=[row.pk for row in rows]).update(state=OutgoingState.SENT, receipts=receipts)
    for row in rows:
        row.refresh_from_db()
    answering.note_finished(rows, now=now)
    case.refresh_from_db()
    answer.refresh_from_db()
    return case, answer


def handed_on(office: Office, case: Case, answer: Answer, **words: bool) -> Correction:
    new = NewWords(SECOND, "не тот день", **words)
    return correcting.propose(access_of(office.executor), case, answer.pk, new, now=office.town.now)


def corrected(office: Office, **words: bool) -> tuple[Case, Answer]:
    case, answer = answered(office)
    handed_on(office, case, answer, **words)
    correcting.approve_correction(access_of(office.approver), case, now=office.town.now)
    answer.refresh_from_db()
    return case, answer


def test_answer_is_corrected_by_two_people_and_nothing_else_of_the_case_moves(office: Office) -> None:
    case, answer = answered(office)
    executor, approver = office.browser(office.executor), office.browser(office.approver)
    said = {"correct-answer": str(answer.pk), "correct-text": SECOND, "correct-reason": "не тот день"}

    handed, page = do(executor, case, "correct", **said)
    answer.refresh_from_db()
    unchanged = answer.text
    waiting = open_case(office, case, "approver")
    code, after = do(approver, case, "correct_approve", **{"correct_approve-seen": seal_of(SECOND)})

    assert (handed, unchanged, code) == (200, FIRST, 200)
    assert "Handed on for approval" in page
    assert f"It says now {FIRST}" in words_of(waiting).replace("  ", " ")
    assert f"It is to say {SECOND}" in words_of(waiting)
    answer.refresh_from_db()
    case.refresh_from_db()
    assert (answer.text, answer.state, case.status) == (SECOND, AnswerState.SENT, Status.ANSWERED)
    assert "The answer was corrected; it said before" in after
    assert list(case.journal.order_by("id").values_list("action", flat=True))[-2:] == [
        "correction_proposed",
        "corrected",
    ]
    row = Outgoing.objects.get(edits__isnull=False)
    assert (row.text, row.edits) == (SECOND, AnswerSend.objects.get(answer=answer).outgoing)
    assert SearchEntry.objects.get(answer_ref=answer.pk).stems.count("вчер") == 1


def test_approvers_are_told_and_the_author_cannot_approve(office: Office) -> None:
    case, answer = answered(office)
    access = access_of(office.approver)
    correcting.propose(access, case, answer.pk, NewWords(SECOND, "не тот день"), now=office.town.now)

    code, page = do(office.browser(office.approver), case, "correct_approve")

    assert (code, Correction.objects.get().state) == (409, CorrectionState.SUBMITTED)
    assert "You wrote this answer, so somebody else approves it." in page
    second = make_official(office.town.city, (Role.APPROVER, case.department))
    handed_on_by = Notice.objects.filter(kind=NoticeKind.CORRECTION)
    assert list(handed_on_by.values_list("official", flat=True)) == []  # the one approver there was wrote it
    do(office.browser(second), case, "correct_approve")
    assert Correction.objects.get().state == CorrectionState.APPROVED


def test_notice_reaches_the_departments_approver_once(office: Office) -> None:
    case, answer = answered(office)
    handed_on(office, case, answer)

    told = Notice.objects.filter(kind=NoticeKind.CORRECTION)
    assert list(told.values_list("official", "case_number")) == [(office.approver.pk, case.number)]


def test_head_corrects_in_one_step(office: Office) -> None:
    case, answer = answered(office)
    said = {"correct-answer": str(answer.pk), "correct-text": SECOND, "correct-reason": "х", "correct-then": "as_head"}

    code, _ = do(office.browser(office.head), case, "correct", **said)

    answer.refresh_from_db()
    assert (code, answer.text) == (200, SECOND)


def test_somebody_without_the_heads_right_cannot_correct_in_that_name(office: Office) -> None:
    case, answer = answered(office)

    with pytest.raises(Refused):
        correcting.correct_as_head(
            access_of(office.executor), case, answer.pk, NewWords(SECOND, "х"), now=office.town.now
        )
    assert Correction.objects.count() == 0


def test_words_that_changed_since_they_were_read_are_not_approved(office: Office) -> None:
    case, answer = answered(office)
    handed_on(office, case, answer)

    code, _ = do(office.browser(office.approver), case, "correct_approve", **{"correct_approve-seen": seal_of("иное")})

    answer.refresh_from_db()
    assert (code, answer.text) == (409, FIRST)


def test_declined_words_come_back_with_the_remark(office: Office) -> None:
    case, answer = answered(office)
    handed_on(office, case, answer)

    do(office.browser(office.approver), case, "correct_decline", **{"correct_decline-remark": "Назовите улицу"})
    page = open_case(office, case, "executor")

    assert "Назовите улицу" in page
    assert SECOND in page
    answer.refresh_from_db()
    assert (answer.text, Outgoing.objects.filter(edits__isnull=False).count()) == (FIRST, 0)


def test_proposal_is_taken_back_and_another_may_follow(office: Office) -> None:
    case, answer = answered(office)
    handed_on(office, case, answer)

    with pytest.raises(correcting.Overtaken):
        handed_on(office, case, answer)
    do(office.browser(office.executor), case, "correct_withdraw")
    handed_on(office, case, answer)

    states = list(Correction.objects.order_by("id").values_list("state", flat=True))
    assert states == [CorrectionState.WITHDRAWN, CorrectionState.SUBMITTED]


@pytest.mark.parametrize(("text", "reason"), [(FIRST, "х"), ("  ", "х"), (SECOND, " ")])
def test_correction_without_a_change_or_a_reason_is_refused(office: Office, text: str, reason: str) -> None:
    case, answer = answered(office)

    with pytest.raises(ValueError):  # noqa: PT011 - the words are in the city's language
        correcting.propose(access_of(office.executor), case, answer.pk, NewWords(text, reason), now=office.town.now)


def test_answer_of_another_case_or_a_draft_is_not_corrected(office: Office) -> None:
    case, answer = answered(office)
    other = office.case()
    draft = answering.write_draft(access_of(office.executor), other, "Иное.", Outcome.EXPLAINED, now=office.town.now)

    for where, pk in ((other, answer.pk), (other, draft.pk), (case, draft.pk)):
        with pytest.raises(correcting.IllegalMove):
            correcting.propose(access_of(office.executor), where, pk, NewWords(SECOND, "х"), now=office.town.now)


def test_stranger_neither_proposes_nor_approves(office: Office) -> None:
    case, answer = answered(office)
    handed_on(office, case, answer)
    stranger = access_of(make_stranger())

    code = office.browser(make_official(office.town.city, Role.EDITOR)).post(
        f"/desk/cases/{case.number}/correct_approve/"
    )
    assert code.status_code == 403
    foreign = Client()
    foreign.force_login(stranger.official)
    assert foreign.post(f"/desk/cases/{case.number}/correct_approve/").status_code == 404
    assert Correction.objects.get().state == CorrectionState.SUBMITTED


def test_data_of_one_person_is_refused_where_many_read_it(office: Office) -> None:
    case = office.case(network="site")
    office.join(case, "И у нас яма", network="telegram")
    now = office.town.now
    answering.write_draft(access_of(office.executor), case, "Засыпали.", Outcome.RESOLVED, now=now)
    answering.submit(access_of(office.executor), case, now=now)
    answer = answering.approve(access_of(office.approver), case, now=now)
    rows = Outgoing.objects.filter(answer_send__answer=answer)
    rows.update(state=OutgoingState.SENT)
    answering.note_finished(list(rows), now=now)
    new = NewWords("Засыпали, Игорь, звоните +7 912 345-67-89.", "телефон")
    correcting.propose(access_of(office.executor), case, answer.pk, new, now=now)

    with pytest.raises(HoldsPersonalData):
        correcting.approve_correction(access_of(office.approver), case, now=now)


def test_resident_and_everybody_read_what_holds_and_what_was_said_before(office: Office) -> None:
    case, _ = corrected(office)
    Message.objects.filter(case_message__case=case).update(visibility="public")
    access = access_of(office.curator)
    showing.make_public(access, case, showing.as_found(case), now=office.town.now)

    own = words_of(Client().get(f"/case/{case.code}/").content.decode())
    public = words_of(Client().get(f"/cases/{case.number}/").content.decode())

    assert (own.count(SECOND), own.count(FIRST)) == (1, 1)
    assert "Засыпали вчера вечером" in public
    assert public.count("Засыпали сегодня") == 1
    assert "не тот день" not in own + public  # the reason is the desk's


def test_words_that_held_personal_data_are_shown_to_nobody_outside_any_more(office: Office) -> None:
    case, _ = corrected(office, hides_before=True)

    own = Client().get(f"/case/{case.code}/").content.decode()

    assert FIRST not in own
    assert SECOND in own
    assert FIRST in open_case(office, case)  # colleagues still read what was said


def test_correction_that_waits_is_in_the_list_and_the_count_of_what_is_to_approve(office: Office) -> None:
    case, answer = answered(office)
    office.case("Фонарь не горит на Речной")
    approver = office.browser(office.approver)
    seen = []

    def look() -> None:
        page = approver.get("/desk/?view=approval")
        access = access_of(office.approver)
        kept = kept_counts(access, {"approval": Filters(view="approval")})["approval"]
        seen.append(([one.pk for one in page.context["shelf"].cases], kept, "Correction</span>" in page.text))

    look()
    handed_on(office, case, answer)
    look()
    correcting.approve_correction(access_of(office.approver), case, now=office.town.now)
    look()

    assert seen == [([], 0, False), ([case.pk], 1, True), ([], 0, False)]


@pytest.mark.parametrize("ends", ["decline", "withdraw"])
def test_case_leaves_what_is_to_approve_only_with_its_last_correction(office: Office, ends: str) -> None:
    case, answer = answered(office)
    again = Answer.objects.create(
        municipality=case.municipality, case=case, text=FIRST, state=AnswerState.SENT, created_at=office.town.now
    )
    handed_on(office, case, answer)
    handed_on(office, case, again)
    waits = []

    for _ in range(2):
        if ends == "decline":
            correcting.decline_correction(access_of(office.approver), case, "не так", now=office.town.now)
        else:
            correcting.withdraw_correction(access_of(office.executor), case, now=office.town.now)
        case.refresh_from_db()
        waits.append((case.correction_waits, case.to_approve))

    assert waits == [(True, True), (False, False)]
