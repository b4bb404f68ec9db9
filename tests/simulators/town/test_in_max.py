"""Those of the town who are at home in MAX: what they say stands there and waits to be delivered."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from otklik.simulators.max.delivery import Subscription
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.in_max import MaxHome
from otklik.simulators.town.library import shipped

URL = "http://127.0.0.1:1/hooks/max"
LIBRARY = shipped()
WHO = next(one for one in LIBRARY.residents if one.network == "max")


@pytest.fixture
def home() -> MaxHome:
    simulator = MaxSimulator("token-of-a-bot", -773, in_background=False)
    simulator.deliveries.subscriptions[URL] = Subscription(URL, "secret", (), 0)
    return MaxHome(simulator, LIBRARY, Random(1))


def told(home: MaxHome) -> list[dict[str, Any]]:
    return [one.update for one in home.simulator.deliveries.pending]


def test_comment_hangs_on_its_post_and_may_hide_its_author(home: MaxHome):
    home.simulator.town.publish("Другое")
    post = home.simulator.town.publish("Новости\n\nТекст")["body"]["mid"]
    for _ in range(40):
        home.say(WHO, "Темно", "Новости", private=False)

    said = [update["message"] for update in told(home)[2:]]
    assert {one["recipient"]["post_id"] for one in said} == {post}
    assert {"sender" in one for one in said} == {True, False}


def test_before_the_first_post_people_write_directly(home: MaxHome):
    home.say(WHO, "Темно", "", private=False)

    assert told(home)[0]["message"]["recipient"]["chat_type"] == "dialog"


def test_person_says_whether_the_answer_helped(home: MaxHome):
    home.say(WHO, "Темно", "", private=True)
    asked = told(home)[0]["message"]
    peer, place = str(asked["sender"]["user_id"]), f"chat:{asked['recipient']['chat_id']}"
    post = home.simulator.town.publish("Новости")["body"]["mid"]
    ours = home.simulator.town.bot_says(home.simulator.town.under(post), "Сделали")["body"]["mid"]
    answers = [
        Answered("max", place, "", "mid.9", peer, is_private=True),
        Answered("max", f"post:{post}", "", ours, peer, is_private=False),
        Answered("max", "post:gone", "", ours, peer, is_private=False),
        Answered("max", f"post:{post}", "", ours, "", is_private=False),
    ]

    assert [home.respond(answer, "Спасибо") for answer in answers] == [True, True, False, False]


def test_people_think_again(home: MaxHome):
    for again in [home.say(WHO, "Темно", "", private=True) for _ in range(12)]:
        assert again is not None
        again()

    assert {update["update_type"] for update in told(home)} == {
        "message_created",
        "message_edited",
        "message_removed",
    }
