from __future__ import annotations

import pytest

from otklik.common.names import named_in

INFLECTED = [
    ("Павел", "Павла Павлу Павлом Павле"),
    ("Лев", "Льва Льву Львом Льве"),
    ("Пётр", "Петра Петру Петром Петре"),
    ("Игорь", "Игоря Игорю Игорем Игоре"),
    ("Анна", "Анны Анне Анну Анной Анною"),
    ("Мария", "Марии Марию Марией"),
    ("Дарья", "Дарьи Дарье Дарью Дарьей"),
    ("Андрей", "Андрея Андрею Андреем Андрее"),
    ("Зоя", "Зои Зое Зою Зоей"),
    ("Достоевский", "Достоевского Достоевскому Достоевским"),
    ("Ева", "Евы Еве Еву Евой"),
    ("Любовь", "Любови Любовью"),
    ("Ильинична", "Ильиничны Ильиничне"),
    ("Ветров", "Ветрова Ветрову Ветровым Ветровы Ветровых"),
    ("Белая", "Белой Белую"),
    ("Чернец", "Чернеца Чернецу"),
    ("Котёнок", "Котёнка Котёнку"),
]


@pytest.mark.parametrize(("name", "forms"), INFLECTED)
def test_name_is_found_in_every_case(name: str, forms: str) -> None:
    text = f"Скажите {forms} и самому {name}."

    assert [text[start:end] for start, end in named_in(text, [name])] == [*forms.split(), name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Вера", "веранда у Верхнего рынка"),
        ("Роман", "Романтика"),
        ("Ян", "Янтарная улица"),
        ("Лев", "левый поворот, Левый берег, Левобережная"),
        ("Иван", "Ивановская площадь"),
    ],
)
def test_other_words_stay(name: str, text: str) -> None:
    assert named_in(text, [name]) == []


def test_all_pieces_of_a_full_name_are_found() -> None:
    text = "Передайте Павлу Ветрову и ветру"

    assert [text[start:end] for start, end in named_in(text, ["Павел Ветров"])] == ["Павлу", "Ветрову"]


def test_initials_and_nothing_find_nothing() -> None:
    assert named_in("А. Б. Яна", ["А Б", ""]) == []
