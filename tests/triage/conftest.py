from __future__ import annotations

import pytest

from otklik.triage import Gazetteer, Street, Text, Triage, Verdict

STREETS = [
    Street("Садовая улица", ("Садовая",)),
    Street("Лесная улица"),
    Street("Школьная улица"),
    Street("проспект Мира", ("пр. Мира",)),
    Street("Ратушная площадь", ("площадь Ратушная", "Ратуша")),
    Street("Вокзальная улица"),
    Street("улица 50 лет Октября"),
    Street("улица 9 Мая"),
    Street("улица Гагарина"),
    Street("Первомайская улица"),
    Street("6 микрорайон"),
]


@pytest.fixture(scope="session")
def triage() -> Triage:
    return Triage.shipped()


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return Gazetteer(STREETS)


@pytest.fixture
def one(triage):
    def classify(text: str, **around) -> Verdict:
        return triage.classify([Text(text, **around)])[0]

    return classify
