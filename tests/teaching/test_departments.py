"""What people decided about departments: learnt, kept with the message, and sure only as far as the city wants it."""

from __future__ import annotations

import pytest

from otklik.common.clock import now
from otklik.intake.understanding import Brain
from otklik.org.enums import Role
from otklik.teaching.enums import About, Source
from otklik.teaching.models import Learning
from otklik.teaching.services import refitting
from otklik.teaching.services.fitting import carry_out
from otklik.teaching.services.labelling import note
from otklik.teaching.services.using import precision_of
from otklik.triage import Text
from tests.stories import Town
from tests.teaching.lessons import TOPICS, teach_all, topic_of, words_about, write

pytestmark = pytest.mark.django_db

ANSWERS = dict(zip(TOPICS, ("roads", "utilities", "housing"), strict=True))


@pytest.fixture
def taught(town: Town) -> Town:
    messages, operator = write(town.city, town.site, 240), town.official(Role.OPERATOR)
    teach_all(operator, messages)
    for code, department in ANSWERS.items():
        chosen = [message.pk for message in messages if topic_of(message) == code]
        note(operator, chosen, About.DEPARTMENT, department, Source.ASSIGNMENT, now=now())
    refitting.ask(town.official(Role.CURATOR), now=now())
    carry_out(refitting.claim("worker", now=now()), now=now())
    return town


def test_departments_that_people_chose_are_guessed_with_their_chances(taught: Town) -> None:
    verdicts = Brain().mind(taught.city).triage.classify([Text(words_about(code)) for code in TOPICS])

    assert [verdict.department_top3[0][0] for verdict in verdicts] == list(ANSWERS.values())
    assert [verdict.department for verdict in verdicts] == list(ANSWERS.values())
    assert [len(verdict.department_top3) for verdict in verdicts] == [3, 3, 3]
    assert all(0 <= chance <= 1 for verdict in verdicts for _, chance in verdict.department_top3)


def test_message_keeps_its_guesses_and_they_stay_small(taught: Town) -> None:
    message = taught.hear(words_about("roads.pothole"))

    kept = message.verdict["departments"]
    assert (kept[0][0], len(kept), message.verdict["department"]) == ("roads", 3, "roads")
    assert [chance for _, chance in kept] == [round(chance, 3) for _, chance in kept]


def test_danger_to_life_is_not_left_to_what_was_learnt(taught: Town) -> None:
    triage = Brain().mind(taught.city).triage

    (verdict,) = triage.classify([Text(f"Сильно пахнет газом в подъезде! {words_about('waste.collection')}")])

    assert (verdict.emergency, verdict.department) == ("gas", None)


def test_unknown_words_are_a_mere_habit_and_no_sure_department(taught: Town) -> None:
    (verdict,) = Brain().mind(taught.city).triage.classify([Text("щщщ ъъъ ььь")])

    assert verdict.department is None


def test_city_that_was_taught_nothing_keeps_no_guess(town: Town) -> None:
    message = town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?")

    assert ("departments" in message.verdict, "department" in message.verdict) == (False, False)


def test_department_is_as_sure_as_a_topic_has_to_be() -> None:
    assert precision_of(Learning(group_precision=0.8, topic_precision=0.7)) == {
        "topic_group": 0.8,
        "topic": 0.7,
        "department": 0.7,
        "kind": 0.8,
    }


class Hand:
    """A clock that stands until it is moved."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_version_that_was_unpacked_is_used_at_once_not_when_the_ten_seconds_are_over(taught: Town) -> None:
    version = Learning.objects.get().in_use
    Learning.objects.update(in_use=None)
    hand = Hand()
    brain = Brain(hand)
    assert brain.mind(taught.city).version == 0
    Learning.objects.update(in_use=version)
    hand.seconds += 11

    seen = brain.mind(taught.city).version
    while brain.is_unpacking:
        pass

    assert (seen, brain.mind(taught.city).version) == (0, 1)
