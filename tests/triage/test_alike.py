from __future__ import annotations

import pytest

from otklik.triage import Text
from otklik.triage.alike import SUGGESTED, describe, likeness
from otklik.triage.imprint import copy_of, imprint, sketch
from otklik.triage.rarity import Rarity
from otklik.triage.words import Reader

READER = Reader()
RARITY = Rarity(READER)


def like(a: str, b: str, **known):
    one, other = (imprint(text, reader=READER, rarity=RARITY, **known) for text in (a, b))
    there, back = likeness(one, other, RARITY), likeness(other, one, RARITY)
    assert there.score == back.score
    return there


@pytest.mark.parametrize(
    "copy",
    [
        "на садовой, 12  ОПЯТЬ не горит ещё один фонарь",
        "На Садовой 12 опять не горит еще один фонарь!!! 😡😡",
        "На Садовой\u200b, 12 опять не го\u00adрит ещё один фонарь.",
        "На Сaдовой, 12 опять не горит ещё один фонарь",  # a Latin a
    ],
)
def test_copies_share_their_letters_whatever_is_around_them(copy):
    assert copy_of(copy, READER) == copy_of("На Садовой, 12 опять не горит ещё один фонарь", READER) != ""


@pytest.mark.parametrize("text", ["", "Спасибо!", "И у нас тоже", "👍👍👍", "\u200b"])
def test_a_few_words_are_no_copy_of_the_same_few_words(text):
    assert imprint(text, reader=READER, rarity=RARITY).copy == ""
    assert like(text, text).score < SUGGESTED


def test_one_house_and_the_same_words_are_the_same_problem():
    found = like("Яма у дома Садовая, 12, чуть колесо не оставил", "На ул. Садовой 12 огромная яма, колесо пробил")

    assert found.score >= SUGGESTED
    assert describe(found.reasons, "en")[0].startswith("one address: ")
    assert describe(found.reasons)[0].startswith("один адрес: ")


def test_the_same_words_about_different_houses_are_not_the_same_problem():
    found = like("Не горит фонарь у дома Садовая, 12", "Не горит фонарь у дома Лесная, 3")

    assert found.score <= 0.5 < 0.51
    assert found.place == -1


def test_a_copy_about_one_house_is_certain_and_without_a_place_is_not():
    assert like("Яма на Садовой, 12, засыпьте", "яма на садовой 12 засыпьте!").score == 1.0
    assert like("Не скошена трава, примите меры", "Не скошена трава, примите меры").score < SUGGESTED


def test_a_common_name_is_as_good_as_a_place():
    asked = like(
        "Когда достроят жилой комплекс «Легенда», что с инвестором?",
        "Что решили с инвестором, когда «Легенда» будет достроена?",
    )
    other = like(
        "Когда достроят жилой комплекс «Легенда», что с инвестором?",
        "Что решили с инвестором, когда «Сказка» будет достроена?",
    )

    assert asked.score > other.score


def test_thanks_for_the_work_are_no_request_to_do_it():
    asked = imprint("Почините фонарь на Садовой, 12", reader=READER, rarity=RARITY)
    thanked = imprint("Спасибо за фонарь на Садовой, 12", reader=READER, rarity=RARITY, thanks=True)

    assert likeness(asked, thanked, RARITY).score < SUGGESTED


def test_a_year_between_two_texts_makes_them_less_alike():
    texts = [imprint(text, reader=READER, rarity=RARITY) for text in ("Яма на Садовой, 12", "На Садовой 12 яма")]

    near, far = (likeness(*texts, RARITY, days_apart=days).score for days in (3, 400))

    assert far == round(near * 0.8, 3)


def test_texts_with_the_same_telling_words_share_most_of_their_sketch():
    a, b = (
        imprint(text, reader=READER, rarity=RARITY)
        for text in (
            "Второй день вонь от канализации, горводоканал не реагирует, помогите",
            "Здравствуйте! Вонь от канализации второй день, горводоканал не реагирует",
        )
    )
    assert len(set(sketch(a)) & set(sketch(b))) >= 3


@pytest.mark.parametrize("text", ["", "   ", "😀" * 5000, "a" * 100_000, "\x00\x01\ud83d", "<b>яма</b>" * 3000])
def test_any_text_can_be_compared(text):
    assert 0.0 <= like(text, "Яма на Садовой, 12").score <= 1.0


def test_a_word_that_everybody_writes_says_little():
    rarity = Rarity(READER)
    before = rarity.weight("каруселька")
    rarity.learn([["каруселька"]] * 300)

    assert rarity.weight("каруселька") < before / 4
    assert rarity.weight("другое") > 0.9


def test_texts_weighed_at_different_times_are_no_more_alike_than_copies():
    reader, rarity = Reader(), Rarity(READER)
    text = "Не горит фонарь у дома Садовая, 12, почините"
    before = imprint(text, reader=reader, rarity=rarity)
    rarity.learn([["фонар", "горит"]] * 500)
    after = imprint("Не горит фонарь у дома Лесная, 3, почините", reader=reader, rarity=rarity)

    assert likeness(before, after, rarity).score <= 0.4


@pytest.mark.parametrize(
    "text",
    [
        "На Садовой, 12 яма, и у дома 3 по Лесной тоже. Звонили в Водоканал!",
        "угол Лесной и Школьной: светофор не горит",
        "yama na Sadovoj 5, kogda uberut musor",
        "",
        "👍👍",
    ],
)
def test_what_triage_read_gives_the_same_imprint_as_reading_again(triage, gazetteer, text):
    understood = triage.in_city(gazetteer).classify_read([Text(text)])[0]

    spared = imprint(text, reader=READER, rarity=RARITY, gazetteer=gazetteer, understood=understood)

    assert spared == imprint(text, reader=READER, rarity=RARITY, gazetteer=gazetteer)
