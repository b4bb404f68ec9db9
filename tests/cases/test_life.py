"""A case from opening to its end, through the services that the desk calls."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

import pytest

from otklik.cases.enums import OPEN_STATUSES, TRANSITIONS, AnswerState, Outcome, Status, Verdict
from otklik.cases.models import Answer, Case, JournalEntry
from otklik.cases.privacy import HoldsPersonalData
from otklik.cases.services import answering, assigning, closing, controlling, moving, postponing, showing
from otklik.channels.enums import Decision
from otklik.channels.models import Message, Outgoing
from otklik.common.clock import now
from otklik.org.access import Refused, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, RoleGrant
from tests.stories import Town, age, found_town, texts_sent

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"
ANSWER = "Иван, здравствуйте! Яму на Садовой, 12 засыпали сегодня, фото на странице случая."


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear(POTHOLE, visitor="ivan", post="7"))


def answered(town: Town, case: Case, *, approver_name: str = "Павел Строев") -> Case:
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER, name=approver_name)
    answering.write_draft(writer, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    town.send()
    case.refresh_from_db()
    return case


def test_approved_answer_is_sent_into_the_residents_thread(town: Town, case: Case) -> None:
    answered(town, case)

    sent = Message.objects.get(is_ours=True, is_automated=False)
    question = Message.objects.get(is_ours=False)
    assert (sent.text, sent.thread_id, sent.parent_key, sent.root_key) == (
        ANSWER,
        question.thread_id,
        question.object_key,
        question.object_key,
    )
    assert sent.official.full_name == "Вера Лугова"
    assert (case.status, case.outcome) == (Status.ANSWERED, Outcome.RESOLVED)
    assert texts_sent(town.site)[-1] == ANSWER


def test_answer_reaches_everybody_who_asked_in_a_thread_of_their_own(town: Town, case: Case) -> None:
    town.hear(POTHOLE, visitor="maria", post="8")
    town.hear(POTHOLE, visitor="pyotr")
    answered(town, case)

    sent = Outgoing.objects.filter(is_automated=False).order_by("id")
    assert [row.thread.key.split(":")[0] for row in sent] == ["post", "post", "report"]
    assert {row.state for row in sent} == {"sent"}
    assert [row.reply_to.identity.external_id for row in sent] == ["visitor:ivan", "visitor:maria", "visitor:pyotr"]


def test_nobody_approves_ones_own_draft(town: Town, case: Case) -> None:
    both = town.official(Role.APPROVER)
    answering.write_draft(both, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(both, case, now=now())

    with pytest.raises(answering.OwnDraft):
        answering.approve(both, case, now=now())
    assert not Outgoing.objects.filter(is_automated=False).exists()


def test_head_answers_in_own_name_and_the_journal_says_so(town: Town, case: Case) -> None:
    head = town.official(Role.HEAD, name="Анна Берестова")
    answering.answer_as_head(head, case, ANSWER, Outcome.EXPLAINED, now=now())

    assert Answer.objects.get().in_heads_name
    approved = JournalEntry.objects.get(case=case, action="approved")
    assert (approved.actor, approved.detail["as_head"]) == (head.official, True)


def test_answer_of_a_reopened_case_is_approved_by_somebody_else(town: Town, case: Case) -> None:
    answered(town, case)
    closing.reopen(case, "Яма снова там", now=now())
    writer = town.official(Role.EXECUTOR)
    same = access_of(Answer.objects.get(state=AnswerState.SENT).approver)
    answering.write_draft(writer, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())

    with pytest.raises(answering.SameApprover):
        answering.approve(same, case, now=now())


def test_declined_draft_goes_back_to_its_author_with_the_remark(town: Town, case: Case) -> None:
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.decline(approver, case, "Напишите, когда приедут", now=now())

    assert (case.status, Answer.objects.get().remark) == (Status.DRAFTING, "Напишите, когда приедут")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST, Role.ADMIN, Role.AUDITOR, Role.EDITOR, Role.AIDE])
def test_role_without_the_right_writes_no_draft(town: Town, case: Case, role: Role) -> None:
    with pytest.raises(Refused):
        answering.write_draft(town.official(role), case, ANSWER, Outcome.RESOLVED, now=now())


def test_executor_of_another_department_is_refused(town: Town, case: Case) -> None:
    stranger = town.official()
    RoleGrant.objects.create(
        municipality=town.city,
        official=stranger.official,
        role=Role.EXECUTOR,
        department=Department.objects.get(code="culture"),
    )

    with pytest.raises(Refused):
        answering.write_draft(access_of(stranger.official), case, ANSWER, Outcome.RESOLVED, now=now())


def test_move_follows_the_declared_table_and_nothing_else(case: Case) -> None:
    for before, after in itertools.product(Status, Status):
        Case.objects.filter(pk=case.pk).update(status=before)
        case.refresh_from_db()
        lines = JournalEntry.objects.count()
        if after in TRANSITIONS[before]:
            moving.move(case, after, at=now(), action="test")
        else:
            with pytest.raises(moving.IllegalMove):
                moving.move(case, after, at=now(), action="test")
        moved = after in TRANSITIONS[before]
        case.refresh_from_db()
        assert (case.status, JournalEntry.objects.count()) == (after if moved else before, lines + moved)


def test_every_status_has_its_place_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Status)
    ends = {status for status, following in TRANSITIONS.items() if not following}
    assert ends == {Status.DUPLICATE, Status.REJECTED, Status.REDIRECTED}
    assert not ends & OPEN_STATUSES


def test_move_of_a_case_that_somebody_changed_is_overtaken(town: Town, case: Case) -> None:
    stale = Case.objects.get(pk=case.pk)
    assigning.take(town.official(Role.EXECUTOR), case, now=now())

    with pytest.raises(moving.Overtaken):
        moving.move(stale, Status.RETURNED, at=now(), action="test")


def test_thanks_after_the_answer_closes_the_case(town: Town, case: Case) -> None:
    answered(town, case)
    first = Message.objects.get(is_ours=False)
    thanks = town.hear("Спасибо большое, всё починили!", visitor="ivan", post="7", parent=first.external_id)

    case.refresh_from_db()
    assert (case.status, case.verdict) == (Status.CLOSED, Verdict.SOLVED)
    assert thanks.decision == Decision.NO_ANSWER


def test_complaint_after_the_answer_reopens_the_case(town: Town, case: Case) -> None:
    answered(town, case)
    first = Message.objects.get(is_ours=False)
    again = town.hear("Яма на месте, никто не приезжал!", visitor="ivan", post="7", parent=first.external_id)

    case.refresh_from_db()
    assert (case.status, case.verdict) == (Status.REOPENED, Verdict.NOT_SOLVED)
    assert town.case(again) == case


def test_thanks_of_somebody_else_closes_nothing(town: Town, case: Case) -> None:
    answered(town, case)
    first = Message.objects.get(is_ours=False)
    town.hear("Спасибо большое, всё починили!", visitor="stranger", post="7", parent=first.external_id)

    case.refresh_from_db()
    assert case.status == Status.ANSWERED


def test_answered_case_closes_after_seven_silent_days_and_not_before(town: Town, case: Case) -> None:
    answered(town, case)
    age(case, days=6, hours=23)
    assert closing.close_silent(now=now()) == 0

    age(case, days=7, minutes=1)
    assert closing.close_silent(now=now()) == 1
    case.refresh_from_db()
    assert (case.status, case.verdict) == (Status.CLOSED, "")


def test_rating_before_an_answer_is_refused(case: Case) -> None:
    with pytest.raises(ValueError, match="оценивать пока нечего"):
        closing.rate(case, 5, 5, now=now())


@pytest.mark.parametrize("stars", [0, 6])
def test_rating_outside_one_to_five_is_refused(town: Town, case: Case, stars: int) -> None:
    with pytest.raises(ValueError, match="от 1 до 5"):
        closing.rate(answered(town, case), 5, stars, now=now())


def test_journal_can_be_neither_changed_nor_removed(case: Case) -> None:
    line = JournalEntry.objects.filter(case=case).first()

    with pytest.raises(TypeError, match="append-only"):
        line.save()
    with pytest.raises(TypeError, match="append-only"):
        line.delete()


def test_private_message_is_not_made_public_without_the_residents_word(town: Town) -> None:
    private = town.case(town.hear(POTHOLE))

    with pytest.raises(showing.NotForPublic):
        showing.as_found(private)
    private.refresh_from_db()
    assert not private.is_public


def test_report_whose_author_agreed_may_be_made_public(town: Town) -> None:
    agreed = town.case(town.hear(POTHOLE, may_publish=True))
    showing.make_public(town.official(Role.OPERATOR), agreed, showing.as_found(agreed), now=now())

    agreed.refresh_from_db()
    assert agreed.is_public


def test_only_the_head_clears_personal_control(town: Town, case: Case) -> None:
    aide = town.official(Role.AIDE)
    controlling.set_control(aide, case, now=now())
    with pytest.raises(Refused):
        controlling.clear_control(aide, case, now=now())
    controlling.clear_control(town.official(Role.HEAD), case, now=now())

    case.refresh_from_db()
    assert not case.personal_control
    actions = list(JournalEntry.objects.filter(case=case).values_list("action", flat=True))
    assert actions[-2:] == ["control_set", "control_cleared"]


def test_deadline_moves_only_with_a_reason(town: Town, case: Case) -> None:
    curator = town.official(Role.CURATOR)
    with pytest.raises(ValueError, match="почему переносится срок"):
        postponing.move_deadline(curator, case, now() + timedelta(days=3), "  ", now=now())

    postponing.move_deadline(curator, case, now() + timedelta(days=3), "Ждём асфальт", now=now())
    assert JournalEntry.objects.get(case=case, action="deadline_moved").detail["reason"] == "Ждём асфальт"


def test_draft_of_an_answered_case_is_refused(town: Town, case: Case) -> None:
    answered(town, case)

    with pytest.raises(moving.IllegalMove):
        answering.write_draft(town.official(Role.EXECUTOR), case, "Ещё", Outcome.RESOLVED, now=now())


def test_answer_to_deleted_messages_is_refused_in_words(town: Town, case: Case) -> None:
    Message.objects.filter(is_ours=False).update(deleted_at=now())
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())

    with pytest.raises(ValueError, match="отвечать некому"):
        answering.approve(approver, case, now=now())
    assert Answer.objects.get().state == AnswerState.SUBMITTED


def for_many(town: Town, case: Case, text: str) -> None:
    """Maria tells of the same hole; somebody answers both."""
    town.hear(POTHOLE, visitor="maria", post="8", name="Мария")
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Перезвоните: +7 900 123-45-67", "+7 900 123-45-67"),
        ("В кв. 17 заменили стояк", "кв. 17"),
        ("Мария, яму засыпали", "Мария"),
    ],
)
def test_answer_to_many_with_data_of_one_is_refused(town: Town, case: Case, text: str, held: str) -> None:
    with pytest.raises(HoldsPersonalData, match=re.escape(held)):
        for_many(town, case, text)
    assert Answer.objects.get().state == AnswerState.SUBMITTED
    assert not Outgoing.objects.filter(is_automated=False).exists()


def test_contacts_of_a_department_may_go_to_many(town: Town, case: Case) -> None:
    Department.objects.filter(code="roads").update(contacts="отдел дорог, +7 900 123-45-67")
    for_many(town, case, "Звоните в отдел: 8 (900) 123-45-67, яму засыпали")

    assert Outgoing.objects.filter(is_automated=False).count() == 2
