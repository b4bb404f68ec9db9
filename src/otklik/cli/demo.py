"""`otklik demo`: an invented city, alive, on this machine; with its own data folder and nothing from outside."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from otklik.cli.boot import Problem, fail, start_django
from otklik.config.environment import ROOT
from otklik.config.supervisor import Program, Supervisor, die_with_parent

MARKER = "otklik-demo"
"""The file that makes a folder the demo's own; it says `ready` when the city's past is complete."""


@click.command(epilog="Example: otklik demo --port 8080")
@click.option("--port", type=click.IntRange(1, 65533), default=8000, show_default=True, help="port on 127.0.0.1")
@click.option("--fresh", is_flag=True, help="forget the demo's earlier life and begin anew")
@click.option("--once", is_flag=True, help="let a first wave of messages through, print a summary, and end")
@click.option("--language-model", is_flag=True, help="serve a simulated language model too, and switch it on")
@click.option("--part", type=click.Choice(["prepare", "town"]), hidden=True)
@click.option("--simulators-port", type=int, default=0, hidden=True)
def demo(*, port: int, fresh: bool, once: bool, language_model: bool, part: str | None, simulators_port: int) -> None:
    """Serve an invented city that is alive: posts, comments and answers through real signed webhooks."""
    if part is not None:
        start_django()
        from otklik.cli import demo_town

        if part == "prepare":
            demo_town.prepare(simulators_port)
        else:
            demo_town.live(simulators_port, once=once, language_model=language_model)
        return
    folder = Path(os.environ.get("OTKLIK_DATA") or ROOT / "var" / "demo").expanduser().resolve()
    simulators = _ports(port)
    _claim(folder, fresh=fresh)
    with _alone_in(folder):
        wishes = [*(["--once"] if once else []), *(["--language-model"] if language_model else [])]
        raise SystemExit(_serve(folder, port, simulators, wishes))


def _serve(folder: Path, port: int, simulators: int, wishes: list[str]) -> int:
    own, once = _variables(folder, port, simulators), "--once" in wishes
    town = ["demo", "--simulators-port", str(simulators), *wishes]
    _prepare(folder, [*town, "--part", "prepare"], own)
    click.echo("otklik: starting ...", err=True)
    people = Program("town", [*town, "--part", "town"], own, ends_all=once)
    code = Supervisor([*(Program(name, [name], own) for name in ("web", "gate", "worker")), people]).run()
    return int(code != 0) if once else 0


def _prepare(folder: Path, arguments: list[str], own: Mapping[str, str]) -> None:
    marker = folder / MARKER
    if marker.read_text().strip() != "ready":
        click.echo("otklik: founding Yasnogorye and living through its last two weeks ...", err=True)
    prepared = subprocess.run(  # noqa: S603 - our own module with fixed arguments
        [sys.executable, "-m", "otklik", *arguments],
        env={**os.environ, **own},
        check=False,
        preexec_fn=die_with_parent,
    )
    if prepared.returncode:
        raise Problem("the demo city could not be prepared: see above")
    marker.write_text("ready\n")


def _claim(folder: Path, *, fresh: bool) -> None:
    """Make the folder the demo's own; one that holds anything else is never touched."""
    marker = folder / MARKER
    try:
        if folder.exists() and any(folder.iterdir()) and not marker.exists():
            fail(f"{folder} is not a demo's folder: empty it, or name another one in OTKLIK_DATA")
        if marker.exists() and (fresh or marker.read_text().strip() != "ready"):
            with _alone_in(folder):
                shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        if not marker.exists():
            marker.write_text("being prepared\n")
    except OSError as error:
        raise Problem(f"OTKLIK_DATA: cannot use the folder {folder}: {error.strerror}") from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep every other demo out of the folder; ends the command if one is there, or the folder is somebody else's."""
    try:
        lock = (folder / f"{MARKER}.lock").open("w")
    except OSError as error:
        raise Problem(f"OTKLIK_DATA: cannot use the folder {folder}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem(f"a demo runs in {folder} already: stop it, or set OTKLIK_DATA to another folder") from error
        yield


def _ports(port: int) -> int:
    """Return a port for the simulators. Ends the command if the city's own ports are taken."""
    for number in (port, port + 1):
        if not _is_free(number):
            fail(f"port {number} is taken by another program: choose another one with --port")
    if _is_free(port + 2):
        return port + 2
    with socket.create_server(("127.0.0.1", 0)) as listener:
        chosen: int = listener.getsockname()[1]
    return chosen


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _variables(folder: Path, port: int, simulators: int) -> dict[str, str]:
    """Return the settings of the demo: its own folder and database, whatever is set for the real city."""
    return {
        "OTKLIK_DATA": str(folder),
        "OTKLIK_KEYS": str(folder / "keys"),
        "OTKLIK_DATABASE_URL": f"sqlite:///{folder / 'otklik.sqlite3'}",
        "OTKLIK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "OTKLIK_PORT": str(port),
        "OTKLIK_WEB_PORT": str(port + 1),
        "OTKLIK_ALLOW_LOOPBACK": "1",
        "OTKLIK_DEMO": "1",
        # Codes to phones go to the simulator alone, which shows them; whoever else listens there has no token.
        "OTKLIK_SMS_URL": f"http://127.0.0.1:{simulators}/sms/send",
        "OTKLIK_SMS_TOKEN": secrets.token_urlsafe(16),
        "OTKLIK_SMS_PREFIXES": "+7",
        "OTKLIK_LOG_LEVEL": os.environ.get("OTKLIK_LOG_LEVEL") or "warning",
    }
