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
    ("u nas na ulitse net vody", "ru"),
    ("spasibo vam za dorogu", "ru"),
    ("улица Лесная", "ru"),
    ("был пожар, та яма осталась", "ru"),
    ("На вулиці немає світла", "uk"),
    ("У нас няма вады, калі дадуць?", "be"),
    ("Көчөдө жарык жок, качан болот?", "ky"),
    ("Дар кӯча об нест, чаро?", "tg"),
    ("Урамда юл начар, кайчан төзәтәләр?", "tt"),
    ("Küçədə su yoxdur, nə vaxt olacaq?", "az"),
    ("Bizning ko'chada suv yo'q, qachon bo'ladi?", "uz"),
    ("لا يوجد ماء في الشارع", "ar"),
    ("در خیابان ما آب نیست چرا گاز", "fa"),
    ("Il n'y a pas d'eau dans la rue", "fr"),
    ("Nie ma wody na ulicy, kiedy będzie?", "pl"),
    ("水が出ません", "ja"),
    ("물이 안 나와요", "ko"),
    ("אין מים ברחוב", "he"),
    ("Δεν έχουμε νερό", "el"),
    ("!!! ???", "und"),
    ("12 34", "und"),
]


@pytest.mark.parametrize(("text", "language"), CASES)
def test_language_of(one, text, language):
    assert one(text).language == language
