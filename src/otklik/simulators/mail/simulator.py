"""A mail server's other side, for tests and the demo: SMTP on loopback that keeps what it took and can misbehave.

Source: RFC 5321 (commands, replies), RFC 4954 (AUTH PLAIN, LOGIN). It delivers nothing anywhere.
"""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from otklik.simulators.mail.serving import LineServer, served


@dataclass
class MailSimulator:
    """What the server knows and took. `faults` are played on the next letters, oldest first.

    A fault is a reply such as "451 later" or "550 no such person", "silence" (hangs up after the letter, having taken
    it), "mute" (takes it and never answers), "lost" (drops it and never answers), "nonsense" (takes it and answers what
    is no SMTP) or "deaf" (hangs up at once). `senders` holds each letter's envelope sender, `port` is where it serves.
    Nothing is taken for the addresses in `closed`; when another is named, `refused` says what is answered to that.
    """

    user: str = ""
    password: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    closed: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    def take(self, raw: bytes, sender: str = "") -> None:
        """Keep a letter."""
        with self.lock:
            self.taken.append(message_from_bytes(raw, policy=policy.default))
            self.senders.append(sender)

    def fault(self) -> str:
        """Return the next fault to play; nothing where all goes well."""
        with self.lock:
            return self.faults.popleft() if self.faults else ""

    @contextmanager
    def serve(self, tls: ssl.SSLContext | None = None) -> Iterator[int]:
        """Serve on a free loopback port, given to the block; stopped on the way out."""
        server = _Server(("127.0.0.1", 0), _Session)
        server.simulator = self
        with served(server, tls) as port:
            self.port = port
            yield port


class _Server(LineServer):
    simulator: MailSimulator


_AFTER_THE_LETTER = frozenset({"silence", "mute", "lost", "nonsense"})


class _Session(socketserver.StreamRequestHandler):
    timeout = 20
    sender = ""

    def handle(self) -> None:
        simulator = cast("_Server", self.server).simulator
        self.simulator, self.signed_in = simulator, not simulator.user
        if simulator.faults and simulator.faults[0] == "deaf":
            simulator.fault()
            return
        self._say("220 mail.simulator ESMTP")
        while line := self.rfile.readline(4096):
            words = line.decode(errors="replace").strip()
            if not self._answer(words.split(" ", 1)[0].upper(), words):
                return

    def _answer(self, verb: str, words: str) -> bool:
        match verb:
            case "EHLO" | "HELO":
                self._say("250-mail.simulator", "250-AUTH PLAIN LOGIN", "250 8BITMIME")
            case "AUTH":
                self._sign_in(words)
            case "MAIL" if not self.signed_in:
                self._say("530 sign in first")
            case "MAIL":
                self.sender = words.partition("<")[2].partition(">")[0]
                self._say("250 ok")
            case "RCPT" if words.partition("<")[2].partition(">")[0] in self.simulator.closed:
                self._say("550 5.2.1 the mailbox takes no letters")
            case "RCPT" if words.partition("<")[2].partition(">")[0] in self.simulator.refused:
                self._say(self.simulator.refused[words.partition("<")[2].partition(">")[0]])
            case "DATA":
                return self._data()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _sign_in(self, words: str) -> None:
        given = words.split(" ")
        secret = base64.b64decode(given[2]) if len(given) > 2 else b""
        wanted = f"\0{self.simulator.user}\0{self.simulator.password}".encode()
        self.signed_in = not self.simulator.user or (given[1].upper() == "PLAIN" and secret == wanted)
        self._say("235 welcome" if self.signed_in else "535 wrong name or password")

    def _data(self) -> bool:
        fault = self.simulator.fault()
        if fault and fault not in _AFTER_THE_LETTER:
            self._say(fault)
            return True
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline(1_000_000)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if fault != "lost":
            self.simulator.take(b"".join(lines), self.sender)
        if fault in {"mute", "lost"}:
            self.rfile.read(1)  # until the other side has had enough
        elif fault == "nonsense":
            self._say("<html>a proxy's page</html>")
        elif not fault:
            self._say("250 taken")
        return not fault

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
