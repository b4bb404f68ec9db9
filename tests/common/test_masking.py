from __future__ import annotations

import pytest

from otklik.common.masking import HIDDEN, masked


@pytest.mark.parametrize(
    "personal",
    [
        "+7 900 123-45-67",
        "8(900)1234567",
        "89001234567",
        "nina.lugova@town.example",
        "@nina_lugova",
        "https://vk.com/id1",
        "www.town.example/nina",
        "4276 3800 1234 5678",
        "паспорт 07 12 345678".removeprefix("паспорт "),
    ],
)
def test_what_points_to_a_person_is_hidden(personal: str) -> None:
    assert masked(f"Пишите {personal}, жду") == f"Пишите {HIDDEN}, жду"


@pytest.mark.parametrize(
    "plain", ["Садовая, 12, корпус 3", "автобусы № 3 и 7 в 10:00", "до 23.11.2026, 18:00", "заплатил 1 250 000 рублей"]
)
def test_streets_times_and_sums_stay(plain: str) -> None:
    assert masked(plain) == plain
