from __future__ import annotations

import pytest

CASES = [
    ("Когда починят дорогу?", "ru"),
    ("и у нас тоже", "ru"),
    ("When will you fix the road?", "en"),
    ("Graffiti", "en"),
    ("kogda uberut musor s ulicy", "ru"),
    ("Коли відремонтують дорогу? Дякую", "uk"),
    ("Рахмет! Көше жақсы болды, бұл үшін", "kk"),
    ("Wann wird die Straße repariert? Ich warte", "de"),
    ("¿Cuándo va a la calle el camión? No hay luz", "es"),
    ("Yollar çok kötü, lütfen bu sokak için bir şey", "tr"),
    ("这里有一个坑", "zh"),
    ("შუქი არ არის", "ka"),
    ("Թաղամասում լույս չկա", "hy"),
    ("", "und"),
    ("👍 123", "und"),
    ("Почините wi-fi в парке, please", "ru"),
    ("Please fix дорога near the school and the park", "en"),
    ("почта ivanova@example.org", "ru"),
]


@pytest.mark.parametrize(("text", "language"), CASES)
def test_language_of(one, text, language):
    assert one(text).language == language
