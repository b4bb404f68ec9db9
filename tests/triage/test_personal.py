from __future__ import annotations

import pytest

from otklik.triage import Span, mask
from otklik.triage.personal import find

CASES = [
    ("звоните 8 (903) 123-45-67", [("phone", "8 (903) 123-45-67")]),
    ("+79031234567", [("phone", "+79031234567")]),
    ("тел. 5-12-34", [("phone", "5-12-34")]),
    ("call me +44 20 7946 0958", [("phone", "+44 20 7946 0958")]),
    ("пишите на anna.b@example.org, жду", [("email", "anna.b@example.org")]),
    ("Лесная 5, кв. 12", [("flat", "кв. 12")]),
    ("я из 12 квартиры", [("flat", "12 квартиры")]),
    ("apt. 4 has no heat", [("flat", "apt. 4")]),
    ("паспорт 12 34 567890 выдан", [("passport", "12 34 567890")]),
    ("СНИЛС 112-233-445 95", [("snils", "112-233-445 95")]),
    ("карта 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
    ("номер заявки 4111 1111 1111 1112", []),
    ("дом 12, подъезд 3, этаж 5", []),
    ("в 2024 году 15 квартирных краж", []),
    ("ничего личного", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_personal_data_is_found(text, expected):
    assert [(span.kind, text[span.start : span.end]) for span in find(text)] == expected


def test_personal_data_is_masked():
    text = "Анна, 8 903 123-45-67, кв. 5, anna@example.org"

    assert mask(text, find(text)) == "Анна, •••, •••, •••"


def test_overlapping_spans_leave_nothing_behind():
    assert mask("0123456789", [Span("card", 2, 6), Span("phone", 4, 8)]) == "01•••89"


def test_nothing_to_mask_leaves_the_text():
    assert mask("яма", []) == "яма"
