"""A correction of a post reaches the networks that have it, once, and says so where it can't."""

from __future__ import annotations

import pytest

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.posts.models import Post
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct, keeps_old_words
from tests.worker.conftest import networks  # noqa: F401 - the fixture
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(networks: Networks) -> Post:  # noqa: F811
    made = publish(networks.town.official(Role.HEAD), Words("Тепло", "Включим 25 сентября."), now=now())
    networks.town.send()
    return made


def corrected(networks: Networks, post: Post) -> None:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    correct(head, post, Words("Тепло", "Включим 27 сентября."), "Дата", version=post.version, now=now())
    networks.town.send()


def test_correction_changes_the_post_where_it_stands(networks: Networks, post: Post) -> None:  # noqa: F811
    assert keeps_old_words(post) == []

    corrected(networks, post)

    vk = [one.text for one in networks.vk.town.posts.values()]
    assert vk == ["Тепло\n\nВключим 27 сентября."]
    edits = Outgoing.objects.filter(edits__isnull=False)
    assert {row.state for row in edits} == {OutgoingState.SENT}
    assert edits.count() == 2


def test_same_words_again_go_nowhere(networks: Networks, post: Post) -> None:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    correct(head, post, Words("Тепло", "Включим 25 сентября."), "Так", version=1, now=now())

    assert Outgoing.objects.filter(edits__isnull=False).count() == 0


def test_post_on_its_way_is_named_as_left_behind(networks: Networks) -> None:  # noqa: F811
    made = publish(networks.town.official(Role.HEAD), Words("Тепло", "Включим 25 сентября."), now=now())

    assert sorted(channel.network for channel in keeps_old_words(made)) == ["telegram", "vk"]
