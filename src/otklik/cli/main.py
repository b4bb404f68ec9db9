"""`otklik`: every command of the contract, loaded when it is called."""

from __future__ import annotations

import importlib
import logging
from typing import Any

import click

from otklik import __version__

_COMMANDS = {
    "demo": ("otklik.cli.demo", "demo", "Serve an invented city that is alive."),
    "test": ("otklik.cli.testing", "test", "Run the whole suite, on SQLite and on PostgreSQL."),
    "init": ("otklik.cli.city", "init", "Set a city up."),
    "up": ("otklik.cli.serving", "up", "Serve this installation."),
    "web": ("otklik.cli.serving", "web", "Run Django alone."),
    "gate": ("otklik.cli.serving", "gate", "Run the gate alone: webhooks, live updates, cached pages."),
    "worker": ("otklik.cli.serving", "worker", "Run a worker alone."),
    "channel": ("otklik.cli.channel", "channel", "Connect, list and check network accounts."),
    "open311": ("otklik.cli.open311", "open311", "Give and take the keys of applications that report by Open311."),
    "keys": ("otklik.cli.keys", "keys", "Make and list the keys that posts are signed with."),
    "verify": ("otklik.cli.verify", "verify", "Check a published post: signature and place in the log."),
    "replay": ("otklik.cli.replay", "replay", "Post texts from a file as signed webhooks."),
    "triage": ("otklik.cli.triage", "triage", "Understand texts from files."),
    "bench": ("otklik.cli.bench", "bench", "Measure this machine."),
    "backup": ("otklik.cli.backup", "backup", "Copy everything into one file while serving."),
    "restore": ("otklik.cli.backup", "restore", "Restore a backup into an empty data folder."),
    "import": ("otklik.cli.importing", "import_group", "Bring in what was published and said before."),
    "export": ("otklik.cli.export", "export", "Take out what is kept of one person, or open data."),
    "doctor": ("otklik.cli.doctor", "doctor", "Check settings, database, channels and the public address."),
}


class _Commands(click.Group):
    """Loads a command's module only when it is needed: `--help` and the supervisor stay quick and small."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="otklik")
def otklik() -> None:
    """Otklik: the open channel between a city and its head.

    Begin with `otklik demo`; set your own city up with `otklik init`, then serve it with `otklik up`.
    """


def main(**kwargs: Any) -> None:
    """Run the command line: exit code 0 on success, 2 on wrong use, 1 on failure with one sentence."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    otklik(prog_name="otklik", **kwargs)
