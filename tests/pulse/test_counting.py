from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.services.assigning import change_topic
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.org.models import Topic
from otklik.pulse.models import Tally, Voice
from otklik.pulse.services.counting import forget_voices
from tests.pulse.crowds import crowd
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db

HEATING = "Третий день нет отопления, батареи холодные, почините"


@pytest.fixture
def town() -> Town:
    return found_town()


def tally(code: str, street: str = "") -> tuple[int, ...]:
    rows = Tally.objects.filter(topic_code=code, street=street)
    names = ("messages", "voices", "requests", "thanks")
    return tuple(sum(getattr(row, name) for row in rows) for name in names)


def test_ten_voices_are_counted_and_ten_messages_of_one_are_one(town: Town) -> None:
    crowd(town, 3)
    crowd(town, 4, one_person=True, start=10)

    assert tally("utilities.water")[:2] == (7, 4)
    assert tally("utilities.water", "садов")[:2] == (7, 4)


def test_person_heard_again_in_a_later_batch_of_the_hour_stays_one_voice(town: Town) -> None:
    for start in (0, 10, 20):
        crowd(town, 1, one_person=True, start=start, ago_m=0)

    assert sum(Tally.objects.filter(street="").values_list("voices", flat=True)) in (1, 2)  # 2 where an hour began
    assert Voice.objects.filter(scope="topic:utilities.water").count() in (1, 2)


def test_repeated_delivery_is_counted_once(town: Town) -> None:
    body = b'{"submission_id": "once", "text": "%s", "visitor": "v"}' % HEATING.encode()
    for _ in range(3):
        town.deliver(body)

    assert tally("utilities.heating") == (1, 1, 1, 0)


def test_thanks_is_a_message_about_its_case_and_no_voice(town: Town) -> None:
    first = town.hear(HEATING, visitor="ivan", post="7")
    town.hear("Спасибо большое!", visitor="ivan", post="7", parent=first.external_id)

    assert tally("utilities.heating") == (2, 1, 1, 1)


def test_spam_is_not_counted(town: Town) -> None:
    town.hear("Заработок без вложений!!! Пиши в телеграм @zarabotok http://zarabotok.example КАЗИНО", post="7")

    assert not Tally.objects.exists()


def test_corrected_topic_moves_the_whole_case_and_back_again(town: Town) -> None:
    first = town.hear(HEATING, visitor="ivan", post="7")
    town.hear("ну когда же?", visitor="ivan", post="7", parent=first.external_id)
    curator = town.official(Role.CURATOR)
    case = town.case(first)
    before = tally("utilities.heating")
    for code in ("utilities.water", "utilities.heating", "utilities.water"):
        change_topic(curator, case, Topic.objects.get(municipality=town.city, code=code), now=now())

    assert before[:2] == (2, 1)
    assert tally("utilities.heating") == (0, 0, 0, 0)
    assert tally("utilities.water") == before


def test_topic_chosen_by_hand_takes_the_message_along(town: Town) -> None:
    from otklik.intake.sorting import open_case_by_hand

    message = town.hear("Сделайте уже что-нибудь с этим, пожалуйста")
    topic = Topic.objects.get(municipality=town.city, code="roads.pothole")
    assert tally("")[0] == 1

    open_case_by_hand(town.official(Role.OPERATOR), message, topic, now=now())

    assert (tally("")[0], tally("roads.pothole")[0]) == (0, 1)


def test_who_spoke_is_forgotten_after_a_day_and_the_counts_stay(town: Town) -> None:
    crowd(town, 2)

    assert forget_voices(now() + timedelta(hours=20)) == 0
    assert forget_voices(now() + timedelta(hours=28)) > 0
    assert not Voice.objects.exists()
    assert tally("utilities.water")[:2] == (2, 2)
