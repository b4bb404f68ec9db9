"""Writing to the city: stored like any webhook, once, and nothing typed is lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from otklik.channels.connections import connector_of
from otklik.channels.enums import Decision, DeliveryState
from otklik.channels.models import Delivery, Message
from otklik.channels.services.ingesting import gather
from otklik.connectors.events import Event, Webhook
from otklik.public import limits
from tests.public.town import Town

WORDS = "Третий день не горит фонарь на Садовой, 12."


def typed(client: Client, address: str = "/write/", **fields: str) -> dict[str, str]:
    """What a browser would send back after the form was filled in."""
    page = client.get(address).content.decode()
    given = re.search(r'name="submission_id" value="([0-9a-f]{32})"', page)
    assert given is not None
    return {"submission_id": given[1], "text": WORDS, **fields}


def read_all(town: Town) -> list[tuple[Delivery, Event]]:
    """What the worker would read from the stored deliveries."""
    connector = connector_of(town.channels["site"])
    return [
        (delivery, event)
        for delivery in Delivery.objects.order_by("id")
        for event in connector.parse(Webhook(delivery.headers, bytes(delivery.body), delivery.received_at))
    ]


def ingest(town: Town) -> Message | None:
    """The worker's first step: stored deliveries become messages. Returns the newest."""
    batch = gather(town.channels["site"], read_all(town), now=town.now)
    batch.write()
    Delivery.objects.update(state=DeliveryState.PARSED)
    return batch.created[-1] if batch.created else None


def test_form_stores_a_signed_delivery_and_leads_on(town: Town, client: Client) -> None:
    response = client.post("/write/", typed(client, name="Нина", contact="nina@town.example", may_publish="1"))

    delivery = Delivery.objects.get()
    body = json.loads(bytes(delivery.body))
    connector_of(town.channels["site"]).verify(Webhook(delivery.headers, bytes(delivery.body), delivery.received_at))
    assert {name: body[name] for name in ("text", "name", "contact", "may_publish", "post")} == {
        "text": WORDS,
        "name": "Нина",
        "contact": "nina@town.example",
        "may_publish": True,
        "post": "",
    }
    assert delivery.dedup_key == f"submission:{body['submission_id']}"
    assert (response.status_code, response["Location"]) == (302, f"/sent/{body['submission_id']}/")


def test_second_click_is_the_same_message(town: Town, client: Client) -> None:
    form = typed(client)

    first, second = client.post("/write/", form), client.post("/write/", form)

    assert first["Location"] == second["Location"]
    assert Delivery.objects.count() == 1


def test_changed_words_of_a_page_gone_back_to_are_another_message(town: Town, client: Client) -> None:
    form = typed(client)

    client.post("/write/", form)
    client.post("/write/", {**form, "text": "А ещё не горит на Заречной."})

    assert [event.text for _, event in read_all(town)] == [WORDS, "А ещё не горит на Заречной."]


def test_comment_hangs_on_its_post(town: Town, client: Client) -> None:
    post = town.post("Новость")

    response = client.post(f"/posts/{post.slug}/comment/", typed(client, f"/posts/{post.slug}/comment/", name="Нина"))
    ingest(town)

    assert Message.objects.get().thread.post_external_id == str(post.pk)
    page = client.get(f"/posts/{post.slug}/").content.decode()
    assert WORDS in page
    assert "Нина" in page
    sent = client.get(str(response["Location"])).content.decode()
    assert f'href="/posts/{post.slug}/#m{Message.objects.get().pk}"' in sent


def test_htmx_gets_the_form_alone(town: Town, client: Client) -> None:
    post = town.post("Новость")

    alone = client.get(f"/posts/{post.slug}/comment/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in alone
    assert 'name="csrfmiddlewaretoken"' in alone


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "я" * 8001}, 422),
        ({"website": "https://spam.example"}, 422),
        ({"submission_id": "1"}, 422),
        ({"submission_id": ""}, 422),
    ],
)
def test_wrong_form_comes_back_with_its_words(town: Town, client: Client, wrong: dict[str, str], status: int) -> None:
    form = {**typed(client, name="Нина"), **wrong}

    response = client.post("/write/", form)

    page = response.content.decode()
    assert response.status_code == status
    assert Delivery.objects.count() == 0
    assert 'role="alert"' in page
    assert form["text"] in page
    assert 'value="Нина"' in page


def test_person_whose_browser_filled_the_trap_sends_again(town: Town, client: Client) -> None:
    page = client.post("/write/", typed(client, website="Ясногорье")).content.decode()

    assert "Похоже на работу робота" in page
    assert re.search(r'<input type="text" name="website"[^>]*value=', page) is None


def test_form_without_its_token_is_refused(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)

    response = strict.post("/write/", typed(strict))

    assert response.status_code == 403
    assert "Страница слишком долго была открыта" in response.content.decode()
    assert Delivery.objects.count() == 0


def test_flood_from_one_address_is_slowed_and_keeps_the_words(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRITES", 2)
    from_there = {"X-Forwarded-For": "203.0.113.7"}

    statuses = [client.post("/write/", typed(client), headers=from_there).status_code for _ in range(3)]
    refused = client.post("/write/", typed(client, name="Нина"), headers=from_there)
    elsewhere = client.post("/write/", typed(client), headers={"X-Forwarded-For": "203.0.113.8"})

    assert statuses == [302, 302, 429]
    assert WORDS in refused.content.decode()
    assert elsewhere.status_code == 302
    assert Delivery.objects.count() == 3


def test_simulators_on_this_machine_are_not_slowed_where_allowed(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(limits, "WRITES", 0)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, allow_loopback=True)

    assert client.post("/write/", typed(client)).status_code == 302


def test_without_a_site_channel_the_form_says_where_else_to_write(town: Town, client: Client) -> None:
    channel = town.channels["site"]
    channel.is_enabled = False
    channel.save(update_fields=["is_enabled"])

    response = client.get("/write/")

    assert response.status_code == 503
    assert "Форма пока закрыта" in response.content.decode()


class TestSent:
    """The page that shows what became of it."""

    @pytest.fixture
    def address(self, town: Town, client: Client) -> str:
        return str(client.post("/write/", typed(client, name="Нина"))["Location"])

    def ingested(self, town: Town, decision: Decision) -> Message:
        message = ingest(town)
        assert message is not None
        Message.objects.update(decision=decision)
        message.decision = decision
        return message

    def test_it_waits_and_asks_again(self, town: Town, client: Client, address: str) -> None:
        page = client.get(address).content.decode()

        assert 'hx-trigger="every 2s"' in page
        assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in page

    def test_it_gives_the_private_code_to_who_opened_the_case(
        self, town: Town, client: Client, address: str, django_assert_num_queries: Any
    ) -> None:
        case = town.case(self.ingested(town, Decision.OPENED))

        with django_assert_num_queries(5):  # the city, the delivery, message with case, journal, answers
            page = client.get(address).content.decode()

        assert f'<a class="button primary" href="/case/{case.code}/">' in page
        assert "hx-trigger" not in page

    def test_it_never_gives_the_code_to_a_voice_that_joined(self, town: Town, client: Client, address: str) -> None:
        case = town.case(self.ingested(town, Decision.JOINED))
        Message.objects.update(decision=Decision.JOINED)

        page = client.get(address).content.decode()

        assert case.code not in page
        assert "Вы не одни с этим" in page
        assert "Вы написали" not in page

    @pytest.mark.parametrize(
        ("decision", "words"),
        [(Decision.OPERATOR, "это прочитает человек"), (Decision.NO_ANSWER, "Спасибо за ваши слова")],
    )
    def test_it_says_what_else_was_decided(
        self, town: Town, client: Client, address: str, decision: Decision, words: str
    ) -> None:
        self.ingested(town, decision)

        assert words in client.get(address).content.decode()

    def test_unknown_key_is_not_found(self, town: Town, client: Client) -> None:
        assert client.get("/sent/0123/").status_code == 404
