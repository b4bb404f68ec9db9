"""What a network shows of a post: all of it where it fits, else its beginning and the address of the rest."""

from __future__ import annotations

import pytest

from otklik.connectors.splitting import utf16_units
from otklik.posts.services.wording import fitted, room
from tests.connectors.instagram import accounts as instagram
from tests.connectors.telegram import accounts as telegram
from tests.connectors.vk import accounts as vk

HOME = "https://glava.example/posts/dvor/"
LONG = "Двор\n\n" + "Засыпали и закатали дорогу у школы. " * 200


def test_words_that_fit_stay_as_they_are() -> None:
    assert fitted(telegram.connector(), "Двор\n\nГотов.", HOME, with_photos=True) == "Двор\n\nГотов."


@pytest.mark.parametrize(("with_photos", "limit"), [(False, 4096), (True, 1024)])
def test_longer_words_end_at_a_sentence_with_the_address(*, with_photos: bool, limit: int) -> None:
    connector = telegram.connector()

    words = fitted(connector, LONG, HOME, with_photos=with_photos)

    assert room(connector, with_photos=with_photos) == limit
    assert utf16_units(words) <= limit
    assert words.endswith(f"у школы…\n\n{HOME}")
    assert len(connector.split(words, first=limit)) == 1


def test_emoji_count_as_the_network_counts_them() -> None:
    words = fitted(telegram.connector(), "👍" * 3000, HOME, with_photos=False)

    assert utf16_units(words) <= 4096
    assert words.endswith(HOME)


def test_each_network_has_its_own_room() -> None:
    assert fitted(vk.connector(), LONG, HOME, with_photos=True) == LONG
    assert len(fitted(instagram.connector(), LONG, HOME, with_photos=True)) <= 2200
