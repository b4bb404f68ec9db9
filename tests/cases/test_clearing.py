"""What everybody may read of a text: words that point to a person are hidden, some of them whatever anybody says."""

from __future__ import annotations

import pytest

from otklik.cases.clearing import LONGEST, answer_for_everybody, for_everybody, without, words_of
from otklik.common.masking import HIDDEN


def hidden(text: str, names: tuple[str, ...] = (), known: str = "") -> list[str]:
    return [word.text for word in words_of(text, names, known=known) if word.hidden]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Яма на Садовой, 12.", "Яма на Садовой, 12."),
        ("Садовая 12, кв. 45: течёт крыша", "Садовая 12, •••: течёт крыша"),
        ("Мой телефон +7 900 123-45-67, звоните", "Мой телефон •••, звоните"),
        ("Пишите на olga@example.org или @olga_z", "Пишите на ••• или •••"),
        ("Течёт (кв. 5), третий день!", "Течёт (•••), третий день!"),
        ("Ивана Ручьёва затопило, Иван в отпуске", "••• затопило, ••• в отпуске"),
        ("иван-чай растёт у дороги", "иван-чай растёт у дороги"),
        ("", ""),
        ("— — —", "— — —"),
    ],
)
def test_words_that_point_to_a_person_are_hidden(text: str, shown: str) -> None:
    assert for_everybody(text, ["Иван Ручьёв"]) == shown


def test_contacts_that_the_city_gives_out_stay() -> None:
    text = "Звоните в отдел дорог: +7 865 545-55-55, road@city.example. Или мне: +7 900 123-45-67."

    shown = for_everybody(text, known="8 (865) 545-55-55, road@city.example")

    assert shown == "Звоните в отдел дорог: +7 865 545-55-55, road@city.example. Или мне: •••."


def test_two_contacts_of_the_city_are_not_one_number_that_anybody_may_have() -> None:
    assert for_everybody("Мой +7 900 555-12-34", known="кабинет 900, 5551234") == "Мой •••"


def test_flat_is_hidden_whoever_shows_it() -> None:
    text = "Лесная 18, квартира 7, звоните +7 900 123-45-67"

    shown = without(words_of(text), text, hidden=())

    assert shown == "Лесная 18, •••, звоните +7 900 123-45-67"


def test_any_word_can_be_hidden_by_hand() -> None:
    text = "Сосед Пётр Кузьмич шумит"

    shown = without(words_of(text), text, hidden={1, 2})

    assert shown == "Сосед ••• шумит"


def test_long_text_is_cut_and_says_so() -> None:
    text = "слово " * 2000

    shown = for_everybody(text)

    assert (len(shown) <= LONGEST + 1, shown[-1]) == (True, "…")


def test_lines_of_a_text_stay_lines() -> None:
    assert for_everybody("Первая\n\nвторая") == "Первая\n\nвторая"


def test_a_number_that_the_cut_divides_is_hidden_all_the_same() -> None:
    before = "слово " * ((LONGEST - 8) // 6)

    shown = for_everybody(f"{before}8 903 000-00-12 звоните")

    assert shown == f"{before.rstrip()} {HIDDEN}…"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Иван, здравствуйте! Засыпали.", "Здравствуйте! Засыпали."),
        ("Здравствуйте, Иван! Засыпали.", "Здравствуйте! Засыпали."),
        ("Добрый день, Иван Ручьёв. Засыпали.", "Добрый день. Засыпали."),
        ("Иван Ручьёв, засыпали.", "Засыпали."),
        ("Спросите, пожалуйста, Ивана.", "Спросите, пожалуйста, •••."),
        ("Засыпали, Иван помог.", "Засыпали, ••• помог."),
    ],
)
def test_answer_greets_nobody_rather_than_a_mark(said: str, shown: str) -> None:
    assert answer_for_everybody(said, ["Иван Ручьёв"]) == shown
