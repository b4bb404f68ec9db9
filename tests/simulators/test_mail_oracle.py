"""The connector of mail against independent servers of IMAP and SMTP, which the simulators' are not."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from otklik.common.clock import now
from otklik.connectors.base import SendFailed
from otklik.connectors.events import Draft, DraftKind, Target
from otklik.connectors.mail.connector import INBOX, Mail
from otklik.simulators.mail.letters import letter
from tests.connectors.mail import accounts
from tests.servers import closed_port


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    imap, smtp = closed_port(), closed_port()
    told = ["--host", "127.0.0.1", "--imap-port", str(imap), "--smtp-port", str(smtp), "--no-http"]
    told += ["--user", accounts.ADDRESS, "--password", accounts.PASSWORD]
    servers = subprocess.Popen(
        [sys.executable, "-m", "mail_devel", *told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 60
        while not _answers(imap, smtp):
            assert servers.poll() is None, "the servers ended"
            assert time.monotonic() < until, "the servers don't answer"
            time.sleep(0.05)
        yield imap, smtp
    finally:
        servers.terminate()
        servers.wait(timeout=20)


def _answers(imap: int, smtp: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", smtp, timeout=5):
            return accounts.connector(imap, smtp).check()[0].ok
    except OSError:
        return False


@pytest.fixture
def mail(ports: tuple[int, int]) -> Mail:
    return accounts.connector(*ports)


def read(mail: Mail, cursor: str) -> tuple[list[str], str]:
    found = mail.poll(INBOX, cursor, now=now())
    return [event.text for hook in found.hooks for event in mail.parse(hook)], found.cursor


def test_letter_of_a_resident_is_read_once_and_answered(mail: Mail, ports: tuple[int, int]) -> None:
    _, cursor = read(mail, "")
    with smtplib.SMTP("127.0.0.1", ports[1], timeout=10) as resident:
        resident.login(accounts.ADDRESS, accounts.PASSWORD)
        resident.sendmail("ivan@mail.example", [accounts.ADDRESS], letter("Нет света на Фонтанной", subject="Свет"))
    heard, cursor = read(mail, cursor)
    again, cursor = read(mail, cursor)
    target = Target("mail", "mail:0123456789abcdef01234567", "", "m1@mail.example", "ivan@mail.example", "Свет")
    receipt = mail.send(Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Бригада выехала."))

    assert (heard, again) == (["Свет\n\nНет света на Фонтанной"], [])
    assert receipt.external_id != ""


def test_wrong_password_is_said_to_be_one(ports: tuple[int, int]) -> None:
    config = accounts.config(*ports)
    wrong = Mail.from_config(type(config)(config.name, config.settings, {"password": "another-one"}, config.http))

    with pytest.raises(SendFailed, match="check the name and the password") as failed:
        wrong.poll(INBOX, "", now=now())

    assert failed.value.permanent
    assert [finding.ok for finding in wrong.check()] == [False, False]
