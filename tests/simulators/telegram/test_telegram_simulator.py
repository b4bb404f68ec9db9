"""The simulator against an independent library's types, and against the behaviour that its reference promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aiogram.types import (
    ChatFullInfo,
    ChatMemberAdministrator,
    ChatMemberLeft,
    ChatMemberMember,
    File,
    Message,
    Update,
    User,
    WebhookInfo,
)

from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.faults import Fault
from otklik.simulators.telegram.payloads import Person
from otklik.simulators.telegram.simulator import TelegramSimulator
from tests.servers import Stage, closed_port, serve

TOKEN = "700100200:AAEhBP0av28-TestTestTestTestTestTest00"
CHANNEL, GROUP = -1001000000002, -1001000000001
WRONG_SECRET = {"url": "https://city.example", "secret_token": "é"}
VERA = Person(42, "Вера", "Липова", "vera_l")
OLEG = Person(43, "Олег")


class City:
    """A webhook of ours: keeps what was delivered and answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.heard.append((headers, json.loads(body)))
        await send(
            {"type": "http.response.start", "status": self.answers.pop(0) if self.answers else 200, "headers": []}
        )
        await send({"type": "http.response.body", "body": b""})

    @property
    def updates(self) -> list[Update]:
        return [Update.model_validate(update) for _, update in self.heard]


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_443_500.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> TelegramSimulator:
    return TelegramSimulator(TOKEN, CHANNEL, GROUP, in_background=False, clock=clock)


@pytest.fixture(scope="module")
def stages() -> Iterator[tuple[tuple[Stage, str], tuple[Stage, str]]]:
    ours, theirs = Stage(), Stage()
    with serve(ours) as our_url, serve(theirs) as their_url:
        yield (ours, our_url), (theirs, their_url)


@pytest.fixture
def city(simulator: TelegramSimulator, stages) -> City:
    ours, base_url = stages[0]
    ours.play = City()
    simulator.deliveries.url, simulator.deliveries.secret = f"{base_url}/hooks/t", "s3cret"
    return ours.play


@pytest.fixture
def api(simulator: TelegramSimulator, stages) -> Iterator[httpx.Client]:
    theirs, base_url = stages[1]
    theirs.play = simulator.asgi
    with httpx.Client(base_url=f"{base_url}/bot{TOKEN}/", timeout=0.5, trust_env=False) as client:
        yield client


def result(answer: httpx.Response) -> Any:
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    return answer.json()["result"]


def refused(answer: httpx.Response) -> tuple[int, str]:
    reply = answer.json()
    assert (reply["ok"], reply["error_code"]) == (False, answer.status_code)
    return answer.status_code, reply["description"]


def test_post_makes_two_updates_and_comments_hang_on_the_second(simulator, city):
    async def story() -> None:
        post = await simulator.post("Ремонт на Садовой")
        first = await simulator.comment(post, VERA, "Когда?")
        await simulator.comment(post, OLEG, "И у нас", reply_to=first)

    asyncio.run(story())

    post, forward, first, second = city.updates
    assert (post.channel_post and post.channel_post.text, post.event_type) == ("Ремонт на Садовой", "channel_post")
    assert (forward.message.is_automatic_forward, forward.message.from_user.id) == (True, 777000)
    assert forward.message.forward_origin.message_id == post.channel_post.message_id
    thread = forward.message.message_id
    assert [one.message.message_thread_id for one in (first, second)] == [thread, thread]
    assert first.message.reply_to_message.is_automatic_forward is True
    assert second.message.reply_to_message.message_id == first.message.message_id
    assert second.message.reply_to_message.reply_to_message is None
    assert [update.update_id for update in city.updates] == [100, 101, 102, 103]


def test_webhook_holds_the_secret(simulator, city):
    asyncio.run(simulator.direct_message(VERA, "Нет воды"))

    [(headers, update)] = city.heard
    assert headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert Update.model_validate(update).message.chat.type == "private"


def test_refused_update_comes_again_later_with_a_growing_pause(simulator, city, clock):
    city.answers = [500, 503, 200]
    asyncio.run(simulator.direct_message(VERA, "Нет воды"))
    pauses = []
    while simulator.deliveries.pending:
        pauses.append(simulator.deliveries.pending[0].due_at - clock.now)
        assert asyncio.run(simulator.deliver()) == 0
        clock.now += pauses[-1]
        asyncio.run(simulator.deliver())

    assert pauses == [1, 2]
    assert [update.update_id for update in city.updates] == [100, 100, 100]


def test_trouble_of_a_webhook_is_told(simulator, api):
    result(api.post("setWebhook", json={"url": f"http://127.0.0.1:{closed_port()}/"}))
    asyncio.run(simulator.direct_message(VERA, "Нет воды"))

    info = WebhookInfo.model_validate(result(api.get("getWebhookInfo")))

    assert (info.pending_update_count, info.last_error_message) == (1, "Connection refused")


def test_only_what_was_asked_for_is_delivered(simulator, city, api):
    async def story() -> None:
        message = await simulator.direct_message(VERA, "Нет воды")
        await simulator.react(message, VERA, "👍")

    asyncio.run(story())
    result(api.post("setWebhook", json={"url": simulator.deliveries.url, "allowed_updates": ["message_reaction"]}))
    asyncio.run(story())

    assert [update.event_type for update in city.updates] == ["message", "message_reaction"]


def test_people_edit_and_answer_as_the_channel(simulator, city):
    async def story() -> None:
        post = await simulator.post("Ремонт", photo=b"jpeg")
        comment = await simulator.comment(post, VERA, "Когда", photo=b"jpeg")
        await simulator.edit(comment, "Когда же?")
        await simulator.official_comment(post, "В среду", reply_to=comment)

    asyncio.run(story())

    post, _, comment, edited, official = city.updates
    assert (post.channel_post.photo[-1].file_size, comment.message.caption) == (4, "Когда")
    assert (edited.event_type, edited.edited_message.text) == ("edited_message", "Когда же?")
    assert (official.message.sender_chat.id, official.message.reply_to_message.text) == (CHANNEL, "Когда же?")


def test_answers_are_valid_for_an_independent_library(simulator, api):
    asyncio.run(simulator.direct_message(VERA, "Нет воды", photo=b"jpeg"))
    [file_id] = simulator.town.files
    member = {"chat_id": CHANNEL, "user_id": 700100200}

    assert User.model_validate(result(api.get("getMe"))).id == 700100200
    chat = ChatFullInfo.model_validate(result(api.post("getChat", json={"chat_id": CHANNEL})))
    assert (chat.type, chat.linked_chat_id) == ("channel", GROUP)
    assert ChatMemberAdministrator.model_validate(result(api.post("getChatMember", json=member))).can_post_messages
    person = result(api.post("getChatMember", data={"chat_id": GROUP, "user_id": VERA.id}))
    assert ChatMemberMember.model_validate(person).user.username == "vera_l"
    simulator.town.bot_is_admin_in.clear()
    assert ChatMemberLeft.model_validate(result(api.post("getChatMember", json=member))).user.is_bot
    assert result(api.get("getChatMemberCount", params={"chat_id": GROUP})) == 2
    sent = Message.model_validate(result(api.post("sendMessage", json={"chat_id": VERA.id, "text": " К шести. "})))
    assert (sent.text, sent.from_user.is_bot) == ("К шести.", True)
    photo = {"chat_id": VERA.id, "photo": file_id, "caption": "Схема"}
    assert Message.model_validate(result(api.post("sendPhoto", json=photo))).caption == "Схема"
    file = File.model_validate(result(api.post("getFile", json={"file_id": file_id})))
    assert httpx.get(str(api.base_url).replace("/bot", "/file/bot") + file.file_path).content == b"jpeg"
    assert [(one.method, one.text) for one in simulator.accepted] == [
        ("sendMessage", "К шести."),
        ("sendPhoto", "Схема"),
    ]


def test_bot_edits_and_deletes_its_own(simulator, api):
    sent = result(api.post("sendMessage", json={"chat_id": CHANNEL, "text": "Ремонт"}))
    place = {"chat_id": CHANNEL, "message_id": sent["message_id"]}

    edited = Message.model_validate(result(api.post("editMessageText", json=place | {"text": "Ремонт начат"})))

    assert (edited.text, edited.edit_date is not None) == ("Ремонт начат", True)
    assert refused(api.post("editMessageText", json=place | {"text": "Ремонт начат"})) == (
        400,
        "Bad Request: message is not modified",
    )
    assert result(api.post("deleteMessage", json=place)) is True
    assert refused(api.post("deleteMessage", json=place)) == (400, "Bad Request: message to delete not found")


def test_bot_hears_of_its_own_post_only_by_the_automatic_forward(simulator, city, api):
    sent = result(api.post("sendMessage", json={"chat_id": CHANNEL, "text": "Ремонт"}))
    asyncio.run(simulator.deliver())

    [update] = city.updates
    assert (update.message.is_automatic_forward, update.message.forward_origin.message_id) == (True, sent["message_id"])


def test_updates_can_be_fetched_where_no_webhook_is_set(simulator, api):
    asyncio.run(simulator.direct_message(VERA, "Раз"))
    asyncio.run(simulator.direct_message(VERA, "Два"))

    first = result(api.post("getUpdates", json={"limit": 1}))
    rest = result(api.post("getUpdates", json={"offset": first[0]["update_id"] + 1}))

    assert [update["message"]["text"] for update in first + rest] == ["Раз", "Два"]
    result(api.post("setWebhook", json={"url": "https://city.example/hooks/t"}))
    assert refused(api.get("getUpdates"))[0] == 409
    result(api.post("deleteWebhook", json={"drop_pending_updates": True}))
    assert result(api.get("getUpdates")) == []


@pytest.mark.parametrize(
    ("method", "parameters", "code", "description"),
    [
        ("sendMessage", {"chat_id": GROUP, "text": " "}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": GROUP, "text": "x" * 4097}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": -1, "text": "x"}, 400, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 99, "text": "x"}, 400, "Bad Request: chat not found"),
        (
            "sendMessage",
            {"chat_id": GROUP, "text": "x", "reply_parameters": {"message_id": 1}},
            400,
            "Bad Request: message to be replied not found",
        ),
        ("sendMessage", {"chat_id": OLEG.id, "text": "x"}, 403, "Forbidden: bot was blocked by the user"),
        ("sendPhoto", {"chat_id": GROUP, "photo": "x"}, 400, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("setWebhook", WRONG_SECRET, 400, "Bad Request: secret token contains unallowed characters"),
        ("getChatMember", {"chat_id": GROUP, "user_id": "x"}, 400, "Bad Request: can't parse the parameters"),
        ("noSuchMethod", {}, 404, "Not Found: method not found"),
    ],
)  # fmt: skip
def test_mistakes_are_refused_in_telegrams_words(simulator, api, method, parameters, code, description):
    simulator.town.open_private_chat(OLEG)
    simulator.block(OLEG)

    assert refused(api.post(method, json=parameters)) == (code, description)
    assert simulator.accepted == []


def test_wrong_token_is_unauthorized_and_a_wrong_path_not_found(api):
    root = str(api.base_url).partition("/bot")[0]

    assert refused(httpx.post(f"{root}/bot{TOKEN}x/sendMessage", json={"chat_id": GROUP, "text": "x"}))[0] == 401
    assert refused(httpx.get(f"{root}/health"))[0] == 404
    assert httpx.get(f"{root}/file/bot{TOKEN}x/photos/AgAC000001").status_code == 404


@pytest.mark.parametrize("fault", Fault)
def test_fault_is_played_once_on_its_method_and_carried_out_or_not_as_it_says(simulator, api, fault):
    simulator.fail_next(fault, method="sendMessage")
    words = {"chat_id": GROUP, "text": "x"}

    result(api.get("getMe"))
    try:
        status = api.post("sendMessage", json=words).status_code
    except httpx.ReadTimeout:
        status = 0
    published = len(simulator.accepted)
    result(api.post("sendMessage", json=words))

    assert (published, len(simulator.accepted)) == (int(fault.is_carried_out), int(fault.is_carried_out) + 1)
    assert (
        status
        == {
            Fault.TOO_MANY: 429,
            Fault.TOO_MANY_BARE: 429,
            Fault.SERVER_ERROR: 500,
            Fault.SERVER_ERROR_AFTER: 502,
            Fault.TIMEOUT_BEFORE: 0,
            Fault.TIMEOUT_AFTER: 0,
            Fault.BROKEN_REPLY: 200,
            Fault.BLOCKED: 403,
            Fault.UNAUTHORIZED: 401,
            Fault.MIGRATED: 400,
        }[fault]
    )


def test_updates_are_delivered_in_the_background_while_it_is_served(city, stages):
    city_url = stages[0][1]
    simulator = TelegramSimulator(TOKEN, CHANNEL, GROUP, pause_s=0.01)
    city.answers = [500]
    with serve(simulator.asgi) as api_url:
        simulator.deliveries.url = city_url
        httpx.post(f"{api_url}/bot{TOKEN}/sendMessage", json={"chat_id": CHANNEL, "text": "Ремонт"})
        for _ in range(100):
            if len(city.heard) == 2:
                break
            asyncio.run(asyncio.sleep(0.05))

    assert [update.update_id for update in city.updates] == [100, 100]


def test_comment_for_a_replay_is_the_same_bytes_each_time_and_an_update():
    def made() -> bytes:
        return payloads.comment_update(
            update_id=9,
            message_id=10,
            text="Яма",
            user_id=5,
            user_name="Вера Липова",
            chat_id=GROUP,
            thread_id=3,
            date=1772443500,
        )

    update = Update.model_validate_json(made())

    assert made() == made()
    assert (update.message.text, update.message.message_thread_id, update.message.from_user.last_name) == (
        "Яма",
        3,
        "Липова",
    )
    assert payloads.headers("s3cret") == {
        "content-type": "application/json",
        "x-telegram-bot-api-secret-token": "s3cret",
    }
