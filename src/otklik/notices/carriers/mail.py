"""Letters through the city's own mail server, by SMTP.

Source: RFC 5321 (4xx may be tried again, 5xx may not), RFC 3834 (Auto-Submitted), RFC 5322 (Message-ID).
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate

from otklik.common.smtp import TIMEOUT_S, NotThere, open_smtp
from otklik.notices.carriers.outcome import NotSent, PerhapsSent


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
            smtp = open_smtp(self.host, self.port, self.security, self.user, self.password, timeout_s=TIMEOUT_S)
        except NotThere as error:
            raise NotSent(str(error), permanent=True) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"the mail server can't be reached: {_first(error)}", permanent=False) from error
        try:
            yield smtp
        finally:
            smtp.close()


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
