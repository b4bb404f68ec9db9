from __future__ import annotations

import pytest

from otklik.org.emergencies import advice, codes
from otklik.org.models import Municipality
from otklik.triage.knowledge import shipped


def test_every_danger_that_triage_knows_has_its_text():
    known = {rule.label.partition(".")[2] for rule in shipped().rules if rule.label.startswith("emergency.")}

    assert codes() == known


@pytest.mark.parametrize(
    ("code", "language", "phones"),
    [
        ("gas", "ru", "104 или 112"),
        ("gas", "en", "104 or 112"),
        ("suicide", "ru", "8-800-2000-122 или 112"),
        ("open_manhole", "ru", "112"),
        ("", "en", "112"),
        ("unheard of", "ka", "112"),
    ],
)
def test_advice_names_whom_to_call(code, language, phones):
    words = advice(code, Municipality(jurisdiction="ru", emergency_phone="112"), language)

    assert f" {phones}" in words
    assert "{" not in words


def test_advice_elsewhere_has_no_number_of_another_country():
    words = advice("gas", Municipality(jurisdiction="uk", emergency_phone="999"), "en")

    assert words.endswith("get out and call 999.")


def test_a_number_is_not_said_twice():
    assert advice("ice", Municipality(jurisdiction="ru", emergency_phone="112"), "en").count("112") == 1
