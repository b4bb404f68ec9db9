"""A network that was asked and one that delivered: the same thing is one message, and what was missed is found."""

from __future__ import annotations

import pytest

from otklik.channels.models import Delivery, Message
from otklik.channels.polls import Poll
from otklik.channels.services import polling
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.vk.polling import COMMENTS
from otklik.simulators.vk import payloads
from otklik.worker.taking import take_channel
from tests.stories import brain
from tests.worker.networks import VK_TEXT, Networks

pytestmark = pytest.mark.django_db


def ask_and_take(networks: Networks) -> None:
    channel = networks.vk_channel
    Poll.objects.update(due_at=now())
    for poll in polling.claim("one", now=now(), limit=8):
        polling.record(poll, polling.ask(poll, now=now()), now=now())
    while take_channel(channel.pk, brain()):
        pass


def test_comment_that_no_callback_told_is_found_and_the_others_are_not_stored_again(networks: Networks) -> None:
    channel = networks.vk_channel
    polling.arrange(channel, [COMMENTS], now=now())
    ask_and_take(networks)
    post = networks.vk.town.publish("Дороги", networks.vk.town.owner_id)
    told, missed = (networks.vk.town.comment(post.id, 9, f"{VK_TEXT} {number}", None) for number in (1, 2))
    body = payloads.comment_callback(
        event_id="e1", group_id=77, secret="", comment_id=told.id, post_id=post.id, from_id=9, text=told.text,
        date=told.date,
    )  # fmt: skip
    store([Arrival(channel.municipality_id, channel.pk, "e1", body, now())])
    while take_channel(channel.pk, brain()):
        pass
    quiet = Poll.objects.get()
    ask_and_take(networks)
    found = Poll.objects.get()
    ask_and_take(networks)

    assert [row.text for row in Message.objects.order_by("id")] == [told.text, missed.text]
    assert list(Delivery.objects.order_by("id").values_list("dedup_key", flat=True)) == [
        "e1", f"wall_reply_new:-77:{missed.id}",
    ]  # fmt: skip
    assert (quiet.last_news_at, found.last_news_at is not None) == (None, True)
    assert Poll.objects.get().last_news_at == found.last_news_at


def test_callback_that_comes_after_its_comment_was_found_changes_nothing(networks: Networks) -> None:
    channel = networks.vk_channel
    polling.arrange(channel, [COMMENTS], now=now())
    post = networks.vk.town.publish("Дороги", networks.vk.town.owner_id)
    made = networks.vk.town.comment(post.id, 9, VK_TEXT, None)
    Poll.objects.update(cursor='{"since":0}')
    ask_and_take(networks)
    body = payloads.comment_callback(
        event_id="e1", group_id=77, secret="", comment_id=made.id, post_id=post.id, from_id=9, text=VK_TEXT,
        date=made.date,
    )  # fmt: skip
    store([Arrival(channel.municipality_id, channel.pk, "e1", body, now())])
    while take_channel(channel.pk, brain()):
        pass

    assert (Delivery.objects.count(), Message.objects.count()) == (2, 1)
