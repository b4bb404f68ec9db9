"""A correction or withdrawal of a post reaches the networks that have it, once, and says so where it can't."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.queries import undelivered
from otklik.channels.services import sending
from otklik.common.clock import now
from otklik.intake.delivered import note_delivered
from otklik.intake.resolving import mark_sent
from otklik.org.enums import Role
from otklik.posts.models import Post, Publication
from otklik.posts.services.propagating import left_behind
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct, withdraw
from otklik.simulators.telegram.faults import Fault
from tests.worker.conftest import networks  # noqa: F401 - the fixture
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db
NEW = "Тепло\n\nВключим 27 сентября."


def published(networks: Networks) -> Post:  # noqa: F811
    return publish(networks.town.official(Role.HEAD), Words("Тепло", "Включим 25 сентября."), now=now())


@pytest.fixture
def post(networks: Networks) -> Post:  # noqa: F811
    made = published(networks)
    networks.town.send()
    return made


def corrected(networks: Networks, post: Post, text: str = "Включим 27 сентября.") -> Post:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    return correct(head, post, Words("Тепло", text), "Дата", version=post.version, now=now())


def taken_back(networks: Networks, post: Post) -> Post:  # noqa: F811
    return withdraw(networks.town.official(Role.HEAD), post, "Ошибка", version=post.version, now=now())


def in_vk(networks: Networks) -> list[str]:  # noqa: F811
    return [one.text for one in networks.vk.town.posts.values()]


def in_telegram(networks: Networks) -> list[str]:  # noqa: F811
    channel = networks.telegram.town.channel["id"]
    return [one["text"] for (chat, _), one in networks.telegram.town.messages.items() if chat == channel]


def copies(post: Post) -> list[Publication]:
    rows = Publication.objects.filter(post=post).exclude(channel__network="site")
    return list(rows.select_related("channel", "change").order_by("channel__network"))


def test_correction_changes_the_post_where_it_stands(networks: Networks, post: Post) -> None:  # noqa: F811
    assert left_behind(post, removal=False) == []

    corrected(networks, post)
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([NEW], [NEW])
    edits = Outgoing.objects.filter(edits__isnull=False)
    assert [row.state for row in edits] == [OutgoingState.SENT] * 2
    assert [(copy.version, copy.change_version) for copy in copies(post)] == [(2, 2)] * 2


def test_same_words_again_go_nowhere(networks: Networks, post: Post) -> None:  # noqa: F811
    corrected(networks, post, "Включим 25 сентября.")

    assert Outgoing.objects.filter(edits__isnull=False).count() == 0


def test_post_that_has_not_gone_yet_goes_with_the_new_words(networks: Networks) -> None:  # noqa: F811
    made = published(networks)

    corrected(networks, made)
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([NEW], [NEW])
    assert Outgoing.objects.filter(edits__isnull=False).count() == 0
    assert [copy.version for copy in copies(made)] == [2, 2]


def test_post_that_has_not_gone_yet_never_goes_once_taken_back(networks: Networks) -> None:  # noqa: F811
    made = published(networks)

    taken_back(networks, made)
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([], [])
    assert Outgoing.objects.count() == 0
    assert all(copy.removed_at is not None for copy in copies(made))


@pytest.mark.parametrize("change", [corrected, taken_back])
def test_change_while_the_post_is_being_sent_follows_it(networks: Networks, change: object) -> None:  # noqa: F811
    made = published(networks)
    rows = sending.claim("w1", now=now(), limit=9)
    assert callable(change)
    change(networks, made)
    assert Outgoing.objects.count() == 2

    for row in rows:
        sending.record(sending.deliver(row.channel, [row], now=now()), now=now(), then=note_delivered)
    networks.town.send()

    expected = [NEW] if change is corrected else []
    assert (in_vk(networks), in_telegram(networks)) == (expected, expected)


def test_withdrawal_deletes_every_copy(networks: Networks, post: Post) -> None:  # noqa: F811
    assert left_behind(post, removal=True) == []

    taken_back(networks, post)
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([], [])
    assert all(copy.removed_at is not None for copy in copies(post))
    assert {row.state for row in Outgoing.objects.filter(removes__isnull=False)} == {OutgoingState.SENT}


def test_withdrawal_in_doubt_is_read_or_repeated(networks: Networks, post: Post) -> None:  # noqa: F811
    networks.telegram.fail_next(Fault.TIMEOUT_AFTER, method="deleteMessage")

    taken_back(networks, post)
    networks.town.send()
    networks.later()

    assert in_telegram(networks) == []
    assert all(copy.removed_at is not None for copy in copies(post))


def test_what_a_network_refuses_waits_for_a_person(networks: Networks, post: Post) -> None:  # noqa: F811
    networks.telegram.town.may_delete = False
    for message in networks.telegram.town.messages.values():
        message["date"] -= 49 * 3600

    taken_back(networks, post)
    networks.town.send()

    waiting = undelivered(networks.town.city.pk).get()
    assert (waiting.channel, waiting.removes) == (networks.tg_channel, copies(post)[0].outgoing)
    assert "two days" in waiting.error
    assert copies(post)[0].removed_at is None

    mark_sent(networks.town.official(Role.OPERATOR), waiting, now=now())

    assert copies(post)[0].removed_at is not None
    assert list(undelivered(networks.town.city.pk)) == []


def test_channel_that_cannot_be_used_is_named_as_left_behind(networks: Networks, post: Post) -> None:  # noqa: F811
    networks.vk_channel.sealed_secrets = b""
    networks.vk_channel.save()

    assert [channel.network for channel in left_behind(post, removal=True)] == ["vk"]
    assert [channel.network for channel in left_behind(post, removal=False)] == ["vk"]


def test_newer_correction_takes_the_place_of_one_that_waits(networks: Networks, post: Post) -> None:  # noqa: F811
    second = corrected(networks, post, "Включим 26 сентября.")
    corrected(networks, second)
    assert Outgoing.objects.filter(edits__isnull=False).count() == 2
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([NEW], [NEW])


def test_older_correction_that_comes_last_does_not_win(networks: Networks, post: Post) -> None:  # noqa: F811
    second = corrected(networks, post, "Включим 26 сентября.")
    older = sending.claim("w1", now=now(), limit=9)
    corrected(networks, second)
    networks.town.send()

    for row in older:
        sending.record(sending.deliver(row.channel, [row], now=now()), now=now(), then=note_delivered)
    assert in_vk(networks) == ["Тепло\n\nВключим 26 сентября."]
    Outgoing.objects.update(due_at=now() - timedelta(seconds=1))
    networks.town.send()

    assert (in_vk(networks), in_telegram(networks)) == ([NEW], [NEW])
