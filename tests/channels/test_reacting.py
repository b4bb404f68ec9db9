"""Reactions: counted however they come, never a message, never a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from otklik.channels.enums import Network
from otklik.channels.figures import PostFigure, Reaction, ReactionMark
from otklik.channels.models import Channel, Delivery, Message
from otklik.channels.numbers import with_reactions
from otklik.channels.services import reacting
from otklik.channels.services.ingesting import gather
from otklik.common.clock import now
from otklik.connectors.events import Action, Author, Event, EventKind, PostRef
from tests.stories import found_town

pytestmark = pytest.mark.django_db
AT = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


@pytest.fixture
def channel() -> Channel:
    city = found_town().city
    return Channel.objects.create(municipality=city, name="tg", network=Network.TELEGRAM, hook_token="t", settings={})


def sign(who: str, name: str, minutes: int = 0, *, taken_back: bool = False, post: bool = False) -> Event:
    return Event(
        dedup_key=f"r:{who}:{minutes}",
        kind=EventKind.REACTION,
        action=Action.REMOVED_REACTION if taken_back else Action.CREATED,
        occurred_at=AT + timedelta(minutes=minutes),
        container="-1001",
        external_id=f"reaction:7:{who}",
        author=Author(who, display_name="Иван Заречный"),
        parent_external_id="" if post else "7",
        post=PostRef("https://we/n/9") if post else None,
        reaction=name,
    )


def total(minutes: int = 0, *, post: bool = False, **counts: int) -> Event:
    return Event(
        dedup_key=f"t:{minutes}",
        kind=EventKind.REACTION,
        action=Action.EDITED,
        occurred_at=AT + timedelta(minutes=minutes),
        container="-1001",
        external_id="reactions:7",
        parent_external_id="7",
        post=PostRef("-1001:7") if post else None,
        extra={name: str(count) for name, count in counts.items()},
    )


def counts() -> dict[str, int]:
    return {row.name: row.count for row in Reaction.objects.filter(object_key="-1001:7") if row.count}


def test_signs_are_counted_once_whatever_their_order(channel: Channel) -> None:
    story = [sign("1", "👍"), sign("2", "👍"), sign("2", "🔥", 1), sign("1", "", 2, taken_back=True)]
    for order in permutations(story):
        ReactionMark.objects.all().delete()
        Reaction.objects.all().delete()
        for event in (*order, *order):
            reacting.note(channel, [event], now=now())

        assert counts() == {"🔥": 1}


def test_several_signs_of_one_person_count_each(channel: Channel) -> None:
    reacting.note(channel, [sign("1", "👍 🔥"), sign("2", "👍")], now=now())

    assert counts() == {"👍": 2, "🔥": 1}


def test_totals_are_as_told_and_an_older_one_changes_nothing(channel: Channel) -> None:
    reacting.note(channel, [total(5, love=3, fire=1)], now=now())
    reacting.note(channel, [total(1, love=9)], now=now())
    assert counts() == {"love": 3, "fire": 1}

    reacting.note(channel, [total(6, love=2)], now=now())
    assert counts() == {"love": 2}


def test_what_a_network_told_counts_before_what_was_counted_here(channel: Channel) -> None:
    reacting.note(channel, [sign("1", "like")], now=now())
    reacting.keep_told(channel, {"-1001:7": {"like": 40}}, now=now())
    reacting.note(channel, [sign("2", "like")], now=now())

    assert counts() == {"like": 40}


def test_reactions_to_a_post_are_its_figure(channel: Channel) -> None:
    reacting.note(channel, [total(love=3, fire=1, post=True)], now=now())

    row = PostFigure.objects.get()
    assert (row.post_external_id, row.figure, row.value) == ("-1001:7", "reactions", 4)


def test_likes_and_boosts_of_the_fediverse_are_told_apart(channel: Channel) -> None:
    channel.network = Network.ACTIVITYPUB
    told = [sign("a", "like", post=True), sign("b", "like", post=True), sign("c", "announce", post=True)]
    reacting.note(channel, [*told, sign("b", "like", 1, taken_back=True, post=True)], now=now())

    kept = dict(PostFigure.objects.values_list("figure", "value"))
    assert kept == {"likes": 1, "shares": 1}


def test_reaction_is_no_message_and_holds_nobody(channel: Channel) -> None:
    delivery = Delivery.objects.create(
        municipality=channel.municipality, channel=channel, dedup_key="d", body=b"{}", received_at=AT
    )
    batch = gather(channel, [(delivery, sign("424242", "👍"))], now=now())
    batch.write()

    assert (batch.created, Message.objects.count(), counts()) == ([], 0, {"👍": 1})
    kept = [str(value) for row in ReactionMark.objects.values() for value in row.values()]
    assert [value for value in kept if "424242" in value or "Заречный" in value] == []


def test_absurd_counts_are_left_out(channel: Channel) -> None:
    event = total(love=1)
    odd = {"love": "1", "": "4", "x": "-3", "y": "1e9", "z": "9" * 40}
    reacting.note(
        channel, [Event(**{name: getattr(event, name) for name in Event.__slots__} | {"extra": odd})], now=now()
    )

    assert counts() == {"love": 1}


def test_messages_show_their_reactions_in_one_query(channel: Channel, django_assert_num_queries: object) -> None:
    reacting.note(channel, [total(love=3, fire=5)], now=now())
    messages = [Message(municipality=channel.municipality, channel=channel, object_key=f"-1001:{n}") for n in range(30)]
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        with_reactions(messages)

    assert [one.given for one in messages if one.given] == [[("•", 5), ("♥", 3)]]  # type: ignore[attr-defined]  # as shown
