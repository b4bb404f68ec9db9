from __future__ import annotations

import pytest

from otklik.posts.quoting import Comparison, Likeness, Piece, compare, prints_of, words_of

TITLE = "Тепло дадим 25 сентября"
TEXT = """Друзья, отопление включим 25 сентября в 8:00. Сначала школы и больница, потом все 312 домов.

Если батареи холодные через три дня — пишите мне. Бюджет ремонта сетей 1 200 000 рублей, это на 15% больше."""


def against(quote: str, title: str = TITLE, text: str = TEXT) -> Comparison:
    return compare(words_of(quote), words_of(title), words_of(text))


@pytest.mark.parametrize(
    "quote",
    [
        TEXT,
        f"{TITLE}\n\n{TEXT}",
        "Сначала школы и больница, потом все 312 домов",
        "СНАЧАЛА ШКОЛЫ И БОЛЬНИЦА , потом все 312 домов!!!",
        "сначала\u200b школы\nи больница — потом все 312 домов",
        "Бюджет ремонта сетей 1\u00a0200\u00a0000 рублей, это на 15 % больше",
        "Бюджет ремонта сетей 1200000 рублей",
        "Тепло дадим 25 сентября",
    ],
)
def test_words_of_the_post_are_the_same(quote: str) -> None:
    assert against(quote).likeness == Likeness.SAME


@pytest.mark.parametrize(
    ("quote", "published", "pasted"),
    [
        ("Друзья, отопление включим 26 сентября в 8:00. Сначала школы и больница", "25", "26"),
        ("отопление включим 25 сентября в 9:00. Сначала школы", "8:00", "9:00"),
        ("Сначала школы и больница, потом все 313 домов", "312", "313"),
        ("Бюджет ремонта сетей 1 300 000 рублей, это на 15% больше", "1 200 000", "1 300 000"),
        ("Бюджет ремонта сетей 1 200 000 рублей, это на 16% больше", "15%", "16%"),
        ("это на -15% больше. Бюджет ремонта сетей 1 200 000 рублей", None, None),
        ("Если батареи тёплые через три дня — пишите мне", "холодные", "тёплые"),
    ],
)
def test_one_changed_word_is_told_and_shown(quote: str, published: str | None, pasted: str | None) -> None:
    found = against(quote)

    assert found.likeness in (Likeness.ALTERED, Likeness.PART)
    if published is not None and pasted is not None:
        assert found.likeness == Likeness.ALTERED
        assert Piece("left_out", published) in found.pieces
        assert Piece("added", pasted) in found.pieces


def test_first_or_last_word_changed_is_a_change_too() -> None:
    assert against("26 сентября в 8:00. Сначала школы и больница, потом").likeness == Likeness.ALTERED
    assert against("Сначала школы и больница, потом все 313").likeness == Likeness.ALTERED


def test_left_out_not_is_told() -> None:
    found = compare(
        words_of("Мы будем закрывать старую школу в этом году"),
        words_of("О школе"),
        words_of("Мы не будем закрывать старую школу в этом году, обещаю."),
    )

    assert found.likeness == Likeness.ALTERED
    assert found.pieces[:3] == [Piece("same", "Мы"), Piece("left_out", "не"), Piece("same", found.pieces[2].text)]


def test_words_around_a_quote_are_not_ours() -> None:
    found = against(
        "Срочно!!! Перешлите всем. Сначала школы и больница, потом все 312 домов."
        " А ещё он сказал, что денег больше нет и не будет никогда"
    )

    assert found.likeness == Likeness.PART
    assert [piece.sort for piece in found.pieces] == ["added", "same", "added"]
    assert found.pieces[1].text == "Сначала школы и больница потом все 312 домов"


def test_headline_and_text_stand_apart_on_a_screenshot() -> None:
    found = against(f"{TITLE} Анна Берестова Глава города 18 сентября 12:30 {TEXT}")

    assert found.likeness == Likeness.PART
    assert found.pieces[0] == Piece("same", TITLE)


def test_other_words_are_strange() -> None:
    assert against("Горячую воду отключат на две недели во всём городе").likeness == Likeness.STRANGE


def test_prints_find_any_four_words_in_a_row() -> None:
    words = words_of(TEXT)
    kept = prints_of(words)

    assert all(prints_of(words[at : at + 4]) & kept for at in range(len(words) - 3))
    assert len(kept) < len(words)
    assert prints_of(words[:2]) == set()
