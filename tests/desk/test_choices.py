"""The page of one's own choices, and administration's page of the ways out."""

from __future__ import annotations

from datetime import time

import pytest

from otklik.notices.enums import Matter, Tempo
from otklik.notices.letters import Carrier, Choice, Letter, Reach
from otklik.org.enums import Role
from otklik.org.models import AuditEntry, Official
from otklik.simulators.mail.simulator import MailSimulator
from tests.builders import make_official
from tests.desk.office import Office

SAID = {
    "quiet_from": "21:00",
    "quiet_to": "07:30",
    "deadlines-in_desk": "on",
    "deadlines-by_email": "on",
    "deadlines-tempo": "digest",
}


def offered(office: Office, who: Official) -> set[str]:
    page = office.browser(who).get("/desk/notices/choices/").content.decode()
    return {matter.value for matter in Matter if f'name="{matter}-by_email"' in page}


def test_each_is_offered_what_may_come_to_them(office: Office) -> None:
    common = {"deadlines", "replies", "mentions", "control", "appeals"}

    assert offered(office, office.executor) == common
    assert offered(office, office.head) == common | {"digest", "weekly"}
    assert offered(office, make_official(office.town.city, Role.ANALYST)) == {"weekly"}


def test_choice_is_kept_for_oneself_only(office: Office) -> None:
    answer = office.browser(office.executor).post("/desk/notices/choices/", SAID)

    assert answer.status_code == 302
    row = Choice.objects.get(matter="deadlines")
    assert (row.official, row.in_desk, row.by_email, row.by_telegram, row.tempo) == (
        office.executor,
        True,
        True,
        False,
        Tempo.DIGEST,
    )
    reach = Reach.objects.get()
    assert (reach.official, reach.quiet_from, reach.quiet_to) == (office.executor, time(21), time(7, 30))


def test_forged_choice_of_what_one_may_not_have_is_not_kept(office: Office) -> None:
    office.browser(office.executor).post("/desk/notices/choices/", {**SAID, "digest-by_email": "on"})

    assert not Choice.objects.filter(matter="digest").exists()


@pytest.mark.parametrize("wrong", [{"quiet_from": "25:00"}, {"quiet_to": ""}, {"deadlines-tempo": "never"}])
def test_nonsense_is_not_kept(office: Office, wrong: dict[str, str]) -> None:
    answer = office.browser(office.executor).post("/desk/notices/choices/", {**SAID, **wrong})

    assert (answer.status_code, Choice.objects.count(), Reach.objects.count()) == (422, 0, 0)


def test_code_is_shown_once_and_unlinking_forgets(office: Office) -> None:
    Carrier.objects.create(municipality=office.town.city, way="telegram", is_on=True, bot_name="yasno_bot")
    client = office.browser(office.executor)

    assert "/start " in client.post("/desk/notices/telegram/link/").content.decode()
    assert "/start " not in client.get("/desk/notices/choices/").content.decode()
    Reach.objects.update(telegram_chat=5)
    client.post("/desk/notices/telegram/unlink/")
    assert Reach.objects.get().telegram_chat is None


def test_administrator_sets_the_mail_server_and_tries_it(office: Office) -> None:
    admin = make_official(office.town.city, Role.ADMIN)
    client = office.browser(admin)
    simulator = MailSimulator(user="city", password="steep-willow-42")
    with simulator.serve() as port:
        said = {"is_on": "on", "host": "127.0.0.1", "port": port, "security": "none", "user": "city"}
        said |= {"password": "steep-willow-42", "sender": "desk@city.example"}
        kept = client.post(
            "/desk/administration/letters/", {"which": "mail"} | {f"mail-{name}": value for name, value in said.items()}
        )
        client.post("/desk/administration/letters/try/")

    assert kept.status_code == 302
    assert [letter["To"] for letter in simulator.taken] == [admin.email]
    assert "steep-willow" not in client.get("/desk/administration/letters/").content.decode()
    assert "steep-willow" not in str(AuditEntry.objects.get(action="mail.changed").detail)


def test_dead_letter_is_shown_sent_again_and_let_be(office: Office) -> None:
    letter = Letter.objects.create(
        municipality=office.town.city,
        official=office.head,
        way="email",
        key="k",
        state="failed",
        error="the mail server answered 550: no such person",
        due_at=office.town.now,
        created_at=office.town.now,
    )
    client = office.browser(make_official(office.town.city, Role.ADMIN))
    assert "550: no such person" in client.get("/desk/administration/letters/").content.decode()

    client.post(f"/desk/administration/letters/{letter.pk}/again/")
    letter.refresh_from_db()
    assert (letter.state, letter.error) == ("queued", "")

    Letter.objects.update(state="unknown")
    client.post(f"/desk/administration/letters/{letter.pk}/drop/")
    letter.refresh_from_db()
    assert letter.state == "dropped"
