"""What is kept of one person, whole and alone: as JSON, as a ZIP to read, from the account and by command."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.test import Client

from otklik.channels.models import Identity, Message, MessageFile, MessageVersion
from otklik.cli.main import otklik
from otklik.common import clock
from otklik.media.models import StoredFile
from otklik.org.models import AuditEntry, Official
from otklik.org.services.auditing import audit_by
from otklik.residents.belongings import (
    NotKnown,
    belongings_of,
    whose_account,
    whose_address,
    whose_case,
    whose_identity,
)
from otklik.residents.enums import Proof
from otklik.residents.links import IdentityLink
from otklik.residents.models import Account
from otklik.residents.services import signing_in, tying
from otklik.residents.services.linking import link
from otklik.residents.services.signing_in import account_of
from otklik.residents.services.subscribing import ask_for_letters
from tests.builders import make_city
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture
from tests.public.test_files import prepared
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db
ADDRESS = "nina@mail.example"


@pytest.fixture
def town() -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    yield make_town()
    cache.clear()


@pytest.fixture
def account(town: Town) -> Account:
    return account_of(town.city, ADDRESS, "en", now=town.now)


def browser_of(account: Account) -> Client:
    client = Client()
    client.cookies["otklik_me"] = signing_in.open_session(account, now=clock.now())
    return client


def told_to_the_city(town: Town, account: Account) -> Message:
    """Nina's own words from Telegram, with an earlier version; Oleg's, joined to the same case."""
    message = town.say("telegram", "Яма на Мельничной, 7", name="Нина Лугова")
    MessageVersion.objects.create(
        municipality=town.city, message=message, external_version=1, text="Яма!", replaced_at=town.now
    )
    tying.tie_identity(account.resident_id, message.identity, Proof.WORD, now=town.now)
    message.refresh_from_db()
    message.identity.refresh_from_db()
    town.case(message)
    return message


def photo_with(town: Town, message: Message) -> MessageFile:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.public.test_writing import typed

    client = Client()
    client.post("/write/", {**typed(client), "photos": SimpleUploadedFile("яма.jpg", picture(800, 600))})
    row = MessageFile.objects.create(
        municipality=town.city,
        message=message,
        position=0,
        kind="photo",
        filename="яма.jpg",
        file=StoredFile.objects.get(),
        state="kept",
        due_at=town.now,
    )
    prepared(town)
    return row


def test_copy_has_everything_of_the_person(town: Town, account: Account) -> None:
    message = told_to_the_city(town, account)
    data = belongings_of(whose_account(account), now=town.now).data

    assert (data["address"], data["language"]) == (ADDRESS, "en")
    assert [(one["network"], one["name"]) for one in data["linked"]] == [("telegram", "Нина Лугова")]
    assert [one["text"] for one in data["messages"]] == ["Яма на Мельничной, 7"]
    assert [one["text"] for one in data["messages"][0]["earlier"]] == ["Яма!"]
    assert [(one["number"], one["is_own"]) for one in data["cases"]] == [(message.case_message.case.number, True)]
    assert data["cases"][0]["link"].endswith(f"/case/{message.case_message.case.code}/")


def test_joined_case_gives_neither_its_code_nor_its_people(town: Town, account: Account) -> None:
    others = town.case(town.say("vk", "Яма. Мой телефон +7 900 123-45-67", name="Олег Ручьёв"))
    town.answer(others, "Олег, яму засыпали, перезвоним вам на +7 900 123-45-67.")
    mine = told_to_the_city(town, account)
    mine.case_message.delete()
    others.case_messages.create(municipality=town.city, message=mine, identity=mine.identity, thread=mine.thread)

    data = belongings_of(whose_account(account), now=town.now).data
    told = json.dumps(data, ensure_ascii=False)

    case = next(one for one in data["cases"] if one["number"] == others.number)
    assert (case["is_own"], "link" in case) == (False, False)
    assert [words for words in (others.code, "Олег", "123-45-67", "Ручьёв") if words in told] == []
    assert "засыпали" in case["answers"][0]["text"]


def test_officials_link_brings_nothing_of_the_other_account(town: Town, account: Account) -> None:
    mine = told_to_the_city(town, account)
    other = town.case(town.say("vk", "Тайна Олега", name="Олег", visibility="private"))
    link(town.access(town.clearer), mine.case_message.case, other.number, "сосед Олег сказал", now=town.now)

    data = belongings_of(whose_account(account), now=town.now).data
    told = json.dumps(data, ensure_ascii=False)

    assert IdentityLink.objects.count() == 1
    assert [bool(one["since"]) for one in data["taken_for_one_person"]] == [True]
    assert [words for words in ("Тайна", "Олег", other.code) if words in told] == []


def test_person_is_found_by_case_account_in_a_network_and_address(town: Town, account: Account) -> None:
    message = told_to_the_city(town, account)
    found = [
        whose_case(town.city, message.case_message.case.code),
        whose_identity(town.city, f"telegram:{message.identity.external_id}"),
        whose_address(town.city, f" {ADDRESS.upper()}"),
        whose_account(account),
    ]

    assert {one.resident for one in found} == {account.resident}
    assert {one.account for one in found} == {account}


@pytest.mark.parametrize("asked", ["telegram:1", "telegram", "icq:7", ""])
def test_unknown_account_is_told_in_a_sentence(town: Town, asked: str) -> None:
    with pytest.raises(NotKnown):
        whose_identity(town.city, asked)


def test_another_citys_person_is_not_known_here(town: Town, account: Account) -> None:
    message = told_to_the_city(town, account)
    city = make_city("dalnee")

    for find, what in (
        (whose_case, message.case_message.case.code),
        (whose_identity, f"telegram:{message.identity.external_id}"),
        (whose_address, ADDRESS),
    ):
        with pytest.raises(NotKnown):
            find(city, what)


def test_letters_alone_are_somebodys_too(town: Town) -> None:
    case = town.case(town.say("vk", "Яма"), is_public=True)
    ask_for_letters(case, "oleg@mail.example", "ru", is_own=False, now=town.now)
    data = belongings_of(whose_address(town.city, "oleg@mail.example"), now=town.now).data

    assert [one["case"] for one in data["letters_asked"]] == [case.number]
    assert "messages" not in data


def test_copy_takes_the_same_queries_for_one_and_thirty(
    town: Town, account: Account, django_assert_num_queries: object
) -> None:
    identity = Identity.objects.get(resident=account.resident_id)
    for many in (1, 29):
        for n in range(many):
            message = town.say("site", f"Яма {n}", visibility="private")
            Message.objects.filter(pk=message.pk).update(identity=identity)
            message.identity = identity
            town.case(message)
        with django_assert_num_queries(14):  # type: ignore[operator]
            data = belongings_of(whose_account(account), now=town.now).data

    assert (len(data["cases"]), len(data["messages"])) == (30, 30)


def test_account_page_gives_a_zip_to_read_with_photos(
    town: Town,
    account: Account,
    data_folder: Path,  # noqa: F811
) -> None:
    row = photo_with(town, told_to_the_city(town, account))
    answer = browser_of(account).get("/me/data.zip", headers={"Accept-Language": "en"})
    copy = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    page = copy.read("index.html").decode()

    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/zip", "no-store")
    assert sorted(copy.namelist()) == ["data.json", f"files/{row.pk}.jpg", "index.html"]
    assert "What is kept of you" in page
    assert f'href="files/{row.pk}.jpg"' in page
    assert copy.read(f"files/{row.pk}.jpg")[:2] == b"\xff\xd8"
    assert json.loads(copy.read("data.json"))["messages"][0]["files"][0]["name"] == "яма.jpg"


def test_zip_of_nobody_leads_to_the_sign_in(town: Town, account: Account) -> None:
    forger = Client()
    forger.cookies["otklik_me"] = "x" * 43

    assert forger.get("/me/data.zip")["Location"] == "/me/"


def test_markup_in_words_stays_words_in_the_page(town: Town, account: Account) -> None:
    message = told_to_the_city(town, account)
    Message.objects.filter(pk=message.pk).update(text="<script>alert(1)</script>")
    copy = zipfile.ZipFile(io.BytesIO(browser_of(account).get("/me/data.zip").getvalue()))

    assert "<script>" not in copy.read("index.html").decode()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(otklik, ["export", *arguments], env={"LC_ALL": "C.UTF-8"})


def test_command_writes_a_private_zip_and_the_audit_log_notes_it(
    town: Town,
    account: Account,
    tmp_path: Path,
) -> None:
    message = told_to_the_city(town, account)
    file = tmp_path / "nina.zip"
    done = run("resident", str(file), "--account", f"telegram:{message.identity.external_id}")

    assert done.exit_code == 0, done.output
    assert "1 cases, 1 messages, 0 files" in done.output
    assert json.loads(zipfile.ZipFile(file).read("data.json"))["address"] == ADDRESS
    assert file.stat().st_mode & 0o077 == 0
    entry = AuditEntry.objects.get(action="resident.exported")
    assert (entry.actor, entry.subject) == (None, f"telegram:{message.identity.external_id}")
    assert Official.objects.filter(email=ADDRESS).count() == 0


def test_command_refuses_in_a_sentence_and_writes_nothing(town: Town, tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"mine")
    audit_by(town.city.pk, None, "before", "")
    refusals = [
        (run("resident", str(tmp_path / "a.zip"), "--email", "nobody@mail.example"), 1),
        (run("resident", str(tmp_path / "a.zip"), "--case", "2222-2222-2222-2222"), 1),
        (run("resident", str(tmp_path / "a.zip")), 2),
        (run("resident", str(tmp_path / "a.zip"), "--case", "x", "--email", "y"), 2),
        (run("cases", str(tmp_path / "a.xlsx")), 2),
        (run("figures", str(tmp_path / "a.zip"), "--since", "2026-13"), 2),
        (run("figures", str(tmp_path / "a.zip"), "--since", "2026-05", "--until", "2026-04"), 2),
        (run("figures", str(there)), 1),
        (run("figures", str(tmp_path / "no" / "a.zip")), 1),
    ]

    assert [(done.exit_code, "Traceback" in done.output) for done, _ in refusals] == [
        (code, False) for _, code in refusals
    ]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["there.zip"]
    assert there.read_bytes() == b"mine"
    assert AuditEntry.objects.filter(action="resident.exported").count() == 0
