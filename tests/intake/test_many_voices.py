"""The same problem told by many people, each in words of their own, through the channel's door: one case."""

from __future__ import annotations

import itertools

import pytest

from otklik.cases.models import Case, CaseMessage
from otklik.channels.models import Message
from otklik.simulators.site.payloads import comment_submission
from tests.stories import Town, found_town, store_body

pytestmark = pytest.mark.django_db

OPENINGS = ["", "Здравствуйте! ", "Люди добрые, ", "Алло, администрация! ", "Опять! "]
WATER = ["нет холодной воды", "воды нет с утра", "отключили воду", "вода из крана не идёт", "сидим без воды"]
PLACES = [", Садовая 12", " по адресу ул. Садовая, д. 12"]
PEOPLE = 50


@pytest.fixture
def town() -> Town:
    return found_town()


def told() -> list[str]:
    """Fifty different texts about the water in one house."""
    made = itertools.product(OPENINGS, WATER, PLACES)
    texts = [f"{opening}{water}{place}. Когда дадут воду?" for opening, water, place in made]
    assert len(set(texts)) == PEOPLE
    return texts


def test_fifty_people_who_tell_of_one_problem_are_one_case(town: Town) -> None:
    for number, text in enumerate(told()):
        store_body(town.site, comment_submission(f"m{number}", text, name=f"Житель {number}", visitor=f"v{number}"))

    town.work()

    case = Case.objects.get()
    assert (case.topic.code, case.message_count) == ("utilities.water", PEOPLE)
    assert CaseMessage.objects.filter(case=case).values("identity").distinct().count() == PEOPLE
    assert Message.objects.filter(decision="joined").exclude(decision_reason__startswith="why:").count() == 0


def test_people_who_name_no_place_are_never_joined_by_themselves(town: Town) -> None:
    for number in range(3):
        body = comment_submission(
            f"m{number}", "Нет воды второй день, когда дадут воду?", name="", visitor=f"v{number}"
        )
        store_body(town.site, body)

    town.work()

    assert sorted(Case.objects.values_list("message_count", flat=True)) == [1, 1, 1]
