"""Linking an official's Telegram and sending there, against the simulator of the Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from otklik.notices.enums import Matter, NoticeKind
from otklik.notices.letters import Carrier, Letter, Reach
from otklik.notices.services import posting
from otklik.notices.services.carrying import link_chats, save_bot
from otklik.notices.services.choosing import Wanted, choose, make_code
from otklik.notices.services.routing import route_notices
from otklik.notices.services.telling import tell
from otklik.org.access import Access
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.simulators.telegram.faults import Fault
from otklik.simulators.telegram.payloads import Person
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.servers import serve
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
TOKEN = "123456:AAE-simulated"
NOON = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(TOKEN, -1001, -1002, in_background=False)


@pytest.fixture
def bot(town: Town, telegram: TelegramSimulator) -> Iterator[TelegramSimulator]:
    with serve(telegram.asgi) as base:
        save_bot(town.official(Role.ADMIN), is_on=True, token=TOKEN, base=base)
        yield telegram


@pytest.fixture
def clerk(town: Town) -> Access:
    return town.official(Role.EXECUTOR)


def say(bot: TelegramSimulator, text: str) -> None:
    asyncio.run(bot.direct_message(Person(501, "Павел"), text))


def test_wrong_token_is_refused_and_nothing_is_kept(town: Town, telegram: TelegramSimulator) -> None:
    with serve(telegram.asgi) as base, pytest.raises(NotPossible, match="token is wrong"):
        save_bot(town.official(Role.ADMIN), is_on=True, token="1:wrong", base=base)

    assert Carrier.objects.count() == 0


def test_bot_is_read_only_while_a_code_waits_and_links_whoever_wrote_it(bot: TelegramSimulator, clerk: Access) -> None:
    assert Carrier.objects.get().bot_name == "otklik_bot"
    say(bot, "/start nonsense")
    assert link_chats(now=NOON) == 0

    code = make_code(clerk, now=NOON)
    say(bot, f"/start {code}")

    assert [link_chats(now=NOON), link_chats(now=NOON)] == [1, 0]
    assert Reach.objects.get().telegram_chat == 501
    assert [sent.text for sent in bot.accepted] == [
        "Этот код устарел или уже использован.",
        "Привязано: уведомления города приходят сюда.",
    ]


def test_letter_reaches_the_linked_chat_once_and_waits_when_asked_to(bot: TelegramSimulator, clerk: Access) -> None:
    code = make_code(clerk, now=NOON)
    say(bot, f"/start {code}")
    link_chats(now=NOON)
    choose(clerk, {Matter.DEADLINES: Wanted(by_telegram=True)}, (time(0), time(0)))
    tell(clerk.municipality_id, [clerk.official.pk], NoticeKind.LATE, key="k", case_number=7, at=NOON)
    route_notices(now=NOON)
    bot.fail_next(Fault.TOO_MANY, method="sendMessage")
    later = NOON + timedelta(minutes=2)

    states = []
    for moment in (later, later + timedelta(minutes=5)):
        for letter in posting.claim("w1", now=moment):
            posting.record(posting.post(letter), now=moment)
        states.append(Letter.objects.get().state)

    assert states == ["queued", "sent"]
    assert bot.accepted[-1].text.startswith("Ясногорье: 1 дело для вас")
