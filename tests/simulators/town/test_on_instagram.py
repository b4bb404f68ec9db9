"""The town's people who are at home in Instagram."""

from __future__ import annotations

from dataclasses import replace

import pytest

from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.town import pacing
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Saying
from otklik.simulators.town.life import Life
from otklik.simulators.town.on_instagram import InstagramHome, person_of
from tests.simulators.town.towns import town


@pytest.fixture
def life() -> Life:
    made = town()
    simulator = InstagramSimulator("17841400000000001", "t", "s", in_background=False)
    simulator.deliveries.url, simulator.deliveries.fields = "https://city.example/", {"comments", "messages"}
    home = InstagramHome(simulator, made.library, pacing.dice(1))
    home.open()
    made.homes["instagram"] = home
    people = [one for one in made.library.residents if one.network == "instagram"]
    made.library = replace(made.library, residents=people)
    return made


def there(life: Life) -> InstagramSimulator:
    home = life.homes["instagram"]
    assert isinstance(home, InstagramHome)
    return home.simulator


def test_comment_hangs_on_the_post_that_it_is_about(life: Life):
    life.library = replace(life.library, sayings=[Saying("А на Ключевой?", under="lamps", where="comment")])
    life.speak()

    [comment] = there(life).town.comments.values()
    title = next(post.title for post in life.library.posts if post.key == "lamps")
    assert there(life).town.posts[comment.media].caption.startswith(title)
    assert (len(there(life).deliveries.pending), life.said["instagram"]) == (1, 1)


def test_private_words_may_be_taken_back(life: Life):
    life.library = replace(life.library, sayings=[Saying("Холодно", where="direct")])
    life.speak()

    assert life.change_mind()
    [[message]] = there(life).town.conversations.values()
    assert (message.text, message.deleted) == ("", True)


def test_person_who_was_answered_says_whether_it_helped_in_the_same_place(life: Life):
    life.library = replace(life.library, sayings=[Saying("Яма", where="comment")])
    life.speak()
    [asked] = there(life).town.comments.values()
    answer = there(life).town.reply(asked.id, "Засыпали.")
    told = Answered("instagram", "comments", f"media:{asked.media}", answer.id, asked.user, is_private=False)

    assert life.respond(told, solved=True)
    said = list(there(life).town.comments.values())[-1]
    assert (said.user, said.parent, said.text in life.library.content) == (asked.user, asked.id, True)


def test_stranger_says_nothing(life: Life):
    assert not life.respond(Answered("instagram", "comments", "media:1", "1", "5", is_private=True), solved=True)


def test_nobody_speaks_where_nobody_opened_a_home():
    life = town()
    for _ in range(80):
        life.speak()

    assert set(life.said) == {"telegram", "vk", "site"}


def test_handle_is_latin_and_a_persons_own():
    people = [person_of(one) for one in town().library.residents]

    assert len({one.username for one in people}) == len(people)
    assert [one.username for one in people if not one.username.replace(".", "").isascii()] == []
