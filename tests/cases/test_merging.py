"""One problem, many voices: joined, taken apart, and answered once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import translation

from otklik.cases.enums import Outcome, Status, SuggestionState
from otklik.cases.models import Case, CaseMessage, JournalEntry, Merger, Suggestion
from otklik.cases.resembling import surviving
from otklik.cases.services import answering, merging, postponing, suggesting
from otklik.cases.services.moving import IllegalMove, Overtaken, change
from otklik.channels.models import Message, Outgoing, SearchEntry
from otklik.common.clock import now
from otklik.org.access import Access, Refused, access_of
from otklik.org.enums import Role
from otklik.org.models import RoleGrant
from tests.stories import Town, found_town, texts_sent

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"
LAMP = "На Лесной, 3 не горит фонарь, темно, почините пожалуйста"
RUBBISH = "На Школьной, 5 не вывозят мусор уже неделю, вывезите наконец"
ANSWER = "Здравствуйте! Всё сделали сегодня."


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def operator(town: Town) -> Access:
    return town.official(Role.OPERATOR)


@pytest.fixture
def cases(town: Town) -> tuple[Case, Case]:
    return town.case(town.hear(POTHOLE, visitor="anna", post="7")), town.case(
        town.hear(LAMP, visitor="boris", post="7")
    )


def fresh(*cases: Case) -> list[Case]:
    return [Case.objects.get(pk=case.pk) for case in cases]


def answer(town: Town, case: Case) -> None:
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER, name="Павел Строев")
    case.refresh_from_db()
    answering.write_draft(writer, case, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    town.send()
    case.refresh_from_db()


def test_voices_of_a_duplicate_go_to_the_surviving_case(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases

    merging.merge(operator, case, into, now=now(), reason="та же улица")

    case, into = fresh(case, into)
    assert (case.status, case.message_count, into.status, into.message_count) == ("duplicate", 0, "assigned", 2)
    assert CaseMessage.objects.filter(case=into).count() == 2
    assert set(SearchEntry.objects.values_list("case_ref", flat=True)) == {into.pk}
    said = {line.case_id: line for line in JournalEntry.objects.filter(action__in=["merged", "took_over"])}
    assert said[case.pk].detail == {"from": "assigned", "to": "duplicate", "into": into.number, "reason": "та же улица"}
    assert said[into.pk].detail == {"case": case.number, "voices": 1, "reason": "та же улица"}


def test_one_answer_reaches_everybody_in_their_own_thread(
    town: Town, operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    merging.merge(operator, case, into, now=now())

    answer(town, into)

    told = set(Outgoing.objects.filter(is_automated=False).values_list("reply_to__text", flat=True))
    assert told == {POTHOLE, LAMP}
    assert texts_sent(town.site).count(ANSWER) == 2


def test_nobody_is_acknowledged_twice_for_being_joined(operator: Access, cases: tuple[Case, Case]) -> None:
    before = Outgoing.objects.filter(is_automated=True).count()

    merging.merge(operator, *cases, now=now())

    assert before == Outgoing.objects.filter(is_automated=True).count() == 2


def test_the_surviving_case_takes_the_earlier_deadline_the_urgency_and_the_control(
    operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    due = now() + timedelta(minutes=20)
    change(case, at=now(), action="test", answer_due_at=due, urgency=3, personal_control=True)

    merging.merge(operator, case, into, now=now())

    [into] = fresh(into)
    assert (into.answer_due_at, into.urgency, into.personal_control) == (due, 3, True)


def test_a_later_deadline_changes_nothing(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    change(case, at=now(), action="test", answer_due_at=into.answer_due_at + timedelta(days=3), urgency=0)
    [before] = fresh(into)

    merging.merge(operator, case, into, now=now())

    [into] = fresh(into)
    assert (into.answer_due_at, into.urgency) == (before.answer_due_at, before.urgency)


def test_taking_apart_leaves_everything_as_it_was(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    change(case, at=now(), action="test", answer_due_at=now() + timedelta(minutes=5), urgency=3, personal_control=True)
    names = (
        "status",
        "answer_due_at",
        "solve_due_at",
        "urgency",
        "personal_control",
        "message_count",
        "closed_at",
        "wakes_at",
    )
    before = [[getattr(one, name) for name in names] for one in fresh(case, into)]
    merging.merge(operator, case, into, now=now())

    merging.unmerge(operator, fresh(case)[0], now=now())

    assert [[getattr(one, name) for name in names] for one in fresh(case, into)] == before
    assert list(CaseMessage.objects.order_by("message_id").values_list("case_id", flat=True)) == [case.pk, into.pk]
    assert set(SearchEntry.objects.values_list("case_ref", flat=True)) == {case.pk, into.pk}
    assert Merger.objects.get().undone_at is not None


def test_taking_apart_keeps_what_people_set_meanwhile(operator: Access, town: Town, cases: tuple[Case, Case]) -> None:
    case, into = cases
    change(case, at=now(), action="test", answer_due_at=now() + timedelta(minutes=5))
    merging.merge(operator, case, into, now=now())
    later = now() + timedelta(days=2)
    postponing.move_deadline(town.official(Role.CURATOR), fresh(into)[0], later, "нужна смета", now=now())

    merging.unmerge(operator, fresh(case)[0], now=now())

    assert fresh(into)[0].answer_due_at == later


def test_once_the_common_answer_is_on_its_way_they_stay_together(
    town: Town, operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    merging.merge(operator, case, into, now=now())
    answer(town, into)

    with pytest.raises(merging.CantSplit, match="on its way"):
        merging.unmerge(operator, fresh(case)[0], now=now())


def test_a_loop_and_a_chain_upwards_are_refused(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    merging.merge(operator, case, into, now=now())

    for a, b in ((into, case), (case, case), (into, into)):
        with pytest.raises(merging.CantMerge):
            merging.merge(operator, *fresh(a, b), now=now())
    with pytest.raises(IllegalMove):
        merging.merge(operator, *fresh(case, into), now=now())
    assert Merger.objects.count() == 1


def test_a_duplicate_of_a_duplicate_leads_to_the_last_one(
    town: Town, operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    third = town.case(town.hear(RUBBISH, visitor="vera", post="7"))
    merging.merge(operator, case, into, now=now())
    merging.merge(operator, fresh(into)[0], third, now=now())

    assert surviving(fresh(case)[0]) == third
    assert fresh(third)[0].message_count == 3
    with pytest.raises(merging.CantSplit, match="a duplicate itself"):
        merging.unmerge(operator, fresh(case)[0], now=now())
    merging.unmerge(operator, fresh(into)[0], now=now())
    assert [one.message_count for one in fresh(case, into, third)] == [0, 2, 1]


def test_a_finished_case_takes_no_duplicates(town: Town, operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    answer(town, into)

    with pytest.raises(merging.CantMerge, match="finished"):
        merging.merge(operator, case, into, now=now())


def test_while_an_answer_is_being_sent_nobody_is_added_to_its_case(
    town: Town, operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER, name="Павел Строев")
    answering.write_draft(writer, into, ANSWER, Outcome.RESOLVED, now=now())
    answering.submit(writer, into, now=now())
    answering.approve(approver, into, now=now())

    with pytest.raises(merging.CantMerge, match="being sent"):
        merging.merge(operator, case, fresh(into)[0], now=now())


def test_another_citys_case_is_refused(operator: Access, cases: tuple[Case, Case]) -> None:
    other = found_town("dalnegorye")
    foreign = other.case(other.hear(POTHOLE))

    for pair in ((cases[0], foreign), (foreign, cases[0])):
        with pytest.raises(Refused):
            merging.merge(operator, *pair, now=now())
    with pytest.raises(Refused):
        merging.split_message(operator, Message.objects.get(case_message__case=foreign), now=now())
    assert Merger.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OPERATOR, Role.CURATOR)])
def test_other_roles_may_not_join(town: Town, cases: tuple[Case, Case], role: Role) -> None:
    with pytest.raises(Refused):
        merging.merge(town.official(role), *cases, now=now())


def test_a_curator_of_one_department_joins_only_its_own(town: Town, cases: tuple[Case, Case]) -> None:
    case, into = cases
    own = town.official()
    RoleGrant.objects.create(
        municipality=town.city, official=own.official, role=Role.CURATOR, department=case.department
    )
    assert case.department_id != into.department_id

    with pytest.raises(Refused):
        merging.merge(access_of(own.official), case, into, now=now())


def test_two_who_join_the_same_case_at_once_join_it_once(
    town: Town, operator: Access, cases: tuple[Case, Case]
) -> None:
    case, into = cases
    third = town.case(town.hear(RUBBISH, visitor="vera", post="7"))
    stale = fresh(case)[0]
    merging.merge(operator, case, into, now=now())

    with pytest.raises(IllegalMove):
        merging.merge(operator, stale, third, now=now())
    assert [one.message_count for one in fresh(into, third)] == [2, 1]


def test_one_message_becomes_a_case_of_its_own(town: Town, operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    merging.merge(operator, case, into, now=now())
    message = Message.objects.get(text=POTHOLE)

    own = merging.split_message(operator, message, now=now())

    assert (own.summary, own.message_count, own.department_id is not None) == (POTHOLE, 1, True)
    assert CaseMessage.objects.get(message=message).case == own
    assert fresh(into)[0].message_count == 1
    assert SearchEntry.objects.get(message=message).case_ref == own.pk
    assert Outgoing.objects.filter(is_automated=True).count() == 2


def test_the_only_message_of_a_case_stays(operator: Access, cases: tuple[Case, Case]) -> None:
    with pytest.raises(merging.CantSplit, match="only message"):
        merging.split_message(operator, Message.objects.get(text=POTHOLE), now=now())


def test_an_answered_message_stays(town: Town, operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    merging.merge(operator, case, into, now=now())
    answer(town, into)

    with pytest.raises(merging.CantSplit, match="finished"):
        merging.split_message(operator, Message.objects.get(text=POTHOLE), now=now())


def test_a_suggestion_is_decided_once(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    suggestion = Suggestion.objects.create(
        municipality_id=case.municipality_id,
        message=Message.objects.get(text=POTHOLE),
        case=case,
        candidate=into,
        score=0.7,
        created_at=now(),
    )
    suggesting.decide(operator, suggestion, same=False, now=now())

    with pytest.raises(Overtaken):
        suggesting.decide(operator, suggestion, same=True, now=now())
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == (SuggestionState.DECLINED, operator.official)


def test_joining_accepts_the_suggestion_that_said_so(operator: Access, cases: tuple[Case, Case]) -> None:
    case, into = cases
    suggestion = Suggestion.objects.create(
        municipality_id=case.municipality_id,
        message=Message.objects.get(text=POTHOLE),
        case=case,
        candidate=into,
        score=0.7,
        created_at=now(),
    )

    merging.merge(operator, case, into, now=now())

    suggestion.refresh_from_db()
    assert (suggestion.state, Status(fresh(case)[0].status)) == (SuggestionState.ACCEPTED, Status.DUPLICATE)
