"""Serving: everything under one supervisor, or one process at a time for many hosts."""

from __future__ import annotations

import os
import signal
import socket

import click

from otklik.cli.boot import Problem, database_problem, environment, fail, migrate, start_django
from otklik.config.environment import Environment, unknown_variables


@click.command(epilog="Example: otklik up --port 8000")
@click.option("--port", type=click.IntRange(1, 65534), help="port of the gate on 127.0.0.1")
def up(port: int | None) -> None:
    """Serve this installation: web, gate and worker under one supervisor; each is restarted if it ends."""
    settings = environment(**({"OTKLIK_PORT": str(port)} if port else {}))
    for sentence in unknown_variables(os.environ):
        fail(sentence)
    if settings.demo:
        fail("OTKLIK_DEMO is set: `up` never lets demo sign-ins work; unset it, or use `otklik demo`")
    _serve(settings.port, settings.web_port)


def _serve(port: int, web_port: int) -> None:
    """Prepare the database in a child, then supervise the three programs until told to stop."""
    import subprocess
    import sys

    from otklik.config.supervisor import Program, Supervisor

    _require_free("OTKLIK_PORT", port)
    _require_free("OTKLIK_WEB_PORT", web_port)
    own = {"OTKLIK_PORT": str(port), "OTKLIK_WEB_PORT": str(web_port)}
    prepared = subprocess.run(
        [sys.executable, "-m", "otklik", "web", "--prepare-only"], env={**_variables(), **own}, check=False
    )
    if prepared.returncode:
        raise SystemExit(prepared.returncode)
    click.echo(f"otklik: serving on http://127.0.0.1:{port}  (Ctrl-C stops it)")
    Supervisor([Program(name, [name], own) for name in ("web", "gate", "worker")]).run()


@click.command(epilog="Example: otklik web")
@click.option("--prepare-only", is_flag=True, help="bring the database up to date, check, and end")
def web(*, prepare_only: bool) -> None:
    """Run Django alone, behind the gate, on OTKLIK_WEB_PORT."""
    settings = start_django()
    if prepare_only:
        _prepare(settings)
        return
    _say_if_database_is_away()
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from otklik.config.loading import load_for_workers

    load_for_workers()
    Granian(
        "otklik.config.wsgi:application",
        address="127.0.0.1",
        port=settings.web_port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        # What waits for the database lets the next one on; more threads only fight for the interpreter.
        blocking_threads=4 if settings.web_workers == 1 else 2,
        respawn_failed_workers=True,
        # A worker told to stop while it starts doesn't hear it; well before the supervisor loses its patience.
        workers_kill_timeout=10,
        websockets=False,
        log_level=LogLevels(settings.log_level),
    ).serve()


@click.command(epilog="Example: otklik gate")
def gate() -> None:
    """Run the gate alone: webhooks, live updates and cached anonymous pages on OTKLIK_PORT."""
    settings = start_django()
    _require_free("OTKLIK_PORT", settings.port)
    _say_if_database_is_away()
    import uvicorn

    from otklik.gate.app import Gate

    uvicorn.run(
        Gate(),
        host="127.0.0.1",
        port=settings.port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        backlog=2048,
    )


@click.command(epilog="Example: otklik worker")
def worker() -> None:
    """Run a worker alone; several may run on PostgreSQL, one on SQLite."""
    start_django()
    if problem := database_problem():
        fail(problem)
    from otklik.worker.loop import Worker
    from otklik.worker.presence import AnotherWorker

    own = Worker()
    signal.signal(signal.SIGTERM, lambda *_: own.stop())
    signal.signal(signal.SIGINT, lambda *_: own.stop())
    try:
        own.run()
    except AnotherWorker as error:
        raise Problem(str(error)) from error


def _say_if_database_is_away() -> None:
    """Say what to do about the database, and serve all the same: it may come back, and residents read a plain page."""
    if problem := database_problem():
        click.echo(f"otklik: {problem}", err=True)


def _prepare(settings: Environment) -> None:
    """Bring the database up to date; end the command over what makes serving senseless, and say what is amiss."""
    from otklik.cli.checks import channel_key_problem, closed_channels

    if problem := channel_key_problem(settings):
        fail(problem)
    migrate()
    _require_city()
    # The site still serves, and in the desk the secrets can be entered anew.
    for sentence in closed_channels(settings):
        click.echo(f"otklik: {sentence}", err=True)


def _require_free(setting: str, port: int) -> None:
    """End the command if somebody else listens on a port of ours: it would only fail again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            choose = "choose another with --port" if setting == "OTKLIK_PORT" else "set it to another, or --port"
            fail(f"{setting}: 127.0.0.1:{port} can't be used ({error.strerror}): {choose}")


def _require_city() -> None:
    from otklik.org.models import Municipality

    if not Municipality.objects.exists():
        fail("no city is set up in this data folder: run `otklik init` first (or `otklik demo` to look around)")


def _variables() -> dict[str, str]:
    import os

    return dict(os.environ)
