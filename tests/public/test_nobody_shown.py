"""A private report without a name, with a flat and a phone in it, walked through everything that anybody may read."""

from __future__ import annotations

from django.test import Client

from otklik.cases.services.showing import agree
from otklik.notices.models import Notice
from tests.public.test_writing import ingest
from tests.public.town import Town

WORDS = "Течёт стояк: Мельничная, 7, кв. 31. Соседка Анфиса Ручьёва, звоните +7 900 123-45-67 или anfisa@mail.example"
SECRETS = ("кв. 31", "123-45-67", "1234567", "anfisa@")
PAGES = ("/", "/cases/", "/cases/map/", "/cases/feed.atom", "/accountability/")


def told(client: Client, *more: str) -> str:
    return "".join(client.get(path).content.decode() for path in (*PAGES, *more))


def test_unknown_persons_private_report_shows_nobody_anywhere(town: Town, client: Client) -> None:
    sent = client.get("/write/").context["form"].initial["submission_id"]
    client.post(
        "/write/",
        {"text": WORDS, "submission_id": sent, "anonymous": "1", "name": "Нина Лугова", "contact": "+7 911 765-43-21"},
    )
    message = ingest(town)
    case = town.case(message) if not hasattr(message, "case_message") else message.case_message.case
    before = told(client, f"/cases/{case.number}/")
    agree(case, now=town.now)
    town.show(case)
    after = told(Client(), f"/cases/{case.number}/", f"/cases/{case.number}/feed.atom")
    raw = bytes(message.delivery.body).decode()

    assert [words for words in (*SECRETS, "стояк", case.code) if words in before] == []
    assert [words for words in (*SECRETS, "Нина", "765-43-21", case.code) if words in after] == []
    assert "стояк" in after
    assert [words for words in ("Нина", "765-43-21") if words in raw] == []
    assert [row for row in Notice.objects.values() if any(one in str(row) for one in SECRETS)] == []
