from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from otklik.connectors.base import Finding, NotAuthentic, SendFailed, SendUnknown
from otklik.connectors.events import (
    Action,
    Attachment,
    Author,
    Draft,
    DraftKind,
    Event,
    EventKind,
    ParseStatus,
    PostRef,
    Receipt,
    Target,
    Visibility,
)
from otklik.connectors.ok.api import signature
from otklik.connectors.ok.connector import Odnoklassniki
from otklik.simulators.ok.faults import Fault
from otklik.simulators.ok.simulator import OkSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.ok import accounts
from tests.servers import serve


@pytest.fixture
def simulator() -> OkSimulator:
    return accounts.simulator()


@pytest.fixture
def base_url(simulator: OkSimulator) -> Iterator[str]:
    with serve(simulator.asgi) as url:
        yield url


@pytest.fixture
def connector(base_url: str) -> Odnoklassniki:
    return Odnoklassniki.from_config(accounts.config(base_url))


def parsed(thing: Any) -> Event:
    [event] = accounts.connector().parse(accounts.hook_of(thing))
    return event


def test_message_is_read_with_its_author_and_photo() -> None:
    assert parsed(accounts.fixture("message")) == Event(
        dedup_key="message:C3e.15ce",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.CREATED,
        occurred_at=datetime.fromtimestamp(1772443740.942, UTC),
        container="chat:C3e",
        external_id="C3e.15ce",
        thread_key="dm:C3e",
        visibility=Visibility.PRIVATE,
        author=Author("574", "Иван Заречный", url="https://ok.ru/profile/574"),
        text="Нет света на Фонтанной",
        attachments=(Attachment("photo", "IMAGE", "https://i.mycdn.me/i?r=1", "image/jpeg"),),
        extra={"seq": "982"},
    )


def test_both_documented_shapes_are_the_same_message() -> None:
    newer = accounts.fixture("message")
    older = {name: value for name, value in newer.items() if name != "webhookType"}
    connector = accounts.connector()

    assert parsed(older) == parsed(newer)
    assert connector.delivery_key(accounts.hook_of(older)) == connector.delivery_key(accounts.hook_of(newer))


@pytest.mark.parametrize("kind", ["MESSAGE_CALLBACK", "CHAT_SYSTEM"])
def test_press_of_a_button_is_no_message(kind: str) -> None:
    event = parsed({"webhookType": kind, "recipient": {"chat_id": "chat:C3e"}, "timestamp": accounts.MILLIS})

    assert (event.kind, event.container, event.extra) == (EventKind.SYSTEM, "chat:C3e", {"type": kind})


COMMENT = {
    "id": "c1",
    "text": "Когда починят?",
    "date": "2026-03-02 12:29:00",
    "author_id": "574",
    "author_name": "Иван Заречный",
    "reply_to_comment_id": "c0",
}


def test_polled_comment_is_read_in_moscow_time_and_its_author_is_the_one_who_writes_messages() -> None:
    event = parsed(accounts.polled(COMMENT))

    assert (event.occurred_at, event.dedup_key, event.object_key) == (
        RECEIVED_AT - timedelta(minutes=1),
        "comment:6001:c1",
        "topic:6001:c1",
    )
    assert event.author == parsed(accounts.fixture("message")).author
    assert (event.post, event.parent_external_id, event.visibility) == (
        PostRef("6001", f"https://ok.ru/group/{accounts.GROUP}/topic/6001"),
        "c0",
        Visibility.PUBLIC,
    )


def test_changed_comment_is_another_delivery_of_the_same_thing_and_newer() -> None:
    connector = accounts.connector()
    first = accounts.hook_of(accounts.polled(COMMENT))
    second = replace(
        accounts.hook_of(accounts.polled(COMMENT | {"text": "Ну когда?"})), received_at=RECEIVED_AT + timedelta(hours=1)
    )
    again = replace(first, received_at=RECEIVED_AT + timedelta(hours=2))
    one, two = connector.parse(first)[0], connector.parse(second)[0]

    assert connector.delivery_key(first) == connector.delivery_key(again) != connector.delivery_key(second)
    assert one.object_key == two.object_key
    assert one.external_version < two.external_version


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"date": "вчера"}, ParseStatus.PARTIAL),
        ({"date": None, "date_ms": accounts.MILLIS}, ParseStatus.OK),
        ({"author_id": None}, ParseStatus.OK),
        ({"attachments": [7]}, ParseStatus.PARTIAL),
    ],
)
def test_odd_comment_is_a_comment_all_the_same(changes: dict[str, Any], status: ParseStatus) -> None:
    event = parsed(accounts.polled(COMMENT | changes))

    assert (event.kind, event.text, event.parse_status) == (EventKind.COMMENT, "Когда починят?", status)


@pytest.mark.parametrize("thing", [{}, {"id": "../x"}, {"id": [1]}, 5])
def test_comment_that_names_nothing_is_kept_and_marked(thing: Any) -> None:
    assert parsed(accounts.polled(thing)).kind is EventKind.UNKNOWN


def test_own_comment_is_ours() -> None:
    assert parsed(accounts.polled(COMMENT | {"author_id": str(accounts.GROUP)})).is_echo


@pytest.mark.parametrize("remote", ["217.20.145.192", "217.20.151.175", "::ffff:217.20.153.50"])
def test_webhook_from_their_networks_is_taken(remote: str) -> None:
    accounts.connector().verify(accounts.hook_of(accounts.fixture("message"), remote))


@pytest.mark.parametrize("remote", ["", "217.20.145.191", "217.20.145.208", "127.0.0.1", "unknown", "2001:db8::1"])
def test_webhook_from_elsewhere_is_refused(remote: str) -> None:
    with pytest.raises(NotAuthentic):
        accounts.connector().verify(accounts.hook_of(accounts.fixture("message"), remote))


def test_networks_are_a_setting() -> None:
    hook = accounts.hook_of(accounts.fixture("message"), "10.1.2.3")

    accounts.connector(networks="off").verify(hook)
    accounts.connector(networks="10.0.0.0/8, 192.168.0.0/16").verify(hook)
    with pytest.raises(ValueError, match="source_networks"):
        accounts.connector(networks="10.0.0.1/8")


@pytest.mark.parametrize("networks", ["", "off"])
def test_what_only_polling_brings_is_refused_at_the_door(networks: str) -> None:
    with pytest.raises(NotAuthentic):
        accounts.connector(networks=networks).verify(accounts.hook_of(accounts.polled(COMMENT)))


def test_signature_is_the_documented_one() -> None:
    params = {"method": "group.getCounters", "application_key": "K", "format": "json"}
    inner = hashlib.md5(b"tokensecret", usedforsecurity=False).hexdigest()
    pairs = f"application_key=Kformat=jsonmethod=group.getCounters{inner}".encode()
    expected = hashlib.md5(pairs, usedforsecurity=False).hexdigest()

    assert signature(params, "token", "secret") == expected
    assert signature(params | {"access_token": "x", "session_key": "y"}, "token", "secret") == expected


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"group_id": "group1"}, "group_id"),
        ({"answers_comments": "maybe"}, "answers_comments"),
        ({"api_base": "ftp://x"}, "api_base"),
        ({"application_key": ""}, "application_key"),
    ],
)
def test_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    config = accounts.config("http://127.0.0.1:9")

    with pytest.raises(ValueError, match=named):
        Odnoklassniki.from_config(replace(config, settings={**config.settings, **changes}))


def reply(simulator: OkSimulator, text: str = "В среду.") -> Draft:
    topic = simulator.town.publish("Ремонт")
    asked = simulator.town.comment(topic, accounts.RESIDENT, "Когда?")
    place = f"topic:{topic}"
    return Draft("k", DraftKind.COMMENT_REPLY, Target(place, place, topic, asked["id"]), text)


def test_comment_is_answered_only_where_that_is_switched_on(base_url: str, simulator: OkSimulator) -> None:
    off = Odnoklassniki.from_config(accounts.config(base_url, answers="off"))
    draft = reply(simulator)

    with pytest.raises(SendFailed, match="another way") as failed:
        off.send(draft)
    assert (failed.value.permanent, simulator.accepted) == (True, [])
    assert off.capabilities.answers(DraftKind.COMMENT_REPLY, {"answers_comments": "off"}) is False
    assert off.capabilities.answers(DraftKind.COMMENT_REPLY, {"answers_comments": "on"}) is True
    assert off.capabilities.answers(DraftKind.DIRECT_MESSAGE, {}) is True


def test_answer_names_what_it_answers(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    draft = reply(simulator)
    connector.send(draft)

    [sent] = simulator.accepted
    assert (sent.text, sent.answers) == ("В среду.", draft.target.reply_to_external_id)


def test_method_that_is_not_there_is_a_refusal(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    draft = reply(simulator)
    simulator.town.takes_comments = False

    with pytest.raises(SendFailed, match="not found") as failed:
        connector.send(draft)
    assert failed.value.permanent


def test_post_names_the_topic_under_which_comments_come(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    receipt = connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))
    [number] = simulator.town.topics

    page = f"https://ok.ru/group/{accounts.GROUP}/topic/{number}"
    assert receipt == Receipt(number, f"group:{accounts.GROUP}", f"topic:{number}", page, post_external_id=number)


def test_without_a_persons_token_only_messages_work(base_url: str, simulator: OkSimulator) -> None:
    connector = Odnoklassniki.from_config(accounts.config(base_url, with_person=False))

    assert [one.name for one in connector.rounds()] == ["subscription"]
    with pytest.raises(SendFailed, match="access token"):
        connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.SESSION_EXPIRED, "make a new one"),
        (Fault.DENIED, "GROUP_CONTENT"),
        (Fault.UNAUTHORIZED, "make a new one"),
    ],
)
def test_refusal_says_what_to_do(connector: Odnoklassniki, simulator: OkSimulator, fault: Fault, words: str) -> None:
    simulator.fail_next(fault)

    with pytest.raises(SendFailed, match=words):
        connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))


def test_break_on_their_side_leaves_it_unknown(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    simulator.fail_next(Fault.SYSTEM)

    with pytest.raises(SendUnknown, match="9999"):
        connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))


def test_secret_of_the_application_that_is_wrong_is_named(base_url: str) -> None:
    config = accounts.config(base_url)
    connector = Odnoklassniki.from_config(
        replace(config, secrets={**config.secrets, "application_secret": "another-secret"})
    )

    with pytest.raises(SendFailed, match="application's secret"):
        connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))


def texts_of(connector: Odnoklassniki, hooks: Any) -> list[str]:
    return [connector.parse(hook)[0].text for hook in hooks]


def test_asking_brings_each_topic_and_comment_once_and_changes_again(
    connector: Odnoklassniki, simulator: OkSimulator
) -> None:
    town = simulator.town
    topic = town.publish("Ремонт")
    said = town.comment(topic, accounts.RESIDENT, "Когда?")
    first = connector.poll("comments", "", now=RECEIVED_AT)
    repeated = connector.poll("comments", "", now=RECEIVED_AT)
    quiet = connector.poll("comments", first.cursor, now=RECEIVED_AT)
    said["text"] = "Ну когда?"
    town.comment(topic, accounts.RESIDENT, "Ждём", answers=said["id"])
    changed = connector.poll("comments", first.cursor, now=RECEIVED_AT)

    assert texts_of(connector, first.hooks) == ["Ремонт", "Когда?"]
    assert repeated == first
    assert (quiet.hooks, quiet.cursor) == ((), first.cursor)
    assert texts_of(connector, changed.hooks) == ["Ну когда?", "Ждём"]


def test_many_comments_are_read_page_by_page(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    topic = simulator.town.publish("Ремонт")
    for number in range(230):
        simulator.town.comment(topic, accounts.RESIDENT, f"{number}")

    brought = connector.poll("comments", "", now=RECEIVED_AT)
    assert texts_of(connector, brought.hooks) == ["Ремонт", *(f"{number}" for number in range(230))]
    assert simulator.calls.count("discussions.getComments") == 3


def test_cursor_that_is_not_ours_begins_anew(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    simulator.town.publish("Ремонт")

    assert texts_of(connector, connector.poll("comments", "{oops", now=RECEIVED_AT).hooks) == ["Ремонт"]


def test_refused_question_names_the_remedy(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    simulator.fail_next(Fault.SESSION_EXPIRED, doing="look")

    with pytest.raises(SendFailed, match="make a new one"):
        connector.poll("comments", "", now=RECEIVED_AT)


def test_subscription_is_made_and_mended(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    before = connector.is_subscribed(accounts.HOOK)
    connector.subscribe(accounts.HOOK)
    connector.subscribe(accounts.HOOK)
    cursor = connector.poll("subscription", "", now=RECEIVED_AT).cursor
    simulator.town.deliveries.urls.clear()
    connector.poll("subscription", cursor, now=RECEIVED_AT)

    assert (before, cursor, simulator.town.deliveries.urls) == (False, accounts.HOOK, [accounts.HOOK])


def test_check_says_what_is_well_and_what_is_not(base_url: str, connector: Odnoklassniki) -> None:
    poor = Odnoklassniki.from_config(accounts.config(base_url, answers="off", with_person=False)).check()
    connector.subscribe(accounts.HOOK)

    named = ("delivery of messages", "posts and comments", "answers to comments")
    assert connector.check() == [Finding(what, ok=True) for what in named]
    assert [finding.advice.partition(" ")[0] for finding in poor] == ["Odnoklassniki", "without", "switched"]


def test_answer_into_a_conversation_that_is_not_known_is_refused(connector: Odnoklassniki) -> None:
    for target in (Target(), Target(container="chat:../me"), Target(peer="574")):
        with pytest.raises(SendFailed, match="where to write"):
            connector.send(Draft("k", DraftKind.DIRECT_MESSAGE, target, "Ответ"))


def test_polled_body_is_what_it_was(connector: Odnoklassniki, simulator: OkSimulator) -> None:
    topic = simulator.town.publish("Ремонт")
    said = simulator.town.comment(topic, accounts.RESIDENT, "Когда?")
    hook = connector.poll("comments", "", now=RECEIVED_AT).hooks[1]

    assert json.loads(hook.body) == {
        "polled": "comment",
        "group_id": str(accounts.GROUP),
        "topic_id": topic,
        "thing": said,
    }
