"""Whatever people or machines write: a verdict, never an exception, and in time that grows with the text at most."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.triage import Gazetteer, Kind, Street, Text, Triage, Verdict

UNITS = [
    "а", "ab", "x-", "а*б ", "a@", "a.", "@a.b", "1", "1 ", " ", "\n", "д. ", "ул. ", "ул. Садовая ", "Садовая     ",
    "газ запах ", "нет запаха газа ", "ты дурак ", "п*з ", "г0 ", "а-б-", "к р ", "👍", "😡 ",
    "\u200b", "во\u200bда ", "\u0301",
    "<b>яма</b>", "<script>", "&nbsp;", "\x00", "\ufffd", "\ud83d", "A A A Street ", "12 Main Street ", "AAAA.",
    "8 903 ", "кв. 1 ", "паспорт ", "«", "угол Лесной и ", "5 Армии ", "http://", "t.me/x ", "$1", "1111 ", "(((", "\\",
    "ё", "ʼ'",
    "мы", "Ꙁ", "ﬁ", "İ", "漢", "ا", "uzhe netu vody ", "у ", "до Нового ", "и т.д. ", "опять ", "не ", "такой ",
]  # fmt: skip


def streets() -> Gazetteer:
    return Gazetteer([Street("Садовая улица"), Street("Лесная улица"), Street("50 лет Октября")])


@pytest.fixture(scope="module")
def local() -> Triage:
    return Triage.shipped(streets())


def check(verdict: Verdict, text: str) -> None:
    assert 0.0 <= verdict.abuse <= 1.0
    assert 0.0 <= verdict.spam <= 1.0
    assert 0.0 <= verdict.kind_confidence <= 1.0
    assert 0 <= verdict.urgency <= 4
    assert all(0 <= span.start < span.end <= len(text) for span in verdict.personal_data)
    if verdict.place:
        assert text[verdict.place.start : verdict.place.end] == verdict.place.raw


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_a_hundred_thousand_characters_of_anything_get_a_verdict(local, unit):
    text = unit * (100_000 // len(unit))

    check(local.classify([Text(text)])[0], text)


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_four_times_the_text_takes_about_four_times_as_long(local, unit):
    def seconds(chars: int) -> float:
        text = Text(unit * (chars // len(unit)))
        took = []
        for _ in range(3):
            began = time.process_time()
            local.classify([text])
            took.append(time.process_time() - began)
        return min(took)

    short, long = seconds(4_500), seconds(18_000)

    assert long < 10 * short + 0.005


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_characters_get_a_verdict(text):
    check(LOCAL.classify([Text(text, post_text=text[::-1], parent_text=text)])[0], text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(UNITS), max_size=40).map("".join))
def test_any_odd_pieces_get_a_verdict(text):
    check(LOCAL.classify([Text(text)])[0], text)


LOCAL = Triage.shipped(streets())


@pytest.mark.parametrize("text", ["в\u200bо\u200bд\u200bы нет", "во\u00adды нет", "ВОДЫ\ufeff нет", "во́ды нет"])
def test_what_is_unseen_hides_no_word(local, text):
    assert local.classify([Text(text)])[0].topic == "utilities.water"


def test_decomposed_letters_are_read(local):
    assert local.classify([Text("в садик за\u0438\u0306ку не пускают, троллеи\u0306бус не ходит")])[0].language == "ru"


def test_html_is_read_past(local):
    verdict = local.classify([Text("<p>Яма на <b>дороге</b>, колесо пробил</p><br/>")])[0]

    assert (verdict.kind, verdict.topic) == (Kind.REQUEST, "roads.pothole")


def test_many_long_texts_at_once_are_answered_as_one_by_one(local):
    texts = [Text(f"Яма на Садовой, {number}. " * 4_000) for number in range(1, 25)] + [
        Text(""),
        Text("👍"),
        Text("яма"),
    ]

    together = local.classify(texts)

    assert together == [local.classify([text])[0] for text in texts]
    assert [verdict.place.house for verdict in together[:24]] == [str(number) for number in range(1, 25)]
