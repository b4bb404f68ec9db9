from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from otklik.connectors.base import Finding, Malformed, NotAuthentic, SendFailed, SendUnknown
from otklik.connectors.events import Author, Draft, DraftKind, HookReply, Receipt, Target, Webhook
from otklik.connectors.vk.connector import Vk
from otklik.connectors.vk.sending import random_id_of
from otklik.connectors.vk.subscription import EVENTS
from otklik.simulators.vk.faults import Fault
from otklik.simulators.vk.simulator import VkSimulator
from tests.connectors.vk import accounts
from tests.servers import serve

keys = (f"key-{number}" for number in count())


@pytest.fixture
def simulator() -> VkSimulator:
    return VkSimulator(accounts.GROUP, accounts.TOKEN, accounts.USER_TOKEN, in_background=False)


@pytest.fixture
def base_url(simulator: VkSimulator) -> Iterator[str]:
    with serve(simulator.asgi) as url:
        yield url


@pytest.fixture
def connector(base_url: str) -> Vk:
    return Vk.from_config(accounts.config(base_url))


@pytest.fixture
def without_person(base_url: str) -> Vk:
    return Vk.from_config(accounts.config(base_url, user_token=""))


def reply_to(simulator: VkSimulator, text: str = "Починим") -> Draft:
    """A reply to a resident's comment under a new post."""
    town = simulator.town
    post = town.publish("Новости", town.owner_id)
    question = town.comment(post.id, town.meet(accounts.RESIDENT), "Когда?")
    place = f"wall-{accounts.GROUP}_{post.id}"
    target = Target(place, place, f"-{accounts.GROUP}_{post.id}", str(question.id), str(accounts.RESIDENT.id))
    return Draft(next(keys), DraftKind.COMMENT_REPLY, target, text)


def message_to(simulator: VkSimulator, text: str = "Починим") -> Draft:
    said = simulator.town.write(simulator.town.meet(accounts.RESIDENT), "Нет света")
    target = Target("dm:34", "dm:34", reply_to_external_id=str(said.number), peer="34")
    return Draft(next(keys), DraftKind.DIRECT_MESSAGE, target, text)


@pytest.mark.parametrize("shown", [None, "", "s3cretOfTheTest", "s3cretOfTheTestsX", ["s3cretOfTheTests"], 5])
def test_other_secret_is_refused(shown: Any) -> None:
    hook = accounts.hook_of(accounts.fixture("comment"))

    with pytest.raises(NotAuthentic):
        accounts.connector().verify(accounts.with_secret(hook, shown))


@pytest.mark.parametrize("group_id", [124, "123", None, -123])
def test_other_community_with_our_secret_is_refused(group_id: Any) -> None:
    with pytest.raises(NotAuthentic):
        accounts.connector().verify(accounts.hook_of(accounts.fixture("comment") | {"group_id": group_id}))


BROKEN = b'{"type":"wall_reply_new","group_id":123,"secret":"s3cretOfTheTests","object":{"text":"\xff'


def test_broken_body_with_our_secret_is_taken_and_kept() -> None:
    connector, hook = accounts.connector(), replace(accounts.hook_of({}), body=BROKEN)

    connector.verify(hook)

    assert connector.acknowledge(hook).body == b"ok"
    with pytest.raises(Malformed):
        connector.parse(hook)


@pytest.mark.parametrize(
    "body",
    [
        BROKEN.replace(b"s3cretOfTheTests", b"s3cretOfTheTest"),
        BROKEN.replace(b"s3cretOfTheTests", b"s3cretOfTheTestsX"),
        BROKEN.replace(b"s3cretOfTheTests", b"s3cretOfTheTests" + b"X" * 50),
        BROKEN.replace(b'"secret"', b'"sacred"'),
        BROKEN.replace(b":123", b":1234"),
        BROKEN.replace(b"group_id", b"group"),
    ],
    ids=["shorter", "longer", "much longer", "another field", "another community", "no community"],
)
def test_broken_body_without_our_secret_is_refused(body: bytes) -> None:
    with pytest.raises(NotAuthentic):
        accounts.connector().verify(replace(accounts.hook_of({}), body=body))


def test_handshake_needs_the_secret_too() -> None:
    connector = accounts.connector()
    connector.verify(accounts.hook_of(accounts.callback("confirmation", None)))

    with pytest.raises(NotAuthentic):
        connector.verify(accounts.hook_of(accounts.callback("confirmation", None, secret="guessed")))


def test_words_in_another_charset_are_authentic_if_the_secret_is_right() -> None:
    body = json.dumps(accounts.fixture("comment"), ensure_ascii=False).encode("cp1251")
    connector, hook = accounts.connector(), accounts.hook_of(body)

    connector.verify(hook)
    assert connector.delivery_key(hook) == "a" * 40


def test_handshake_is_answered_with_the_code_and_all_else_with_ok() -> None:
    connector = accounts.connector()
    hooks = [accounts.callback("confirmation", None), accounts.fixture("comment"), b"\xff"]

    assert [connector.acknowledge(accounts.hook_of(one)) for one in hooks] == [
        HookReply(200, accounts.CODE.encode(), "text/plain; charset=utf-8"),
        HookReply(200, b"ok", "text/plain; charset=utf-8"),
        HookReply(200, b"ok", "text/plain; charset=utf-8"),
    ]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"group_id": "club123"}, "group_id"),
        ({"group_id": "0"}, "group_id"),
        ({"group_id": "²"}, "group_id"),
        ({"api_base": "ftp://api.vk.ru"}, "api_base"),
    ],
)
def test_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    config = accounts.config("https://api.vk.ru")

    with pytest.raises(ValueError, match=named):
        Vk.from_config(replace(config, settings={**config.settings, **changes}))


@pytest.mark.parametrize("secret", ["s" * 51, "с пробелом", "sécret"])
def test_secret_that_vk_would_not_take_is_named(secret: str) -> None:
    config = accounts.config("https://api.vk.ru")

    with pytest.raises(ValueError, match="callback_secret"):
        Vk.from_config(replace(config, secrets={**config.secrets, "callback_secret": secret}))


def test_api_address_has_a_default() -> None:
    assert Vk.from_config(accounts.config("")).account.api.base == "https://api.vk.ru"


def test_reply_lies_under_the_comment_it_answers(connector: Vk, simulator: VkSimulator) -> None:
    draft = reply_to(simulator)

    assert connector.send(draft) == Receipt(
        "3", container="wall-123_1", thread_key="wall-123_1", permalink="https://vk.com/wall-123_1?reply=3"
    )
    made = simulator.town.comments[3]
    assert (made.from_id, made.answers, made.top, made.text) == (-123, (2, 34), 2, "Починим")


def test_reply_to_a_resident_s_own_post_lies_under_the_post(connector: Vk, simulator: VkSimulator) -> None:
    post = simulator.town.publish("Во дворе темно", simulator.town.meet(accounts.RESIDENT))
    target = Target("wall-123", f"wall-123_{post.id}", reply_to_external_id=f"-123_{post.id}", peer="34")

    receipt = connector.send(Draft(next(keys), DraftKind.COMMENT_REPLY, target, "Посмотрим"))

    assert simulator.town.comments[int(receipt.external_id)].answers is None


def test_comment_elsewhere_is_refused_in_plain_words(connector: Vk) -> None:
    target = Target("photo-123_7", "photo-123_7", reply_to_external_id="8")

    with pytest.raises(SendFailed, match="answer this one by hand"):
        connector.send(Draft(next(keys), DraftKind.COMMENT_REPLY, target, "Починим"))


def test_message_answers_the_message_and_has_its_number(connector: Vk, simulator: VkSimulator) -> None:
    draft = message_to(simulator)

    assert connector.send(draft) == Receipt("2", container="dm:34", thread_key="dm:34")
    params = simulator.calls[-1].params
    assert json.loads(params["forward"]) == {"peer_id": 34, "conversation_message_ids": [1], "is_reply": True}
    assert "access_token" not in params


def test_private_answer_to_a_suggested_post_goes_to_its_author(connector: Vk, simulator: VkSimulator) -> None:
    simulator.town.write(simulator.town.meet(accounts.RESIDENT), "Здравствуйте")
    target = Target("wall-123", "wall-123_56", reply_to_external_id="-123_56", peer="34")

    receipt = connector.send(Draft(next(keys), DraftKind.DIRECT_MESSAGE, target, "Спасибо"))

    assert receipt == Receipt("2", container="dm:34", thread_key="dm:34")


def test_message_to_nobody_is_refused(connector: Vk) -> None:
    with pytest.raises(SendFailed, match="whom to write"):
        connector.send(Draft(next(keys), DraftKind.DIRECT_MESSAGE, Target(), "Спасибо"))


def test_message_to_one_who_never_wrote_is_refused_in_plain_words(connector: Vk) -> None:
    target = Target(peer="36")

    with pytest.raises(SendFailed, match="hasn't allowed the community to write") as failed:
        connector.send(Draft(next(keys), DraftKind.DIRECT_MESSAGE, target, "Спасибо"))
    assert failed.value.permanent


def test_post_is_published_with_the_person_s_token_only(
    connector: Vk, without_person: Vk, simulator: VkSimulator
) -> None:
    draft = Draft(next(keys), DraftKind.POST, Target(), "Открыт сквер")

    with pytest.raises(SendFailed, match="person's token") as failed:
        without_person.send(draft)
    assert (failed.value.permanent, simulator.accepted) == (True, [])
    assert connector.send(draft) == Receipt(
        "-123_1",
        container="wall-123",
        thread_key="wall-123_1",
        permalink="https://vk.com/wall-123_1",
        post_external_id="-123_1",
    )


def test_long_post_is_not_cut_into_several(connector: Vk, simulator: VkSimulator) -> None:
    connector.send(Draft(next(keys), DraftKind.POST, Target(), "о" * 9000))

    assert [len(text) for text in simulator.accepted] == [9000]


@pytest.mark.parametrize("make", [reply_to, message_to])
def test_repeat_with_the_same_key_changes_nothing(connector: Vk, simulator: VkSimulator, make: Any) -> None:
    draft = make(simulator)

    assert connector.send(draft) == connector.send(draft)
    assert simulator.accepted == [draft.text]


@pytest.mark.parametrize("make", [reply_to, message_to])
def test_what_was_published_in_silence_is_found_by_reading(connector: Vk, simulator: VkSimulator, make: Any) -> None:
    draft = make(simulator)
    simulator.fail_next(Fault.TIMEOUT_AFTER)
    with pytest.raises(SendUnknown):
        connector.send(draft)

    found = connector.find_sent(draft)

    assert found == connector.send(draft)
    assert simulator.accepted == [draft.text]


def test_same_words_in_another_thread_are_not_taken_for_ours(connector: Vk, simulator: VkSimulator) -> None:
    first, second = reply_to(simulator), reply_to(simulator)
    connector.send(first)

    assert connector.find_sent(second) is None


def test_reply_within_a_thread_is_found(connector: Vk, simulator: VkSimulator) -> None:
    first = reply_to(simulator)
    answer = connector.send(first)
    place = first.target.thread_key
    deeper = Draft(next(keys), DraftKind.COMMENT_REPLY, Target(place, place, "", answer.external_id), "Уже починили")
    sent = connector.send(deeper)

    assert connector.find_sent(deeper) == sent


def test_comments_cannot_be_read_without_a_person_s_token(without_person: Vk, simulator: VkSimulator) -> None:
    with pytest.raises(SendUnknown, match="person's token"):
        without_person.find_sent(reply_to(simulator))


def test_refused_reading_leaves_the_doubt(connector: Vk, simulator: VkSimulator) -> None:
    simulator.fail_next(Fault.REFUSED, code=15, methods={"messages.getHistory"})

    with pytest.raises(SendUnknown):
        connector.find_sent(message_to(simulator))


def test_random_ids_fit_32_bits_and_stay_the_same() -> None:
    numbers = [random_id_of(f"key-{number}") for number in range(2000)]

    assert (len(set(numbers)), min(numbers) >= -(2**31), max(numbers) < 2**31) == (2000, True, True)
    assert numbers == [random_id_of(f"key-{number}") for number in range(2000)]


@pytest.mark.parametrize(
    ("code", "permanent", "words"),
    [
        (5, True, "make a new one"),
        (6, False, "too many calls"),
        (9, False, "too many alike"),
        (14, True, "captcha"),
        (27, True, "person's token"),
        (29, False, "quota"),
        (212, True, "closed"),
        (213, True, "closed"),
        (900, True, "blacklist"),
        (902, True, "privacy"),
        (914, True, "too long"),
        (12345, True, r"VK refused \(12345\): Refused to order"),
    ],
)
def test_refusal_is_said_in_plain_words(
    connector: Vk, simulator: VkSimulator, code: int, permanent: bool, words: str
) -> None:
    simulator.fail_next(Fault.REFUSED, code=code)

    with pytest.raises(SendFailed, match=words) as failed:
        connector.send(reply_to(simulator))
    assert failed.value.permanent == permanent


@pytest.mark.parametrize("code", [1, 10, 13, 36])
def test_error_inside_vk_leaves_a_doubt(connector: Vk, simulator: VkSimulator, code: int) -> None:
    simulator.fail_next(Fault.REFUSED, code=code)

    with pytest.raises(SendUnknown):
        connector.send(reply_to(simulator))


def test_wrong_address_of_the_api_is_permanent(connector: Vk, simulator: VkSimulator) -> None:
    simulator.fail_next(Fault.HTTP_ERROR, code=404)

    with pytest.raises(SendFailed, match="check the address") as failed:
        connector.send(reply_to(simulator))
    assert failed.value.permanent


def test_token_goes_in_the_body_not_in_the_address(base_url: str) -> None:
    seen = []

    def remembering() -> Any:
        client = accounts.config(base_url).http()
        client.event_hooks = {"request": [lambda request: seen.append((str(request.url), request.headers.raw))]}
        return client

    Vk.from_config(replace(accounts.config(base_url), http=remembering)).check()

    assert [where for where, headers in seen if accounts.TOKEN in where or accounts.TOKEN in str(headers)] == []
    assert len(seen) == 5


def test_names_are_asked_for_in_batches(connector: Vk, simulator: VkSimulator) -> None:
    for person in (accounts.RESIDENT, accounts.NEIGHBOUR):
        simulator.town.meet(person)

    names = connector.fetch_names([34, -99, 34, *range(1000, 2100), 35])

    assert names == {
        "34": Author("34", "Иван Заречный", "id34", "https://vk.com/id34"),
        "35": Author("35", "Мария Липкина", "id35", "https://vk.com/id35"),
    }
    assert [len(call.params["user_ids"].split(",")) for call in simulator.calls] == [1000, 102]


class Door:
    """Our side of the callbacks, as bare as it can be: verify, note, acknowledge."""

    def __init__(self) -> None:
        self.connector: Vk | None = None
        self.hooks: list[Webhook] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = (await receive())["body"]
        hook = Webhook({}, body, accounts.RECEIVED_AT)
        assert self.connector is not None
        self.connector.verify(hook)
        self.hooks.append(hook)
        reply = self.connector.acknowledge(hook)
        headers = [(b"content-type", reply.content_type.encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


@pytest.fixture
def door(connector: Vk) -> Door:
    door = Door()
    door.connector = connector
    return door


def test_whole_way_from_subscribing_to_the_echo_of_our_answer(
    connector: Vk, simulator: VkSimulator, door: Door
) -> None:
    async def talk() -> None:
        await simulator.deliver()
        post = await simulator.post("Ремонтируем Садовую")
        question = await simulator.comment(post.id, accounts.RESIDENT, "А Липовую?")
        await simulator.direct_message(accounts.RESIDENT, "И ещё вопрос")
        await simulator.edit(question.id, "А Липовую когда?")
        await simulator.delete(question.id)

    with serve(door) as hook_url:
        connector.subscribe(hook_url)
        asyncio.run(talk())
        place = "wall-123_1"
        receipt = connector.send(Draft(next(keys), DraftKind.COMMENT_REPLY, Target(place, place), "В мае"))
        asyncio.run(simulator.deliver())

    events = [event for hook in door.hooks for event in connector.parse(hook)]
    assert [(event.kind, event.action, event.object_key, event.is_echo) for event in events] == [
        ("post", "created", "wall-123:-123_1", True),
        ("comment", "created", "wall-123_1:2", False),
        ("direct_message", "created", "dm:34:1", False),
        ("comment", "edited", "wall-123_1:2", False),
        ("comment", "deleted", "wall-123_1:2", False),
        ("comment", "created", f"{receipt.container}:{receipt.external_id}", True),
    ]


def test_subscribing_twice_leaves_one_server(connector: Vk, simulator: VkSimulator, door: Door) -> None:
    with serve(door) as hook_url:
        for _ in range(2):
            connector.subscribe(hook_url)
            asyncio.run(simulator.deliver())
        assert connector.check() == [
            Finding("community", ok=True),
            Finding("rights of the community's token", ok=True),
            Finding("confirmation code", ok=True),
            Finding("delivery of events", ok=True),
            Finding("publishing posts", ok=True),
        ]

    [server] = simulator.deliveries.servers.values()
    assert (server.title, server.url, server.secret, server.events) == (
        "Otklik",
        hook_url,
        accounts.SECRET,
        set(EVENTS),
    )


def test_moving_to_another_address_corrects_our_server(connector: Vk, simulator: VkSimulator, door: Door) -> None:
    connector.subscribe("http://127.0.0.1:9/old")
    with serve(door) as hook_url:
        connector.subscribe(hook_url)
        asyncio.run(simulator.deliver())

    assert [(one.url, one.status) for one in simulator.deliveries.servers.values()] == [(hook_url, "ok")]


def test_stale_confirmation_code_is_told_before_vk_asks(connector: Vk, simulator: VkSimulator) -> None:
    simulator.deliveries.code = "new1"

    with pytest.raises(SendFailed, match="the confirmation code is now new1"):
        connector.subscribe("http://127.0.0.1:9/hook")
    assert (simulator.deliveries.servers, connector.fetch_confirmation_code()) == ({}, "new1")


def test_check_says_what_to_do(without_person: Vk, simulator: VkSimulator) -> None:
    before = without_person.check()
    without_person.subscribe("http://127.0.0.1:9/nobody")
    asyncio.run(simulator.deliver())
    unreachable = without_person.check()
    [server] = simulator.deliveries.servers.values()
    server.status = "ok"
    server.events -= {"wall_reply_new", "message_new"}
    switched_off = without_person.check()
    server.secret = "another"
    other_secret = without_person.check()

    assert [finding.advice for finding in (before[4], before[3], unreachable[3], switched_off[3], other_secret[3])] == [
        "without a person's token answers work, but posts must be published by hand",
        "VK doesn't deliver here yet: subscribe",
        "VK says 'failed' of our address: check that it is reachable from outside, subscribe again",
        "these events are off: wall_reply_new, message_new; subscribe again",
        "VK signs with another secret: subscribe again",
    ]


def test_check_names_a_wrong_token(base_url: str) -> None:
    config = accounts.config(base_url)
    wrong = Vk.from_config(replace(config, secrets={**config.secrets, "token": "stolen"}))

    assert {finding.advice for finding in wrong.check() if not finding.ok} == {
        "VK doesn't accept the access token: make a new one in the community's settings and save it here"
    }
