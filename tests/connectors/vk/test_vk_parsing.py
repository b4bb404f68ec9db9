"""VK's own shapes, each with the whole event that it becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.connectors.base import Malformed, body_digest
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
from otklik.connectors.vk.parsing import SYSTEM
from otklik.connectors.vk.subscription import EVENTS
from tests.connectors.contract import assert_storable
from tests.connectors.ground import RECEIVED_AT, json_values, shared
from tests.connectors.vk import accounts

SAID_AT = RECEIVED_AT - timedelta(minutes=10)
VERSION = int(RECEIVED_AT.timestamp() * 1000)
POST = PostRef("-123_55", "https://vk.com/wall-123_55")
RESIDENT = Author("34", url="https://vk.com/id34")
US = Author("-123", url="https://vk.com/club123", is_self=True)


def parsed(name: str) -> Event:
    [event] = accounts.connector().parse(accounts.hook_of(accounts.fixture(name)))
    return event


def parsed_callback(kind: str, thing: object, **changes: object) -> Event:
    [event] = accounts.connector().parse(accounts.hook_of(accounts.callback(kind, thing, **changes)))
    return event


def comment_with(**changes: object) -> Event:
    return parsed_callback("wall_reply_new", accounts.fixture("comment")["object"] | changes)


def test_comment_with_a_photo() -> None:
    assert parsed("comment") == Event(
        dedup_key="wall_reply_new:-123:8",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="wall-123_55",
        external_id="8",
        thread_key="wall-123_55",
        author=RESIDENT,
        text="На Садовой, 5 яма у школы. Когда починят?",
        post=POST,
        attachments=(
            Attachment(kind="photo", source_ref="photo34_4571_k3y", url="https://sun.example/y.jpg", mime="image/jpeg"),
        ),
        permalink="https://vk.com/wall-123_55?reply=8",
    )


def test_answer_to_a_comment_knows_its_parent_and_shows_the_name_not_the_markup() -> None:
    assert parsed("answer_to_comment") == Event(
        dedup_key="wall_reply_new:-123:9",
        kind=EventKind.COMMENT,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="wall-123_55",
        external_id="9",
        thread_key="wall-123_55",
        author=Author("35", url="https://vk.com/id35"),
        text="Иван, у нас на Липовой так же",
        post=POST,
        parent_external_id="8",
        permalink="https://vk.com/wall-123_55?reply=9",
    )


def test_edited_comment_is_ordered_by_when_it_reached_us() -> None:
    assert parsed("comment_edited") == Event(
        dedup_key="c" * 40,
        kind=EventKind.COMMENT,
        action=Action.EDITED,
        occurred_at=RECEIVED_AT,
        container="wall-123_55",
        external_id="8",
        external_version=VERSION,
        thread_key="wall-123_55",
        author=RESIDENT,
        text="На Садовой, 7 яма у школы",
        post=POST,
        permalink="https://vk.com/wall-123_55?reply=8",
        extra={"written_at": str(int(SAID_AT.timestamp()))},
    )


def test_deleted_comment_says_whose_it_was_and_who_deleted_it() -> None:
    assert parsed("comment_deleted") == Event(
        dedup_key="d" * 40,
        kind=EventKind.COMMENT,
        action=Action.DELETED,
        occurred_at=RECEIVED_AT,
        container="wall-123_55",
        external_id="8",
        external_version=VERSION,
        thread_key="wall-123_55",
        author=RESIDENT,
        post=POST,
        permalink="https://vk.com/wall-123_55?reply=8",
        extra={"deleter_id": "77"},
    )


def test_restored_comment_brings_its_words_back() -> None:
    event = parsed_callback("wall_reply_restore", accounts.fixture("comment")["object"])

    assert (event.action, event.object_key, event.text) == (
        Action.RESTORED,
        parsed("comment_deleted").object_key,
        parsed("comment").text,
    )


def test_direct_message_with_voice_file_and_place() -> None:
    assert parsed("message") == Event(
        dedup_key="message_new:34:9",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="dm:34",
        external_id="9",
        thread_key="dm:34",
        visibility=Visibility.PRIVATE,
        author=RESIDENT,
        text="Нет света на Ключевой",
        parent_external_id="8",
        attachments=(
            Attachment(
                kind="voice", source_ref="audio_message34_5_v0", url="https://psv.example/a.ogg", mime="audio/ogg"
            ),
            Attachment(
                kind="document",
                source_ref="doc34_6",
                url="https://vk.example/doc6",
                mime="application/pdf",
                size=1024,
                filename="схема.pdf",
            ),
        ),
        location=Location(lat=56.1, lon=40.4, address="Ясногорье, Ключевая улица"),
    )


def test_message_typed_by_our_staff_in_vk_is_an_echo() -> None:
    assert parsed("own_message") == Event(
        dedup_key="message_reply:34:10",
        kind=EventKind.DIRECT_MESSAGE,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="dm:34",
        external_id="10",
        thread_key="dm:34",
        visibility=Visibility.PRIVATE,
        author=US,
        text="Бригада выехала",
        is_echo=True,
        extra={"random_id": "778", "admin_author_id": "77"},
    )


def test_own_post_says_where_its_comments_will_be() -> None:
    assert parsed("own_post") == Event(
        dedup_key="wall_post_new:-123_55:post",
        kind=EventKind.POST,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="wall-123",
        external_id="-123_55",
        thread_key="wall-123_55",
        author=US,
        text="Сегодня ремонтируем Садовую",
        post=POST,
        permalink="https://vk.com/wall-123_55",
        is_echo=True,
    )


def test_suggested_post_is_a_private_report() -> None:
    assert parsed("suggested_post") == Event(
        dedup_key="wall_post_new:-123_56:suggest",
        kind=EventKind.REPORT,
        action=Action.CREATED,
        occurred_at=SAID_AT,
        container="wall-123",
        external_id="-123_56",
        thread_key="wall-123_56",
        visibility=Visibility.PRIVATE,
        author=RESIDENT,
        text="Во дворе на Мельничной темно",
        location=Location(lat=56.1, lon=40.4),
        permalink="https://vk.com/wall-123_56",
    )


def test_comment_of_our_community_is_an_echo() -> None:
    event = comment_with(from_id=-123)

    assert (event.author, event.is_echo) == (US, True)


def test_comment_of_another_community_is_a_stranger_not_a_bot() -> None:
    event = comment_with(from_id=-99)

    assert (event.author, event.is_echo) == (Author("-99", url="https://vk.com/club99"), False)


def test_older_payload_with_post_owner_id_gives_the_same_event() -> None:
    older = {name: value for name, value in accounts.fixture("comment")["object"].items() if name != "owner_id"}

    assert parsed_callback("wall_reply_new", older | {"post_owner_id": -123}) == comment_with()


def test_mention_of_the_community_is_noted() -> None:
    assert [
        comment_with(text=text).extra
        for text in ("[club123|Город], яма", "@club123 яма", "*public99 и [club123|мы]", "club123 яма")
    ] == [
        {"mentions": "club123", "mentions_us": "yes"},
        {"mentions": "club123", "mentions_us": "yes"},
        {"mentions": "club99,club123", "mentions_us": "yes"},
        {},
    ]


@pytest.mark.parametrize(
    ("kind", "ids", "container", "page"),
    [
        ("photo_comment_new", {"photo_id": 7, "photo_owner_id": -123}, "photo-123_7", "photo-123_7?reply=8"),
        ("video_comment_new", {"video_id": 7, "video_owner_id": -123}, "video-123_7", "video-123_7?reply=8"),
        ("market_comment_new", {"item_id": 7, "market_owner_id": -123}, "market-123_7", "product-123_7?reply=8"),
        ("board_post_new", {"topic_id": 7, "topic_owner_id": -123}, "topic-123_7", "topic-123_7?post=8"),
        ("photo_comment_delete", {"photo_id": 7, "owner_id": -123}, "photo-123_7", "photo-123_7?reply=8"),
        ("market_comment_delete", {"item_id": 7, "owner_id": -123}, "market-123_7", "product-123_7?reply=8"),
        ("board_post_delete", {"topic_id": 7, "topic_owner_id": -123}, "topic-123_7", "topic-123_7?post=8"),
    ],
)
def test_comments_elsewhere_have_their_own_places(kind: str, ids: dict[str, int], container: str, page: str) -> None:
    said = {"id": 8, "from_id": 34, "user_id": 34, "date": int(SAID_AT.timestamp()), "text": "темно"}
    event = parsed_callback(kind, said | ids)

    assert (event.kind, event.container, event.thread_key, event.external_id, event.permalink, event.post) == (
        EventKind.COMMENT,
        container,
        container,
        "8",
        f"https://vk.com/{page}",
        None,
    )


def test_like_of_a_comment_hangs_on_it() -> None:
    like = {"liker_id": 35, "object_type": "comment", "object_owner_id": -123, "object_id": 8, "post_id": 55}
    put, taken = parsed_callback("like_add", like), parsed_callback("like_remove", like)

    assert put == Event(
        dedup_key="event-like_add",
        kind=EventKind.REACTION,
        action=Action.CREATED,
        occurred_at=RECEIVED_AT,
        container="wall-123_55",
        external_id="like:comment:8:35",
        external_version=VERSION,
        thread_key="wall-123_55",
        author=Author("35", url="https://vk.com/id35"),
        parent_external_id="8",
        permalink="https://vk.com/wall-123_55",
        reaction="like",
    )
    assert (taken.action, taken.object_key) == (Action.REMOVED_REACTION, put.object_key)


def test_like_of_a_post_hangs_on_its_thread() -> None:
    like = {"liker_id": 35, "object_type": "post", "object_owner_id": -123, "object_id": 55, "post_id": 0}
    event = parsed_callback("like_add", like)

    assert (event.thread_key, event.parent_external_id) == ("wall-123_55", "")


def test_reaction_to_a_message_and_its_withdrawal() -> None:
    reaction = {"reacted_id": 34, "peer_id": 34, "cmid": 10}
    put = parsed_callback("message_reaction_event", reaction | {"reaction_id": 4})
    taken = parsed_callback("message_reaction_event", reaction)

    assert (put.action, put.reaction, put.parent_external_id) == (Action.CREATED, "4", "10")
    assert (taken.action, taken.object_key) == (Action.REMOVED_REACTION, put.object_key)


def test_repost_with_words_mentions_us_and_without_words_is_only_noted() -> None:
    ours = {"id": 55, "owner_id": -123, "from_id": -123, "date": 1, "text": "Ремонт"}
    repost = {"id": 3, "owner_id": 34, "from_id": 34, "date": int(SAID_AT.timestamp()), "copy_history": [ours]}
    with_words = parsed_callback("wall_repost", repost | {"text": "Дождались!"})
    silent = parsed_callback("wall_repost", repost | {"text": ""})

    assert [(event.kind, event.post, event.thread_key) for event in (with_words, silent)] == [
        (EventKind.MENTION, POST, "wall34_3"),
        (EventKind.SYSTEM, POST, "wall34_3"),
    ]


def test_new_administrator_is_a_system_event() -> None:
    change = {"admin_id": 77, "user_id": 78, "level_old": 0, "level_new": 3}
    event = parsed_callback("group_officers_edit", change)

    assert (event.kind, event.author, event.visibility, event.extra) == (
        EventKind.SYSTEM,
        Author("78", url="https://vk.com/id78"),
        Visibility.PRIVATE,
        {"type": "group_officers_edit", "admin_id": "77"},
    )


def test_permission_to_write_names_the_conversation() -> None:
    event = parsed_callback("message_allow", {"user_id": 34, "key": ""})

    assert (event.kind, event.thread_key) == (EventKind.SYSTEM, "dm:34")


def test_forwarded_words_stand_for_the_writers_own() -> None:
    message = accounts.fixture("message")["object"]["message"]
    forwarded = [{"text": "Во дворе яма", "conversation_message_id": 1}, {"text": "И темно"}]
    event = parsed_callback("message_new", {"message": message | {"text": "", "fwd_messages": forwarded}})

    assert (event.text, event.extra) == ("Во дворе яма\n\nИ темно", {"forwarded": "2"})


def test_message_in_the_form_before_5_103_is_read() -> None:
    message = accounts.fixture("message")["object"]["message"]

    assert parsed_callback("message_new", message) == parsed_callback("message_new", {"message": message})


def test_edited_message_is_ordered_by_its_own_time() -> None:
    message = accounts.fixture("message")["object"]["message"]
    edited_at = SAID_AT + timedelta(minutes=2)
    event = parsed_callback("message_edit", message | {"update_time": int(edited_at.timestamp()), "text": "Есть свет"})

    assert (event.action, event.occurred_at, event.external_version, event.text) == (
        Action.EDITED,
        edited_at,
        int(edited_at.timestamp() * 1000),
        "Есть свет",
    )


def test_conversation_of_several_people_is_marked() -> None:
    message = accounts.fixture("message")["object"]["message"]
    event = parsed_callback("message_new", {"message": message | {"peer_id": 2_000_000_001}})

    assert (event.thread_key, event.extra) == ("dm:2000000001", {"group_chat": "yes"})


def test_invitation_to_a_conversation_is_not_words() -> None:
    message = accounts.fixture("message")["object"]["message"]
    event = parsed_callback("message_new", {"message": message | {"action": {"type": "chat_invite_user"}}})

    assert (event.kind, event.extra) == (EventKind.SYSTEM, {"action": "chat_invite_user"})


def test_attachment_we_cannot_read_does_not_lose_the_comment() -> None:
    event = comment_with(attachments=[{"type": "photo", "photo": 5}, {"type": "link", "link": {"url": "javascript:1"}}])

    assert (event.text != "", event.parse_status, event.attachments) == (
        True,
        ParseStatus.PARTIAL,
        (Attachment(kind="other", may_store=False), Attachment(kind="link", may_store=False)),
    )


def test_other_attachments() -> None:
    sticker = {"type": "sticker", "sticker": {"sticker_id": 3, "images": [{"url": "https://s.example", "width": 9}]}}
    attachments = [
        sticker,
        {"type": "video", "video": {"id": 2, "owner_id": -123, "title": "Двор"}},
        {"type": "wall", "wall": {"id": 55, "owner_id": -123}},
        {"type": "poll", "poll": {"id": 1}},
    ]

    assert comment_with(attachments=attachments).attachments == (
        Attachment(kind="sticker", source_ref="sticker3", url="https://s.example"),
        Attachment(
            kind="video",
            source_ref="video-123_2",
            url="https://vk.com/video-123_2",
            filename="Двор",
            may_store=False,
        ),
        Attachment(kind="link", source_ref="wall-123_55", url="https://vk.com/wall-123_55", may_store=False),
        Attachment(kind="other", source_ref="poll", may_store=False),
    )


def test_words_without_a_sender_keep_their_place() -> None:
    event = comment_with(from_id=0)

    assert (event.author, event.text, event.note) == (None, parsed("comment").text, "no author")


def test_small_difference_of_clocks_is_not_worth_a_note() -> None:
    event = comment_with(date=int((RECEIVED_AT + timedelta(minutes=2)).timestamp()))

    assert (event.occurred_at, event.parse_status) == (RECEIVED_AT, ParseStatus.OK)


def test_unknown_type_is_kept() -> None:
    assert parsed_callback("donut_money_withdraw", {"amount": 5}) == Event(
        dedup_key="event-donut_money_withdraw",
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=RECEIVED_AT,
        container="club123",
        external_id="event-donut_money_withdraw",
        visibility=Visibility.PRIVATE,
        parse_status=ParseStatus.PARTIAL,
        note="a type we don't know",
        extra={"type": "donut_money_withdraw"},
    )


def test_handshake_is_no_event() -> None:
    assert accounts.connector().parse(accounts.hook_of(accounts.callback("confirmation", None))) == []


def test_words_of_an_error_never_quote_the_resident() -> None:
    hook = accounts.hook_of('{"type":"wall_reply_new","group_id":123,"object":{"text":"яма"'.encode("cp1251"))

    with pytest.raises(Malformed) as malformed:
        accounts.connector().parse(hook)

    assert (str(malformed.value), malformed.value.__cause__) == ("vk: not a callback (DecodeError)", None)


def test_deliveries_are_told_apart_by_event_id_then_by_the_thing_then_by_the_body() -> None:
    connector = accounts.connector()
    comment = accounts.fixture("comment")["object"]

    def key(kind: str, thing: object, **changes: object) -> str:
        return connector.delivery_key(accounts.hook_of(accounts.callback(kind, thing, **changes)))

    edit = accounts.hook_of(accounts.callback("wall_reply_edit", comment, event_id=None))
    assert key("wall_reply_new", comment) == "event-wall_reply_new"
    assert key("wall_reply_new", comment, event_id=None) == "wall_reply_new:-123:8"
    assert connector.delivery_key(edit) == body_digest(edit)
    assert key("message_new", {"message": {}}, event_id=None).startswith("sha256:")


def test_same_words_delivered_by_two_servers_are_one_event() -> None:
    first, second = (
        parsed_callback("wall_reply_new", accounts.fixture("comment")["object"], event_id=one) for one in ("a", "b")
    )

    assert first == second


def test_an_edit_delivered_later_is_newer() -> None:
    body = accounts.fixture("comment_edited")
    first = accounts.hook_of(body)
    second = replace(accounts.hook_of(body | {"event_id": "0" * 40}), received_at=RECEIVED_AT + timedelta(seconds=1))
    versions = [accounts.connector().parse(hook)[0].external_version for hook in (first, second)]

    assert versions == [VERSION, VERSION + 1000]


def test_instants_are_utc() -> None:
    assert parsed("comment").occurred_at == datetime(2026, 3, 2, 9, 20, tzinfo=UTC)


FIELDS = (
    "id from_id user_id peer_id owner_id post_id topic_id item_id date text attachments geo liker_id object_type "
    "object_owner_id object_id cmid reacted_id reaction_id message copy_history post_type join_type admin_id"
).split()


@shared
@given(
    kind=st.sampled_from(sorted({*EVENTS, *SYSTEM})),
    thing=st.dictionaries(st.sampled_from(FIELDS), st.integers() | json_values, max_size=12) | json_values,
)
def test_whatever_is_inside_gives_one_storable_event(kind: str, thing: object) -> None:
    assert_storable(parsed_callback(kind, thing, event_id="e"))
