"""The mailbox, the people and the servers that the tests of mail share."""

from __future__ import annotations

from dataclasses import replace

from otklik.connectors.base import ChannelConfig
from otklik.connectors.events import Webhook
from otklik.connectors.mail.connector import Mail
from otklik.connectors.mail.parsing import FOLDER_HEADER, PLACE_HEADER
from tests.connectors.ground import RECEIVED_AT

ADDRESS = "city@yasnogorye.example"
PASSWORD = "steep-willow-42"


def config(imap_port: int, smtp_port: int, **changes: str) -> ChannelConfig:
    settings = {
        "address": ADDRESS,
        "sender_name": "Администрация Ясногорья",
        "imap_host": "127.0.0.1",
        "imap_port": str(imap_port),
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(smtp_port),
        "smtp_security": "none",
    }

    def no_http() -> None:
        raise AssertionError("mail uses no HTTP")

    return ChannelConfig("mail", settings | changes, {"password": PASSWORD}, http=no_http)  # type: ignore[arg-type]


def connector(imap_port: int = 9, smtp_port: int = 9, **changes: str) -> Mail:
    """The connector with less patience than in earnest."""
    made = Mail.from_config(config(imap_port, smtp_port, **changes))
    return Mail(replace(made.account, timeout_s=0.5))


def hook_of(raw: bytes, *, folder: str = "inbox", uid: int = 7) -> Webhook:
    return Webhook({PLACE_HEADER: f"1:{uid}", FOLDER_HEADER: folder}, raw, RECEIVED_AT)
