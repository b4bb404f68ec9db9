"""What Instagram's webhooks become: three shapes, instants in three forms, once whatever is told twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from otklik.connectors.base import Malformed
from otklik.connectors.events import Action, Attachment, Author, EventKind, ParseStatus, PostRef, Visibility
from otklik.connectors.instagram.reading import instant_of, number_of
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.instagram import accounts
from tests.connectors.instagram.accounts import ACCOUNT, RESIDENT, SECONDS, changed, comment, events, only, passed


def test_comment_is_read_whole():
    event = only(accounts.fixture("comment"))

    assert (event.kind, event.action, event.object_key) == (
        EventKind.COMMENT,
        Action.CREATED,
        "comments:17800000000000178",
    )
    assert (event.thread_key, event.post) == ("media:17900000000000179", PostRef("17900000000000179"))
    assert (event.parent_external_id, event.text) == ("17800000000000177", "Яма на Садовой, когда засыплют?")
    assert event.author == Author(
        RESIDENT.id, "@ivan.zarechny", "ivan.zarechny", "https://www.instagram.com/ivan.zarechny/"
    )
    assert (event.occurred_at, event.is_echo, event.parse_status) == (RECEIVED_AT, False, ParseStatus.OK)


def test_message_is_read_whole():
    event = only(accounts.fixture("message"))

    assert (event.kind, event.visibility, event.object_key) == (
        EventKind.DIRECT_MESSAGE,
        Visibility.PRIVATE,
        f"dm:{RESIDENT.id}:m_1",
    )
    assert (event.parent_external_id, event.text) == ("m_0", "Нет света на Липовой")
    assert event.attachments == (Attachment("photo", url="https://lookaside.example/photo.jpg"),)
    assert event.occurred_at == RECEIVED_AT - timedelta(milliseconds=500)


@pytest.mark.parametrize("shape", ["changes", "flat in an entry", "flat alone"])
def test_three_shapes_of_a_comment_are_one(shape: str):
    value = comment()["entry"][0]["changes"][0]["value"]
    flat = {"field": "comments", "value": value}
    entry: dict[str, Any] = {"id": ACCOUNT, "time": SECONDS}
    bodies = {
        "changes": {"object": "instagram", "entry": [entry | {"changes": [flat]}]},
        "flat in an entry": {"object": "instagram", "entry": [entry | flat]},
        "flat alone": flat,
    }

    event = only(bodies[shape])

    assert (event.object_key, event.text) == ("comments:17800000000000178", "Яма на Садовой, когда засыплют?")


def test_flat_message_of_the_dashboard_is_a_message():
    value = {
        "sender": {"id": 5},
        "recipient": {"id": ACCOUNT},
        "timestamp": str(SECONDS),
        "message": {"mid": "m", "text": "?"},
    }

    event = only({"field": "messages", "value": value})

    assert (event.object_key, event.text, event.occurred_at) == ("dm:5:m", "?", RECEIVED_AT)


def test_standby_is_a_message_that_another_app_answers():
    event = only(passed({"message": {"mid": "m_1", "text": "?"}}, room="standby"))

    assert (event.kind, event.extra) == (EventKind.DIRECT_MESSAGE, {"standby": "yes"})


@pytest.mark.parametrize(
    "stamp",
    [SECONDS, float(SECONDS), SECONDS * 1000, str(SECONDS), str(SECONDS * 1000), "2026-03-02T09:30:00+0000"],
)
def test_instant_is_read_in_every_form(stamp: Any):
    assert instant_of(stamp) == RECEIVED_AT


@pytest.mark.parametrize("stamp", [0, -5, 1e300, float("inf"), "", "yesterday", "٣", 10**18])
def test_instant_that_is_none_is_none(stamp: Any):
    assert instant_of(stamp) is None


def test_naive_iso_instant_is_taken_as_utc():
    assert instant_of("2026-03-02T09:30:00") == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_number_of_a_comment_may_be_called_otherwise():
    value = comment()["entry"][0]["changes"][0]["value"]
    del value["id"]

    assert only(changed("comments", value | {"comment_id": 178})).object_key == "comments:178"


def test_comment_on_a_boosted_post_told_twice_is_one_under_the_post_that_people_know():
    organic = only(comment(media={"id": "179", "media_product_type": "FEED"}))
    boosted = comment(media={"id": "800", "media_product_type": "AD", "ad_id": "5", "original_media_id": "179"})

    event = only(boosted)

    assert (event.object_key, event.thread_key) == (organic.object_key, organic.thread_key)
    assert event.extra == {"boosted": "yes", "product": "AD"}
    keys = {
        accounts.connector().delivery_key(accounts.hook_of(body)) for body in (boosted, comment(media={"id": "179"}))
    }
    assert keys == {"comment:comments:17800000000000178"}


@pytest.mark.parametrize("sender", [{"id": ACCOUNT}, {"id": "77", "self_ig_scoped_id": "77"}])
def test_our_own_comment_is_an_echo(sender: dict[str, str]):
    assert only(comment(**{"from": sender})).is_echo


def test_our_own_message_is_an_echo_in_the_persons_conversation():
    event = only(passed({"message": {"mid": "m_2", "text": "Выехали", "is_echo": True}}, by=ACCOUNT))

    assert (event.is_echo, event.thread_key, event.author and event.author.is_self) == (True, f"dm:{RESIDENT.id}", True)


def test_message_to_oneself_is_ours():
    assert only(passed({"message": {"mid": "m", "text": "?", "is_self": True}})).is_echo


def test_taken_back_message_is_a_deletion():
    event = only(passed({"message": {"mid": "m_1", "is_deleted": True}}))

    assert (event.action, event.object_key, event.dedup_key) == (
        Action.DELETED,
        f"dm:{RESIDENT.id}:m_1",
        "m_1:deleted",
    )


def test_changed_message_has_the_count_of_its_changes_as_version():
    first, second = (only(passed({"message_edit": {"mid": "m_1", "text": "Яма!", "num_edit": n}})) for n in (1, 2))

    assert (first.action, first.external_version, second.external_version) == (Action.EDITED, 1, 2)
    assert (first.dedup_key, second.dedup_key) == ("m_1:edit:1", "m_1:edit:2")


@pytest.mark.parametrize(("action", "told"), [("react", Action.CREATED), ("unreact", Action.REMOVED_REACTION)])
def test_reaction_hangs_on_its_message(action: str, told: Action):
    event = only(passed({"reaction": {"mid": "m_1", "action": action, "reaction": "love", "emoji": "❤"}}))

    assert (event.kind, event.action, event.parent_external_id) == (EventKind.REACTION, told, "m_1")
    assert event.dedup_key == f"m_1:{action}:{RESIDENT.id}:{SECONDS * 1000}"
    assert event.reaction == ("❤" if action == "react" else "")


def test_who_has_read_what_is_nobodys_business():
    assert events(passed({"read": {"mid": "m_1"}})) == []


def test_story_mention_is_a_message_whose_picture_is_never_kept():
    attached = {"type": "story_mention", "payload": {"url": "https://lookaside.example/story"}}

    event = only(passed({"message": {"mid": "m", "attachments": [attached]}}))

    assert (event.kind, event.extra) == (EventKind.DIRECT_MESSAGE, {"story_mention": "yes"})
    assert event.attachments == (Attachment("story_mention", url="https://lookaside.example/story", may_store=False),)


def test_answer_to_our_story_says_to_which():
    answered = {"story": {"id": "55", "url": "https://lookaside.example/ours"}}

    event = only(passed({"message": {"mid": "m", "text": "Где это?", "reply_to": answered}}))

    assert (event.text, event.extra, event.parent_external_id) == ("Где это?", {"story": "55"}, "")
    assert event.attachments == (Attachment("story", url="https://lookaside.example/ours", may_store=False),)


@pytest.mark.parametrize("kind", ["share", "ig_post", "ig_reel"])
def test_shared_post_is_a_link(kind: str):
    attached = {"type": kind, "payload": {"url": "https://www.instagram.com/p/x/", "title": "Двор"}}

    [file] = only(passed({"message": {"mid": "m", "attachments": [attached]}})).attachments

    assert file == Attachment("link", url="https://www.instagram.com/p/x/", filename="Двор", may_store=False)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://" + "x" * 2000])
def test_address_that_no_browser_should_open_is_dropped(url: str):
    attached = {"type": "image", "payload": {"url": url}}

    assert only(passed({"message": {"mid": "m", "attachments": [attached]}})).attachments == (Attachment("photo"),)


def test_long_number_of_a_message_is_kept_by_its_digest_everywhere():
    mid = "aWdfZAG1f" * 30
    said, taken_back = (
        only(passed({"message": {"mid": mid, **more}})) for more in ({"text": "?"}, {"is_deleted": True})
    )

    assert said.object_key == taken_back.object_key == f"dm:{RESIDENT.id}:{number_of(mid)}"
    assert len(number_of(mid)) < 60


def test_batch_loses_nothing_by_what_it_cannot_read_and_is_told_oldest_first():
    good = passed({"message": {"mid": "m_1", "text": "Первое"}}, timestamp=(SECONDS - 9) * 1000)["entry"][0]
    other = comment()["entry"][0]
    body = {"object": "instagram", "entry": [7, other, {"id": ACCOUNT, "changes": "x"}, good]}

    found = events(body)

    assert [event.text for event in found if event.kind is not EventKind.UNKNOWN] == [
        "Первое",
        other["changes"][0]["value"]["text"],
    ]
    assert [event.parse_status for event in found if event.kind is EventKind.UNKNOWN] == [ParseStatus.PARTIAL] * 2


def test_entry_of_another_account_is_kept_and_not_read():
    body = comment()
    body["entry"][0]["id"] = "17841400000000002"

    assert [(event.kind, event.text) for event in events(body)] == [(EventKind.UNKNOWN, "")]


def test_things_without_numbers_in_one_request_are_told_apart():
    exchange = passed({"message": {"text": "?"}})["entry"][0]
    keys = [event.object_key for event in events({"object": "instagram", "entry": [exchange, exchange]})]

    assert len(set(keys)) == 2


@pytest.mark.parametrize("body", [{}, {"object": "instagram"}, {"object": "page", "entry": 5}])
def test_body_without_entries_is_malformed(body: dict[str, Any]):
    with pytest.raises(Malformed):
        accounts.connector().parse(accounts.hook_of(json.dumps(body).encode()))
