"""Accounts are connected only if their connector can be built, and their secrets never lie open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from otklik.channels.connections import connector_of, hook_url, secrets_of
from otklik.channels.models import Channel
from otklik.channels.services import connecting
from otklik.connectors.registry import CONNECTORS
from otklik.connectors.telegram.connector import Telegram
from otklik.org.errors import NotPossible
from tests.builders import make_city

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOKEN = "123456789:AAEexampleexampleexampleexample"
TELEGRAM = {"bot_token": TOKEN, "channel_chat_id": "-1001234567890"}


def connect_telegram(**values: str) -> Channel:
    return connecting.connect(make_city(), "telegram", "city-tg", "Глава города", {**TELEGRAM, **values}, now=NOW)


def test_account_is_connected_with_its_secrets_sealed_and_its_own_made() -> None:
    channel = connect_telegram()

    kept = Channel.objects.get(pk=channel.pk)
    assert kept.settings == {"channel_chat_id": "-1001234567890"}
    assert TOKEN.encode() not in bytes(kept.sealed_secrets)
    opened = secrets_of(kept)
    assert opened["bot_token"] == TOKEN
    assert len(opened["webhook_secret"]) == 32
    assert isinstance(connector_of(kept), Telegram)
    assert (kept.is_enabled, kept.revision) == (True, 1)
    assert len(kept.hook_token) == 32


def test_own_secret_is_kept_if_one_is_given() -> None:
    assert secrets_of(connect_telegram(webhook_secret=" chosen_by-hand "))["webhook_secret"] == "chosen_by-hand"


def test_site_and_vk_get_secrets_of_their_own() -> None:
    city = make_city()

    site = connecting.connect(city, "site", "site", "", {}, now=NOW)
    vk = connecting.connect(city, "vk", "vk", "", {"group_id": "12", "token": "t", "api_base": ""}, now=NOW)

    assert len(secrets_of(site)["webhook_secret"]) == 32
    assert secrets_of(vk)["callback_secret"].isalnum()
    assert vk.settings == {"group_id": "12", "api_base": "https://api.vk.ru"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"bot_token": "not a token"}, "bot_token"),
        ({"bot_token": ""}, "bot_token"),
        ({"channel_chat_id": "@city"}, "channel_chat_id"),
        ({"webhook_secret": "с кириллицей"}, "webhook_secret"),
        ({"api_base": "ftp://example.org"}, "api_base"),
        ({"no_such": "1"}, "no_such"),
    ],
)
def test_wrong_setting_is_named_and_nothing_is_saved(values: dict[str, str], field: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        connect_telegram(**values)

    assert refusal.value.field == field
    assert TOKEN not in str(refusal.value)
    assert Channel.objects.count() == 0


def test_refusal_speaks_the_readers_language() -> None:
    with translation.override("en"), pytest.raises(NotPossible, match="BotFather gives it") as refusal:
        connect_telegram(bot_token="not a token")

    assert refusal.value.field == "bot_token"


@pytest.mark.parametrize("name", ["", "City", "город", "a b", "-a", "a" * 61])
def test_name_is_for_addresses(name: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        connecting.connect(make_city(), "site", name, "", {}, now=NOW)

    assert refusal.value.field == "name"


def test_name_is_taken_once_in_a_city() -> None:
    city = make_city()
    connecting.connect(city, "site", "site", "", {}, now=NOW)

    with pytest.raises(NotPossible) as refusal:
        connecting.connect(city, "site", "site", "", {}, now=NOW)
    connecting.connect(make_city("zarechny"), "site", "site", "", {}, now=NOW)

    assert refusal.value.field == "name"


def test_unknown_network_is_named() -> None:
    with pytest.raises(NotPossible, match="site, telegram, vk") as refusal:
        connecting.connect(make_city(), "myspace", "x", "", {}, now=NOW)

    assert refusal.value.field == "network"


def test_reconfiguring_keeps_empty_secrets_and_tells_what_changed() -> None:
    channel = connect_telegram()
    before = secrets_of(channel)

    changed = connecting.reconfigure(
        channel, {"bot_token": "", "webhook_secret": "", "channel_chat_id": "-100777"}, title="Канал города"
    )

    kept = Channel.objects.get(pk=channel.pk)
    assert changed == ["channel_chat_id", "title"]
    assert secrets_of(kept) == before
    assert (kept.settings["channel_chat_id"], kept.title, kept.revision) == ("-100777", "Канал города", 2)


def test_reconfiguring_replaces_a_secret() -> None:
    channel = connect_telegram()
    other = "987654321:AAEotherotherotherotherother"

    assert connecting.reconfigure(channel, {"bot_token": other}) == ["bot_token"]
    assert secrets_of(Channel.objects.get(pk=channel.pk))["bot_token"] == other


def test_reconfiguring_with_the_same_changes_nothing() -> None:
    channel = connect_telegram()

    assert connecting.reconfigure(channel, {"bot_token": TOKEN}, title="Глава города") == []
    assert Channel.objects.get(pk=channel.pk).revision == 1


def test_wrong_change_leaves_everything_as_it_was() -> None:
    channel = connect_telegram()

    with pytest.raises(NotPossible):
        connecting.reconfigure(channel, {"channel_chat_id": "nowhere"}, title="Другое")

    kept = Channel.objects.get(pk=channel.pk)
    assert (kept.settings, kept.title, kept.revision) == ({"channel_chat_id": "-1001234567890"}, "Глава города", 1)


def test_disabling_and_enabling_tell_the_gate_each_once() -> None:
    channel = connect_telegram()

    connecting.disable(channel, " Токен украли ", now=NOW)
    connecting.disable(channel, now=NOW)
    off = Channel.objects.get()
    assert (off.is_enabled, off.revision, off.off_reason, off.off_at) == (False, 2, "Токен украли", NOW)

    connecting.enable(channel)
    on = Channel.objects.get()
    assert (on.is_enabled, on.revision, on.off_reason, on.off_at) == (True, 3, "", None)


def test_hook_address_ends_with_the_channels_token(settings) -> None:
    channel = connect_telegram()

    assert hook_url(channel) == f"{settings.ENVIRONMENT.public_url}/hooks/{channel.hook_token}"


def test_subscribing_says_what_the_network_answered() -> None:
    channel = connect_telegram(api_base="http://127.0.0.1:9")

    with pytest.raises(NotPossible):
        connecting.subscribe(channel)


@pytest.mark.parametrize(
    "proxy",
    [
        "10.0.0.5:3128",
        "socks5://10.0.0.5",
        "http://",
        "http://me:word@10.0.0.5:3128",
        "http://10.0.0.5:99999",
        "http://x/y",
    ],
)
def test_proxy_that_is_no_plain_address_is_refused(proxy: str) -> None:
    channel = connect_telegram()

    with pytest.raises(NotPossible) as refused:
        connecting.reconfigure(channel, {"proxy": proxy})

    assert refused.value.field == "proxy"
    assert "proxy" not in Channel.objects.get().settings


def test_network_is_reached_by_its_own_proxy_and_mail_has_none() -> None:
    channel = connect_telegram()

    assert connecting.reconfigure(channel, {"proxy": "http://10.0.0.5:3128", "ca_bundle": ""}) == ["proxy"]
    assert Channel.objects.get().settings["proxy"] == "http://10.0.0.5:3128"
    by_http = [network for network in CONNECTORS if "proxy" in {one.name for one in connecting.fields_of(network)}]
    assert sorted(set(CONNECTORS) - set(by_http)) == ["email", "reception", "site"]
    for network in CONNECTORS:
        names = [one.name for one in connecting.fields_of(network)]
        assert len(names) == len(set(names)), network
