"""The simulator is checked by an independent library: its types read our answers and callbacks, its client calls us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from email.utils import format_datetime
from inspect import signature
from typing import Any

import httpx
import pytest
from vkbottle import API, VKAPIError
from vkbottle_types.codegen.methods import groups, messages, users, wall
from vkbottle_types.codegen.responses import groups as group_answers
from vkbottle_types.codegen.responses import messages as message_answers
from vkbottle_types.codegen.responses import wall as wall_answers
from vkbottle_types.events import bot_events

from otklik.connectors.events import Draft, DraftKind, Target
from otklik.connectors.vk.connector import Vk
from otklik.simulators.vk import payloads
from otklik.simulators.vk.faults import Refusal
from otklik.simulators.vk.simulator import VkSimulator
from tests.connectors.vk import accounts
from tests.servers import serve

METHODS = {
    "wall": wall.WallCategory,
    "messages": messages.MessagesCategory,
    "groups": groups.GroupsCategory,
    "users": users.UsersCategory,
}
ANSWERS = {
    "groups.getById": group_answers.GroupsGetByIdObjectResponse,
    "groups.getTokenPermissions": group_answers.GroupsGetTokenPermissionsResponse,
    "groups.getCallbackConfirmationCode": group_answers.GroupsGetCallbackConfirmationCodeResponse,
    "groups.getCallbackServers": group_answers.GroupsGetCallbackServersResponse,
    "groups.getCallbackSettings": group_answers.GroupsGetCallbackSettingsResponse,
    "groups.addCallbackServer": group_answers.GroupsAddCallbackServerResponse,
    "wall.post": wall_answers.WallPostResponse,
    "wall.createComment": wall_answers.WallCreateCommentResponse,
    "wall.get": wall_answers.WallGetResponse,
    "wall.getById": wall_answers.WallGetByIdResponse,
    "wall.getComment": wall_answers.WallGetCommentResponse,
    "wall.getComments": wall_answers.WallGetCommentsResponse,
    "messages.send": message_answers.MessagesSendUserIdsResponse,
    "messages.getHistory": message_answers.MessagesGetHistoryResponse,
}


class Listener:
    """A callback server that answers as it is told, without a socket."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if json.loads(request.content)["type"] == "confirmation":
            return httpx.Response(200, text=accounts.CODE)
        return self.answers.pop(0) if self.answers else httpx.Response(200, text="ok")

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]


class Clock:
    def __init__(self) -> None:
        self.now = float(accounts.SECONDS)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def simulator(listener: Listener, clock: Clock) -> VkSimulator:
    simulator = VkSimulator(
        accounts.GROUP,
        accounts.TOKEN,
        accounts.USER_TOKEN,
        name="Ясногорье",
        in_background=False,
        clock=clock,
        client=listener.client,
    )
    server = simulator.town.add_server("Otklik", "http://127.0.0.1:9/hook", accounts.SECRET)
    server.status = "ok"
    server.events = {f"wall_reply_{verb}" for verb in ("new", "edit", "delete", "restore")}
    server.events |= {"wall_post_new", "message_new", "message_reply"}
    return simulator


@pytest.fixture
def base_url(simulator: VkSimulator) -> Iterator[str]:
    with serve(simulator.asgi) as url:
        yield url


@asynccontextmanager
async def library(base_url: str, token: str = accounts.TOKEN) -> AsyncIterator[API]:
    api = API(token)
    api.API_URL = f"{base_url}/method/"
    try:
        yield api
    finally:
        await api.http_client.close()


def run(base_url: str, ask: Callable[[API], Coroutine[Any, Any, Any]], token: str = accounts.TOKEN) -> Any:
    async def whole() -> Any:
        async with library(base_url, token) as api:
            return await ask(api)

    return asyncio.run(whole())


def ask(base_url: str, method: str, token: str = accounts.USER_TOKEN, **params: Any) -> dict[str, Any]:
    form = {name: str(value) for name, value in params.items()} | {"access_token": token, "v": "5.199"}
    found: dict[str, Any] = httpx.post(f"{base_url}/method/{method}", data=form, trust_env=False).json()
    return found


async def town_talks(simulator: VkSimulator) -> None:
    post = await simulator.post("Ремонтируем Садовую")
    first = await simulator.comment(post.id, accounts.RESIDENT, "А Липовую?")
    await simulator.comment(post.id, accounts.NEIGHBOUR, "Тоже жду", reply_to=first.id)
    await simulator.edit(first.id, "А Липовую когда?")
    await simulator.delete(first.id, by=77)
    await simulator.restore(first.id)
    await simulator.official_comment(post.id, "В мае", reply_to=first.id)
    await simulator.direct_message(accounts.RESIDENT, "Нет света")
    await simulator.official_message(accounts.RESIDENT, "Бригада выехала", admin_id=77)


def test_callbacks_are_the_library_s(simulator: VkSimulator, listener: Listener) -> None:
    asyncio.run(town_talks(simulator))

    models = {
        "wall_post_new": bot_events.WallPostNew,
        "wall_reply_new": bot_events.WallReplyNew,
        "wall_reply_edit": bot_events.WallReplyEdit,
        "wall_reply_delete": bot_events.WallReplyDelete,
        "wall_reply_restore": bot_events.WallReplyRestore,
        "message_new": bot_events.MessageNew,
        "message_reply": bot_events.MessageReply,
    }
    read = [models[body["type"]].model_validate(body) for body in listener.bodies]
    assert [(event.type.value, getattr(event.object, "text", None)) for event in read] == [
        ("wall_post_new", "Ремонтируем Садовую"),
        ("wall_reply_new", "А Липовую?"),
        ("wall_reply_new", "Тоже жду"),
        ("wall_reply_edit", "А Липовую когда?"),
        ("wall_reply_delete", None),
        ("wall_reply_restore", "А Липовую когда?"),
        ("wall_reply_new", "В мае"),
        ("message_new", None),
        ("message_reply", "Бригада выехала"),
    ]
    assert (read[2].object.reply_to_comment, read[2].object.parents_stack) == (2, [2])
    assert read[7].object.message.text == "Нет света"
    assert {(event.secret, event.group_id) for event in read} == {(accounts.SECRET, accounts.GROUP)}
    assert len({event.event_id for event in read}) == len(read)


def test_replayed_callbacks_are_the_library_s_and_repeat_themselves() -> None:
    common = {"event_id": "e1", "group_id": accounts.GROUP, "secret": accounts.SECRET, "from_id": 34, "text": "Яма"}
    comment = payloads.comment_callback(**common, comment_id=8, post_id=55, date=accounts.SECONDS)
    message = payloads.message_callback(**common, message_id=9, date=accounts.SECONDS)

    assert bot_events.WallReplyNew.model_validate_json(comment).object.text == "Яма"
    assert bot_events.MessageNew.model_validate_json(message).object.message.text == "Яма"
    assert comment == payloads.comment_callback(**common, comment_id=8, post_id=55, date=accounts.SECONDS)
    for body, key in ((comment, "wall-123_55:8"), (message, "dm:34:9")):
        hook = accounts.hook_of(body)
        accounts.connector().verify(hook)
        assert [event.object_key for event in accounts.connector().parse(hook)] == [key]


def test_answers_are_the_library_s(simulator: VkSimulator, base_url: str) -> None:
    asyncio.run(town_talks(simulator))
    owner = {"owner_id": -accounts.GROUP}
    server = {"group_id": accounts.GROUP, "server_id": 1}
    asked = {
        "groups.getById": {"group_id": accounts.GROUP},
        "groups.getTokenPermissions": {},
        "groups.getCallbackConfirmationCode": {"group_id": accounts.GROUP},
        "groups.getCallbackServers": {"group_id": accounts.GROUP},
        "groups.getCallbackSettings": server,
        "groups.addCallbackServer": {"group_id": accounts.GROUP, "title": "x", "url": "http://127.0.0.1:9"},
        "wall.post": owner | {"message": "Новость", "from_group": 1},
        "wall.createComment": owner | {"post_id": 1, "message": "Да", "reply_to_comment": 2},
        "wall.get": owner,
        "wall.getById": {"posts": f"-{accounts.GROUP}_1"},
        "wall.getComment": owner | {"comment_id": 3},
        "wall.getComments": owner | {"post_id": 1},
        "messages.send": {"peer_ids": 34, "random_id": 5, "message": "Да"},
        "messages.getHistory": {"peer_id": 34},
    }
    answers = {method: ask(base_url, method, **params) for method, params in asked.items()}

    assert asked.keys() == ANSWERS.keys()
    read = {method: ANSWERS[method].model_validate(answer).response for method, answer in answers.items()}
    assert [item.text for item in read["wall.getComments"].items] == ["А Липовую когда?"]
    assert [item.text for item in read["messages.getHistory"].items] == ["Да", "Бригада выехала", "Нет света"]
    assert [item.random_id for item in read["messages.getHistory"].items] == [5, 0, 0]
    assert read["groups.getCallbackSettings"].events.wall_reply_new is True


def test_library_s_client_can_do_what_we_do(simulator: VkSimulator, base_url: str) -> None:
    async def work(api: API) -> list[Any]:
        made = await api.wall.create_comment(owner_id=-accounts.GROUP, post_id=1, message="В мае", reply_to_comment=2)
        sent = await api.messages.send(peer_ids=[34], random_id=7, message="Бригада выехала")
        people = await api.users.get(user_ids=[34])
        return [made.comment_id, made.parents_stack, sent[0].conversation_message_id, people[0].last_name]

    simulator.town.publish("Новость", -accounts.GROUP)
    simulator.town.comment(1, simulator.town.meet(accounts.RESIDENT), "Когда?")
    simulator.town.write(accounts.RESIDENT.id, "Нет света")

    assert run(base_url, work) == [3, [2], 2, "Заречный"]
    assert simulator.accepted == ["В мае", "Бригада выехала"]


@pytest.mark.parametrize(
    ("token", "method", "params", "code"),
    [
        ("stolen", "groups.getById", {}, 5),
        (accounts.TOKEN, "wall.post", {"owner_id": -accounts.GROUP, "message": "x"}, 27),
        (accounts.TOKEN, "wall.getComments", {"owner_id": -accounts.GROUP, "post_id": 1}, 27),
        (accounts.TOKEN, "wall.createComment", {"owner_id": -1, "post_id": 1, "message": "x"}, 15),
        (accounts.TOKEN, "wall.createComment", {"owner_id": -accounts.GROUP, "post_id": 9, "message": "x"}, 100),
        (accounts.TOKEN, "messages.send", {"peer_id": 34, "message": "x"}, 100),
        (accounts.TOKEN, "messages.send", {"peer_id": 34, "random_id": 1, "message": "x"}, 901),
        (accounts.TOKEN, "groups.getCallbackServers", {"group_id": 9}, 15),
        (accounts.TOKEN, "wall.sing", {}, 3),
    ],
)
def test_refusals_are_read_by_the_library(
    base_url: str, token: str, method: str, params: dict[str, Any], code: int
) -> None:
    with pytest.raises(VKAPIError) as refused:
        run(base_url, lambda api: api.request(method, params), token=token)

    assert refused.value.code == code
    assert token not in json.dumps(ask(base_url, method, token, **params))


def test_closed_comments_blacklist_and_length(simulator: VkSimulator) -> None:
    town = simulator.town
    post = town.publish("Новость", town.owner_id)
    post.comments_closed = True
    town.write(34, "Здравствуйте")
    town.write(35, "Здравствуйте")
    town.blacklist.add(35)
    codes = []
    for refused in (
        lambda: town.comment(post.id, 34, "Когда?"),
        lambda: town.answer(35, "Да"),
        lambda: town.answer(34, "о" * 9001),
    ):
        with pytest.raises(Refusal) as refusal:
            refused()
        codes.append(refusal.value.code)

    assert codes == [213, 900, 914]


def test_same_random_id_is_one_message_for_an_hour(simulator: VkSimulator, clock: Clock) -> None:
    town = simulator.town
    town.write(34, "Здравствуйте")
    first = town.answer(34, "Да", random_id=7)
    clock.now += 3599
    again = town.answer(34, "Да", random_id=7)
    clock.now += 3601
    much_later = town.answer(34, "Да", random_id=7)

    assert (again.number, much_later.number) == (first.number, first.number + 1)


def test_our_calls_are_the_library_s(simulator: VkSimulator, base_url: str) -> None:
    """Every parameter that the connector sends is one that the method has."""
    asyncio.run(town_talks(simulator))
    connector = Vk.from_config(accounts.config(base_url))
    place = f"wall-{accounts.GROUP}_1"
    drafts = [
        Draft("a", DraftKind.COMMENT_REPLY, Target(place, place, reply_to_external_id="2"), "Да"),
        Draft("b", DraftKind.DIRECT_MESSAGE, Target("dm:34", "dm:34", reply_to_external_id="1"), "Да"),
        Draft("c", DraftKind.POST, Target(), "Да"),
    ]
    for draft in drafts:
        connector.send(draft)
        assert connector.find_sent(draft) is not None
    for _ in range(2):
        connector.subscribe("http://127.0.0.1:9/other")
    connector.check()
    connector.fetch_names([34])

    strange = set()
    for call in simulator.calls:
        category, _, name = call.method.partition(".")
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
        known = signature(getattr(METHODS[category], snake)).parameters
        strange |= {(call.method, param) for param in call.params if param not in known and param != "v"}
    assert strange == {("wall.get", "owner_id")}  # older than VK's schema, which leaves it out
    assert {call.method for call in simulator.calls} >= {"wall.createComment", "messages.send", "wall.post"}


def test_handshake_comes_first_and_a_wrong_code_closes_the_door(simulator: VkSimulator, listener: Listener) -> None:
    simulator.deliveries.servers[1].status = "wait"
    asyncio.run(simulator.deliver())
    simulator.deliveries.code = "other"
    second = simulator.town.add_server("Other", "http://127.0.0.1:9/other", "")
    asyncio.run(simulator.deliver())

    assert [body["type"] for body in listener.bodies] == ["confirmation", "confirmation"]
    assert (simulator.deliveries.servers[1].status, second.status) == ("ok", "failed")


def test_refused_callback_is_repeated_with_its_event_id_and_a_counter(
    simulator: VkSimulator, listener: Listener, clock: Clock
) -> None:
    listener.answers = [httpx.Response(500), httpx.Response(200, text="OK"), httpx.Response(200, text="ok")]

    async def wait_and_deliver() -> list[int]:
        await simulator.post("Новость")
        taken = []
        for _ in range(2):
            clock.now += 10
            taken.append(await simulator.deliver())
        return taken

    assert asyncio.run(wait_and_deliver()) == [0, 1]
    assert [request.headers.get("x-retry-counter") for request in listener.requests] == [None, "1", "2"]
    assert len({body["event_id"] for body in listener.bodies}) == 1


@pytest.mark.parametrize("status", [410, 429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_server_may_ask_for_a_later_repeat(
    simulator: VkSimulator, listener: Listener, clock: Clock, status: int, as_date: bool
) -> None:
    later = accounts.RECEIVED_AT.fromtimestamp(clock.now + 600, accounts.RECEIVED_AT.tzinfo)
    wait = format_datetime(later, usegmt=True) if as_date else "600"
    listener.answers = [httpx.Response(status, headers={"retry-after": wait})]

    async def wait_and_deliver() -> list[int]:
        await simulator.post("Новость")
        clock.now += 599
        early = await simulator.deliver()
        clock.now += 1
        return [early, await simulator.deliver()]

    assert asyncio.run(wait_and_deliver()) == [0, 1]


def test_server_that_keeps_failing_is_given_up(simulator: VkSimulator, listener: Listener, clock: Clock) -> None:
    simulator.deliveries.give_up_after = 2
    listener.answers = [httpx.Response(500), httpx.Response(500)]

    async def fail() -> None:
        await simulator.post("Новость")
        clock.now += 10
        await simulator.deliver()
        clock.now += 100
        await simulator.deliver()

    asyncio.run(fail())
    assert (len(listener.requests), simulator.deliveries.servers[1].status) == (2, "failed")


def test_served_simulator_delivers_in_the_background(listener: Listener) -> None:
    simulator = VkSimulator(accounts.GROUP, accounts.TOKEN, client=listener.client)
    server = simulator.town.add_server("Otklik", "http://127.0.0.1:9/hook", accounts.SECRET)
    server.events = {"wall_post_new"}
    with serve(simulator.asgi):
        for _ in range(200):
            if server.status == "ok":
                break
            asyncio.run(asyncio.sleep(0.01))
        simulator.town.publish("Новость", -accounts.GROUP)
        for _ in range(200):
            if len(listener.requests) == 2:
                break
            asyncio.run(asyncio.sleep(0.01))

    assert [body["type"] for body in listener.bodies] == ["confirmation", "wall_post_new"]


def test_other_addresses_are_not_found(base_url: str) -> None:
    assert [
        httpx.post(f"{base_url}/else", trust_env=False).status_code,
        httpx.get(f"{base_url}/method/users.get", trust_env=False).status_code,
    ] == [404, 404]
