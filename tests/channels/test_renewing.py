"""Tokens that end: renewed in time, once, and never over one that somebody saved meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.models import Channel
from otklik.channels.services.connecting import connect, reconfigure
from otklik.channels.services.renewing import Renewer, keep
from otklik.common.clock import now
from otklik.connectors.events import RenewedToken
from otklik.simulators.instagram.simulator import RENEWED_AFTER_S, InstagramSimulator
from tests.servers import Stage, serve
from tests.stories import found_town

pytestmark = pytest.mark.django_db

ACCOUNT, TOKEN = "17841400000000001", "IGAA-of-the-tests"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def there(stage: tuple[Stage, str]) -> InstagramSimulator:
    made = InstagramSimulator(ACCOUNT, TOKEN, "s", in_background=False, clock=NOW.timestamp)
    made.token_made_at -= RENEWED_AFTER_S + 1
    stage[0].play = made.asgi
    return made


@pytest.fixture
def channel(stage: tuple[Stage, str], there: InstagramSimulator) -> Channel:
    return connected(stage[1])


def connected(api: str, **settings: str) -> Channel:
    secrets = {"token": TOKEN, "app_secret": "s", "verify_token": "a word of ours"}
    values = {"account_id": ACCOUNT, "api_base": api, **secrets, **settings}
    return connect(found_town().city, "instagram", "ig", "", values, now=now())


def test_token_of_unknown_end_is_renewed_once_and_its_end_is_known(channel: Channel, there: InstagramSimulator) -> None:
    renewer = Renewer()

    renewed = [renewer.renew_due(now=NOW), Renewer().renew_due(now=NOW)]

    channel.refresh_from_db()
    assert (renewed, secrets_of(channel)["token"]) == ([1, 0], there.token)
    assert (there.token != TOKEN, connector_of(channel).token_ends_at) == (True, NOW + timedelta(days=60))
    assert next(finding.ok for finding in connector_of(channel).check())


@pytest.mark.parametrize(("days", "due"), [(21, False), (19, True), (1, True), (-1, False)])
def test_token_is_renewed_weeks_before_its_end_and_not_after(
    stage: tuple[Stage, str], there: InstagramSimulator, days: int, due: bool
) -> None:
    connected(stage[1], token_ends_at=(NOW + timedelta(days=days)).isoformat())

    assert Renewer().renew_due(now=NOW) == due


def test_token_that_is_too_young_stays_and_is_not_asked_for_again_at_once(
    channel: Channel, there: InstagramSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    there.token_made_at = NOW.timestamp()
    renewer = Renewer()

    assert [renewer.renew_due(now=NOW), renewer.renew_due(now=NOW)] == [0, 0]
    assert [TOKEN in caplog.text, caplog.text.count("can't be renewed")] == [False, 1]
    assert secrets_of(channel)["token"] == TOKEN


def test_page_of_facebook_keeps_its_token(stage: tuple[Stage, str], there: InstagramSimulator) -> None:
    connected(stage[1], login="facebook")

    assert (Renewer().renew_due(now=NOW), there.calls) == (0, [])


def test_token_that_somebody_saved_meanwhile_stays(channel: Channel) -> None:
    reconfigure(channel, {"token": "saved-by-hand"})

    assert not keep(channel, TOKEN, RenewedToken("too-late", NOW))
    channel.refresh_from_db()
    assert secrets_of(channel)["token"] == "saved-by-hand"


def test_end_of_the_old_token_is_forgotten_with_it(stage: tuple[Stage, str], there: InstagramSimulator) -> None:
    ends_at = (NOW + timedelta(days=3)).isoformat()
    channel = connected(stage[1], token_ends_at=ends_at)
    reconfigure(channel, {"token": "another", "token_ends_at": ends_at})

    channel.refresh_from_db()
    assert channel.settings["token_ends_at"] == ""
