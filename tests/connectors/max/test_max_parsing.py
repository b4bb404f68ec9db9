from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from otklik.connectors.base import NotAuthentic
from otklik.connectors.events import (
    Action,
    Attachment,
    Author,
    Event,
    EventKind,
    Location,
    ParseStatus,
    PostRef,
    Visibility,
)
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.max import accounts

MILLIS = accounts.MILLIS


def parsed(update: Any) -> Event:
    [event] = accounts.connector().parse(accounts.hook_of(update))
    return event


def comment(**changes: Any) -> dict[str, Any]:
    base = accounts.fixture("comment")
    return base | {"message": base["message"] | changes}


def message(**body: Any) -> dict[str, Any]:
    base = accounts.fixture("message")
    return base | {"message": base["message"] | {"body": base["message"]["body"] | body}}


def test_comment_is_read_with_its_author_post_and_what_it_answers() -> None:
    event = parsed(accounts.fixture("comment"))

    assert event == Event(
        dedup_key="comment_created:mid.c1",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=RECEIVED_AT - timedelta(milliseconds=59_968),
        container="post:mid.post",
        external_id="mid.c1",
        thread_key="post:mid.post",
        author=Author("34", "Иван Заречный", "ivan_z", "https://max.ru/ivan_z"),
        text="Когда починят?",
        post=PostRef("mid.post"),
        parent_external_id="mid.c0",
        extra={"seq": "9007199254740993117"},
    )


@pytest.mark.parametrize("sender", [None, {}, {"first_name": "Кто-то"}])
def test_comment_whose_author_is_hidden_is_whole_all_the_same(sender: Any) -> None:
    event = parsed(comment(sender=sender))

    assert (event.author, event.text, event.parse_status) == (None, "Когда починят?", ParseStatus.OK)


def test_message_in_a_dialog_is_private_and_keeps_no_token_of_its_photo() -> None:
    event = parsed(accounts.fixture("message"))

    assert (event.kind, event.visibility, event.container, event.thread_key) == (
        EventKind.DIRECT_MESSAGE,
        Visibility.PRIVATE,
        "chat:7080",
        "dm:7080",
    )
    assert event.attachments == (
        Attachment(kind="photo", source_ref="image:1", url="https://i.oneme.ru/i?r=1", mime="image/jpeg"),
    )


def test_words_in_a_group_count_as_private_and_begin_a_thread() -> None:
    update = accounts.fixture("message")
    update["message"]["recipient"] = {"chat_id": -7080, "chat_type": "chat"}
    event = parsed(update)

    assert (event.kind, event.visibility, event.container, event.thread_key) == (
        EventKind.COMMENT,
        Visibility.PRIVATE,
        "chat:-7080",
        "chat:-7080:mid.ff",
    )


def test_post_of_the_channel_is_ours_and_says_where_its_comments_are() -> None:
    update = accounts.fixture("message")
    update["message"] |= {
        "recipient": {"chat_id": -773, "chat_type": "channel"},
        "sender": None,
        "url": "https://max.ru/c/-773/1",
    }
    event = parsed(update)

    assert (event.kind, event.is_echo, event.thread_key, event.post, event.permalink) == (
        EventKind.POST,
        True,
        "post:mid.ff",
        PostRef("mid.ff", "https://max.ru/c/-773/1"),
        "https://max.ru/c/-773/1",
    )


@pytest.mark.parametrize("kind", ["message_created", "comment_created"])
def test_creation_without_a_message_is_kept_and_marked(kind: str) -> None:
    event = parsed({"update_type": kind, "timestamp": MILLIS, "user_locale": "ru"})

    assert (event.kind, event.parse_status, event.extra) == (
        EventKind.UNKNOWN,
        ParseStatus.PARTIAL,
        {"type": kind},
    )


@pytest.mark.parametrize(
    ("seq", "kept"),
    [
        (1163, {"seq": "1163"}),
        (2**53 + 1, {"seq": "9007199254740993"}),
        (10**30, {"seq": "1" + "0" * 30}),
        ("9007199254740993", {"seq": "9007199254740993"}),
        (1.5, {}),
        (None, {}),
    ],
)
def test_number_beyond_floating_point_is_kept_as_it_is(seq: Any, kept: dict[str, str]) -> None:
    assert parsed(message(seq=seq)).extra == kept


def test_edits_are_ordered_by_the_updates_instant() -> None:
    base = comment(body={"mid": "mid.c1", "text": "Когда же починят?"})
    first, second = (
        parsed(base | {"update_type": "comment_edited", "timestamp": MILLIS - ago}) for ago in (2000, 1000)
    )

    assert (first.dedup_key, first.external_version) == (f"comment_edited:mid.c1:{MILLIS - 2000}", MILLIS - 2000)
    assert (second.action, second.external_version) == (Action.EDITED, MILLIS - 1000)
    assert first.object_key == second.object_key == "post:mid.post:mid.c1"


def test_removed_comment_names_the_same_thing() -> None:
    update = {
        "update_type": "comment_removed",
        "timestamp": MILLIS,
        "message_id": "mid.c1",
        "chat_id": -773,
        "user_id": 34,
        "post_id": "mid.post",
    }
    event = parsed(update)

    assert (event.action, event.object_key, event.dedup_key, event.extra) == (
        Action.DELETED,
        "post:mid.post:mid.c1",
        "comment_removed:mid.c1",
        {"deleter_id": "34"},
    )


@pytest.mark.parametrize(
    ("chat_id", "kind", "thread", "visibility"),
    [
        (7080, EventKind.DIRECT_MESSAGE, "dm:7080", Visibility.PRIVATE),
        (-7080, EventKind.COMMENT, "chat:-7080:mid.ff", Visibility.PRIVATE),
        (-773, EventKind.POST, "post:mid.ff", Visibility.PUBLIC),
    ],
)
def test_removed_message_is_placed_by_its_chat(
    chat_id: int, kind: EventKind, thread: str, visibility: Visibility
) -> None:
    event = parsed({"update_type": "message_removed", "timestamp": MILLIS, "message_id": "mid.ff", "chat_id": chat_id})

    assert (event.kind, event.object_key, event.thread_key, event.visibility) == (
        kind,
        f"chat:{chat_id}:mid.ff",
        thread,
        visibility,
    )


@pytest.mark.parametrize(
    "update",
    [
        {"update_type": "message_removed", "timestamp": 1},
        {"update_type": "message_removed", "timestamp": 1, "message_id": "mid.1"},
        {"update_type": "comment_removed", "timestamp": 1, "message_id": "mid.1"},
        {"update_type": "message_created", "message": 5},
        {"update_type": "message_created", "message": {"recipient": {}, "body": {"mid": "mid.1"}}},
        {"update_type": "message_created", "chat_id": "x"},
        {"update_type": "постановление"},
    ],
)
def test_other_shapes_are_kept_and_marked(update: Any) -> None:
    event = parsed(update)

    assert (event.kind, event.parse_status) == (EventKind.UNKNOWN, ParseStatus.PARTIAL)


def test_words_passed_on_stand_for_ones_own_where_there_are_none() -> None:
    update = message(text=None, attachments=None)
    update["message"]["link"] = {"type": "forward", "message": {"mid": "mid.0", "text": "Упал столб"}}
    event = parsed(update)

    assert (event.text, event.parent_external_id) == ("Упал столб", "")


def test_files_and_places_are_read_and_buttons_are_not() -> None:
    event = parsed(
        message(
            attachments=[
                {"type": "file", "payload": {"url": "https://f/1", "token": "t"}, "filename": "смета.pdf", "size": 9},
                {"type": "share", "payload": {"url": "https://city/1"}, "title": "Новость"},
                {"type": "audio", "payload": {"url": "ftp://a"}},
                {"type": "contact", "payload": {"vcf_info": "x"}},
                {"type": "location", "latitude": 55.5, "longitude": 37.25},
                {"type": "inline_keyboard", "payload": {}},
            ]
        )
    )

    assert event.location == Location(55.5, 37.25)
    assert event.attachments == (
        Attachment(kind="document", source_ref="file", url="https://f/1", size=9, filename="смета.pdf"),
        Attachment(kind="link", url="https://city/1", filename="Новость", may_store=False),
        Attachment(kind="voice", source_ref="audio", may_store=False),
        Attachment(kind="other", source_ref="contact", may_store=False),
    )


def test_press_of_start_is_no_message() -> None:
    event = parsed({"update_type": "bot_started", "timestamp": MILLIS, "chat_id": 7080, "user": {"user_id": 34}})

    assert (event.kind, event.author and event.author.external_id) == (EventKind.SYSTEM, "34")


def test_keys_of_deliveries_are_what_happened() -> None:
    connector = accounts.connector()
    edited = accounts.fixture("comment") | {"update_type": "comment_edited", "timestamp": 5}
    keys = [connector.delivery_key(accounts.hook_of(one)) for one in (accounts.fixture("comment"), edited)]

    assert keys == ["comment_created:mid.c1", "comment_edited:mid.c1:5"]
    assert connector.delivery_key(accounts.hook_of({"update_type": "bot_added"})).startswith("sha256:")


@pytest.mark.parametrize("shown", ["", "s3cret-of-the-test", "s3cret-of-the-testsX", "секрет"])
def test_other_secret_is_refused(shown: str) -> None:
    hook = accounts.with_secret(accounts.hook_of(accounts.fixture("comment")), shown)

    with pytest.raises(NotAuthentic):
        accounts.connector().verify(hook)


def test_instant_of_the_update_stands_in_for_a_missing_one() -> None:
    event = parsed(comment(timestamp=None) | {"timestamp": MILLIS - 5000})

    assert (event.occurred_at, event.parse_status) == (RECEIVED_AT - timedelta(seconds=5), ParseStatus.OK)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"channel_id": "773"}, "channel_id"),
        ({"channel_id": "-0"}, "channel_id"),
        ({"api_base": "ftp://x"}, "api_base"),
    ],
)
def test_wrong_setting_is_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        accounts.connector(**changes)


@pytest.mark.parametrize(
    ("secret", "value"), [("webhook_secret", "abcd"), ("webhook_secret", "под_черк"), ("access_token", "токен")]
)
def test_wrong_secret_is_named(secret: str, value: str) -> None:
    config = accounts.config("http://127.0.0.1:9")

    with pytest.raises(ValueError, match=secret):
        type(accounts.connector()).from_config(replace(config, secrets={**config.secrets, secret: value}))
