"""A mailbox's other side, for tests and the demo: IMAP on loopback, as much of it as reading needs.

Source: RFC 9051 (commands, UIDVALIDITY, UID SEARCH and FETCH), RFC 6154 (\\Sent). Letters are put in by `put`.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from otklik.simulators.mail.serving import LineServer, served

INBOX, SENT = "INBOX", "Sent"
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s()"]+)|([()])')


@dataclass(frozen=True, slots=True)
class Stored:
    """A letter in a folder."""

    uid: int
    raw: bytes = field(repr=False)
    at: datetime


@dataclass
class Folder:
    """Letters by uid. A new `validity` says that every uid means another letter now."""

    validity: int = 1
    next_uid: int = 1
    letters: list[Stored] = field(default_factory=list)


@dataclass
class MailboxSimulator:
    """One mailbox. `faults` are played on the next sessions, oldest first: "deaf" (hangs up at once), "mute" (never
    answers), "nonsense" (is no IMAP), "refuse" (lets nobody in), "drop" (hangs up when a letter is fetched)."""

    user: str = ""
    password: str = field(default="", repr=False)
    folders: dict[str, Folder] = field(default_factory=lambda: {INBOX: Folder(), SENT: Folder()})
    faults: deque[str] = field(default_factory=deque)
    fetched: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, raw: bytes, folder: str = INBOX, at: datetime | None = None) -> int:
        """Put a letter in and return its uid."""
        with self.lock:
            there = self.folders[folder]
            uid, there.next_uid = there.next_uid, there.next_uid + 1
            there.letters.append(Stored(uid, raw, at or datetime.now(UTC)))
            return uid

    def renumber(self, folder: str = INBOX) -> None:
        """Number the letters anew, as a server does whose index was lost."""
        with self.lock:
            there = self.folders[folder]
            kept, there.validity, there.next_uid = there.letters, there.validity + 1, 1
            there.letters = []
            for one in kept:
                there.letters.append(Stored(there.next_uid, one.raw, one.at))
                there.next_uid += 1

    def remove(self, uid: int, folder: str = INBOX) -> None:
        """Remove a letter, as somebody who tidies up does."""
        with self.lock:
            there = self.folders[folder]
            there.letters = [one for one in there.letters if one.uid != uid]

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
            yield port


class _Server(LineServer):
    simulator: MailboxSimulator


class _Session(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self) -> None:
        self.simulator = cast("_Server", self.server).simulator
        self.folder, self.signed_in, self.fault = Folder(), False, self.simulator.fault()
        match self.fault:
            case "deaf":
                return
            case "mute":
                self.rfile.read(1)
                return
            case "nonsense":
                self._say("HTTP/1.1 400 Bad Request", "")
                return
        self._say("* OK [CAPABILITY IMAP4rev1] mailbox.simulator")
        while line := self.rfile.readline(65536):
            if not self._answer(line.decode(errors="replace").strip()):
                return

    def _answer(self, line: str) -> bool:
        tag, _, rest = line.partition(" ")
        words = [plain or re.sub(r"\\(.)", r"\1", quoted) or mark for quoted, plain, mark in _WORD.findall(rest)]
        verb = words[0].upper() if words else ""
        if verb == "UID" and len(words) > 1:
            verb, words = f"UID {words[1].upper()}", words[1:]
        if not self.signed_in and verb not in {"CAPABILITY", "LOGIN", "LOGOUT", "NOOP"}:
            self._say(f"{tag} NO sign in first")
            return True
        match verb:
            case "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1", f"{tag} OK done")
            case "LOGIN":
                self._sign_in(tag, words[1:])
            case "LIST":
                listed = [self._listed(name) for name in self.simulator.folders if words[-1] in {"*", "%", name}]
                self._say(*listed, f"{tag} OK done")
            case "EXAMINE" | "SELECT":
                self._open(tag, words[1])
            case "UID SEARCH":
                found = " ".join(str(uid) for uid in self._found(words[1:]))
                self._say(f"* SEARCH {found}".rstrip(), f"{tag} OK done")
            case "UID FETCH":
                return self._fetch(tag, words[1], " ".join(words[2:]).upper())
            case "LOGOUT":
                self._say("* BYE", f"{tag} OK done")
                return False
            case _:
                self._say(f"{tag} OK done")
        return True

    def _sign_in(self, tag: str, words: list[str]) -> None:
        wanted = [self.simulator.user, self.simulator.password]
        self.signed_in = self.fault != "refuse" and (words == wanted or not self.simulator.user)
        self._say(f"{tag} OK welcome" if self.signed_in else f"{tag} NO [AUTHENTICATIONFAILED] wrong name or password")

    def _listed(self, name: str) -> str:
        flags = "\\Sent" if name == SENT else ""
        return f'* LIST ({flags}) "/" "{name}"'

    def _open(self, tag: str, name: str) -> None:
        folder = self.simulator.folders.get(name)
        if folder is None:
            self._say(f"{tag} NO [NONEXISTENT] no such folder")
            return
        self.folder = folder
        self._say(
            f"* {len(folder.letters)} EXISTS",
            f"* OK [UIDVALIDITY {folder.validity}]",
            f"* OK [UIDNEXT {folder.next_uid}]",
            f"{tag} OK [READ-ONLY] done",
        )

    def _found(self, words: list[str]) -> list[int]:
        with self.simulator.lock:
            letters = list(self.folder.letters)
        if words and words[0].upper() == "CHARSET":
            words = words[2:]
        words = [word for word in words if word not in "()"]
        match [words[0].upper(), *words[1:]]:
            case ["UID", span]:
                first = int(span.partition(":")[0])
                # "n:*" always has the last letter in it, whatever n is.
                return [one.uid for one in letters if one.uid >= first] or [one.uid for one in letters[-1:]]
            case ["SINCE", day]:
                since = datetime.strptime(day, "%d-%b-%Y").replace(tzinfo=UTC)
                return [one.uid for one in letters if one.at.astimezone(UTC) >= since]
            case ["HEADER", name, value]:
                wanted = re.compile(rf"^{re.escape(name)}:.*{re.escape(value)}".encode(), re.IGNORECASE | re.MULTILINE)
                return [one.uid for one in letters if wanted.search(one.raw)]
        return []

    def _fetch(self, tag: str, uids: str, items: str) -> bool:
        wanted = {int(uid) for uid in uids.split(",") if uid.isdigit()}
        with self.simulator.lock:
            letters = [one for one in self.folder.letters if one.uid in wanted]
        for number, one in enumerate(letters, start=1):
            if "BODY.PEEK[]" in items and self.fault == "drop":
                return False
            told = [f"UID {one.uid}"]
            if "RFC822.SIZE" in items:
                told.append(f"RFC822.SIZE {len(one.raw)}")
            if "INTERNALDATE" in items:
                told.append(f'INTERNALDATE "{one.at.strftime("%d-%b-%Y %H:%M:%S %z")}"')
            if "BODY.PEEK[HEADER]" in items:
                head = one.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                told.append(f"BODY[HEADER] {{{len(head)}}}")
                self.wfile.write(f"* {number} FETCH ({' '.join(told)}\r\n".encode() + head + b")\r\n")
            elif "BODY.PEEK[]" in items:
                self.simulator.fetched.append(one.uid)
                told.append(f"BODY[] {{{len(one.raw)}}}")
                self.wfile.write(f"* {number} FETCH ({' '.join(told)}\r\n".encode() + one.raw + b")\r\n")
            else:
                self._say(f"* {number} FETCH ({' '.join(told)})")
        self._say(f"{tag} OK done")
        return True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
