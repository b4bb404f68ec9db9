"""A post's photos go to the networks that take them, with the words; to the others the words go alone."""

from __future__ import annotations

import pytest
from django.conf import settings

from otklik.channels.connections import connector_of
from otklik.channels.models import Outgoing
from otklik.channels.services.parting import parts_of, with_photos
from otklik.common.clock import now
from otklik.media.enums import Look
from otklik.media.models import Rendition
from otklik.org.enums import Role
from otklik.posts.models import Publication
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct
from tests.media.conftest import data_folder, english  # noqa: F401 - a data folder of each test's own
from tests.posts.pictured import pictured
from tests.worker.conftest import networks  # noqa: F401 - the fixture
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db


def test_photos_go_to_telegram_with_the_words(networks: Networks) -> None:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    post = publish(head, Words("Двор", "Готов.", photos=pictured(head.official, "Качели", "Горка")), now=now())
    row = Outgoing.objects.prefetch_related(with_photos()).get(channel=networks.tg_channel)
    (part,) = parts_of(connector_of(networks.tg_channel), row)

    networks.send()

    digests = [Rendition.objects.get(file=one.file, look=Look.WHOLE).digest for one in row.files.order_by("position")]
    home = settings.ENVIRONMENT.public_url
    assert [(one.alt, one.url, one.width, one.height) for one in part.photos] == [
        (alt, f"{home}/photos/{digest}.jpg", 1600, 1200)
        for alt, digest in zip(("Качели", "Горка"), digests, strict=True)
    ]
    said = [one for (chat, _), one in sorted(networks.telegram.town.messages.items()) if chat == -1002]
    assert [len(one["photo"]) > 0 for one in said] == [True, True]
    assert [message.get("caption", "") for message in said] == ["Двор\n\nГотов.", ""]
    assert Publication.objects.get(post=post, channel=networks.tg_channel).external_id
    assert [one.text for one in networks.vk.town.posts.values()] == ["Двор\n\nГотов."]


def test_photo_taken_out_before_the_post_has_gone_never_goes(networks: Networks) -> None:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    first, second = pictured(head.official, "Качели", "Горка")
    post = publish(head, Words("Двор", "Готов.", photos=(first, second)), now=now())
    correct(head, post, Words("Двор", "Готов.", photos=(second,)), "Лишняя", version=1, now=now())

    networks.send()

    said = [one for (chat, _), one in networks.telegram.town.messages.items() if chat == -1002]
    assert [one["caption"] for one in said] == ["Двор\n\nГотов."]
