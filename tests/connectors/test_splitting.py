from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otklik.connectors.splitting import cut_text, split_text, utf16_units

FAMILY = "👨‍👩‍👧‍👦"
PIECES = ["яма", "дом 5.", "ул. Садовая", FAMILY, "🇷🇺", "👍🏽", "й", "\n\n", "Почините!", "x" * 40]
words = st.lists(st.sampled_from(PIECES))


@given(st.text(), st.integers(min_value=4, max_value=60), st.sampled_from([len, utf16_units]))
@example("a" * 100, 4, len)
def test_parts_fit_and_nothing_but_blanks_is_lost(text, limit, measure):
    parts = split_text(text, limit, measure)

    assert [part for part in parts if measure(part) > limit or not part.strip()] == []
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(words, st.integers(min_value=11, max_value=60))
def test_an_emoji_is_never_cut_in_two(pieces, limit):
    text = " ".join(pieces)

    joined = " ".join(split_text(text, limit, utf16_units))

    emojis = (FAMILY, "🇷🇺", "👍🏽")
    assert [joined.count(emoji) for emoji in emojis] == [text.count(emoji) for emoji in emojis]


def test_flags_in_a_row_are_cut_between_flags():
    assert split_text("🇷🇺🇷🇺🇷🇺", 8, utf16_units) == ["🇷🇺🇷🇺", "🇷🇺"]


def test_a_paragraph_is_preferred_then_a_sentence_then_a_word():
    assert split_text("Первый абзац здесь.\n\nВторой. Третий", 25) == ["Первый абзац здесь.", "Второй. Третий"]
    assert split_text("Яму засыпали. Асфальт положат завтра", 30) == ["Яму засыпали.", "Асфальт положат завтра"]
    assert split_text("яма на дороге у дома", 9) == ["яма на", "дороге у", "дома"]


def test_an_abbreviation_does_not_end_a_sentence():
    assert split_text("Ждём вас на ул. Садовая завтра", 20) == ["Ждём вас на ул.", "Садовая завтра"]
    assert split_text("Яма есть! Она на ул. Садовой", 23) == ["Яма есть!", "Она на ул. Садовой"]


def test_a_blank_text_has_no_parts():
    assert split_text(" \n\t ", 10) == []


def test_a_limit_too_short_for_a_character_is_refused():
    with pytest.raises(ValueError, match="too short"):
        split_text("яма", 3)


def test_a_grapheme_longer_than_the_limit_is_still_sent_whole_by_parts():
    assert "".join(split_text(FAMILY, 4, utf16_units)) == FAMILY


def test_cutting_keeps_a_short_text_and_shortens_a_long_one_before_the_emoji():
    assert (cut_text("яма", 3), cut_text("ab" + FAMILY, 4)) == ("яма", "ab")


def test_cutting_a_very_long_text_is_quick():
    assert sum(map(len, split_text("слово " * 200_000, 4096, utf16_units))) > 900_000
