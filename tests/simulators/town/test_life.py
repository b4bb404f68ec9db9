"""What people of the town do: it stands in the networks and waits to be delivered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from otklik.connectors.site.connector import sign
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Saying
from otklik.simulators.town.life import FIRST_TELEGRAM_ID, FIRST_VK_ID, Life
from tests.simulators.town.towns import GROUP, SECRET, town


def only(life: Life, saying: Saying, network: str) -> None:
    """Let everybody of one network say the same."""
    residents = [one for one in life.library.residents if one.network == network]
    life.library = replace(life.library, sayings=[saying], residents=residents)


def test_everything_said_waits_to_be_delivered_once():
    life = town()
    life.telegram.town.publish(by_bot=True, text="Новости")
    life.vk.town.publish("Новости", life.vk.town.owner_id)
    for _ in range(60):
        life.speak()

    waiting = {
        "telegram": len(life.telegram.deliveries.pending) - 1,
        "vk": len(life.vk.deliveries.pending) - 1,
        "site": len(life.visitors.pending),
    }
    assert waiting == dict(life.said)
    assert sum(waiting.values()) == 60


def test_nothing_is_said_twice_before_everything_was_said():
    life = town()
    count = len(life.library.sayings)
    said = [life._next_saying() for _ in range(count)]

    assert len(set(map(id, said))) == count


def test_telegram_comment_hangs_on_the_post_that_it_is_about():
    life = town()
    title = next(post.title for post in life.library.posts if post.key == "lamps")
    for text in ("Другое", f"{title}\n\nТекст", "Третье"):
        life.telegram.town.publish(by_bot=True, text=text)
    only(life, Saying("А на Ключевой?", under="lamps", where="comment"), "telegram")
    life.speak()

    comment = life.telegram.deliveries.pending[-1].update["message"]
    about = life.telegram.town.messages[GROUP, comment["message_thread_id"]]
    assert (about["text"].splitlines()[0], comment["text"]) == (title, "А на Ключевой?")


def test_before_the_first_post_people_write_directly():
    life = town()
    only(life, Saying("Есть кто?"), "vk")
    life.speak()

    assert [pending.kind for pending in life.vk.deliveries.pending] == ["message_new"]


def test_submission_is_signed_over_its_bytes():
    life = town()
    life.visitors.posts = {"12": "Новости"}
    only(life, Saying("Спасибо", where="comment"), "site")
    life.speak()

    [body] = life.visitors.pending
    assert json.loads(body)["post"] == "12"
    assert life.visitors.headers(body)["x-otklik-signature"] == sign(SECRET, body)


def test_changed_mind_is_no_new_message():
    life = town()
    life.vk.town.publish("Новости", life.vk.town.owner_id)
    only(life, Saying("Темно", where="comment"), "vk")
    life.speak()
    changed = (life.change_mind(), life.change_mind())

    kinds = [pending.kind for pending in life.vk.deliveries.pending]
    assert kinds[:2] == ["wall_post_new", "wall_reply_new"]
    assert kinds[2] in {"wall_reply_edit", "wall_reply_delete"}
    assert (changed, life.said["vk"]) == ((True, False), 1)


def test_answered_person_replies_to_the_answer_in_telegram():
    life = town()
    _, forward = life.telegram.town.publish(by_bot=True, text="Новости")
    who = next(one for one in life.library.residents if one.network == "telegram")
    answer = life.telegram.town.bot_says(life.telegram.town.group, forward, text="Починили")
    place = (str(GROUP), f"{GROUP}:{forward['message_id']}", str(answer["message_id"]))
    answered = Answered("telegram", *place, str(FIRST_TELEGRAM_ID + who.number), is_private=False)

    assert life.respond(answered, solved=True)
    reply = life.telegram.deliveries.pending[-1].update["message"]
    assert reply["reply_to_message"]["message_id"] == answer["message_id"]
    assert (reply["from"]["first_name"], reply["text"] in life.library.content) == (who.first_name, True)


def test_answered_person_replies_to_the_answer_in_vk():
    life = town()
    city = life.vk.town.owner_id
    post = life.vk.town.publish("Новости", city)
    who = next(one for one in life.library.residents if one.network == "vk")
    answer = life.vk.town.comment(post.id, city, "Починили")
    place = f"wall{city}_{post.id}"
    answered = Answered("vk", place, place, str(answer.id), str(FIRST_VK_ID + who.number), is_private=False)

    assert life.respond(answered, solved=False)
    told = life.vk.deliveries.pending[-1].thing
    assert (told["reply_to_comment"], told["text"] in life.library.discontent) == (answer.id, True)


@pytest.mark.parametrize("network", ["telegram", "vk", "site"])
def test_answer_to_a_stranger_is_left_alone(network: str):
    life = town()
    stranger = Answered(network, "1", "1:1", "1", "999", is_private=False)

    assert (life.respond(stranger, solved=True), life.said.total()) == (False, 0)
