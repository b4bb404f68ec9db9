"""MAX's simulator, met by an independent client of MAX and read by its types."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from maxapi import Bot
from maxapi.connection.base import BaseConnection
from maxapi.types.comment import CommentMessage
from maxapi.types.message import NewMessageLink
from maxapi.types.updates import UpdateUnionAdapter

from otklik.simulators.max.delivery import Subscription
from otklik.simulators.max.payloads import Person
from otklik.simulators.max.simulator import MaxSimulator
from tests.servers import serve

TOKEN, CHANNEL = "token-of-the-tests", -773
RESIDENT = Person(34, "Иван", "Заречный", "ivan_z")
T = TypeVar("T")


@pytest.fixture
def there() -> MaxSimulator:
    made = MaxSimulator(TOKEN, CHANNEL, in_background=False)
    made.deliveries.subscriptions["x"] = Subscription("x", "secret", (), 0)
    return made


@pytest.fixture
def base_url(there: MaxSimulator) -> Iterator[str]:
    with serve(there.asgi) as url:
        yield url


def with_bot(base_url: str, does: Callable[[Bot], Awaitable[T]]) -> T:
    async def run() -> T:
        bot = Bot(TOKEN)
        bot.api_url = base_url
        try:
            return await does(bot)
        finally:
            await bot.close_session()

    return asyncio.run(run())


def told(there: MaxSimulator) -> list[dict[str, object]]:
    return [one.update for one in there.deliveries.pending]


def test_messages_are_updates_of_its_types(there: MaxSimulator) -> None:
    said = there.town.write(RESIDENT, "Нет света на Фонтанной", photo=b"\xff\xd8\xff\xd9")
    there.town.edit(said["body"]["mid"], "Нет света на Фонтанной, 5")
    there.town.remove(said["body"]["mid"])
    there.town.publish("Ремонт на Садовой")

    found = [UpdateUnionAdapter.validate_python(one) for one in told(there)]

    assert [one.update_type for one in found] == [
        "message_created", "message_edited", "message_removed", "message_created",
    ]  # fmt: skip
    assert (found[0].message.sender.first_name, found[0].message.body.text) == ("Иван", "Нет света на Фонтанной")
    assert [one.type for one in found[0].message.body.attachments] == ["image"]
    assert (found[2].message_id, found[2].user_id) == (said["body"]["mid"], 34)


@pytest.mark.parametrize("hidden", [False, True])
def test_comments_are_of_its_types_also_where_nobody_is_named(there: MaxSimulator, *, hidden: bool) -> None:
    there.town.hides_commenters = hidden
    post = there.town.publish("Ремонт на Садовой")["body"]["mid"]
    first = there.town.comment(post, RESIDENT, "Когда?")
    there.town.comment(post, RESIDENT, "Ждём", answers=first["body"]["mid"])

    found = [
        CommentMessage.model_validate(one["message"]) for one in told(there) if one["update_type"] == "comment_created"
    ]

    assert [(one.body.text, one.recipient.post_id, one.sender is None) for one in found] == [
        ("Когда?", post, hidden), ("Ждём", post, hidden),
    ]  # fmt: skip
    assert found[1].link is not None
    assert found[1].link.message.mid == first["body"]["mid"]


def test_client_writes_answers_changes_and_deletes(there: MaxSimulator, base_url: str) -> None:
    asked = there.town.write(RESIDENT, "Нет света")
    dialog = RESIDENT.dialog

    async def talk(bot: Bot) -> tuple[str, str]:
        link = NewMessageLink(type="reply", mid=asked["body"]["mid"])
        sent = await bot.send_message(chat_id=dialog, text="Бригада выехала.", link=link)
        mid = sent.message.body.mid
        await bot.edit_message(mid, text="Бригада на месте.")
        read = await bot.get_message(mid)
        gone = await bot.send_message(chat_id=dialog, text="Лишнее")
        await bot.delete_message(gone.message.body.mid)
        return read.body.text, gone.message.body.mid

    words, gone = with_bot(base_url, talk)

    assert (words, gone in there.town.messages) == ("Бригада на месте.", False)


def test_client_comments_and_reads_comments_up(there: MaxSimulator, base_url: str) -> None:
    post = there.town.publish("Ремонт на Садовой")["body"]["mid"]
    asked = there.town.comment(post, RESIDENT, "Когда?")

    async def talk(bot: Bot) -> list[str]:
        link = NewMessageLink(type="reply", mid=asked["body"]["mid"])
        sent = await bot.send_comment(post, text="В среду.", link=link)
        await bot.edit_comment(post, sent.message.body.mid, text="В четверг.")
        found = await bot.get_comments(post)
        return [one.body.text for one in found.messages]

    assert sorted(with_bot(base_url, talk)) == ["В четверг.", "Когда?"]


def test_client_subscribes_and_hears_who_it_is(there: MaxSimulator, base_url: str) -> None:
    async def talk(bot: Bot) -> tuple[int, list[str]]:
        await bot.subscribe_webhook("https://city.example/hooks/t", secret="secret-of-the-tests")
        me, listed = await bot.get_me(), await bot.get_subscriptions()
        return me.user_id, [one.url for one in listed.subscriptions]

    me, urls = with_bot(base_url, talk)

    assert (me, "https://city.example/hooks/t" in urls) == (there.town.bot.id, True)
    assert BaseConnection.API_URL.startswith("https://")
