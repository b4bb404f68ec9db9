"""Channels are connected, changed and watched; their secrets never come back; raw deliveries are shown as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from otklik.channels.connections import secrets_of
from otklik.channels.enums import SecurityEventKind
from otklik.channels.health import ChannelHealth
from otklik.channels.models import Channel, Delivery, Outgoing, SecurityEvent
from otklik.channels.services import connecting
from otklik.channels.services.connecting import connect
from otklik.channels.services.counting import know_all_channels, note_calls
from otklik.common.clock import now
from otklik.connectors.base import SendFailed
from otklik.org.enums import Role
from otklik.org.models import AuditEntry, Official
from tests.builders import make_city, make_official, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOKEN = "123456789:AAEexampleexampleexampleexample"
TELEGRAM = {
    "name": "city-tg",
    "title": "Канал главы",
    "bot_token": TOKEN,
    "webhook_secret": "",
    "channel_chat_id": "-1001234567890",
    "discussion_chat_id": "",
    "api_base": "http://127.0.0.1:9",
}


@pytest.fixture
def city():
    return make_city()


@pytest.fixture
def browser(city) -> Client:
    client = signed_in(make_official(city, Role.ADMIN))
    client.cookies["lang"] = "en"
    return client


def url(name: str, *arguments: int | str) -> str:
    return reverse(f"desk:administration:{name}", args=arguments)


def connected(browser: Client) -> Channel:
    answer = browser.post(url("channel_new", "telegram"), TELEGRAM)
    channel = Channel.objects.get(name="city-tg")
    assert answer.url == url("channel", channel.pk)
    return channel


def deliver(channel: Channel, key: str, body: bytes = b"{", state: str = "failed") -> Delivery:
    return Delivery.objects.create(
        municipality=channel.municipality,
        channel=channel,
        dedup_key=key,
        body=body,
        received_at=NOW,
        state=state,
        note="telegram: not an update",
        parsed_at=NOW,
    )


def test_connected_channel_never_shows_its_secrets_again(browser) -> None:
    channel = connected(browser)
    secret = secrets_of(channel)["webhook_secret"]

    page = browser.get(url("channel", channel.pk)).content.decode()

    assert TOKEN not in page
    assert secret not in page
    assert f"/hooks/{channel.hook_token}" in page
    assert "-1001234567890" in page
    kept = str(list(AuditEntry.objects.values("action", "subject", "detail")))
    assert TOKEN not in kept
    assert kept.count("channel.connected") == 1


def test_wrong_setting_is_refused_beside_its_field_and_nothing_typed_is_lost(browser) -> None:
    answer = browser.post(url("channel_new", "telegram"), {**TELEGRAM, "channel_chat_id": "@city"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This can&#x27;t be right. Begins with -100" in page
    assert 'value="@city"' in page
    assert f'value="{TOKEN}"' in page
    assert Channel.objects.count() == 0


def test_unknown_network_is_not_found(browser) -> None:
    assert browser.get(url("channel_new", "myspace")).status_code == 404


def test_empty_secret_stays_and_changed_settings_are_noted_by_name_only(browser) -> None:
    channel = connected(browser)
    before = secrets_of(channel)
    other = "987654321:AAEotherotherotherotherother"
    empty = {**TELEGRAM, "bot_token": "", "channel_chat_id": "-100777"}

    browser.post(url("channel", channel.pk), empty)
    channel.refresh_from_db()
    assert (secrets_of(channel), channel.settings["channel_chat_id"], channel.revision) == (before, "-100777", 2)
    browser.post(url("channel", channel.pk), {**empty, "bot_token": other})

    channel.refresh_from_db()
    assert secrets_of(channel)["bot_token"] == other
    assert list(AuditEntry.objects.filter(action="channel.changed").values_list("detail", flat=True)) == [
        {"settings": "channel_chat_id"},
        {"settings": "bot_token"},
    ]


def test_channel_is_switched_off_with_a_reason_and_on(browser) -> None:
    channel = connected(browser)

    shown = browser.post(url("channel_off", channel.pk), {"reason": "Токен украли"}, follow=True).content.decode()
    assert Channel.objects.get().is_enabled is False
    assert shown.count("Вера Лугова: Токен украли") == 1
    [noted] = AuditEntry.objects.filter(action="channel.switched_off")
    assert (noted.subject, noted.detail) == ("city-tg", {"reason": "Токен украли"})
    browser.post(url("channel_on", channel.pk))

    assert Channel.objects.get().is_enabled is True
    assert Channel.objects.get().revision == 3


def test_check_shows_what_was_found_with_advice(browser, city) -> None:
    telegram = connected(browser)
    site = connect(city, "site", "site", "", {}, now=NOW)

    well = browser.post(url("channel_check", site.pk)).content.decode()
    ill = browser.post(url("channel_check", telegram.pk)).content.decode()

    assert "the site is ours: nothing to connect" in well
    assert "Not well" in ill
    assert TOKEN not in ill


def test_findings_are_read_in_the_officials_language(browser, city) -> None:
    site = connect(city, "site", "site", "", {}, now=NOW)

    browser.cookies["lang"] = "ru"
    shown = browser.post(url("channel_check", site.pk)).content.decode()

    assert "сайт наш: подключать нечего" in shown


def test_network_that_refuses_to_deliver_is_quoted(browser) -> None:
    channel = connected(browser)

    shown = browser.post(url("channel_subscribe", channel.pk), follow=True).content.decode()

    assert "The network refused:" in shown
    assert TOKEN not in shown
    assert not AuditEntry.objects.filter(action="channel.subscribed").exists()


def test_list_counts_what_is_wrong_by_channel(browser, city, django_assert_num_queries) -> None:
    channel = connected(browser)
    other = connect(city, "site", "site", "", {}, now=NOW)
    for number, state in enumerate(["failed", "failed", "unknown", "sent", "queued"]):
        Outgoing.objects.create(
            municipality=city,
            channel=channel,
            idempotency_key=str(number),
            kind="comment_reply",
            text="x",
            state=state,
            due_at=NOW,
            created_at=NOW,
        )
    deliver(channel, "1")
    deliver(other, "1", state="partial")

    with django_assert_num_queries(10):
        page = browser.get(url("channels")).content.decode()

    assert "2 answers not sent" in page
    assert "1 not certain" in page
    assert page.count("1 delivery not understood") == 1


def test_refusals_are_shown_by_the_hour(browser) -> None:
    channel = connected(browser)
    for hours, count in ((1, 17), (2, 3)):
        SecurityEvent.objects.create(
            municipality=channel.municipality,
            channel=channel,
            kind=SecurityEventKind.FORGED,
            hour=NOW - timedelta(hours=hours),
            count=count,
        )

    page = browser.get(url("channel", channel.pk)).content.decode()

    assert '<td class="number">17</td>' in page
    assert "2 November, 11:00" in page


def test_raw_body_is_text_capped_and_its_reading_noted(browser) -> None:
    body = b"<script>alert(1)</script>\x00\xff" + b"a" * 30_000
    delivery = deliver(connected(browser), "1", body)

    answer = browser.get(url("delivery", delivery.pk))

    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffda" in page
    assert page.count("a" * 1000) == 19
    assert "Only the beginning is shown" in page
    assert AuditEntry.objects.filter(action="delivery.read").count() == 1


def test_delivery_is_tried_again_once(browser) -> None:
    delivery = deliver(connected(browser), "1")

    browser.post(url("delivery_again", delivery.pk))

    delivery.refresh_from_db()
    assert (delivery.state, delivery.note, delivery.parsed_at) == ("received", "", None)
    assert browser.post(url("delivery_again", delivery.pk)).status_code == 404


def test_understood_delivery_is_nobodys_to_read(browser) -> None:
    delivery = deliver(connected(browser), "1", state="parsed")

    assert browser.get(url("delivery", delivery.pk)).status_code == 404


def test_deliveries_and_audit_go_page_by_page_newest_first(browser, city, django_assert_num_queries) -> None:
    channel = connected(browser)
    rows = [deliver(channel, f"update:{number}") for number in range(60)]
    for number in range(60):
        AuditEntry.objects.create(municipality=city, action="person.invited", subject=f"person{number:02}")

    with django_assert_num_queries(4):
        first = browser.get(url("deliveries")).content.decode()
    second = browser.get(url("deliveries"), {"before": rows[10].pk}).content.decode()

    assert (first.count(">update:"), second.count(">update:")) == (50, 10)
    assert "update:59" in first
    assert f"before={rows[10].pk}" in first
    with django_assert_num_queries(4):
        log = browser.get(url("audit")).content.decode()
    assert log.index("person59") < log.index("person10")
    assert "person09" not in log
    for wrong in ("x", "-1", "9" * 40, "٣"):
        assert browser.get(url("audit"), {"before": wrong}).status_code == 200


def test_setting_with_few_values_is_chosen_and_rare_ones_are_folded(browser) -> None:
    page = browser.get(url("channel_new", "email"))
    form = page.context["form"]

    security = form.fields["imap_security"]
    assert (dict(security.choices), security.initial) == (
        {"tls": "TLS", "starttls": "STARTTLS", "none": "none (127.0.0.1 only)"},
        "tls",
    )
    assert [one.name for one in form.rare_fields] == [
        *(
            "imap_port",
            "imap_security",
            "smtp_port",
            "smtp_security",
            "folder",
            "plus_addresses",
            "first_days",
            "ca_bundle",
        )
    ]
    assert not {one.name for one in form.common_fields} & form.rare_names


def test_value_that_no_list_offers_is_refused_where_it_is_folded_open(browser) -> None:
    answer = browser.post(url("channel_new", "email"), {"name": "mail", "imap_security": "ssl3"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["imap_security"] == ["Choose one of the list."]
    assert '<details class="rare" open>' in answer.content.decode()


def test_screen_of_many_channels_asks_no_more_queries(browser, city, django_assert_num_queries) -> None:
    for number in range(30):
        off = connect(city, "site", f"site{number}", "", {}, now=NOW)
        connecting.disable(off, "На паузе", by=Official.objects.get(), now=NOW)
    know_all_channels(now=NOW)

    with django_assert_num_queries(10):
        browser.get(url("channels"))


def test_health_is_told_on_one_screen(browser) -> None:
    channel = connected(browser)
    know_all_channels(now=now())
    note_calls(channel, "send", failures=[SendFailed("Bad <b>gateway</b>", permanent=False)], good=3, now=now())
    ChannelHealth.objects.update(
        findings=[[["Bot", {}], False, ["api_base answers for another bot", {}]], ["Channel", True, ""]],
        token_ends_at=now() + timedelta(days=3, hours=1),
        delivers=False,
        delivered_at=NOW,
        silent_since=NOW,
    )

    page = browser.get(url("channels")).content.decode()

    for words in ("25 %", "(1 of 4)", "3 days left", "stopped by the network", "Unusually quiet since", "Needs a look"):
        assert page.count(words) >= 1, words
    assert "<b>Bot:</b> api_base answers for another bot" in page
    assert "Bad &lt;b&gt;gateway&lt;/b&gt;" in page
