"""The editor that clears a case for everybody: what it marks, what it refuses, who may use it."""

from __future__ import annotations

import re

import pytest

from otklik.cases.clearing import seal_of
from otklik.cases.models import Case
from otklik.cases.openness import Showing
from otklik.cases.services import showing
from otklik.channels.models import Message
from tests.desk.office import Office

TEXT = "Яма на Садовой 12, кв. 5, сосед Пётр болен. Игорь"


def fields(case: Case, **said: object) -> dict[str, object]:
    message = Message.objects.get(case_message__case=case)
    return {"of": message.pk, "seen": seal_of(message.text), "title": "", "then": "show", **said}


def ticked(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'name="hide" value="(\d+)" checked', page)]


def test_editor_marks_what_is_found_and_offers_every_word(office: Office) -> None:
    case = office.case(TEXT)

    page = office.browser(office.operator).get(f"/desk/cases/{case.number}/showing/").content.decode()

    assert len(re.findall('name="hide"', page)) == len(TEXT.split())
    assert ticked(page) == [4, 5, 9]
    assert re.findall(r'value="(\d+)" checked disabled', page) == ["4", "5"]
    assert "Яма на Садовой 12, •••, сосед Пётр болен. •••" in page


def test_words_hidden_by_hand_are_not_shown(office: Office) -> None:
    case = office.case(TEXT)

    looked = office.browser(office.operator).post(
        f"/desk/cases/{case.number}/showing/", fields(case, hide=[6, 7, 8, 9], then="look")
    )
    assert not Showing.objects.exists()
    shown = office.browser(office.operator).post(
        f"/desk/cases/{case.number}/showing/", fields(case, hide=[6, 7, 8, 9], title="Яма у дома")
    )

    assert '<p class="reads-text">Яма на Садовой 12, •••</p>' in looked.content.decode()
    assert (shown.status_code, shown["Location"]) == (302, f"/desk/cases/{case.number}/")
    kept = Showing.objects.get()
    assert (kept.title, kept.text, kept.hidden) == ("Яма у дома", "Яма на Садовой 12, •••", [4, 5, 6, 7, 8, 9])


def test_flat_stays_hidden_though_nobody_ticked_it(office: Office) -> None:
    case = office.case(TEXT)

    office.browser(office.operator).post(f"/desk/cases/{case.number}/showing/", fields(case))

    assert Showing.objects.get().text == "Яма на Садовой 12, •••, сосед Пётр болен. Игорь"


def test_what_is_hidden_now_is_ticked_when_it_is_looked_at_again(office: Office) -> None:
    case, operator = office.case(TEXT), office.browser(office.operator)
    operator.post(f"/desk/cases/{case.number}/showing/", fields(case, hide=[0]))

    page = operator.get(f"/desk/cases/{case.number}/showing/").content.decode()

    assert ticked(page) == [0, 4, 5]
    assert "Show these words" in page


def test_text_changed_meanwhile_is_shown_to_the_operator_first(office: Office) -> None:
    case = office.case(TEXT)
    asked = fields(case, hide=[0])
    Message.objects.filter(case_message__case=case).update(text="Совсем другое, кв. 8")

    answer = office.browser(office.operator).post(f"/desk/cases/{case.number}/showing/", asked)

    assert answer.status_code == 409
    assert ticked(answer.content.decode()) == [2, 3]
    assert not Showing.objects.exists()


def test_private_case_offers_no_words(office: Office) -> None:
    case, operator = office.case(visibility="private"), office.browser(office.operator)

    page = operator.get(f"/desk/cases/{case.number}/showing/").content.decode()
    forged = operator.post(f"/desk/cases/{case.number}/showing/", fields(case))

    assert "the resident did not agree to show it" in page
    assert 'name="hide"' not in page
    assert forged.status_code == 404
    assert not Showing.objects.exists()


def test_words_of_another_case_are_not_shown_here(office: Office) -> None:
    case, other = office.case(), office.case("Чужое")
    forged = fields(other)

    answer = office.browser(office.operator).post(f"/desk/cases/{case.number}/showing/", forged)

    assert answer.status_code == 404
    assert not Showing.objects.exists()


@pytest.mark.parametrize("hide", ["999", "x"])
def test_numbers_of_no_word_are_refused(office: Office, hide: str) -> None:
    case = office.case(TEXT)

    answer = office.browser(office.operator).post(f"/desk/cases/{case.number}/showing/", fields(case, hide=[hide]))

    assert answer.status_code == 409
    assert not Showing.objects.exists()


def test_whoever_may_not_clear_sees_no_editor(office: Office) -> None:
    case = office.case()

    codes = [
        office.browser(who).get(f"/desk/cases/{case.number}/showing/").status_code
        for who in (office.executor, office.approver, office.head, office.aide)
    ]

    assert codes == [403, 403, 403, 403]


def test_public_case_is_taken_off_with_a_reason(office: Office) -> None:
    case, operator = office.case(), office.browser(office.operator)
    operator.post(f"/desk/cases/{case.number}/showing/", fields(case))

    without = operator.post(f"/desk/cases/{case.number}/unpublish/", {})
    case.refresh_from_db()
    still = case.is_public
    taken = operator.post(f"/desk/cases/{case.number}/unpublish/", {"unpublish-why": "personal"}, follow=True)
    case.refresh_from_db()

    assert (without.status_code, still, case.is_public) == (422, True, False)
    assert "it held somebody&#x27;s personal data" in taken.content.decode()


def test_screen_of_a_case_asks_no_query_more_for_being_public(office: Office) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    private, public = office.case(), office.case()
    showing.make_public(office.town.access(office.operator), public, showing.as_found(public), now=office.town.now)
    client = office.browser(office.operator)
    client.get(f"/desk/cases/{private.number}/")
    counts = []
    for case in (private, public):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/desk/cases/{case.number}/").status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
