"""Mail servers of an authority of their own: trusted where its certificates are named, by both ways."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from otklik.connectors.mail.connector import Mail
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.mail.simulator import MailSimulator
from tests.certificates import make_authority
from tests.connectors.mail import accounts


def test_servers_of_another_authority_are_reached_only_with_its_certificates(tmp_path: Path) -> None:
    root, server = make_authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server)
    smtp = MailSimulator(user=accounts.ADDRESS, password=accounts.PASSWORD)
    imap = MailboxSimulator(user=accounts.ADDRESS, password=accounts.PASSWORD)
    with smtp.serve(tls) as smtp_port, imap.serve(tls) as imap_port:
        ways = {"imap_security": "tls", "smtp_security": "tls"}
        trusted = accounts.connector(imap_port, smtp_port, **ways, ca_bundle=str(root)).check()
        doubted = accounts.connector(imap_port, smtp_port, **ways).check()
        lost = accounts.connector(imap_port, smtp_port, **ways, ca_bundle=str(tmp_path / "gone.pem")).check()

    assert [finding.ok for finding in trusted] == [True, True]
    assert [finding.ok for finding in doubted] == [False, False]
    assert [finding.ok for finding in lost] == [False, False]


@pytest.mark.parametrize("told", ["", "  "])
def test_no_file_of_certificates_trusts_the_system_alone(told: str) -> None:
    made = Mail.from_config(accounts.config(9, 9, ca_bundle=told))

    assert made.account.ca_bundle == ""
