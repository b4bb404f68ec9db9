"""Asking for figures: what is told is kept with its time, failures are counted, and no network is asked too often."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from otklik.channels.enums import Network
from otklik.channels.fediverse import Follower
from otklik.channels.figures import AccountFigure, Audience, MeasuredPost, Measuring, PostFigure
from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.models import Channel
from otklik.channels.numbers import of_account, of_posts
from otklik.channels.services import measuring
from otklik.channels.services.counting import know_all_channels
from otklik.channels.services.figuring import day_of
from otklik.common.clock import now
from otklik.connectors.figures import Figure
from otklik.simulators.vk.faults import Fault
from tests.stories import found_town
from tests.worker.networks import Networks, connected_networks

pytestmark = pytest.mark.django_db
POST_NUMBERS = {"likes": 12, "reposts": 2, "comments": 0, "views": 900, "reach": 450}


@pytest.fixture
def networks() -> object:
    with connected_networks() as found:
        found.tg_channel.delete()
        know_all_channels(now=now())
        yield found


def measure(at: datetime) -> None:
    while measuring.measure_next(now=at):
        pass


def told_of(channel: Channel, post: str) -> dict[str, int]:
    rows = PostFigure.objects.filter(channel=channel, post_external_id=post).order_by("day")
    return {row.figure: row.value for row in rows}


def followed(networks: Networks, *, age: timedelta = timedelta()) -> str:
    town = networks.vk.town
    post = town.publish("Сквер", town.owner_id)
    town.numbers.posts[post.id] = dict(POST_NUMBERS)
    name = f"{town.owner_id}_{post.id}"
    measuring.follow(networks.vk_channel, {name: now() - age})
    return name


def test_account_and_posts_are_kept_with_the_time_they_were_told(networks: Networks) -> None:
    networks.vk.town.numbers.account = {"members": 4100, "reach": 900}
    networks.vk.town.numbers.audience = {"sex_age": [("f;25-30", 600), ("m;25-30", 400)]}
    post, at = followed(networks), now()

    measure(at)

    account = {row.figure: (row.value, row.read_at) for row in AccountFigure.objects.all()}
    assert account == {"followers": (4100, at), "reach": (900, at)}
    assert Audience.objects.get().shares == [["age", "25-30", 100.0], ["sex", "f", 60.0], ["sex", "m", 40.0]]
    told = {"likes": 12, "shares": 2, "comments": 0, "views": 900, "reach": 450}
    assert told_of(networks.vk_channel, post) == told
    [row] = of_posts([(networks.vk_channel, post)])
    saves = next(cell for cell in row.cells if cell.figure == "saves")
    assert (row.read_at, saves.is_told, saves.value) == (at, False, None)


def test_day_keeps_its_newest_and_the_next_day_begins_anew(networks: Networks) -> None:
    networks.vk.town.numbers.account = {"members": 10}
    at = now()
    measure(at)
    networks.vk.town.numbers.account = {"members": 11}
    measure(at + measuring.ACCOUNT_EVERY)
    networks.vk.town.numbers.account = {"members": 12}
    measure(at + timedelta(days=2))

    days = dict(AccountFigure.objects.filter(figure="followers").values_list("day", "value"))
    last = day_of(networks.vk_channel, at + timedelta(days=2))
    numbers = of_account(networks.vk_channel, today=last)
    assert days[last] == 12
    assert [values for _, values in numbers.days] == [
        [12],
        *[[one] for one in sorted({10, 11} & set(days.values()))[::-1]],
    ]
    assert next(cell for cell in numbers.now if cell.figure == "followers").value == 12


def test_what_is_not_told_this_time_stays_with_its_own_time(networks: Networks) -> None:
    networks.vk.town.numbers.account = {"members": 10, "reach": 5}
    at = now()
    measure(at)
    networks.vk.town.numbers.account = {"members": 11}
    later = at + measuring.ACCOUNT_EVERY
    measure(later)

    kept = {row.figure: (row.value, row.read_at) for row in AccountFigure.objects.order_by("day")}
    assert kept == {"followers": (11, later), "reach": (5, at)}


def test_nobody_is_asked_more_often_than_the_rhythm_says(networks: Networks) -> None:
    followed(networks)
    at = now()
    measure(at)
    calls = len(networks.vk.calls)
    measure(at + measuring.STEP)
    between = len(networks.vk.calls)
    measure(at + timedelta(minutes=15))

    asked = [call.method for call in networks.vk.calls[between:]]
    assert (between, asked) == (calls, ["wall.getById", "stats.getPostReach"])


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(hours=2), timedelta(minutes=15)),
        (timedelta(days=2), timedelta(hours=1)),
        (timedelta(days=10), timedelta(hours=6)),
        (timedelta(days=60), timedelta(days=1)),
        (timedelta(days=400), timedelta(days=30)),
        (timedelta(days=800), None),
    ],
)
def test_the_older_a_post_the_rarer_it_is_asked_for(age: timedelta, wait: timedelta | None) -> None:
    at = now()

    assert measuring.next_time(at - age, now=at) == (None if wait is None else at + wait)


def test_posts_of_one_question_are_bounded(networks: Networks) -> None:
    for _ in range(40):
        followed(networks)
    measure(now())

    asked = [call.params["posts"].count(",") + 1 for call in networks.vk.calls if call.method == "wall.getById"]
    assert asked == [30]


def test_failure_counts_in_the_channels_budget_and_waits_as_told(networks: Networks) -> None:
    networks.vk.fail_next(Fault.HTTP_ERROR, methods={"groups.getById"}, code=429, retry_after_s=1800)
    at = now()
    measure(at)

    hour, health = (
        ChannelHour.objects.get(channel=networks.vk_channel),
        ChannelHealth.objects.get(channel=networks.vk_channel),
    )
    row = Measuring.objects.get()
    assert (hour.calls, hour.failures, health.failed_call) == (1, 1, measuring.CALL)
    assert (row.due_at, row.failures) == (at + timedelta(minutes=30), 1)
    measure(at + timedelta(minutes=31))
    assert (ChannelHealth.objects.get(channel=networks.vk_channel).failed_call, Measuring.objects.get().failures) == (
        "",
        0,
    )


def test_statistics_that_are_refused_hold_up_nothing_else(networks: Networks) -> None:
    networks.vk.town.numbers.account = {"members": 10}
    post = followed(networks)
    networks.vk.fail_next(Fault.REFUSED, methods={"stats.get"}, code=7)
    at = now()
    measure(at)

    assert (AccountFigure.objects.get().value, told_of(networks.vk_channel, post)["likes"]) == (10, 12)
    assert ChannelHealth.objects.get(channel=networks.vk_channel).failed_call == measuring.CALL
    assert Measuring.objects.get().account_due_at == at + measuring.REFUSED_FOR


def test_post_that_is_gone_is_given_up_after_a_while(networks: Networks) -> None:
    post = followed(networks)
    networks.vk.town.posts.clear()
    at = now()
    for hours in range(4):
        measure(at + timedelta(hours=hours))

    row = MeasuredPost.objects.get(post_external_id=post)
    assert (row.due_at, row.missing, told_of(networks.vk_channel, post)) == (None, measuring.GIVEN_UP_AFTER, {})


def test_channel_that_is_off_is_not_asked(networks: Networks) -> None:
    measuring.know_all_channels(now=now())
    Channel.objects.update(is_enabled=False)

    assert (measuring.measure_next(now=now()), networks.vk.calls) == (False, [])


def test_one_question_is_asked_by_one_worker(networks: Networks) -> None:
    measuring.know_all_channels(now=now())
    at = now()

    assert (measuring.claim(now=at) is not None, measuring.claim(now=at)) == (True, None)


def test_answer_that_comes_after_the_lease_writes_nothing(networks: Networks) -> None:
    networks.vk.town.numbers.account = {"members": 10}
    measuring.know_all_channels(now=now())
    at = now()
    errand = measuring.claim(now=at)
    assert errand is not None
    answered = measuring.ask(errand, now=at)
    assert measuring.claim(now=at + measuring.LEASE) is not None

    measuring.record(errand, answered, now=at)
    assert AccountFigure.objects.count() == 0


def test_post_published_from_the_desk_is_measured(networks: Networks) -> None:
    from otklik.org.enums import Role
    from otklik.posts.services.publishing import Words, publish

    publish(networks.town.official(Role.HEAD), Words("Сквер", "Открываем сквер."), now=now())
    networks.send()

    [row] = MeasuredPost.objects.filter(channel=networks.vk_channel)
    assert row.post_external_id == f"-77_{max(networks.vk.town.posts)}"


def test_followers_in_the_fediverse_are_counted_here() -> None:
    city = found_town().city
    channel = Channel.objects.create(
        municipality=city, name="fedi", network=Network.ACTIVITYPUB, hook_token="f", settings={}
    )
    for number, lost in enumerate([None, None, now()]):
        Follower.objects.create(
            municipality=city, channel=channel, external_id=str(number), actor="https://a.example/u", inbox="https://a",
            followed_at=now(), lost_at=lost,
        )  # fmt: skip
    measure(now())

    row = AccountFigure.objects.get(channel=channel)
    assert (row.figure, row.value) == (Figure.FOLLOWERS, 2)
