"""Reaching mail servers: the name resolved once, the address checked, the certificate checked by the name."""

from __future__ import annotations

import smtplib
import socket
import ssl

from otklik.common.ssrf import is_neighbour, trusting

TIMEOUT_S = 20.0
SECURITY = ("tls", "starttls", "none")


class NotThere(Exception):
    """The settings lead to no mail server that we may use; trying again can't help."""


def address_of(host: str, port: int) -> str:
    """Return the address of a mail server, which may be the city's own neighbour but no cloud's store of keys.

    Raises OSError if the name isn't found, NotThere.
    """
    address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if not is_neighbour(address):
        raise NotThere(f"{host} leads to {address}: no mail server is there")
    return address


def open_smtp(
    host: str, port: int, security: str, user: str, password: str, *, timeout_s: float, ca_bundle: str = ""
) -> smtplib.SMTP:
    """Return a session that is signed in, where there is a `user`; `ca_bundle`: a file of certificates trusted besides.

    Raises NotThere, smtplib.SMTPResponseException with the server's refusal, other smtplib.SMTPException and OSError
    where it can't be reached.
    """
    address = address_of(host, port)
    context = trusting(ca_bundle)
    smtp: smtplib.SMTP
    if security == "tls":
        smtp = _Tls(address, host, port, timeout_s, context)
    else:
        smtp = smtplib.SMTP(timeout=timeout_s)
        smtp._host = host  # type: ignore[attr-defined]  # noqa: SLF001 - the name that STARTTLS checks the certificate by
        smtp.connect(address, port)
    try:
        smtp.ehlo_or_helo_if_needed()
        if security == "starttls":
            _upgrade(smtp, context)
        if user:
            smtp.login(user, password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _upgrade(smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise NotThere("the mail server offers no STARTTLS: choose TLS, or another port")
    smtp.starttls(context=context)


class _Tls(smtplib.SMTP_SSL):
    """Connects to the address that was checked, and checks the certificate by the name that was asked for."""

    def __init__(self, address: str, host: str, port: int, timeout_s: float, context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(host, port, timeout=timeout_s, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)
