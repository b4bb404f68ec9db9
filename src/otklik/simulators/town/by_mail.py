"""People of the town who write letters: into the city's mailbox, and back in the conversation of an answer."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from otklik.simulators.mail.letters import letter
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import Library, Resident

_CHARSETS = ("utf-8", "utf-8", "koi8-r", "windows-1251")
_SUBJECT_CHARS = 40


class MailHome:
    """Those who write letters, and the mailbox that they write to. `clock` gives Unix seconds."""

    network = "email"

    def __init__(
        self, library: Library, box: MailboxSimulator, address: str, rng: Random, clock: Callable[[], float]
    ) -> None:
        self._people = [one for one in library.residents if one.network == self.network]
        self._box = box
        self._to = address
        self._rng = rng
        self._clock = clock

    def say(self, who: Resident, text: str, title: str, *, private: bool) -> Callable[[], None] | None:
        """Write a letter; what is sent can't be thought again."""
        self._send(who, text, title or _subject(text))
        return None

    def respond(self, answer: Answered, text: str) -> bool:
        """Write back as programs do, with what is answered below. False if the address is nobody's here."""
        who = next((one for one in self._people if _address(one) == answer.peer), None)
        if who is None:
            return False
        quoted = f"{text}\n\nГород <{self._to}> пишет 02.03.2026:\n> …"
        self._send(who, quoted, "Re: …", answered=f"<{answer.external_id}>")
        return True

    def _send(self, who: Resident, text: str, subject: str, answered: str = "") -> None:
        charset = self._rng.choice(_CHARSETS)
        try:
            f"{subject}{text}".encode(charset)
        except UnicodeEncodeError:
            charset = "utf-8"
        raw = letter(
            text,
            sender=_address(who),
            name=who.name,
            to=self._to,
            subject=subject,
            message_id=f"<town-{self._rng.getrandbits(80):020x}@mail.example>",
            at=self._clock(),
            charset=charset,
            headers={"In-Reply-To": answered, "References": answered},
        )
        self._box.put(raw)


def _address(who: Resident) -> str:
    return f"resident-{who.number}@mail.example"


def _subject(text: str) -> str:
    """Return the first words: a subject that says the beginning of what follows."""
    line = text.partition("\n")[0]
    return line if len(line) <= _SUBJECT_CHARS else line[:_SUBJECT_CHARS].rpartition(" ")[0]
