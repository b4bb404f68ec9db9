"""Understanding texts from files."""

from __future__ import annotations

from pathlib import Path

import click

from otklik.cli.boot import Problem

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def triage() -> None:
    """Understand texts from files."""


@triage.command("predict", epilog="Example: otklik triage predict --train history.csv --input new.csv --output out.csv")
@click.option("--train", required=True, type=_FILE, help="CSV: text, topic, topic_group, department (some may lack)")
@click.option("--input", "source", required=True, type=_FILE, help="CSV with a column text")
@click.option("--output", required=True, type=_FILE)
def predict(*, train: Path, source: Path, output: Path) -> None:
    """Learn from one file and say topic, group and department for each text of another, with confidences."""
    from otklik.triage.files import BadFile, predict_csv

    try:
        rows = predict_csv(train, source, output)
    except BadFile as error:
        raise Problem(str(error)) from error
    click.echo(f"{rows} rows → {output}")


@triage.command("kind", epilog="Example: otklik triage kind --input comments.csv --output out.csv")
@click.option("--input", "source", required=True, type=_FILE, help="CSV with a column text")
@click.option("--output", required=True, type=_FILE)
def kind(*, source: Path, output: Path) -> None:
    """Say kind, urgency, abuse, spam, language, place and group of each text, with the shipped knowledge only."""
    from otklik.triage.files import BadFile, kind_csv

    try:
        rows = kind_csv(source, output)
    except BadFile as error:
        raise Problem(str(error)) from error
    click.echo(f"{rows} rows → {output}")


@triage.command("pairs", epilog="Example: otklik triage pairs --input appeals.csv --output pairs.csv")
@click.option("--input", "source", required=True, type=_FILE, help="CSV: text; date, author, place, title if there")
@click.option("--output", required=True, type=_FILE, help="CSV: row_a, row_b, score, reason; rows are counted from 1")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True, help="of the reasons")
def pairs(*, source: Path, output: Path, language: str) -> None:
    """Say which texts are probably about the same problem, how sure that is (0.5 to 1), and why."""
    from otklik.triage.files import BadFile, pairs_csv

    try:
        found = pairs_csv(source, output, language=language)
    except BadFile as error:
        raise Problem(str(error)) from error
    click.echo(f"{found} pairs → {output}")
