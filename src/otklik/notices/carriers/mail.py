"""Letters through the city's own mail server, by SMTP.

Source: RFC 5321 (4xx may be tried again, 5xx may not), RFC 3834 (Auto-Submitted), RFC 5322 (Message-ID).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

from otklik.common.ssrf import is_neighbour
from otklik.notices.carriers.outcome import NotSent, PerhapsSent

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and who we are there."""

    host: str
    port: int
    security: str
    user: str
    sender: str
    password: str = field(default="", repr=False)

    def send(self, to: str, subject: str, text: str, message_id: str, headers: Mapping[str, str] | None = None) -> None:
        """Send one letter. Raises NotSent, or PerhapsSent if the server fell silent after the whole letter."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, " ".join(subject.split())
        letter["Date"], letter["Message-ID"] = formatdate(), message_id
        letter["Auto-Submitted"] = "auto-generated"
        for name, value in (headers or {}).items():
            letter[name] = value
        letter.set_content(text)
        with self._session() as smtp:
            try:
                smtp.send_message(letter)
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
                raise _refused(error) from error
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                raise PerhapsSent(f"the mail server fell silent: {_first(error)}") from error

    def check(self) -> None:
        """Sign in and leave. Raises NotSent with what is wrong."""
        with self._session() as smtp:
            smtp.noop()

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        try:
            smtp = self._open()
        except smtplib.SMTPResponseException as error:
            raise _refused(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"the mail server can't be reached: {_first(error)}", permanent=False) from error
        try:
            yield smtp
        finally:
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        address = _resolved(self.host, self.port)
        context = ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.security == "tls":
            smtp = _Tls(address, self.host, self.port, context)
        else:
            smtp = smtplib.SMTP(timeout=TIMEOUT_S)
            smtp._host = self.host  # type: ignore[attr-defined]  # noqa: SLF001 - the name that STARTTLS checks the certificate by
            smtp.connect(address, self.port)
        try:
            smtp.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                _upgrade(smtp, context)
            if self.user:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _upgrade(smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise NotSent("the mail server offers no STARTTLS: choose TLS, or another port", permanent=True)
    smtp.starttls(context=context)


class _Tls(smtplib.SMTP_SSL):
    """Connects to the address that was checked, and checks the certificate by the name that was asked for."""

    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext) -> None:
        self._address = address
        super().__init__(host, port, timeout=TIMEOUT_S, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        return self.context.wrap_socket(plain, server_hostname=host)


def _resolved(host: str, port: int) -> str:
    """Return the address of a mail server, which may be the city's own neighbour but no cloud's store of keys."""
    address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if not is_neighbour(address):
        raise NotSent(f"{host} leads to {address}: no mail server is there", permanent=True)
    return address


def _refused(error: smtplib.SMTPException) -> NotSent:
    words: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return NotSent(_first(error), permanent=False)
    said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return NotSent(f"the mail server answered {code}: {' '.join(said.split())[:200]}", permanent=code >= 500)


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
