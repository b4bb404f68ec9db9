"""The demo's page of letters: newest first, and nothing in a letter is markup."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import httpx

from otklik.simulators.mail.showing import Mailbox
from otklik.simulators.mail.simulator import MailSimulator
from tests.servers import serve


def letter(subject: str, text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "desk@demo.example", "head@demo.example", subject
    made.set_content(text)
    return made


def test_letters_are_shown_newest_first_and_escaped() -> None:
    simulator = MailSimulator()
    with serve(Mailbox(simulator)) as url:
        empty = httpx.get(f"{url}/").text
        with simulator.serve() as port, smtplib.SMTP("127.0.0.1", port) as smtp:
            for subject in ("Утро", "<b>Вечер</b>"):
                smtp.send_message(letter(subject, "<script>alert(1)</script>"))
        shown = httpx.get(f"{url}/")
        elsewhere = httpx.get(f"{url}/x").status_code

    assert "No letter yet" in empty
    assert shown.text.index("&lt;b&gt;Вечер") < shown.text.index("Утро")
    assert ("<script>" in shown.text, elsewhere) == (False, 404)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
