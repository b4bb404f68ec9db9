"""The town's words: complete, fillable, and none of them left without an answer."""

from __future__ import annotations

import re
from random import Random

import pytest

from otklik.simulators.town.library import shipped

LIBRARY = shipped()


def test_town_has_enough_to_say():
    sizes = (len(LIBRARY.residents), len(LIBRARY.sayings), len(LIBRARY.posts), len(LIBRARY.answers))

    assert [size >= wanted for size, wanted in zip(sizes, (60, 200, 25, 40), strict=True)] == [True] * 4


def test_residents_are_a_first_name_and_an_initial():
    assert [one.name for one in LIBRARY.residents if not re.fullmatch(r"\w+ \w\.", one.name)] == []
    assert len({one.name for one in LIBRARY.residents}) == len(LIBRARY.residents)


def test_every_place_in_a_text_is_filled():
    texts = [LIBRARY.filled(saying.text, Random(number)) for number, saying in enumerate(LIBRARY.sayings)]

    assert [text for text in texts if not text or "{" in text or "}" in text] == []


def test_words_under_a_post_name_one_that_is_there():
    assert {saying.under for saying in LIBRARY.sayings} - {post.key for post in LIBRARY.posts} == {""}


def test_streets_lie_in_districts_of_the_town():
    assert {street.district for street in LIBRARY.streets} <= {district.name for district in LIBRARY.districts}


def test_answer_is_on_the_topic_else_on_its_group_else_general():
    of = {
        code: LIBRARY.answer_to(code, "ru", Random(1)).topic
        for code in ("utilities.heating", "roads.other", "nothing.like_it")
    }

    assert of == {"utilities.heating": "utilities.heating", "roads.other": "roads", "nothing.like_it": ""}


@pytest.mark.parametrize("topic", ["roads.pothole", "transport.schedule", "culture.event", ""])
def test_english_is_answered_in_english(topic: str):
    assert LIBRARY.answer_to(topic, "en", Random(1)).en != ""


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("topic", ["waste.collection", "animals.stray", "roads.snow", "utilities.gas"])
def test_question_is_never_answered_with_work_done(topic: str, seed: int):
    assert LIBRARY.answer_to(topic, "ru", Random(seed), to="question").outcome == "explained"


@pytest.mark.parametrize("seed", range(5))
def test_words_for_questions_are_kept_from_requests(seed: int):
    assert LIBRARY.answer_to("animals.stray", "ru", Random(seed)).to == ""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_second_answer_has_words_of_its_own(language: str):
    assert LIBRARY.answer_to("roads.pothole", language, Random(1), to="again").to == "again"
