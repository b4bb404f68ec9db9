"""Whose mailbox it is and how its servers are reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from otklik.common.smtp import SECURITY
from otklik.connectors.mail.letters import is_address

_HOST = re.compile(r"[A-Za-z0-9.-]{1,250}|[0-9A-Fa-f:.]{2,45}")
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server; `security` is one of common.smtp.SECURITY."""

    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. `name` is how residents see the sender; `tags`: whether it takes letters to address+anything."""

    address: str
    name: str
    user: str
    password: str = field(repr=False)
    imap: Server
    smtp: Server
    folder: str
    tags: bool
    first_days: int
    ca_bundle: str = ""
    """A file of certificates that both servers may show, besides what the system trusts."""
    timeout_s: float = 20.0

    @property
    def domain(self) -> str:
        """What is behind the @."""
        return self.address.rpartition("@")[2]


def account_of(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Account:
    """Return the account that an administrator described. Raises ValueError naming the setting that is wrong."""
    address = settings.get("address", "").strip().lower()
    if not is_address(address) or not address.isascii():
        raise ValueError("address: the mailbox's address, such as city@example.org")
    password = secrets.get("password", "")
    if not password:
        raise ValueError("password is missing")
    return Account(
        address=address,
        name=" ".join(settings.get("sender_name", "").split())[:100],
        user=settings.get("user", "").strip() or address,
        password=password,
        imap=_server(settings, "imap", 993),
        smtp=_server(settings, "smtp", 465),
        folder=settings.get("folder", "").strip() or "INBOX",
        tags=_flag(settings, "plus_addresses", default=_NO),
        first_days=_number(settings, "first_days", 1, most=365),
        ca_bundle=settings.get("ca_bundle", "").strip(),
    )


def _server(settings: Mapping[str, str], kind: str, port: int) -> Server:
    host = settings.get(f"{kind}_host", "").strip()
    if not _HOST.fullmatch(host):
        raise ValueError(f"{kind}_host: the server's name, such as {kind}.example.org")
    security = settings.get(f"{kind}_security", "").strip().lower() or "tls"
    if security not in SECURITY:
        raise ValueError(f"{kind}_security: one of {', '.join(SECURITY)}")
    if security == "none" and host not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError(f"{kind}_security: without TLS the password could be read on the way; only for 127.0.0.1")
    return Server(host, _number(settings, f"{kind}_port", port, most=65535), security)


def _number(settings: Mapping[str, str], name: str, usual: int, *, most: int) -> int:
    told = settings.get(name, "").strip()
    if not told:
        return usual
    if not (told.isascii() and told.isdigit() and len(told) <= 5 and int(told) <= most):
        raise ValueError(f"{name}: a number up to {most}")
    return int(told)


def _flag(settings: Mapping[str, str], name: str, *, default: str) -> bool:
    told = settings.get(name, "").strip().lower() or default
    if told not in {_YES, _NO}:
        raise ValueError(f"{name}: yes or no")
    return told == _YES
