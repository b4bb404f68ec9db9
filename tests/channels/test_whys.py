from __future__ import annotations

import pytest
from django.utils import translation

from otklik.channels.whys import Why, stored, told


@pytest.mark.parametrize(
    ("reason", "english", "russian"),
    [
        (stored(Why.GOES_ON, case=12), "goes on with case № 12", "продолжает дело № 12"),
        (stored(Why.NOT_OWED, kind="thanks"), "thanks: no answer is owed", "благодарность: ответ не нужен"),
        (stored(Why.NOT_SURE), "not sure what it is about: a person sorts it", "непонятно, о чём: разбирает человек"),
        ("спор между собой", "спор между собой", "спор между собой"),
        ("goes on with case 7", "goes on with case 7", "goes on with case 7"),
        ("why:of_another_version?x=1", "why:of_another_version?x=1", "why:of_another_version?x=1"),
        ("why:goes_on", "why:goes_on", "why:goes_on"),
        ("", "", ""),
    ],
)
def test_reason_is_told_in_the_readers_language(reason: str, english: str, russian: str) -> None:
    with translation.override("en"):
        assert told(reason) == english
    with translation.override("ru"):
        assert told(reason) == russian


def test_every_reason_has_its_russian_words_and_fits_its_column() -> None:
    with translation.override("ru"):
        for why in Why:
            reason = stored(why, case=1234567, kind="greeting")
            assert told(reason) != reason
            assert len(reason) <= 300
            assert not told(reason).isascii()
