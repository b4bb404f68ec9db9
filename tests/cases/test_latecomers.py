"""Who joins while the answer is on its way gets it too; and what joining and taking apart teach."""

from __future__ import annotations

import pytest

from otklik.cases.enums import Outcome
from otklik.cases.models import AnswerSend, Case
from otklik.cases.privacy import HoldsPersonalData
from otklik.cases.services import answering, merging
from otklik.cases.services.opening import join_cases
from otklik.channels.enums import Decision
from otklik.channels.models import Message, Outgoing
from otklik.common.clock import now
from otklik.intake.sorting import join_by_hand
from otklik.org.enums import Role
from otklik.teaching.queries import labels_now
from tests.stories import Town, found_town, texts_sent

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"
LAMP = "На Лесной, 3 не горит фонарь, темно, почините пожалуйста"
ANSWER = "Здравствуйте! Всё сделали сегодня."


@pytest.fixture
def town() -> Town:
    return found_town()


def approved(town: Town, case: Case, text: str = ANSWER) -> Case:
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    case.refresh_from_db()
    return case


def waiting(town: Town, text: str, visitor: str) -> Message:
    message = town.hear(text, visitor=visitor, post="9")
    Case.objects.filter(case_messages__message=message).delete()
    Message.objects.filter(pk=message.pk).update(decision=Decision.OPERATOR)
    message.refresh_from_db()
    return message


def test_voice_that_comes_after_approval_gets_the_answer_too(town: Town) -> None:
    case = approved(town, town.case(town.hear(POTHOLE, visitor="anna", post="7")))

    late = town.hear(POTHOLE, visitor="boris", post="8")
    town.send()

    assert town.case(late) == case
    assert texts_sent(town.site).count(ANSWER) == 2
    assert AnswerSend.objects.filter(outgoing__reply_to=late, outgoing__state="sent").count() == 1


def test_answer_that_was_sent_between_looking_and_joining_is_not_missed(town: Town) -> None:
    stale = town.case(town.hear(POTHOLE, visitor="anna", post="7"))
    approved(town, Case.objects.get(pk=stale.pk))
    town.send()
    late = waiting(town, LAMP, "boris")

    join_cases([(stale, late, "same")], now=now())

    assert Outgoing.objects.get(idempotency_key__startswith="answer:", reply_to=late).text == ANSWER


def test_same_person_in_the_same_conversation_gets_it_once(town: Town) -> None:
    approved(town, town.case(town.hear(POTHOLE, visitor="anna", post="7")))

    town.hear(POTHOLE, visitor="anna", post="7")

    assert Outgoing.objects.filter(idempotency_key__startswith="answer:").count() == 1


def test_answer_with_another_persons_data_reaches_no_newcomer_and_a_person_decides(town: Town) -> None:
    private = "Мы позвонили вам по номеру +7 912 345-67-89, всё сделали."
    case = approved(town, town.case(town.hear(POTHOLE, visitor="anna", post="7")), private)

    late = town.hear(POTHOLE, visitor="boris", post="8")

    assert (late.decision, Case.objects.filter(case_messages__message=late).exists()) == (Decision.OPERATOR, False)
    with pytest.raises(HoldsPersonalData):
        join_by_hand(town.official(Role.OPERATOR), late, case, now=now())
    late.refresh_from_db()
    assert late.decision == Decision.OPERATOR
    assert Outgoing.objects.filter(idempotency_key__startswith="answer:").count() == 1


def test_joining_teaches_and_taking_apart_takes_it_back(town: Town) -> None:
    lamp, hole = (town.case(town.hear(text, visitor=who, post="7")) for text, who in ((LAMP, "a"), (POTHOLE, "b")))
    told, operator = lamp.case_messages.get().message_id, town.official(Role.OPERATOR)

    merging.merge(operator, lamp, hole, now=now())
    joined = labels_now(town.city.pk)
    merging.unmerge(operator, Case.objects.get(pk=lamp.pk), now=now())

    assert joined == {told: {"topic": hole.topic.code, "department": hole.department.code}}
    assert labels_now(town.city.pk) == {}
