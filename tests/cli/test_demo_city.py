"""The demo city lives through its past by the real services, and its networks remember it in the next run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from otklik.cases.enums import OPEN_STATUSES, AnswerState, Outcome, Status
from otklik.cases.models import Answer, Case
from otklik.channels.enums import Decision, DeliveryState, MessageKind, OutgoingState
from otklik.channels.models import Channel, Delivery, Identity, Message, Outgoing
from otklik.cli.demo_carrier import Carrier
from otklik.cli.demo_city import Towns, found, open_channels, towns_of
from otklik.cli.demo_day import unpublished
from otklik.cli.demo_memory import answers_sent_since, remember
from otklik.cli.demo_past import Past, PastClock
from otklik.cli.demo_report import look_at_wave, summary
from otklik.cli.demo_staff import Staff
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality, Official, Topic
from otklik.posts.models import Post, Publication, Rubric
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.town import pacing
from otklik.simulators.town.library import shipped
from otklik.simulators.town.serving import server
from tests.servers import two_ports

NETWORKS = ("telegram", "vk", "max", "instagram")
NOW = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)
LIBRARY = shipped()
Lived = tuple[Municipality, Towns, int]
"""A city, its simulators as they were, and the port they are known under."""
pytestmark = pytest.mark.django_db


@contextmanager
def served(towns: Towns, port: int) -> Iterator[None]:
    """The simulators on their port, for as long as a test sends."""
    networks = server(towns.telegram, towns.vk, port, instagram=towns.instagram, max_=towns.max_)
    thread = threading.Thread(target=networks.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not networks.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield
    finally:
        networks.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def past(django_db_setup: None, django_db_blocker: Any) -> Iterator[Lived]:
    """A city with two days behind it: made once, and rolled back after the last test that looks at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        clock, rng, port = PastClock(NOW), pacing.dice(3), two_ports()
        city = found(LIBRARY, port, now=NOW)
        towns = towns_of(city, LIBRARY, rng, clock)
        with served(towns, port):
            past = Past(towns, Staff(city, LIBRARY, rng), clock, rng)
            past.live_through(LIBRARY.posts[:4], until=NOW, progress=lambda _: None, days=2)
        yield city, towns, port
        transaction.set_rollback(True)


@pytest.fixture
def lived(past: Lived, db: None) -> Lived:
    """The city as it was left by its past, whatever the test before did."""
    return past


def test_town_speaks_the_city_s_own_codes(lived: Lived):
    city = lived[0]
    topics = set(Topic.objects.filter(municipality=city).values_list("code", flat=True))

    assert {post.rubric for post in LIBRARY.posts} <= set(Rubric.values)
    assert {answer.outcome for answer in LIBRARY.answers} <= set(Outcome.values)
    assert {answer.topic for answer in LIBRARY.answers} - topics == {""}


def test_each_role_has_a_demo_sign_in_that_only_the_demo_lets_in(lived: Lived):
    city = lived[0]
    people = Official.objects.filter(municipality=city)
    shown = {person for person in people if person.has_usable_password()}

    roles = {role for person in shown for role in access_of(person).roles}
    assert roles == {
        Role.OPERATOR, Role.CURATOR, Role.EXECUTOR, Role.APPROVER, Role.CHIEF_EDITOR, Role.HEAD, Role.AIDE, Role.ADMIN
    }  # fmt: skip
    assert all(person.is_demo for person in people)
    assert all(person.check_password(LIBRARY.city["password"]) for person in shown)


def test_past_is_lived_through_the_real_services(lived: Lived):
    city, towns, _ = lived
    cases, messages = Case.objects.filter(municipality=city), Message.objects.filter(municipality=city)

    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.PARSED}
    assert set(Outgoing.objects.values_list("state", flat=True)) == {OutgoingState.SENT}
    assert not messages.filter(decision=Decision.PENDING).exists()
    assert {row.network for row in Identity.objects.exclude(display_name="")} == {*NETWORKS, "site"}
    assert not Identity.objects.filter(display_name="").exists()
    assert (cases.filter(opened_at__gt=NOW).count(), cases.filter(status__in=sorted(OPEN_STATUSES)).count() > 0) == (
        0,
        True,
    )
    told = messages.filter(is_ours=False).exclude(kind=MessageKind.POST)
    assert told.count() == towns.life.said.total()
    assert (Post.objects.count(), Publication.objects.exclude(external_id="").count()) == (4, 16)


def test_nobody_in_the_past_approved_an_own_draft(lived: Lived):
    answers = Answer.objects.filter(state=AnswerState.SENT)

    assert answers.count() > 5
    assert [answer for answer in answers if answer.author_id == answer.approver_id and not answer.in_heads_name] == []


def words_of(simulator: MaxSimulator) -> dict[str, tuple[str, Any]]:
    """What stands in MAX: the words of each message, and where."""
    return {mid: (one["body"]["text"], one["recipient"]) for mid, one in simulator.town.messages.items()}


def test_networks_remember_the_past_in_the_next_run(lived: Lived):
    city, before, _ = lived
    after = towns_of(city, LIBRARY, pacing.dice(4))
    remember(after)

    assert list(after.vk.town.posts) == list(before.vk.town.posts)
    kept = {number: one.text for number, one in before.vk.town.comments.items() if not one.deleted}
    assert {number: one.text for number, one in after.vk.town.comments.items()} == kept
    said = {key: one.get("text") or one["caption"] for key, one in before.telegram.town.messages.items()}
    assert {key: one["text"] for key, one in after.telegram.town.messages.items()} == said
    assert words_of(after.max_) == words_of(before.max_)
    assert after.max_.town.last >= before.max_.town.last
    assert list(after.life.visitors.posts.values()) == [post.title for post in LIBRARY.posts[:4]]


def test_network_that_an_earlier_build_did_not_have_is_connected_in_the_next_run(lived: Lived):
    city, _, _ = lived
    kept = {channel.network: channel.hook_token for channel in Channel.objects.exclude(network="instagram")}
    Channel.objects.filter(network="instagram").update(network="ok", name="another")

    open_channels(city, LIBRARY, 9000, now=NOW)

    channels = {channel.network: channel for channel in Channel.objects.all()}
    assert {network: channels[network].hook_token for network in kept} == kept
    assert channels.keys() == {*kept, "ok", "instagram"}
    assert channels["instagram"].settings["api_base"] == "http://127.0.0.1:9000/instagram"
    assert towns_of(city, LIBRARY, pacing.dice(4)).channels == channels


def test_yesterdays_comment_is_answered_in_the_next_run(lived: Lived):
    city, _, port = lived
    after = towns_of(city, LIBRARY, pacing.dice(4))
    remember(after)
    carrier, staff, later = Carrier(after), Staff(city, LIBRARY, pacing.dice(4)), NOW + timedelta(minutes=5)
    waiting = staff.waiting_for_work().filter(status=Status.ASSIGNED, channel__network__in=NETWORKS)
    answered = [case for case in waiting[:6] if staff.begin(case, now=later) and staff.draft(case, now=later)]
    with served(after, port):
        approved = [staff.approve(case, now=later) for case in answered]
        carrier.send(later)

    assert (len(answered) > 1, all(approved)) == (True, True)
    wave = look_at_wave(city, after, later)
    assert (wave.approved, wave.sent, wave.shown) == (wave.approved, wave.approved, wave.approved)
    assert len(answers_sent_since(city, NOW)) == wave.approved >= len(answered)


def test_new_words_take_no_numbers_of_old_ones(lived: Lived):
    city, _, _ = lived
    count = Message.objects.filter(is_ours=False).exclude(kind=MessageKind.POST).count()
    after = towns_of(city, LIBRARY, pacing.dice(5))
    remember(after)
    carrier = Carrier(after)
    for _ in range(40):
        after.life.speak()
    carrier.carry(NOW + timedelta(minutes=1))

    assert Message.objects.filter(is_ours=False).exclude(kind=MessageKind.POST).count() == count + 40
    wave = look_at_wave(city, after, NOW + timedelta(minutes=1))
    assert (wave.said, wave.due, wave.undecided) == (wave.heard, 0, 0)
    assert not wave.is_through, "nothing was answered yet"


def test_summary_counts_what_is_there(lived: Lived):
    city, towns, _ = lived
    lines = summary(city, towns, look_at_wave(city, towns, NOW - timedelta(days=30)))
    cases = Case.objects.filter(municipality=city)

    assert lines[1] == f"  {'posts':<16}4 on the site; in the networks telegram 4, vk 4, max 4"
    assert any(line.startswith(f"  {'cases':<16}{cases.count()}, of them ") for line in lines)
    by_department = [int(line.split()[0]) for line in lines if line.startswith(" " * 18)]
    assert sum(by_department) == cases.exclude(department=None).count()


def test_head_goes_on_with_posts_that_are_not_out_yet(lived: Lived):
    assert unpublished(lived[0], LIBRARY.posts) == list(LIBRARY.posts[4:])
