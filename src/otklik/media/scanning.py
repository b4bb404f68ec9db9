"""Asking a virus scanner about a file: clamd by its socket, or any program by its exit code.

clamd: INSTREAM, as its manual tells (`man clamd`): the command `zINSTREAM\\0`, chunks each led by its length in four
bytes, a length of zero at the end; it answers `stream: OK`, `stream: <name> FOUND` or an error.
"""

from __future__ import annotations

import ipaddress
import shlex
import socket
import struct
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 60.0
CHUNK = 64 * 1024


class ScannerDown(Exception):
    """The scanner didn't say what it thinks: the file waits."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where to ask: `unix:/path`, `tcp:127.0.0.1:3310` or `command:/usr/bin/scan --quiet`. Empty: nobody is asked."""

    address: str = ""

    def __bool__(self) -> bool:
        return bool(self.address)

    def look_at(self, path: Path) -> str:
        """Return the name of the virus in a file; "" for none. Raises ScannerDown, OSError where the file is gone."""
        if not self.address:
            return ""
        how, _, where = self.address.partition(":")
        return _run(where, path) if how == "command" else _stream(how, where, path)

    def answers(self) -> bool:
        """Return whether the scanner is there (a command: whether it can be run)."""
        how, _, where = self.address.partition(":")
        try:
            if how == "command":
                return Path(shlex.split(where)[0]).is_file()
            with closing(_connected(how, where)) as connection:
                connection.sendall(b"zPING\0")
                return _said(connection) == "PONG"
        except OSError:
            return False


def checked(address: str) -> str:
    """Return a scanner's address if it can be one. Raises ValueError saying what is wrong with it.

    A scanner sees what residents send in private: beyond this machine it would have to travel the network in the open.
    """
    how, _, where = address.partition(":")
    if not address or (how == "unix" and where.startswith("/")):
        return address
    if how == "command" and where.strip():
        if not Path(shlex.split(where)[0]).is_absolute():
            raise ValueError("a command begins with the whole path of its program")
        return address
    host, _, port = where.rpartition(":")
    if how == "tcp" and port.isdecimal() and 0 < int(port) < 65536:
        if not _is_loopback(host):
            raise ValueError("a scanner is asked on this machine only: 127.0.0.1 or ::1")
        return address
    raise ValueError("it is unix:/path/of/clamd.ctl, tcp:127.0.0.1:3310 or command:/path/of/program")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _stream(how: str, where: str, path: Path) -> str:
    with path.open("rb") as file:
        try:
            with closing(_connected(how, where)) as connection:
                connection.sendall(b"zINSTREAM\0")
                while chunk := file.read(CHUNK):
                    connection.sendall(struct.pack("!I", len(chunk)) + chunk)
                connection.sendall(struct.pack("!I", 0))
                said = _said(connection)
        except OSError as error:
            raise ScannerDown(str(error)) from error
    _, _, verdict = said.partition(": ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")[:200] or "virus"
    raise ScannerDown(said[:200] or "it hung up without a word")


def _connected(how: str, where: str) -> socket.socket:
    if how == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(where)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = where.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_S)


def _said(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < 4096:
        part = connection.recv(4096)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _run(command: str, path: Path) -> str:
    """Run a program with the file's path behind its own words: 0 is clean, 1 is a virus, all else is no answer."""
    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own command from the settings, without a shell
            [*shlex.split(command), str(path)], capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScannerDown(str(error)) from error
    if done.returncode == 0:
        return ""
    if done.returncode == 1:
        first = done.stdout.decode("utf-8", "replace").strip().splitlines()[:1]
        return (first[0].replace(str(path), "").strip(": ")[:200] if first else "") or "virus"
    raise ScannerDown(f"the command ended with {done.returncode}")
