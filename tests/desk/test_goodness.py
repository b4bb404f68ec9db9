"""The checklist of a good answer on the case screen."""

from __future__ import annotations

from tests.desk.office import Office
from tests.desk.test_case import drafted, open_case, words_of


def test_writer_and_approver_read_what_to_look_at_before_it_is_sent(office: Office) -> None:
    case = drafted(office, submitted=False, text="В кратчайшие сроки.")

    writer = words_of(open_case(office, case, "executor"))

    assert "A good answer: 0 of 5" in writer
    for words in (
        "Speak to the person by name: Игорь",
        "Say who does it: which department, crew or person.",
        "Say by when: a day, or an hour.",
        "It is done: add a photo that shows it.",
        "Say it in your own words instead of: в кратчайшие сроки",
    ):
        assert words in writer


def test_list_is_gone_once_the_answer_is_on_its_way(office: Office) -> None:
    from otklik.cases.services import answering
    from otklik.org.access import access_of

    case = drafted(office, text="Игорь, бригада засыпала сегодня.")
    waiting = words_of(open_case(office, case, "approver"))
    answering.approve(access_of(office.approver), case, now=office.town.now)

    assert "A good answer: 3 of 4" in waiting
    assert "A good answer" not in words_of(open_case(office, case, "approver"))


def test_what_was_asked_is_escaped(office: Office) -> None:
    case = office.case("Когда <b>починят</b>?")
    from otklik.cases.enums import Outcome
    from otklik.cases.services import answering
    from otklik.org.access import access_of

    answering.write_draft(access_of(office.executor), case, "Скоро", Outcome.EXPLAINED, now=office.town.now)

    assert "Когда <b>" not in open_case(office, case, "executor")
