from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Photo, Receipt, Target
from otklik.connectors.max.connector import Max
from otklik.connectors.max.subscription import EVENTS
from otklik.simulators.max.delivery import Mischief
from otklik.simulators.max.faults import Fault
from otklik.simulators.max.simulator import MaxSimulator
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.max import accounts
from tests.pictures import picture
from tests.servers import serve

HOOK = accounts.HOOK


class Clock:
    def __init__(self) -> None:
        self.now = RECEIVED_AT.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> MaxSimulator:
    return MaxSimulator(accounts.TOKEN, accounts.CHANNEL, in_background=False, clock=clock)


@pytest.fixture
def base_url(simulator: MaxSimulator) -> Iterator[str]:
    with serve(simulator.asgi) as url:
        yield url


@pytest.fixture
def connector(base_url: str) -> Max:
    return Max.from_config(accounts.config(base_url))


def comment_reply(simulator: MaxSimulator, text: str = "В среду.", *, under_post: bool = False) -> Draft:
    post = simulator.town.publish("Ремонт")["body"]["mid"]
    asked = "" if under_post else simulator.town.comment(post, accounts.RESIDENT, "Когда?")["body"]["mid"]
    return Draft("k", DraftKind.COMMENT_REPLY, Target(f"post:{post}", f"post:{post}", post, asked), text)


def message_reply(simulator: MaxSimulator, text: str = "Выехали.") -> Draft:
    said = simulator.town.write(accounts.RESIDENT, "Нет света")["body"]["mid"]
    dialog = accounts.RESIDENT.dialog
    return Draft("k", DraftKind.DIRECT_MESSAGE, Target(f"chat:{dialog}", f"dm:{dialog}", "", said, "34"), text)


def refusal(connector: Max, draft: Draft) -> str:
    with pytest.raises(SendFailed) as failed:
        connector.send(draft)
    assert failed.value.permanent
    return str(failed.value)


def test_answer_stands_under_the_comment_that_it_answers(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    receipt = connector.send(draft)

    assert [(one.text, one.reply_to) for one in simulator.accepted] == [("В среду.", draft.target.reply_to_external_id)]
    assert receipt == Receipt(simulator.accepted[0].mid, draft.target.container, draft.target.thread_key)


def test_answer_under_the_post_itself_links_to_nothing(connector: Max, simulator: MaxSimulator) -> None:
    connector.send(comment_reply(simulator, under_post=True))

    assert [one.reply_to for one in simulator.accepted] == [""]


def test_person_without_a_known_dialog_is_written_to_by_number(connector: Max, simulator: MaxSimulator) -> None:
    message_reply(simulator)
    receipt = connector.send(Draft("k", DraftKind.DIRECT_MESSAGE, Target(peer="34"), "Здравствуйте"))

    assert receipt.thread_key == f"dm:{accounts.RESIDENT.dialog}"
    with pytest.raises(SendUnknown):
        connector.find_sent(Draft("k", DraftKind.DIRECT_MESSAGE, Target(peer="34"), "Здравствуйте"))


def test_post_names_the_place_of_its_comments(connector: Max) -> None:
    receipt = connector.send(Draft("k", DraftKind.POST, Target(), "Открываем сквер"))

    mid = receipt.external_id
    assert (receipt.thread_key, receipt.post_external_id, receipt.container) == (f"post:{mid}", mid, "chat:-773")
    assert receipt.permalink == "https://max.ru/c/-773/1"


def test_post_without_a_channel_is_refused(base_url: str) -> None:
    connector = Max.from_config(accounts.config(base_url, channel_id=""))

    assert "channel" in refusal(connector, Draft("k", DraftKind.POST, Target(), "Новость"))
    assert [one.name for one in connector.rounds()] == ["subscription"]


@pytest.mark.parametrize(
    "target", [Target(), Target(container="post:../me", thread_key="post:../me"), Target(peer="x")]
)
def test_answer_to_nowhere_is_refused(connector: Max, target: Target) -> None:
    for kind in (DraftKind.DIRECT_MESSAGE, DraftKind.COMMENT_REPLY):
        assert "where to write" in refusal(connector, Draft("k", kind, target, "Ответ"))


def test_person_who_stopped_the_bot_is_told_of(connector: Max, simulator: MaxSimulator) -> None:
    draft = message_reply(simulator)
    simulator.town.stopped_by.add(34)

    assert "stopped" in refusal(connector, draft)


def test_wrong_token_says_where_to_make_another(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    simulator.fail_next(Fault.UNAUTHORIZED)

    assert "business.max.ru" in refusal(connector, draft)


def test_answer_to_a_comment_that_is_gone_is_refused(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    simulator.town.remove(draft.target.reply_to_external_id)

    assert "any more" in refusal(connector, draft)


def test_comments_that_are_switched_off_are_explained(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    simulator.town.comments_on = False

    with pytest.raises(SendUnknown, match="switched off"):
        connector.send(draft)
    assert connector.find_sent(draft) is None


def test_broken_answer_to_a_message_says_nothing_of_comments(connector: Max, simulator: MaxSimulator) -> None:
    draft = message_reply(simulator)
    simulator.fail_next(Fault.SERVER_ERROR)

    with pytest.raises(SendUnknown, match="500") as failed:
        connector.send(draft)
    assert "comments" not in str(failed.value)


def test_comment_is_changed_for_26_hours_only(connector: Max, simulator: MaxSimulator, clock: Clock) -> None:
    draft = comment_reply(simulator)
    receipt = connector.send(draft)
    clock.now += timedelta(hours=25).total_seconds()
    connector.edit(replace(draft, text="В четверг."), receipt)
    clock.now += timedelta(hours=2).total_seconds()

    with pytest.raises(SendFailed, match="26 hours") as failed:
        connector.edit(replace(draft, text="В пятницу."), receipt)
    assert failed.value.permanent
    assert simulator.town.messages[receipt.external_id]["body"]["text"] == "В четверг."


def test_edit_of_what_is_gone_can_not_be_told(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    receipt = connector.send(draft)
    simulator.town.messages.pop(receipt.external_id)

    with pytest.raises(SendUnknown, match="any more"):
        connector.find_edit(draft, receipt)


def test_words_beside_photos_are_not_changed(connector: Max, simulator: MaxSimulator, tmp_path: Path) -> None:
    draft = replace(message_reply(simulator), photos=(Photo(tmp_path / "no.jpg"),))

    assert not connector.takes_edits(DraftKind.DIRECT_MESSAGE, with_photos=True)
    with pytest.raises(SendFailed, match="beside photos"):
        connector.edit(draft, Receipt("mid.1", "chat:1"))


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    place = tmp_path / "one.jpg"
    place.write_bytes(picture(320, 240))
    return Photo(place)


def impatient(connector: Max, waits: list[float]) -> Max:
    return replace(connector, account=replace(connector.account, pause=waits.append))


def test_photo_that_is_not_ready_is_waited_for(connector: Max, simulator: MaxSimulator, photo: Photo) -> None:
    waits: list[float] = []
    draft = replace(message_reply(simulator), photos=(photo,))
    simulator.fail_next(Fault.NOT_READY, 3)
    impatient(connector, waits).send(draft)

    assert waits == [0.5, 1.0, 2.0]
    assert [one.photos for one in simulator.accepted] == [(photo.content(),)]


def test_photo_that_is_never_ready_waits_for_the_next_turn(
    connector: Max, simulator: MaxSimulator, photo: Photo
) -> None:
    waits: list[float] = []
    draft = replace(message_reply(simulator), photos=(photo,))
    simulator.fail_next(Fault.NOT_READY, 9)

    with pytest.raises(SendFailed) as failed:
        impatient(connector, waits).send(draft)
    assert (failed.value.permanent, failed.value.retry_after_s, waits) == (False, 30.0, [0.5, 1.0, 2.0, 4.0])
    assert simulator.accepted == []


@pytest.mark.parametrize("doing", ["upload", "file"])
@pytest.mark.parametrize("fault", [Fault.TIMEOUT_AFTER, Fault.SERVER_ERROR_AFTER, Fault.BROKEN_REPLY])
def test_upload_that_fails_publishes_nothing_and_may_be_repeated(
    connector: Max, simulator: MaxSimulator, photo: Photo, doing: str, fault: Fault
) -> None:
    draft = replace(message_reply(simulator), photos=(photo,))
    connector = replace(connector, account=replace(connector.account, pause=lambda _s: None))
    simulator.fail_next(fault, doing=doing)

    with pytest.raises(SendFailed) as failed:
        connector.send(draft)
    assert (failed.value.permanent, simulator.accepted) == (False, [])


def test_two_answers_of_the_same_words_are_told_apart_by_what_they_answer(
    connector: Max, simulator: MaxSimulator
) -> None:
    first, second = message_reply(simulator, "Спасибо!"), message_reply(simulator, "Спасибо!")
    receipt = connector.send(first)

    assert connector.find_sent(first) == receipt
    assert connector.find_sent(second) is None


def test_long_conversation_is_read_page_by_page(connector: Max, simulator: MaxSimulator, clock: Clock) -> None:
    draft = message_reply(simulator)
    receipt = connector.send(draft)
    for number in range(150):
        clock.now += 1
        simulator.town.write(accounts.RESIDENT, f"Ещё {number}")

    assert connector.find_sent(draft) == receipt
    assert connector.find_sent(replace(draft, text="Другое")) is None


def test_answer_under_a_post_of_many_comments_is_read_up(connector: Max, simulator: MaxSimulator, clock: Clock) -> None:
    draft = replace(comment_reply(simulator), queued_at=datetime.fromtimestamp(clock.now, UTC))
    receipt = connector.send(draft)
    for number in range(250):
        clock.now += 10
        simulator.town.comment(draft.target.post_external_id, accounts.RESIDENT, f"Ещё {number}")

    assert connector.find_sent(draft) == receipt
    assert connector.find_sent(replace(draft, text="Другое")) is None
    assert (connector.find_edit(draft, receipt), connector.find_edit(replace(draft, text="Другое"), receipt)) == (
        True, False,
    )  # fmt: skip


def test_more_comments_in_one_instant_than_a_page_leave_it_unknown(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    for number in range(100):
        simulator.town.comment(draft.target.post_external_id, accounts.RESIDENT, f"Ещё {number}")

    with pytest.raises(SendUnknown, match="too many"):
        connector.find_sent(draft)


def test_residents_same_words_are_not_ours(connector: Max, simulator: MaxSimulator) -> None:
    draft = comment_reply(simulator)
    simulator.town.comment(
        draft.target.post_external_id, accounts.RESIDENT, draft.text, draft.target.reply_to_external_id
    )

    assert connector.find_sent(draft) is None


def test_subscription_is_made_checked_and_made_again_where_max_forgot_it(
    connector: Max, simulator: MaxSimulator
) -> None:
    before = connector.is_subscribed(HOOK)
    connector.subscribe(HOOK)
    connector.subscribe(HOOK)
    made = connector.is_subscribed(HOOK)
    [subscription] = simulator.deliveries.subscriptions.values()
    simulator.deliveries.subscriptions.clear()

    assert (before, made, connector.is_subscribed(HOOK)) == (False, True, False)
    assert (subscription.secret, subscription.update_types) == (accounts.SECRET, EVENTS)


def test_lost_subscription_is_mended_where_there_was_one(connector: Max, simulator: MaxSimulator) -> None:
    never = connector.poll("subscription", "", now=RECEIVED_AT).cursor
    untouched = dict(simulator.deliveries.subscriptions)
    connector.subscribe(HOOK)
    there = connector.poll("subscription", never, now=RECEIVED_AT).cursor
    simulator.deliveries.subscriptions.clear()
    mended = connector.poll("subscription", there, now=RECEIVED_AT)

    assert (never, untouched, there, mended.cursor, mended.hooks) == ("", {}, HOOK, HOOK, ())
    assert list(simulator.deliveries.subscriptions) == [HOOK]


def test_copy_of_an_installation_takes_no_subscription_over(connector: Max, simulator: MaxSimulator) -> None:
    cursor = connector.poll("subscription", "https://city.example/hooks/token", now=RECEIVED_AT).cursor

    assert (cursor, simulator.deliveries.subscriptions) == ("https://city.example/hooks/token", {})


def test_older_address_of_the_same_channel_is_taken_away(connector: Max, simulator: MaxSimulator) -> None:
    connector.subscribe("http://localhost:9/hooks/token")
    connector.subscribe("http://localhost:9/hooks/other")
    connector.subscribe(HOOK)

    assert set(simulator.deliveries.subscriptions) == {HOOK, "http://localhost:9/hooks/other"}


def test_address_that_max_does_not_take_is_refused(connector: Max) -> None:
    with pytest.raises(SendFailed, match="443"):
        connector.subscribe("https://city.example:8443/hooks/token")


def test_check_says_what_is_well(connector: Max) -> None:
    connector.subscribe(HOOK)

    assert connector.check() == [Finding(what, ok=True) for what in ("bot", "delivery of events", "channel")]


def test_check_says_what_to_mend(connector: Max, simulator: MaxSimulator) -> None:
    connector.subscribe(HOOK)
    [subscription] = simulator.deliveries.subscriptions.values()
    subscription.update_types = tuple(kind for kind in EVENTS if kind != "comment_created")
    simulator.town.rights = ("read_all_messages", "write")
    few = [finding.advice for finding in connector.check()]
    simulator.deliveries.subscriptions.clear()
    simulator.town.is_admin = False
    none = [finding.advice for finding in connector.check()]

    assert few == ["", "these events are off: comment_created; subscribe again", "give the bot these rights in the channel: edit, delete"]  # fmt: skip # noqa: E501 - whole sentences
    assert none[1].startswith("MAX doesn't deliver here")
    assert none[2] == "make the bot an administrator of the channel"


def test_what_webhooks_missed_is_asked_for_under_their_own_keys(
    connector: Max, simulator: MaxSimulator, clock: Clock
) -> None:
    town = simulator.town
    post = town.publish("Ремонт")
    clock.now += 60
    said = town.comment(post["body"]["mid"], accounts.RESIDENT, "Когда?")
    now = RECEIVED_AT + timedelta(minutes=5)
    first = connector.poll("channel", "", now=now)
    clock.now += 2 * 3600
    town.comment(post["body"]["mid"], accounts.RESIDENT, "Ну когда?")
    second = connector.poll("channel", first.cursor, now=now + timedelta(hours=3))
    third = connector.poll("channel", second.cursor, now=now + timedelta(hours=3))

    keys = [connector.delivery_key(hook) for hook in first.hooks]
    assert keys == [f"message_created:{post['body']['mid']}", f"comment_created:{said['body']['mid']}"]
    [event] = connector.parse(first.hooks[1])
    told = json.dumps({"update_type": "comment_created", "timestamp": said["timestamp"], "message": said}).encode()
    assert event == connector.parse(replace(accounts.hook_of(told), received_at=now))[0]
    assert [connector.parse(hook)[0].text for hook in second.hooks] == ["Ну когда?"]
    assert third.hooks == ()


def test_what_shows_late_is_still_found_and_more_than_fits_follows(
    connector: Max, simulator: MaxSimulator, clock: Clock
) -> None:
    town = simulator.town
    posts = [town.publish(f"Новость {number}")["body"]["mid"] for number in range(6)]
    now = RECEIVED_AT + timedelta(minutes=5)
    first = connector.poll("channel", "", now=now)
    clock.now -= 1800
    for post in posts:
        for number in range(90):
            town.comment(post, accounts.RESIDENT, f"{number}")
    clock.now += 1800
    late = connector.poll("channel", first.cursor, now=now)
    rest = connector.poll("channel", late.cursor, now=now)

    assert (len(first.hooks), len(late.hooks), late.more, len(rest.hooks), rest.more) == (6, 400, True, 140, False)
    assert connector.poll("channel", rest.cursor, now=now).hooks == ()


@pytest.mark.parametrize(
    ("mischief", "heard"),
    [
        (Mischief.LOST, ["Раз"]),
        (Mischief.REPEATED, ["Раз", "Два", "Два"]),
        (Mischief.OVERTAKEN, ["Два", "Раз"]),
    ],
)
def test_way_to_us_may_lose_repeat_and_reorder(simulator: MaxSimulator, mischief: Mischief, heard: list[str]) -> None:
    bodies: list[bytes] = []

    async def door(scope: object, receive: object, send: object) -> None:
        bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with serve(simulator.asgi) as base_url, serve(door) as city:
        Max.from_config(accounts.config(base_url)).subscribe(f"{city}/hooks/t")
        simulator.town.write(accounts.RESIDENT, "Раз")
        simulator.deliveries.mischief.append(mischief)
        simulator.town.write(accounts.RESIDENT, "Два")
        asyncio.run(simulator.deliver())

    assert [json.loads(body)["message"]["body"]["text"] for body in bodies] == heard
