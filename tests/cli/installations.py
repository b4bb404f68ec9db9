"""Whole installations for tests of commands: a data folder and a database of their own, real processes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("OTKLIK_DATABASE_URL", "")
ON_POSTGRESQL = SERVER.startswith("postgres")


def bare_environment(**variables: str) -> dict[str, str]:
    """What a command sees: nothing of ours but what is given, as under `env -i`."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "LANG": "C.UTF-8", **variables}


def run(*arguments: str, timeout_s: float = 180, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "otklik", *arguments],
        env=bare_environment(**variables),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass(frozen=True)
class Installation:
    """A data folder and the address of its database."""

    data: Path
    url: str

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in this installation."""
        return run(*arguments, OTKLIK_DATA=str(self.data), OTKLIK_DATABASE_URL=self.url, **variables)

    def succeed(self, *arguments: str, **variables: str) -> str:
        """Run a command that must succeed; returns what it said."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refusal(self, *arguments: str, **variables: str) -> str:
        """Run a command that must fail with one sentence and no traceback; returns the sentence."""
        done = self.run(*arguments, **variables)
        lines = done.stderr.strip().splitlines()
        assert (done.returncode, len(lines)) == (1, 1), done.stderr
        return lines[0]

    def sql(self, statement: str, *parameters: object) -> list[tuple]:
        """Execute one statement with `?` for parameters, in a transaction of its own; returns its rows."""
        return self.script([(statement, parameters)])

    def script(self, steps: list[tuple[str, tuple]]) -> list[tuple]:
        """Execute statements in one transaction; returns the rows of the last."""
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)
        else:
            connection = psycopg.connect(self.url)
            steps = [(statement.replace("?", "%s"), parameters) for statement, parameters in steps]
        try:
            with connection:
                cursor = connection.cursor()
                for statement, parameters in steps:
                    cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def found(folder: Path) -> Installation:
    """An installation with a city, made by the real command."""
    made = empty(folder)
    made.succeed("init", "--yes", "--name", "Ясногорье", "--head", "Анна Берестова", "--admin", "it@town.example")
    return made


def empty(folder: Path) -> Installation:
    """An empty data folder and an empty database."""
    if not ON_POSTGRESQL:
        return Installation(folder, f"sqlite:///{folder / 'otklik.sqlite3'}")
    return Installation(folder, _create_database(folder, ""))


def copy_of(original: Installation, folder: Path) -> Installation:
    """The same again, much quicker than founding it: the data folder and the database copied."""
    shutil.copytree(original.data, folder)
    if not ON_POSTGRESQL:
        return Installation(folder, f"sqlite:///{folder / 'otklik.sqlite3'}")
    name = urlsplit(original.url).path.strip("/")
    return Installation(folder, _create_database(folder, f"TEMPLATE {name}"))


def _create_database(folder: Path, ending: str) -> str:
    name = "otklik_" + "".join(letter if letter.isalnum() else "_" for letter in str(folder).lower())[-50:]
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} {ending}")
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
