"""What goes out, as the simulator and aiogram's own types see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aiogram.methods import SendMessage, SetWebhook

from otklik.connectors.base import ChannelConfig, Finding, SendFailed
from otklik.connectors.events import Draft, DraftKind, Receipt, Target
from otklik.connectors.telegram.connector import SUBSCRIBED, Telegram
from otklik.simulators.telegram.faults import Fault
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.connectors.telegram import accounts
from tests.connectors.telegram.accounts import BOT_ID, CHANNEL, GROUP, RESIDENT
from tests.servers import Stage, serve

UNAUTHORIZED = (
    "the bot token is wrong or was revoked: take one from @BotFather and save it here (Telegram: Unauthorized)"
)


@pytest.fixture
def simulator() -> TelegramSimulator:
    return TelegramSimulator(accounts.TOKEN, CHANNEL, GROUP, channel_username="yasnogorye", in_background=False)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def telegram(stage: tuple[Stage, str], simulator: TelegramSimulator) -> Telegram:
    stage[0].play = simulator.asgi
    return Telegram.from_config(accounts.config(stage[1]))


@pytest.fixture
def thread(simulator: TelegramSimulator) -> dict[str, Any]:
    return simulator.town.publish(by_bot=False, text="Ремонт на Садовой")[1]


def comment(simulator: TelegramSimulator, thread: dict[str, Any]) -> dict[str, Any]:
    place = simulator.town.answering(thread)
    return simulator.town.add(simulator.town.group, sender=simulator.town.meet(RESIDENT), text="Когда?", **place)


def reply(thread: dict[str, Any], reply_to: str = "") -> Draft:
    target = Target(container=str(GROUP), thread_key=f"{GROUP}:{thread['message_id']}", reply_to_external_id=reply_to)
    return Draft("key", DraftKind.COMMENT_REPLY, target, "В среду.")


def refusal(telegram: Telegram, draft: Draft) -> tuple[str, bool]:
    with pytest.raises(SendFailed) as failed:
        telegram.send(draft)
    return str(failed.value), failed.value.permanent


def test_answer_lands_under_the_comment(simulator, telegram, thread):
    asked = comment(simulator, thread)

    receipt = telegram.send(reply(thread, str(asked["message_id"])))

    [sent] = simulator.accepted
    stored = simulator.town.messages[GROUP, sent.message_id]
    assert (sent.chat_id, sent.text, sent.reply_to) == (GROUP, "В среду.", asked["message_id"])
    assert stored["message_thread_id"] == thread["message_id"]
    assert receipt == Receipt(
        external_id=str(sent.message_id),
        container=str(GROUP),
        thread_key=f"{GROUP}:{thread['message_id']}",
        permalink=f"https://t.me/c/1000000001/{sent.message_id}",
    )


def test_answer_to_no_comment_in_particular_lands_under_the_post(simulator, telegram, thread):
    telegram.send(reply(thread))

    assert [sent.reply_to for sent in simulator.accepted] == [thread["message_id"]]


def test_answer_to_a_deleted_comment_is_refused_not_sent_elsewhere(simulator, telegram, thread):
    asked = comment(simulator, thread)
    simulator.delete(asked)

    words, permanent = refusal(telegram, reply(thread, str(asked["message_id"])))

    assert (permanent, simulator.accepted) == (True, [])
    assert words == (
        "the message being answered is no longer there (Telegram: Bad Request: message to be replied not found)"
    )


def test_direct_message_reaches_only_who_opened_the_chat(simulator, telegram):
    draft = Draft("key", DraftKind.DIRECT_MESSAGE, Target(thread_key="dm:42"), "Воду дадут к шести.")
    simulator.town.meet(RESIDENT)
    words, permanent = refusal(telegram, draft)
    simulator.town.open_private_chat(RESIDENT)

    receipt = telegram.send(draft)

    assert (permanent, words.partition(" (")[0]) == (
        True,
        "a bot can't write first: the person hasn't opened a chat with it",
    )
    assert (receipt.container, receipt.thread_key, receipt.permalink) == ("42", "dm:42", "")
    assert [(sent.chat_id, sent.text) for sent in simulator.accepted] == [(42, "Воду дадут к шести.")]


def test_post_goes_to_the_channel_whatever_the_target_says(simulator, telegram):
    receipt = telegram.send(Draft("key", DraftKind.POST, Target(container="-1005"), "Открыли школу"))

    [sent] = simulator.accepted
    assert (sent.chat_id, receipt.container, receipt.permalink) == (
        CHANNEL,
        str(CHANNEL),
        f"https://t.me/yasnogorye/{sent.message_id}",
    )


def test_markup_is_sent_as_it_was_written(simulator, telegram, thread):
    draft = reply(thread)
    text = "<b>5 & 6</b> *звёздочка* _и_ [ссылка](x)"

    telegram.send(Draft(draft.idempotency_key, draft.kind, draft.target, text))

    assert [sent.text for sent in simulator.accepted] == [text]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.BLOCKED, "the person has blocked the bot (Telegram: Forbidden: bot was blocked by the user)"),
        (
            Fault.UNAUTHORIZED,
            UNAUTHORIZED,
        ),
        (
            Fault.MIGRATED,
            "the group has a new id, -1009999999999: set it in the channel (Telegram: Bad Request: group was upgraded)",
        ),
    ],
)
def test_refusal_is_told_in_plain_words(simulator, telegram, thread, fault, words):
    simulator.fail_next(fault)

    assert refusal(telegram, reply(thread)) == (words, True)


@pytest.mark.parametrize(
    "target",
    [Target(container="яма", reply_to_external_id="1"), Target(container=str(GROUP), reply_to_external_id="1; DROP")],
)
def test_target_that_is_not_telegrams_is_refused_without_asking(telegram, simulator, target):
    _, permanent = refusal(telegram, Draft("key", DraftKind.COMMENT_REPLY, target, "В среду."))

    assert (permanent, simulator.accepted) == (True, [])


def test_token_that_the_other_side_repeats_is_not_shown(stage):
    async def indiscreet(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        body = json.dumps({"ok": False, "description": f"no rights for {accounts.TOKEN}"}).encode()
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": body})

    stage[0].play = indiscreet
    telegram = Telegram.from_config(accounts.config(stage[1]))

    assert refusal(telegram, Draft("key", DraftKind.POST, Target(), "Открыли")) == ("Telegram: no rights for …", True)


class Recorder:
    """An HTTP server that keeps the calls and answers with an empty success."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        event = await receive()
        self.calls.append((scope["path"].rpartition("/")[2], json.loads(event["body"])))
        await send({"type": "http.response.start", "status": 403, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_calls_are_valid_for_an_independent_library():
    recorder = Recorder()
    with serve(recorder) as base_url:
        telegram = Telegram.from_config(accounts.config(base_url))
        for kind in DraftKind:
            with pytest.raises(SendFailed):
                telegram.send(Draft("key", kind, Target(str(GROUP), f"{GROUP}:7", "", "8", "42"), "В среду."))
        with pytest.raises(SendFailed):
            telegram.subscribe("https://example.org/hooks/t")

    *sends, (subscribed, webhook) = recorder.calls
    found = [SendMessage.model_validate(call, strict=True, extra="forbid") for _, call in sends]
    assert [(method, one.chat_id, one.text) for (method, _), one in zip(sends, found, strict=True)] == [
        ("sendMessage", GROUP, "В среду."),
        ("sendMessage", 42, "В среду."),
        ("sendMessage", CHANNEL, "В среду."),
    ]
    assert [call for _, call in sends if "parse_mode" in call or "entities" in call] == []
    hook = SetWebhook.model_validate(webhook, strict=True, extra="forbid")
    assert (subscribed, hook.url, hook.secret_token) == ("setWebhook", "https://example.org/hooks/t", accounts.SECRET)
    assert hook.allowed_updates == list(SUBSCRIBED)


def test_refusal_by_something_in_between_points_at_the_settings():
    with serve(Recorder()) as base_url:
        telegram = Telegram.from_config(accounts.config(base_url))
        words, permanent = refusal(telegram, Draft("key", DraftKind.POST, Target(), "Открыли школу"))

    assert (words, permanent) == (
        "something between us and Telegram answered with 403: check api_base and the proxy",
        True,
    )


def test_check_finds_nothing_wrong_with_a_complete_account(simulator, telegram):
    telegram.subscribe("http://127.0.0.1:9/hooks/t")

    assert telegram.check() == [
        Finding("Bot", ok=True),
        Finding("Channel", ok=True),
        Finding("Comments", ok=True),
        Finding("Rights in the channel", ok=True),
        Finding("Rights in the discussion group", ok=True),
        Finding("Webhook", ok=True, advice="updates go to http://127.0.0.1:9/hooks/t"),
    ]


def troubles(telegram: Telegram) -> dict[str, str]:
    return {finding.what: finding.advice for finding in telegram.check() if not finding.ok}


def test_check_says_what_to_do(simulator, telegram, thread):
    simulator.town.bot_is_admin_in.clear()

    assert troubles(telegram) == {
        "Rights in the channel": "make the bot an administrator of the channel with the right to post messages",
        "Rights in the discussion group": "make the bot an administrator of the group, or it won't hear comments",
        "Webhook": "no webhook is set: connect the channel again",
    }


def test_check_tells_a_wrong_group_and_a_failing_webhook(simulator, telegram, thread):
    telegram.subscribe("http://127.0.0.1:9/hooks/t")
    simulator.deliveries.last_error_date, simulator.deliveries.last_error_message = 1, "Connection refused"
    wrong = Telegram.from_config(accounts.config(telegram.api.base, discussion_chat_id="-1003"))

    assert troubles(wrong) == {
        "Comments": f"discussion_chat_id is not the channel's group; Telegram names {GROUP}",
        "Discussion group": "the chat isn't there, or the bot isn't in it (Telegram: Bad Request: chat not found)",
        "Webhook": "updates waiting: 2; delivery to http://127.0.0.1:9/hooks/t fails: Connection refused",
    }


def test_check_stops_at_a_wrong_token(simulator, telegram):
    simulator.fail_next(Fault.UNAUTHORIZED)

    assert telegram.check() == [
        Finding(
            "Bot",
            ok=False,
            advice=UNAUTHORIZED,
        )
    ]


def test_subscription_to_a_plain_address_is_refused_in_telegrams_words(telegram):
    with pytest.raises(SendFailed, match="An HTTPS URL must be provided"):
        telegram.subscribe("http://city.example/hooks/t")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bot_token", "AAE"),
        ("bot_token", ""),
        ("webhook_secret", ""),
        ("webhook_secret", "с пробелом"),
        ("webhook_secret", "x" * 257),
        ("channel_chat_id", "@yasnogorye"),
        ("channel_chat_id", "1001"),
        ("discussion_chat_id", "group"),
        ("api_base", "ftp://api.telegram.org"),
        ("api_base", "api.telegram.org"),
        ("api_base", "https://api.telegram.org?x=1"),
    ],
)
def test_wrong_setting_is_named_and_a_secret_is_not_repeated(name, value):
    base = accounts.config("https://api.telegram.org")
    wrong = ChannelConfig(
        base.name,
        {**base.settings, **({name: value} if name in base.settings else {})},
        {**base.secrets, **({name: value} if name in base.secrets else {})},
        httpx.Client,
    )

    with pytest.raises(ValueError, match=f"^{name}:") as refused:
        Telegram.from_config(wrong)
    assert not value or name not in base.secrets or value not in str(refused.value).split()


def test_channel_without_comments_needs_no_group():
    telegram = Telegram.from_config(accounts.config("https://api.telegram.org", discussion_chat_id=""))

    assert (telegram.account.discussion, telegram.account.bot_id) == (0, BOT_ID)
