"""What the law restricts is off until an administrator has acknowledged it; who forges that is refused."""

from __future__ import annotations

import pytest

from otklik.channels.acceptances import Acceptance
from otklik.channels.legal import is_off, restrictions_of
from otklik.channels.metrics import exposition
from otklik.channels.models import Channel
from otklik.channels.services.accepting import accept, acceptances_of, take_back
from otklik.channels.services.connecting import connect
from otklik.channels.states import states_of
from otklik.common.clock import now
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.law import Capability, law_of
from otklik.org.models import AuditEntry
from tests.builders import make_access, make_city

pytestmark = pytest.mark.django_db
COMMENTS, DIRECT, PUBLISH = Capability.COMMENTS, Capability.DIRECT_MESSAGES, Capability.PUBLISH
SEAL = law_of("ru", "telegram").seal
VALUES = {"bot_token": f"123456789:{'A' * 35}", "channel_chat_id": "-1002", "discussion_chat_id": "-1001"}


@pytest.fixture
def admin() -> Access:
    return make_access(make_city(), Role.ADMIN)


@pytest.fixture
def telegram(admin: Access) -> Channel:
    return connect(admin.official.municipality, "telegram", "tg", "", VALUES, now=now())


def off(channel: Channel) -> list[bool]:
    fresh = Channel.objects.get(pk=channel.pk)
    return [is_off(fresh, one) for one in (PUBLISH, COMMENTS, DIRECT)]


def test_new_channel_has_what_the_law_restricts_off(telegram: Channel) -> None:
    assert off(telegram) == [False, True, True]


def test_elsewhere_nothing_is_off() -> None:
    city = make_city(jurisdiction="eu")

    assert off(connect(city, "telegram", "tg", "", VALUES, now=now())) == [False, False, False]


def test_acknowledging_turns_on_that_alone_and_keeps_who_and_the_words(admin: Access, telegram: Channel) -> None:
    accept(admin, telegram, COMMENTS, seal=SEAL, now=now())

    [kept] = acceptances_of(telegram)
    assert off(telegram) == [False, False, True]
    assert (kept.accepted_by, kept.capability, kept.words) == (
        admin.official,
        "comments",
        law_of("ru", "telegram").words,
    )
    [noted] = AuditEntry.objects.filter(action="channel.restriction_accepted")
    assert (noted.actor, noted.detail["words"]) == (admin.official, kept.words)


def test_acknowledging_twice_is_once(admin: Access, telegram: Channel) -> None:
    stale = Channel.objects.get(pk=telegram.pk)
    accept(admin, telegram, COMMENTS, seal=SEAL, now=now())
    accept(admin, stale, COMMENTS, seal=SEAL, now=now())

    assert (Acceptance.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_taking_back_turns_off_and_keeps_the_history(admin: Access, telegram: Channel) -> None:
    accept(admin, telegram, DIRECT, seal=SEAL, now=now())
    take_back(admin, telegram, DIRECT, now=now())
    take_back(admin, telegram, DIRECT, now=now())

    [kept] = acceptances_of(telegram)
    assert (off(telegram)[2], kept.taken_back_by) == (True, admin.official)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "channel.restriction_accepted",
        "channel.restriction_kept",
    ]
    accept(admin, telegram, DIRECT, seal=SEAL, now=now())
    assert (off(telegram)[2], Acceptance.objects.count()) == (False, 2)


def test_words_that_changed_meanwhile_are_not_acknowledged(admin: Access, telegram: Channel) -> None:
    with pytest.raises(NotPossible):
        accept(admin, telegram, COMMENTS, seal="of other words", now=now())

    assert off(telegram)[1]


def test_what_the_law_does_not_restrict_has_nothing_to_acknowledge(admin: Access, telegram: Channel) -> None:
    with pytest.raises(NotPossible):
        accept(admin, telegram, PUBLISH, seal=SEAL, now=now())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_administrator_acknowledges_or_takes_back(telegram: Channel, role: Role) -> None:
    other = make_access(telegram.municipality, role)

    with pytest.raises(Refused):
        accept(other, telegram, COMMENTS, seal=SEAL, now=now())
    with pytest.raises(Refused):
        take_back(other, telegram, COMMENTS, now=now())
    assert off(telegram)[1]


def test_another_citys_administrator_is_refused(telegram: Channel) -> None:
    with pytest.raises(Refused):
        accept(make_access(make_city("zarechny"), Role.ADMIN), telegram, COMMENTS, seal=SEAL, now=now())


def test_screen_and_metrics_tell_what_is_off(admin: Access, telegram: Channel) -> None:
    accept(admin, telegram, COMMENTS, seal=SEAL, now=now())
    [state] = states_of(Channel.objects.select_related("municipality"), now=now())

    told = [line for line in exposition([state]).splitlines() if line.startswith("otklik_channel_off_by_law{")]
    where = 'city="yasnogorye",channel="tg",network="telegram"'
    assert [one.capability for one in state.off_by_law] == [DIRECT]
    assert told == [
        f'otklik_channel_off_by_law{{{where},capability="comments"}} 0',
        f'otklik_channel_off_by_law{{{where},capability="direct_messages"}} 1',
    ]


def test_only_what_the_network_can_do_is_told_as_restricted(admin: Access) -> None:
    values = {"account_id": "17841", "token": "t", "app_secret": "s", "verify_token": "a word of ours"}
    instagram = connect(admin.official.municipality, "instagram", "ig", "", values, now=now())

    assert {COMMENTS, DIRECT} <= {one.capability for one in restrictions_of(instagram)}
