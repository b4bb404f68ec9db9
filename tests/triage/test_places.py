from __future__ import annotations

import pytest

from otklik.triage import Gazetteer, Place, Street, Text, Triage, normalise_place


@pytest.fixture(scope="module")
def local(gazetteer) -> Triage:
    return Triage.shipped(gazetteer)


def found(triage: Triage, text: str) -> tuple[str, str, str, str] | None:
    place = triage.classify([Text(text)])[0].place
    return (place.street, place.house, place.crossing, place.landmark) if place else None


RULES = [
    ("ул.Гагарина нет света", ("Гагарина", "", "", "")),
    ("на ул. Гагарина, 15 нет света", ("Гагарина", "15", "", "")),
    ("улица Карла Маркса 7а", ("Карла Маркса", "7а", "", "")),
    ("на Садовой 12 темно", ("Садовой", "12", "", "")),
    ("Революционная, д. 13, подъезд 2", ("Революционная", "13", "", "")),
    ("пр-т Победы 4к2 течёт крыша", ("Победы", "4к2", "", "")),
    ("Заречная улица 12/1", ("Заречная", "12/1", "", "")),
    ("пл. Ратушная грязно", ("Ратушная", "", "", "")),
    ("ул. 8 Марта, 3", ("8 Марта", "3", "", "")),
    ("проспект 50 лет Октября", ("50 лет Октября", "", "", "")),
    ("в 6 микрорайоне нет воды", ("6 микрорайон", "", "", "")),
    ("мкр 6 без воды", ("6 микрорайон", "", "", "")),
    ("у дома 5 по Липовой улице", ("Липовой", "5", "", "")),
    ("угол Лесной и Школьной", ("Лесной", "", "Школьной", "")),
    ("на пересечении ул. Южная и ул. Госпитальная", ("Южная", "", "Госпитальная", "")),
    ("возле школы №5 яма", ("", "", "", "школы №5")),
    ("напротив поликлиники лужа", ("", "", "", "поликлиники")),
    ("мусор, ямы и т.д. 5 раз писали", None),
    ("и т. д. и т. п.", None),
    ("В Марте 2020 года обещали", None),
    ("жду 12 дней", None),
    ("pothole at 12 Main Street", ("Main Street", "12", "", "")),
    ("corner of Oak Street and Pine Street", ("Oak Street", "", "Pine Street", "")),
]

KNOWN = [
    ("на Садовой 12 темно", ("Садовая улица", "12", "", "")),
    ("по лесной, 4 лужа", ("Лесная улица", "4", "", "")),
    ("пр-т Мира 4к2", ("проспект Мира", "4к2", "", "")),
    ("На Ратушной площади темно", ("Ратушная площадь", "", "", "")),
    ("у Ратуши скользко", ("Ратушная площадь", "", "", "")),
    ("угол Лесной и Школьной", ("Лесная улица", "", "Школьная улица", "")),
    ("на лесной тропинке хорошо", None),
    ("ul. Sadovaya temno, uberite musor 12", ("Садовая улица", "", "", "")),
]


@pytest.mark.parametrize(("text", "place"), RULES)
def test_place_by_rules(triage, text, place):
    assert found(triage, text) == place


@pytest.mark.parametrize(("text", "place"), KNOWN)
def test_place_by_gazetteer(local, text, place):
    assert found(local, text) == place


def test_place_tells_where_it_stands(triage):
    text = "Вчера на Садовой, 12 упал знак"

    assert triage.classify([Text(text)])[0].place == Place("Садовой", "12", "Садовой, 12", 9, 20)


def test_names_of_the_text_itself_are_recognised(triage):
    verdict = triage.classify([Text("на мельничной 3 нет света", place_names=("Мельничная улица",))])[0]

    assert verdict.place is not None
    assert (verdict.place.street, verdict.place.house) == ("Мельничная улица", "3")


@pytest.mark.parametrize(
    ("street", "house", "key"),
    [
        ("ул. Садовая", "12", "садов|12"),
        ("на Садовой".removeprefix("на "), "д. 12", "садов|12"),
        ("Садовую улицу", "12 ", "садов|12"),
        ("Мира", "4 корпус 2", "мир|4к2"),
        ("пр-т Мира", "4К2", "мир|4к2"),
        ("Лесная", "4 А", "лесн|4а"),
        ("Лесной", "4A", "лесн|4а"),
        ("Весёлая", "12/1", "весел|12/1"),
        ("Веселая", "", "весел|"),
    ],
)
def test_same_place_has_the_same_key(street, house, key):
    assert normalise_place(street, house) == key


def test_longest_known_name_wins():
    triage = Triage.shipped(Gazetteer([Street("Мира"), Street("Мира и Дружбы")]))

    assert found(triage, "на улице Мира и Дружбы 5") == ("Мира и Дружбы", "5", "", "")


def test_triage_of_a_city_knows_its_streets_and_leaves_the_other_as_it_was(triage, gazetteer):
    local = triage.in_city(gazetteer)

    assert found(local, "по лесной, 4 лужа") == ("Лесная улица", "4", "", "")
    assert found(triage, "по лесной, 4 лужа") is None


def test_house_behind_a_preposition_belongs_to_the_street(triage):
    places = [found(triage, text) for text in ("на улице Садовой у дома 12 яма", "Садовая возле дома 5 темно")]

    assert [place and place[:2] for place in places] == [("Садовой", "12"), ("Садовая", "5")]
