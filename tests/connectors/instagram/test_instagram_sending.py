"""What goes out to Instagram: under the right comment, within the window, in bytes, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from otklik.connectors.arranging import arrange
from otklik.connectors.base import NotAuthentic, SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, Target
from otklik.connectors.instagram.connector import Instagram
from otklik.connectors.splitting import utf8_bytes
from otklik.simulators.instagram.faults import Fault
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.instagram.town import HUMAN_WINDOW_S, WINDOW_S
from tests.connectors.ground import Outcome, outcome_of
from tests.connectors.instagram import accounts
from tests.connectors.instagram.accounts import ACCOUNT, NEIGHBOUR, RESIDENT
from tests.servers import Stage, serve

START = 1_772_443_800.0


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network(stage: tuple[Stage, str], clock: Clock) -> InstagramSimulator:
    simulator = InstagramSimulator(
        ACCOUNT, accounts.TOKEN, accounts.APP_SECRET, username="gorod", in_background=False, clock=clock
    )
    stage[0].play = simulator.asgi
    return simulator


@pytest.fixture
def instagram(stage: tuple[Stage, str], network: InstagramSimulator) -> Instagram:
    return Instagram.from_config(accounts.config(stage[1]))


def under(comment_id: str, media: str, text: str = "В среду.") -> Draft:
    target = Target("comments", f"media:{media}", media, comment_id, RESIDENT.id)
    return Draft("key", DraftKind.COMMENT_REPLY, target, text)


def to_resident(text: str = "Выехали.", **more: bool) -> Draft:
    place = f"dm:{RESIDENT.id}"
    return Draft("key", DraftKind.DIRECT_MESSAGE, Target(place, place, "", "m_1", RESIDENT.id), text, **more)


def test_answer_to_an_answer_lands_under_the_top_comment(network: InstagramSimulator, instagram: Instagram):
    post = network.town.publish("Ремонт")
    top = network.town.comment(post.id, RESIDENT, "Когда?")
    reply = network.town.comment(post.id, NEIGHBOUR, "И у нас?", top.id)

    receipt = instagram.send(under(reply.id, post.id))

    made = network.town.comments[receipt.external_id]
    assert (made.parent, made.text, receipt.container) == (top.id, "В среду.", "comments")
    found = instagram.find_sent(under(reply.id, post.id))
    assert found is not None
    assert found.external_id == receipt.external_id


def test_words_for_all_stand_under_the_post_itself(network: InstagramSimulator, instagram: Instagram):
    post = network.town.publish("Авария")

    receipt = instagram.send(under("", post.id, "Бригада на месте."))

    assert (network.town.comments[receipt.external_id].parent, network.accepted) == ("", ["Бригада на месте."])
    found = instagram.find_sent(under("", post.id, "Бригада на месте."))
    assert found == receipt


def test_same_words_said_before_are_not_taken_for_what_we_send(
    network: InstagramSimulator, instagram: Instagram, clock: Clock
):
    post = network.town.publish("Ремонт")
    top = network.town.comment(post.id, RESIDENT, "Когда?")
    instagram.send(under(top.id, post.id))
    network.town.write(RESIDENT, "Когда?")
    instagram.send(to_resident())
    clock.at += 3600
    queued_at = datetime.fromtimestamp(clock.at, UTC)

    again = [replace(draft, queued_at=queued_at) for draft in (under(top.id, post.id), to_resident())]

    assert [instagram.find_sent(draft) for draft in again] == [None, None]


def test_long_conversation_that_does_not_reach_back_is_left_to_people(
    network: InstagramSimulator, instagram: Instagram, clock: Clock
):
    queued_at = datetime.fromtimestamp(clock.at, UTC)
    for number in range(20):
        network.town.write(RESIDENT, f"Ещё {number}")

    with pytest.raises(SendUnknown):
        instagram.find_sent(replace(to_resident(), queued_at=queued_at))
    assert instagram.find_sent(replace(to_resident(), queued_at=queued_at + timedelta(hours=1))) is None


def test_comment_among_hundreds_is_found_page_by_page(network: InstagramSimulator, instagram: Instagram):
    post = network.town.publish("Ремонт")
    top = network.town.comment(post.id, RESIDENT, "Когда?")
    for number in range(120):
        network.town.comment(post.id, NEIGHBOUR, f"И я {number}", top.id)
    receipt = instagram.send(under(top.id, post.id))

    assert instagram.find_sent(under(top.id, post.id)) == receipt


def test_closed_window_is_refused_for_good_and_said_in_words(
    network: InstagramSimulator, instagram: Instagram, clock: Clock
):
    network.town.write(RESIDENT, "Нет света")
    clock.at += WINDOW_S + 1

    with pytest.raises(SendFailed, match="24 hours") as failed:
        instagram.send(to_resident())

    assert (failed.value.permanent, network.accepted) == (True, [])


@pytest.mark.parametrize(
    ("automated", "after_s", "goes"),
    [(False, WINDOW_S + 1, True), (True, WINDOW_S + 1, False), (False, HUMAN_WINDOW_S + 1, False)],
)
def test_human_agent_gives_people_seven_days_and_machines_none(
    stage: tuple[Stage, str], network: InstagramSimulator, clock: Clock, automated: bool, after_s: int, goes: bool
):
    network.town.human_agent = True
    instagram = Instagram.from_config(accounts.config(stage[1], human_agent="yes"))
    network.town.write(RESIDENT, "Нет света")
    clock.at += after_s

    ended = outcome_of(lambda: instagram.send(to_resident(automated=automated)))

    assert ended == (Outcome.SENT if goes else Outcome.REFUSED)
    assert network.accepted == (["Выехали."] if goes else [])
    tags = [call.params.get("tag", "") for call in network.calls if call.path.endswith("/messages")]
    assert tags == (["HUMAN_AGENT"] if goes else [])


def test_tag_is_not_used_inside_the_day(stage: tuple[Stage, str], network: InstagramSimulator):
    instagram = Instagram.from_config(accounts.config(stage[1], human_agent="yes"))
    network.town.write(RESIDENT, "Нет света")

    instagram.send(to_resident())

    assert ["tag" in call.params for call in network.calls] == [False]


def test_login_through_facebook_speaks_as_the_page(stage: tuple[Stage, str], network: InstagramSimulator):
    instagram = Instagram.from_config(accounts.config(stage[1], login="facebook"))
    network.town.write(RESIDENT, "Нет света")

    instagram.send(to_resident())

    assert [call.path for call in network.calls] == ["me/messages"]


@pytest.mark.parametrize(("login", "host"), [("instagram", "graph.instagram.com"), ("facebook", "graph.facebook.com")])
def test_login_decides_the_host(login: str, host: str):
    config = replace(accounts.config("", login=login), settings={"account_id": ACCOUNT, "login": login, "api_base": ""})

    assert Instagram.from_config(config).account.graph.base == f"https://{host}"


def test_message_is_cut_by_bytes_and_a_comment_by_characters(instagram: Instagram):
    text = "Дорогие жители, воду дадут к вечеру. " * 60

    messages = [part.text for part in arrange(instagram, DraftKind.DIRECT_MESSAGE, text)]
    comments = [part.text for part in arrange(instagram, DraftKind.COMMENT_REPLY, text)]

    assert max(map(utf8_bytes, messages)) <= 1000 < max(map(utf8_bytes, messages)) + 100
    assert max(map(len, comments)) <= 300
    assert "".join(messages).split() == "".join(comments).split() or " ".join(messages).split() == text.split()
    assert " ".join(comments).split() == text.split()


@pytest.mark.parametrize("number", ["../me", "17 8", "sha256-aa", "1" * 60, "١٢٣"])
def test_number_that_is_none_never_becomes_an_address(network: InstagramSimulator, instagram: Instagram, number: str):
    with pytest.raises(SendFailed) as failed:
        instagram.send(under(number, "179"))

    assert (failed.value.permanent, network.calls) == (True, [])


def test_post_without_a_photo_is_refused_without_asking(network: InstagramSimulator, instagram: Instagram):
    with pytest.raises(SendFailed) as failed:
        instagram.send(Draft("key", DraftKind.POST, Target(), "Открываем сквер"))

    assert (failed.value.permanent, network.calls) == (True, [])
    assert [kind for kind in DraftKind if instagram.takes_photos(kind)] == [DraftKind.POST]


def test_ended_token_names_the_remedy(network: InstagramSimulator, instagram: Instagram):
    network.town.write(RESIDENT, "Нет света")
    network.token_ended = True

    with pytest.raises(SendFailed, match="make a new one") as failed:
        instagram.send(to_resident())

    assert failed.value.permanent
    assert [finding.ok for finding in instagram.check()] == [False, True, False]


@pytest.mark.parametrize(
    ("code", "subcode", "permanent"), [(4, 0, False), (613, 0, False), (200, 0, True), (100, 33, True), (777, 0, True)]
)
def test_codes_of_refusals_say_whether_to_try_again(
    network: InstagramSimulator, instagram: Instagram, code: int, subcode: int, permanent: bool
):
    network.town.write(RESIDENT, "Нет света")
    network.fail_next(Fault.REFUSED, code=code, subcode=subcode)

    with pytest.raises(SendFailed) as failed:
        instagram.send(to_resident())

    assert failed.value.permanent == permanent


@pytest.mark.parametrize("code", [1, 2])
def test_trouble_inside_meta_is_a_doubt(network: InstagramSimulator, instagram: Instagram, code: int):
    network.town.write(RESIDENT, "Нет света")
    network.fail_next(Fault.REFUSED, code=code)

    with pytest.raises(SendUnknown):
        instagram.send(to_resident())


def test_subscribing_and_checking_an_account_that_is_well(network: InstagramSimulator, instagram: Instagram):
    before = [finding.ok for finding in instagram.check()]
    instagram.subscribe("https://city.example/hooks/t")
    instagram.subscribe("https://city.example/hooks/t")

    assert (before, [finding.ok for finding in instagram.check()]) == ([True, True, False], [True, True, True])
    assert network.deliveries.fields >= {"comments", "messages"}


def test_mentions_that_a_login_does_not_know_leave_the_rest_on(network: InstagramSimulator, instagram: Instagram):
    network.fail_next(Fault.REFUSED, code=100, edges={"subscribed_apps"})

    instagram.subscribe("https://city.example/hooks/t")

    assert "mentions" not in network.deliveries.fields
    assert [finding.ok for finding in instagram.check()] == [True, True, True]


def test_number_of_another_account_is_named(stage: tuple[Stage, str], network: InstagramSimulator):
    config = accounts.config(stage[1])
    instagram = Instagram.from_config(replace(config, settings={**config.settings, "account_id": "178"}))

    account, *_ = instagram.check()

    assert (account.ok, ACCOUNT in account.advice) == (False, True)


@pytest.mark.parametrize(("days", "ok"), [(30, True), (5, False), (-1, False)])
def test_end_of_the_token_is_counted_down(stage: tuple[Stage, str], network: InstagramSimulator, days: int, ok: bool):
    ends_at = (datetime.now(UTC) + timedelta(days=days, hours=1)).isoformat()
    instagram = Instagram.from_config(accounts.config(stage[1], token_ends_at=ends_at))

    assert [finding.ok for finding in instagram.check()][1] == ok


def test_names_come_for_those_who_wrote(network: InstagramSimulator, instagram: Instagram):
    network.town.write(RESIDENT, "Нет света")

    found = instagram.fetch_names([int(RESIDENT.id), 99])

    assert {number: (who.display_name, who.handle) for number, who in found.items()} == {
        RESIDENT.id: ("Иван Заречный", "ivan.zarechny")
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account_id", "club1"),
        ("login", "google"),
        ("human_agent", "maybe"),
        ("api_base", "ftp://x"),
        ("api_version", "24"),
        ("token_ends_at", "soon"),
    ],
)
def test_wrong_setting_is_named(field: str, value: str):
    config = accounts.config("")

    with pytest.raises(ValueError, match=field):
        Instagram.from_config(replace(config, settings={**config.settings, field: value}))


def test_word_that_could_be_guessed_is_refused():
    config = accounts.config("")

    with pytest.raises(ValueError, match="verify_token"):
        Instagram.from_config(replace(config, secrets={**config.secrets, "verify_token": "short"}))


@pytest.mark.parametrize("word", ["", "a word of the test", "a word of the tests "])
def test_challenge_is_answered_to_our_word_only(word: str):
    asked = {"hub.mode": "subscribe", "hub.challenge": "115", "hub.verify_token": word}

    with pytest.raises(NotAuthentic):
        accounts.connector().challenge(asked)
    assert accounts.connector().challenge(asked | {"hub.verify_token": accounts.WORD}).body == b"115"


def test_file_comes_by_its_address(stage: tuple[Stage, str], instagram: Instagram):
    async def photo(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]  # ASGI
        await send({"type": "http.response.body", "body": b"jpeg"})  # type: ignore[operator]  # ASGI

    stage[0].play = photo

    assert instagram.fetch_file("", f"{stage[1]}/photo.jpg", most=100).content == b"jpeg"
    with pytest.raises(SendFailed):
        instagram.fetch_file("", "", most=100)


def test_token_is_in_no_address(network: InstagramSimulator, instagram: Instagram, monkeypatch: pytest.MonkeyPatch):
    seen: list[httpx.Request] = []
    real = httpx.Client.send

    def send(client: httpx.Client, request: httpx.Request, **more: object) -> httpx.Response:
        seen.append(request)
        return real(client, request, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(httpx.Client, "send", send)
    instagram.check()

    assert [accounts.TOKEN in str(request.url) for request in seen] == [False] * len(seen)
    assert seen
