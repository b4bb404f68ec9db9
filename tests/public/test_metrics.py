"""/metrics: the channels' numbers for this machine or whoever has the token, and no page at all for others."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.test import Client

from otklik.channels.health import ChannelHealth
from otklik.channels.metrics import CONTENT_TYPE
from otklik.channels.models import Channel
from otklik.channels.services.counting import know_all_channels, note_calls
from otklik.common.clock import now
from otklik.config.environment import WrongSetting, read
from otklik.connectors.base import SendFailed
from tests.stories import found_town

pytestmark = pytest.mark.django_db

TOKEN = "steep-willow-42-steep"
BY_GATE = {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}
_LINE = re.compile(r'otklik_channel_[a-z0-9_]+\{city="[a-z-]+",channel="[^"]+",network="[a-z]+"\} -?[0-9.]+')


@pytest.fixture
def with_token(settings: object) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, metrics_token=TOKEN)


def read_as(**headers: str) -> int:
    return Client().get("/metrics", **headers).status_code


def test_this_machine_reads_the_numbers_of_every_channel(db: None) -> None:
    town, at = found_town(), now()
    know_all_channels(now=at)
    note_calls(town.site, "send", failures=[SendFailed("Иван Петров не найден", permanent=True)], good=3, now=at)
    Channel.objects.update(last_delivery_at=datetime(2026, 11, 2, 9, tzinfo=UTC), title="Сайт")
    ChannelHealth.objects.update(delivers=True)

    answer = Client().get("/metrics")

    lines = answer.content.decode().splitlines()
    of_site = '{city="yasnogorye",channel="site",network="site"}'
    assert (answer.status_code, answer["Content-Type"]) == (200, CONTENT_TYPE)
    assert [line for line in lines if not (line.startswith("# ") or _LINE.fullmatch(line))] == []
    assert f"otklik_channel_last_event_timestamp_seconds{of_site} 1793610000.0" in lines
    assert f"otklik_channel_calls_24h{of_site} 4" in lines
    assert f"otklik_channel_failed_calls_24h{of_site} 1" in lines
    assert f"otklik_channel_delivers{of_site} 1" in lines
    assert [line for line in lines if "token_ends" in line and not line.startswith("# ")] == []
    assert "Иван" not in answer.content.decode()


def test_whoever_comes_by_the_gate_needs_the_token(with_token: None) -> None:
    assert read_as(**BY_GATE) == 404
    assert read_as(**BY_GATE, HTTP_AUTHORIZATION=f"Bearer {TOKEN}") == 200
    for forged in (f"Bearer {TOKEN}x", "Bearer ", TOKEN, f"bearer {TOKEN}", "Bearer é"):
        assert read_as(**BY_GATE, HTTP_AUTHORIZATION=forged) == 404, forged


def test_without_a_token_nobody_comes_in_from_outside() -> None:
    assert settings.ENVIRONMENT.metrics_token == ""
    assert read_as(**BY_GATE, HTTP_AUTHORIZATION="Bearer ") == 404
    assert read_as(REMOTE_ADDR="10.0.0.9") == 404


@pytest.mark.parametrize("token", ["short", "with spaces in the middle", "кириллица-кириллица"])
def test_token_that_could_be_guessed_is_refused(token: str) -> None:
    with pytest.raises(WrongSetting, match="OTKLIK_METRICS_TOKEN"):
        read({"OTKLIK_METRICS_TOKEN": token})
