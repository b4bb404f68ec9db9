"""Services that answer, correct and tie cases refuse another city's case themselves, whoever calls them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from otklik.cases.corrections import Correction
from otklik.cases.enums import Outcome, Withdrawal
from otklik.cases.models import Answer, Case, JournalEntry
from otklik.cases.services import (
    answering,
    appealing,
    assigning,
    controlling,
    correcting,
    linking,
    locating,
    merging,
    noting,
    picturing,
    postponing,
    printing,
    repeating,
    replying,
    rerouting,
    scheduling,
    showing,
    snoozing,
    unreached,
    unveiling,
)
from otklik.cases.services.correcting import NewWords
from otklik.cases.services.locating import Whereabouts
from otklik.cases.services.snoozing import SnoozeFor
from otklik.org.access import Permission, Refused, access_of
from tests.desk.office import Office, make_stranger
from tests.desk.test_correcting import SECOND, answered, handed_on


def its_answer(case: Case) -> int:
    return Answer.objects.get(case=case).pk


WORDS = NewWords(SECOND, "не тот день")
FORGED: dict[str, Callable[..., Any]] = {
    "write_draft": lambda a, c, now: answering.write_draft(a, c, SECOND, Outcome.EXPLAINED, now=now),
    "submit": lambda a, c, now: answering.submit(a, c, now=now),
    "decline": lambda a, c, now: answering.decline(a, c, "не так", now=now),
    "approve": lambda a, c, now: answering.approve(a, c, now=now),
    "answer_as_head": lambda a, c, now: answering.answer_as_head(a, c, SECOND, Outcome.EXPLAINED, now=now),
    "propose": lambda a, c, now: correcting.propose(a, c, its_answer(c), WORDS, now=now),
    "approve_correction": lambda a, c, now: correcting.approve_correction(a, c, now=now),
    "correct_as_head": lambda a, c, now: correcting.correct_as_head(
        a, c, Answer.objects.get(case=c).pk, WORDS, now=now
    ),
    "decline_correction": lambda a, c, now: correcting.decline_correction(a, c, "не так", now=now),
    "withdraw_correction": lambda a, c, now: correcting.withdraw_correction(a, c, now=now),
    "ask": lambda a, c, now: replying.ask(a, c, SECOND, now=now),
    "answer_interim": lambda a, c, now: replying.answer_interim(a, c, SECOND, now=now),
    "promise": lambda a, c, now: replying.promise(a, c, SECOND, (now + timedelta(30)).date(), "ждём", now=now),
    "send_elsewhere": lambda a, c, now: rerouting.send_elsewhere(a, c, 1, 1, now=now),
    "told_otherwise": lambda a, c, now: unreached.told_otherwise(a, c, "по телефону", now=now),
    "write_anew": lambda a, c, now: unreached.write_anew(a, c, now=now),
    "link": lambda a, c, now: linking.link(a, c, c.number, now=now),
    "mark_repeat": lambda a, c, now: repeating.mark_repeat(a, c, c, now=now),
    "unmark_repeat": lambda a, c, now: repeating.unmark_repeat(a, c, now=now),
    "move_deadline": lambda a, c, now: postponing.move_deadline(a, c, now + timedelta(30), "ждём", now=now),
    "assign": lambda a, c, now: assigning.assign(a, c, c.department, now=now),
    "accept_return": lambda a, c, now: assigning.accept_return(a, c, now=now),
    "take": lambda a, c, now: assigning.take(a, c, now=now),
    "give_back": lambda a, c, now: assigning.give_back(a, c, "не наше", now=now),
    "change_topic": lambda a, c, now: assigning.change_topic(a, c, c.topic, now=now),
    "reject": lambda a, c, now: assigning.reject(a, c, "спам", now=now),
    "set_control": lambda a, c, now: controlling.set_control(a, c, now=now),
    "clear_control": lambda a, c, now: controlling.clear_control(a, c, now=now),
    "propose_release": lambda a, c, now: controlling.propose_release(a, c, "сделано", now=now),
    "keep_control": lambda a, c, now: controlling.keep_control(a, c, now=now),
    "ask_report": lambda a, c, now: controlling.ask_report(a, c, "как дела?", now=now),
    "report": lambda a, c, now: controlling.report(a, c, "сделано", now=now),
    "make_public": lambda a, c, now: showing.make_public(a, c, showing.as_found(c), now=now),
    "make_private": lambda a, c, now: showing.make_private(a, c, Withdrawal.PERSONAL, now=now),
    "send_now": lambda a, c, now: scheduling.send_now(a, c, now=now),
    "stop": lambda a, c, now: scheduling.stop(a, c, now=now),
    "locate": lambda a, c, now: locating.locate(a, c, Whereabouts("Мельничная", "7"), now=now),
    "snooze": lambda a, c, now: snoozing.snooze(a, c, SnoozeFor.TOMORROW, now=now),
    "bring_back": lambda a, c, now: snoozing.bring_back(a, c, now=now),
    "write_note": lambda a, c, now: noting.write_note(a, c, "позвоните", [], now=now),
    "merge": lambda a, c, now: merging.merge(a, c, c, now=now),
    "remove_photo": lambda a, c, now: picturing.remove(a, c, 1, now=now),
    "take_off_photo": lambda a, c, now: unveiling.take_off(a, c, 1, Withdrawal.PERSONAL, now=now),
    "enter_appeal": lambda a, c, now: appealing.enter(a, c, now.date(), now=now),
    "note_copy": lambda a, c, now: printing.note_copy(a, c, full=False, purpose="", now=now),
}


def everything(case: Case) -> list[Any]:
    """What these services could have changed of a case."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            Case.objects.filter(pk=case.pk),
            Answer.objects.filter(case=case),
            Correction.objects.filter(answer__case=case),
            JournalEntry.objects.filter(case=case),
        )
    ]


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("has_answer", [True, False], ids=["answered", "new"])
def test_another_citys_case_is_refused_by_the_service_itself(office: Office, name: str, has_answer: bool) -> None:
    if has_answer:
        case, answer = answered(office)
        handed_on(office, case, answer)
    else:
        case = office.case()
        Answer.objects.create(
            municipality_id=case.municipality_id,
            case=case,
            text="Проект",
            author=office.executor,
            created_at=office.town.now,
        )
    access, before = access_of(make_stranger()), everything(case)

    with pytest.raises(Refused):
        FORGED[name](access, case, office.town.now)

    assert everything(case) == before


def test_right_of_a_row_is_asked_with_its_city_and_its_department(office: Office) -> None:
    case = office.case()
    abroad = access_of(make_stranger())

    assert abroad.allows(Permission.CASE_APPROVE, case.department_id)
    with pytest.raises(Refused):
        abroad.require_on(Permission.CASE_APPROVE, case)
    access_of(office.approver).require_on(Permission.CASE_APPROVE, case)
    with pytest.raises(Refused):
        access_of(office.operator).require_on(Permission.CASE_APPROVE, case)
