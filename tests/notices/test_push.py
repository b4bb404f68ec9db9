"""Web push to officials: chosen by each, told once, nothing of anybody in it, ended subscriptions forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from otklik.notices.enums import LetterState, Matter, NoticeKind, Way
from otklik.notices.letters import Carrier, Device, Letter
from otklik.notices.services import pushing
from otklik.notices.services.pushing import add_device, forget_device, save_push, try_push
from otklik.notices.services.routing import write_letters
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.simulators.push.simulator import Browser, PushSimulator
from tests.notices.test_letters import NOON, carry, notice, wants
from tests.servers import Stage, serve
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=2)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as url:
        yield stage, url


@pytest.fixture
def service(stage: tuple[Stage, str]) -> PushSimulator:
    stage[0].play = PushSimulator()
    return stage[0].play


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def clerk(town: Town) -> Access:
    save_push(town.official(Role.ADMIN), is_on=True)
    return town.official(Role.EXECUTOR, name="Павел Ключников")


@pytest.fixture
def phone(clerk: Access, service: PushSimulator, stage: tuple[Stage, str]) -> Browser:
    return subscribed(clerk, service, stage[1])


def subscribed(who: Access, service: PushSimulator, url: str, name: str = "Chrome, Android") -> Browser:
    browser = service.subscribe(pushing.identity().public)
    add_device(who, f"{url}/push/{browser.token}", browser.p256dh, browser.secret, name=name, now=NOON)
    return browser


def said_to(browser: Browser) -> list[dict[str, object]]:
    return [json.loads(one) for one in browser.messages]


def test_nothing_is_pushed_unless_its_official_chose_it(phone: Browser, clerk: Access) -> None:
    notice(clerk)

    assert (carry(LATER), phone.messages) == ([], [])


def test_notice_is_a_matter_a_count_and_an_address(phone: Browser, clerk: Access) -> None:
    wants(clerk, by_email=False, by_push=True)
    notice(clerk)
    carry(NOON)

    assert carry(LATER) == ["sent"]
    assert said_to(phone) == [
        {"matter": "deadlines", "n": 1, "path": "/desk/cases/7/", "lang": clerk.official.language}
    ]


def test_flood_is_one_push_with_a_count(phone: Browser, clerk: Access) -> None:
    wants(clerk, by_email=False, by_push=True)
    wants(clerk, Matter.REPLIES, by_email=False, by_push=True)
    for number in range(30):
        notice(clerk, number)
    notice(clerk, 40, NoticeKind.REPLIED)
    carry(NOON)

    assert carry(LATER) == ["sent"]
    assert said_to(phone) == [{"matter": "", "n": 31, "path": "/desk/notices/", "lang": clerk.official.language}]


def test_nothing_anybody_wrote_or_is_called_is_pushed(phone: Browser, clerk: Access, town: Town) -> None:
    wants(clerk, by_email=False, by_push=True)
    case = town.case(town.hear("Яма у дома Ивана Петрова, Садовая 12, +7 900 000-00-00", visitor="ivan"))
    notice(clerk, case.number)
    carry(NOON)
    carry(LATER)

    assert {name for said in said_to(phone) for name in said} == {"matter", "n", "path", "lang"}
    assert str(clerk.official.full_name).encode() not in b"".join(phone.messages)


def test_quiet_hours_hold_a_push_back(phone: Browser, clerk: Access) -> None:
    wants(clerk, by_email=False, by_push=True, quiet=(10, 14))
    notice(clerk)
    carry(NOON)

    assert (carry(LATER), carry(NOON + timedelta(hours=2))) == (["queued"], ["sent"])


def test_digest_is_pushed_as_its_name_and_address(phone: Browser, town: Town) -> None:
    head = town.official(Role.HEAD)
    Device.objects.update(official=head.official)
    wants(head, Matter.DIGEST, by_email=False, by_push=True)
    content = {"path": "/desk/digest/2026-09-15/", "counts": {"control": 3}}
    write_letters(head.official, Matter.DIGEST, "digest:2026-09-15", content, now=NOON)

    assert carry(NOON) == ["sent"]
    assert said_to(phone)[0]["matter"] == "digest"
    assert said_to(phone)[0]["path"] == "/desk/digest/2026-09-15/"


@pytest.mark.parametrize("code", [404, 410])
def test_subscription_that_ended_is_forgotten_and_the_other_hears(
    code: int, clerk: Access, service: PushSimulator, stage: tuple[Stage, str]
) -> None:
    old, new = (subscribed(clerk, service, stage[1], name) for name in ("old", "new"))
    wants(clerk, by_email=False, by_push=True)
    notice(clerk)
    carry(NOON)
    service.faults.extend([201, code])  # the newest is asked first; 201 of a service that lost it all the same

    assert carry(LATER) == ["sent"]
    assert [row.name for row in Device.objects.all()] == ["new"]
    assert (old.messages, new.messages) == ([], [])


def test_last_subscription_that_ended_is_a_letter_that_people_see(
    phone: Browser, clerk: Access, service: PushSimulator
) -> None:
    wants(clerk, by_email=False, by_push=True)
    notice(clerk)
    carry(NOON)
    service.faults.append(410)

    assert carry(LATER) == ["failed"]
    assert "включите там снова" in Letter.objects.get().error
    assert Device.objects.count() == 0


def test_service_that_asks_to_wait_is_waited_for(phone: Browser, clerk: Access, service: PushSimulator) -> None:
    wants(clerk, by_email=False, by_push=True)
    notice(clerk)
    carry(NOON)
    service.retry_after = "7200"
    service.faults.append(429)

    first = carry(LATER)
    early, late = carry(LATER + timedelta(minutes=119)), carry(LATER + timedelta(minutes=121))

    assert (first, early, late) == (["queued"], ["queued"], ["sent"])
    assert len(phone.messages) == 1


def test_service_in_trouble_is_tried_again_and_given_up(phone: Browser, clerk: Access, service: PushSimulator) -> None:
    wants(clerk, by_email=False, by_push=True)
    notice(clerk)
    carry(NOON)
    service.faults.extend([503] * 6)

    for day in range(6):
        carry(LATER + timedelta(days=day))

    assert Letter.objects.get().state == LetterState.FAILED
    assert phone.messages == []


def test_switched_off_city_pushes_nothing(phone: Browser, clerk: Access, town: Town) -> None:
    wants(clerk, by_email=False, by_push=True)
    save_push(town.official(Role.ADMIN), is_on=False)
    notice(clerk)

    assert carry(LATER) == []
    with pytest.raises(NotPossible):
        try_push(clerk)


def test_trying_it_reaches_ones_own_browsers_only(
    phone: Browser, clerk: Access, town: Town, service: PushSimulator, stage: tuple[Stage, str]
) -> None:
    other = subscribed(town.official(Role.EXECUTOR), service, stage[1])

    try_push(clerk)

    assert [said["matter"] for said in said_to(phone)] == ["try"]
    assert other.messages == []


def test_trying_it_without_a_browser_says_so(clerk: Access) -> None:
    with pytest.raises(NotPossible, match="не осталось ни телефона"):
        try_push(clerk)


def test_same_browser_with_another_official_is_theirs_now(
    phone: Browser, clerk: Access, town: Town, stage: tuple[Stage, str]
) -> None:
    colleague = town.official(Role.EXECUTOR, name="Другой")
    add_device(colleague, f"{stage[1]}/push/{phone.token}", phone.p256dh, phone.secret, name="", now=LATER)

    assert list(Device.objects.values_list("official", flat=True)) == [colleague.official.pk]
    with pytest.raises(NotPossible):
        try_push(clerk)


def test_oldest_browser_makes_room(clerk: Access, service: PushSimulator, stage: tuple[Stage, str]) -> None:
    for number in range(12):
        subscribed(clerk, service, stage[1], str(number))

    assert {row.name for row in Device.objects.all()} == {str(number) for number in range(2, 12)}


def test_browser_of_somebody_else_is_not_mine_to_forget(phone: Browser, town: Town) -> None:
    assert forget_device(town.official(Role.EXECUTOR), Device.objects.get().pk) is False
    assert Device.objects.count() == 1


@pytest.mark.parametrize("endpoint", ["http://push.example/x", "ftp://127.0.0.1/x", "https://10.0.0.1:x/"])
def test_address_that_is_none_is_refused(endpoint: str, clerk: Access, service: PushSimulator) -> None:
    browser = service.subscribe("")

    with pytest.raises(NotPossible):
        add_device(clerk, endpoint, browser.p256dh, browser.secret, name="", now=NOON)

    assert Device.objects.count() == 0


def test_only_whoever_manages_the_city_switches_it_on(town: Town) -> None:
    with pytest.raises(Refused):
        save_push(town.official(Role.HEAD), is_on=True)

    assert not Carrier.objects.filter(way=Way.PUSH).exists()
