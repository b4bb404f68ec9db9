"""What stands in the inbox in the end, in whatever order, how often and in what shape a network tells its story.

One story for each network that tells of changes: somebody writes, rewrites it, and takes it back.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction

from otklik.cases.models import Case
from otklik.channels.connections import connector_of
from otklik.channels.models import Channel, Delivery, Message
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.simulators.mail.letters import letter
from otklik.worker.taking import take_channel
from tests.connectors.instagram import accounts as instagram
from tests.connectors.mail import accounts as mail
from tests.connectors.max import accounts as max_
from tests.connectors.ok import accounts as ok
from tests.connectors.telegram import accounts as telegram
from tests.connectors.vk import accounts as vk
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

HOLE = "Яма на дороге, улица Садовая, дом 12, почините"
RIGHT = "Яма на дороге, улица Садовая, дом 14, почините"
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Story:
    """How a network tells that somebody wrote HOLE, made RIGHT of it and took it back; what it never tells is None."""

    network: str
    config: ChannelConfig
    written: Webhook
    rewritten: Webhook | None = None
    taken_back: Webhook | None = None

    @property
    def told(self) -> list[Webhook]:
        return [one for one in (self.written, self.rewritten, self.taken_back) if one is not None]

    @property
    def end(self) -> tuple[str, bool]:
        """The words that stand in the end, and whether they are gone."""
        if self.taken_back is not None:
            return "", True
        return HOLE if self.rewritten is None else RIGHT, False


def _vk_comment() -> Story:
    def told(name: str, **changes: Any) -> Webhook:
        body = vk.fixture(name)
        body["object"] |= changes
        return vk.hook_of(body)

    return Story(
        "vk",
        vk.config(NOWHERE),
        told("comment", text=HOLE, attachments=[]),
        told("comment_edited", text=RIGHT),
        told("comment_deleted"),
    )


def _vk_message() -> Story:
    def told(kind: str, text: str, **more: Any) -> Webhook:
        body = vk.fixture("message")
        said = {"id": 11, "date": vk.SECONDS - 60, "peer_id": 34, "from_id": 34, "conversation_message_id": 9}
        thing = said | {"text": text} | more
        return vk.hook_of(
            body | {"type": kind, "event_id": f"e-{kind}", "object": thing if "edit" in kind else {"message": thing}}
        )

    rewritten = told("message_edit", RIGHT, update_time=vk.SECONDS - 30)
    return Story("vk", vk.config(NOWHERE), told("message_new", HOLE), rewritten)


def _telegram(written: str) -> Story:
    first = telegram.fixture(written)
    said = first["message"] | {"text": HOLE}
    edited = {"update_id": 100_099, "edited_message": said | {"text": RIGHT, "edit_date": said["date"] + 30}}
    return Story(
        "telegram",
        telegram.config(NOWHERE),
        telegram.hook_of(first | {"message": said}),
        telegram.hook_of(edited),
    )


def _max(written: str, kind: str) -> Story:
    first = max_.fixture(written)
    first["message"]["body"] = {"mid": "mid.s1", "seq": 7, "text": HOLE}
    first["message"].pop("link", None)
    second = json.loads(json.dumps(first))
    second |= {"update_type": f"{kind}_edited", "timestamp": first["timestamp"] + 30_000}
    second["message"]["body"]["text"] = RIGHT
    where = first["message"]["recipient"]
    third = {
        "update_type": f"{kind}_removed",
        "timestamp": first["timestamp"] + 60_000,
        "message_id": "mid.s1",
        "chat_id": where["chat_id"],
        "user_id": 34,
    } | ({"post_id": where["post_id"]} if kind == "comment" else {})
    return Story("max", max_.config(NOWHERE), *(max_.hook_of(one) for one in (first, second, third)))


def _instagram_message() -> Story:
    told = [
        instagram.passed({"message": {"mid": "m_s1", "text": HOLE}}),
        instagram.passed({"message_edit": {"mid": "m_s1", "text": RIGHT, "num_edit": 1}}),
        instagram.passed({"message": {"mid": "m_s1", "is_deleted": True}}),
    ]
    return Story("instagram", instagram.config(NOWHERE), *(instagram.hook_of(one) for one in told))


def _ok_comment() -> Story:
    """Nobody tells of a comment that changed: it is read up, and then stands there with other words."""

    def read(text: str, seconds: int) -> Webhook:
        thing = {"id": "c7", "text": text, "author_id": "574", "author_name": "Иван", "date_ms": ok.MILLIS - 60_000}
        hook = ok.hook_of(ok.polled(thing))
        return replace(hook, received_at=hook.received_at.replace(second=seconds))

    return Story("ok", ok.config(NOWHERE), read(HOLE, 1), read(RIGHT, 2))


def _ok_message() -> Story:
    body = ok.fixture("message")
    body["message"] = {"text": HOLE, "seq": 1, "mid": "mid:C3e.77"}
    return Story("ok", ok.config(NOWHERE), ok.hook_of(body))


def _instagram_comment() -> Story:
    hook = instagram.hook_of(instagram.comment(text=HOLE))
    return Story("instagram", instagram.config(NOWHERE), hook)


def _letter() -> Story:
    return Story("email", mail.config(9, 9), mail.hook_of(letter(HOLE)))


STORIES: dict[str, Callable[[], Story]] = {
    "vk comment": _vk_comment,
    "vk message": _vk_message,
    "telegram comment": lambda: _telegram("comment"),
    "telegram message": lambda: _telegram("direct_message"),
    "max comment": lambda: _max("comment", "comment"),
    "max message": lambda: _max("message", "message"),
    "instagram comment": _instagram_comment,
    "instagram message": _instagram_message,
    "ok comment": _ok_comment,
    "ok message": _ok_message,
    "letter": _letter,
}


TELL_OF_CHANGES = [name for name, make in STORIES.items() if make().rewritten is not None]
TELL_OF_DELETIONS = [name for name, make in STORIES.items() if make().taken_back is not None]


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]()


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def channel(town: Town, story: Story) -> Channel:
    values = {**story.config.settings, **story.config.secrets}
    return connect(town.city, story.network, "s", "", values, now=now())


def hear(channel: Channel, hooks: Sequence[Webhook], *, at_once: bool = True) -> None:
    """Let these come by the door's own steps, and the worker take them: all in one batch, or each by itself."""
    connector = connector_of(channel)
    for hook in hooks:
        key = connector.delivery_key(hook)
        store([Arrival(channel.municipality_id, channel.pk, key, hook.body, hook.received_at, dict(hook.headers))])
        if not at_once:
            take(channel)
    take(channel)


def take(channel: Channel) -> None:
    while take_channel(channel.pk, brain()):
        pass


def stands(channel: Channel) -> list[tuple[str, bool]]:
    return [(one.text, one.deleted_at is not None) for one in Message.objects.filter(channel=channel).order_by("id")]


@pytest.mark.parametrize("at_once", [True, False])
def test_story_told_in_any_order_and_twice_ends_the_same(story: Story, channel: Channel, *, at_once: bool) -> None:
    for order in itertools.permutations(story.told):
        with transaction.atomic():
            hear(channel, [*order, *order], at_once=at_once)

            assert stands(channel) == [story.end]
            assert set(Delivery.objects.filter(channel=channel).values_list("state", flat=True)) <= {
                "parsed",
                "partial",
            }
            transaction.set_rollback(True)


@pytest.mark.parametrize("story", TELL_OF_DELETIONS, indirect=True)
def test_what_was_taken_back_twice_is_gone_once_and_comes_not_back(story: Story, channel: Channel) -> None:
    hear(channel, [story.written, story.taken_back], at_once=False)
    gone_at = Message.objects.get(channel=channel).deleted_at
    # Another delivery of the same news, which its key doesn't show to be one.
    again = Arrival(channel.municipality_id, channel.pk, "another", story.taken_back.body, now(), {})
    store([again])
    take(channel)
    hear(channel, [story.written], at_once=False)

    assert stands(channel) == [("", True)]
    assert Message.objects.get(channel=channel).deleted_at == gone_at


@pytest.mark.parametrize("story", TELL_OF_DELETIONS, indirect=True)
def test_what_was_taken_back_before_it_came_opens_no_case(story: Story, channel: Channel) -> None:
    hear(channel, [story.taken_back, story.written], at_once=False)

    assert (stands(channel), Case.objects.count()) == ([("", True)], 0)


@pytest.mark.parametrize("story", TELL_OF_CHANGES, indirect=True)
def test_what_was_rewritten_before_it_came_is_one_case_with_the_newer_words(story: Story, channel: Channel) -> None:
    hear(channel, [story.rewritten, story.written], at_once=False)

    assert (stands(channel), Case.objects.count()) == ([(RIGHT, False)], 1)


def test_what_came_cut_off_is_kept_and_stops_nobody(story: Story, channel: Channel) -> None:
    cut = replace(story.written, body=story.written.body[: len(story.written.body) // 8])
    hear(channel, [cut, story.written])

    assert (HOLE, False) in stands(channel)
    assert [bytes(one.body) for one in Delivery.objects.filter(channel=channel).order_by("id")] == [
        cut.body,
        story.written.body,
    ]
