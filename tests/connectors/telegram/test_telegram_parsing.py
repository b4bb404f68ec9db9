"""Every fixture, read by our parser and by aiogram's own types."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.types import Update

from otklik.connectors.base import Malformed
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
from tests.connectors.telegram import accounts
from tests.connectors.telegram.accounts import CHANNEL, GROUP, connector, fixture, hook_of

AT = datetime.fromtimestamp(1772443500, UTC)
POST = PostRef(f"{CHANNEL}:101", "https://t.me/yasnogorye/101")
IVAN = Author("42", "Иван Заречный", "ivan_z", "https://t.me/ivan_z")
NAMES = sorted(path.stem for path in accounts.FIXTURES.glob("*.json"))


def parsed(update: Any) -> Event:
    [event] = connector().parse(hook_of(update))
    return event


@pytest.mark.parametrize("name", NAMES)
def test_fixture_is_an_update_for_an_independent_library(name):
    payload = fixture(name)

    update = Update.model_validate(payload)

    assert update.event_type == next(kind for kind in payload if kind != "update_id")


def test_comment_hangs_on_its_post():
    assert parsed(fixture("comment")) == Event(
        dedup_key=f"message:{GROUP}:5002",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=AT,
        container=str(GROUP),
        external_id="5002",
        thread_key=f"{GROUP}:5001",
        author=IVAN,
        text="Когда починят яму на Ключевой?",
        post=POST,
        permalink="https://t.me/yasnogorye/101?comment=5002",
        extra={"date": "1772443500", "chat_title": "Ясногорье: обсуждение"},
    )


def test_automatic_forward_says_where_the_comments_of_a_post_are():
    event = parsed(fixture("automatic_forward"))

    assert (event.kind, event.action, event.post) == (EventKind.POST, Action.CREATED, POST)
    assert (event.container, event.external_id, event.thread_key) == (str(GROUP), "5001", f"{GROUP}:5001")
    assert event.author is not None
    assert (event.author.is_self, event.author.external_id) == (True, str(CHANNEL))


def test_channel_post_is_a_post_of_ours():
    event = parsed(fixture("channel_post"))

    assert (event.kind, event.container, event.external_id, event.post) == (EventKind.POST, str(CHANNEL), "101", POST)
    assert (event.thread_key, event.text, event.extra["signature"]) == (
        "",
        "Начинаем ремонт на Садовой",
        "Пресс-служба",
    )
    assert event.author == Author(str(CHANNEL), "Ясногорье", "yasnogorye", "https://t.me/yasnogorye", is_self=True)


def test_edited_channel_post_is_a_newer_version():
    post = fixture("channel_post")["channel_post"]

    event = parsed({"update_id": 77, "edited_channel_post": post | {"text": "Ремонт начат", "edit_date": 1772443560}})

    assert (event.kind, event.action, event.text) == (EventKind.POST, Action.EDITED, "Ремонт начат")
    assert (event.external_version, event.object_key) == (1772443560_000077, f"{CHANNEL}:101")


def test_answer_to_a_comment_names_its_parent_and_stays_in_the_thread():
    event = parsed(fixture("nested_comment"))

    assert (event.parent_external_id, event.thread_key, event.post) == ("5002", f"{GROUP}:5001", None)
    assert event.permalink == "https://t.me/c/1000000001/5003"


def test_comment_whose_quoted_post_came_bare_has_no_parent():
    message = fixture("comment")["message"]
    bare = {"message_id": 5001, "date": 1, "chat": message["chat"]}

    event = parsed({"update_id": 1, "message": message | {"reply_to_message": bare}})

    assert (event.parent_external_id, event.thread_key, event.post) == ("", f"{GROUP}:5001", None)


def test_comment_without_a_thread_number_takes_it_from_what_it_answers():
    message = fixture("comment")["message"]
    del message["message_thread_id"]

    assert parsed({"update_id": 1, "message": message}).thread_key == f"{GROUP}:5001"


def test_words_outside_any_thread_begin_one_that_answers_join():
    first = parsed(fixture("other_bot"))
    message = fixture("nested_comment")["message"]
    answered = fixture("other_bot")["message"]
    answer = parsed({"update_id": 1, "message": message | {"message_thread_id": 5010, "reply_to_message": answered}})

    assert (first.thread_key, first.parent_external_id) == (f"{GROUP}:5010", "")
    assert (answer.thread_key, answer.parent_external_id) == (first.thread_key, "5010")


def test_edit_keeps_the_object_and_orders_the_versions():
    created, edited = parsed(fixture("comment")), parsed(fixture("edited_comment"))
    again = parsed(fixture("edited_comment") | {"update_id": fixture("edited_comment")["update_id"] + 1})

    assert (edited.action, edited.object_key, edited.text) == (
        Action.EDITED,
        created.object_key,
        "Когда починят яму на Ключевой, 5?",
    )
    assert created.external_version < edited.external_version < again.external_version
    assert len({created.dedup_key, edited.dedup_key, again.dedup_key}) == 3
    assert edited.occurred_at == AT + timedelta(seconds=90)


def test_photo_without_words_is_an_event_and_remembers_its_album():
    event = parsed(fixture("photo_without_words"))

    assert (event.text, event.parse_status, event.extra["media_group_id"]) == ("", ParseStatus.OK, "13900000000000001")
    assert event.attachments == (Attachment("photo", source_ref="AgAClarge", mime="image/jpeg", size=181000),)


def test_caption_is_the_text_and_a_file_has_no_address():
    event = parsed(fixture("document_with_caption"))

    assert event.text == "Вот письмо"
    assert event.attachments == (
        Attachment("document", source_ref="BQACdoc", mime="application/pdf", size=90210, filename="письмо.pdf"),
    )


def test_direct_message_is_private():
    event = parsed(fixture("direct_message"))

    assert (event.kind, event.visibility, event.thread_key) == (EventKind.DIRECT_MESSAGE, Visibility.PRIVATE, "dm:42")
    assert (event.author, event.container, event.external_id, event.permalink) == (IVAN, "42", "7", "")


def test_opening_a_chat_is_not_something_said():
    event = parsed(fixture("start_command"))

    assert (event.kind, event.thread_key, event.extra["kind"], event.extra["argument"]) == (
        EventKind.SYSTEM,
        "dm:42",
        "start",
        "c17",
    )


def test_place_is_kept_with_its_address():
    assert parsed(fixture("venue")).location == Location(44.63, 41.93, "Школа, ул. Школьная, 3")


def test_place_that_is_not_on_earth_is_dropped_and_noted():
    message = fixture("venue")["message"]
    del message["venue"]
    message["location"]["latitude"] = 144.63

    event = parsed({"update_id": 1, "message": message})

    assert (event.location, event.parse_status) == (None, ParseStatus.PARTIAL)
    assert event.note.startswith("the place is not on Earth")


def test_somebody_elses_channel_speaks_for_itself():
    event = parsed(fixture("comment_as_channel"))

    assert event.author == Author("-1001000000777", "Соседи с Липовой", "lipovaya", "https://t.me/lipovaya")
    assert (event.is_echo, event.automated) == (False, False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("official_comment", (True, False, False, False)),
        ("anonymous_administrator", (True, True, False, False)),
        ("our_bot", (True, False, True, True)),
        ("other_bot", (False, False, False, True)),
        ("comment", (False, False, False, False)),
    ],
)
def test_who_is_ourselves(name, expected):
    event = parsed(fixture(name))

    assert event.kind == EventKind.COMMENT
    assert event.author is not None
    assert (event.author.is_self, event.author.is_anonymous, event.is_echo, event.automated) == expected


def test_words_in_somebody_elses_group_are_not_comments():
    event = parsed(fixture("foreign_group"))

    assert (event.kind, event.parse_status) == (EventKind.UNKNOWN, ParseStatus.PARTIAL)
    assert event.note == "chat -1005 is neither our channel nor its discussion group"


def test_telegrams_own_note_is_system():
    event = parsed(fixture("newcomer"))

    assert (event.kind, event.extra["kind"], event.parse_status) == (
        EventKind.SYSTEM,
        "new_chat_members",
        ParseStatus.OK,
    )


def test_content_newer_than_this_code_is_a_comment_in_part():
    event = parsed(fixture("checklist"))

    assert (event.kind, event.parse_status) == (EventKind.COMMENT, ParseStatus.PARTIAL)
    assert event.note == "content of a kind that is not known: checklist"


def test_reactions():
    put, taken, counted = (parsed(fixture(name)) for name in ("reaction", "reaction_removed", "reaction_count"))

    assert (put.kind, put.action, put.reaction, put.parent_external_id, put.author) == (
        EventKind.REACTION,
        Action.CREATED,
        "👍",
        "5002",
        IVAN,
    )
    assert (taken.action, taken.reaction) == (Action.REMOVED_REACTION, "custom:55")
    assert put.object_key == taken.object_key == f"{GROUP}:reaction:5002:42"
    assert (counted.extra, counted.post) == ({"👍": "12", "paid": "1"}, PostRef(f"{CHANNEL}:101"))


def test_being_blocked_is_a_system_event_with_the_new_state():
    event = parsed(fixture("bot_blocked"))

    assert (event.kind, event.container, event.visibility) == (EventKind.SYSTEM, "42", Visibility.PRIVATE)
    assert dict(event.extra) == {"kind": "my_chat_member", "status": "kicked"}


def test_clocks_that_differ_a_little_are_not_worth_a_note():
    message = fixture("comment")["message"] | {"date": accounts.SECONDS + 120}

    event = parsed({"update_id": 1, "message": message})

    assert (event.occurred_at, event.parse_status) == (RECEIVED_AT, ParseStatus.OK)


def test_wrong_charset_is_malformed_also_where_we_would_not_read():
    update = {"update_id": 1, "message": fixture("comment")["message"] | {"effect_id": "XX"}}
    body = json.dumps(update).encode().replace(b"XX", "яма".encode("cp1251"))

    with pytest.raises(Malformed):
        connector().parse(hook_of(body))


def test_delivery_key_is_the_updates_number():
    assert connector().delivery_key(hook_of({"update_id": 815, "message": {"broken": True}})) == "update:815"


@pytest.mark.parametrize("number", [True, -1, "815", 1.5, None, 10**30])
def test_delivery_key_without_a_number_is_a_digest(number):
    hook = hook_of({"update_id": number})

    assert connector().delivery_key(hook).startswith("sha256:")
    assert connector().delivery_key(hook) != connector().delivery_key(replace(hook, body=hook.body + b" "))
