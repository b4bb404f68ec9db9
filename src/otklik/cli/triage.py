"""Understanding texts from files, and learning from a city's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from otklik.cli.boot import Problem, progress

_FILE = click.Path(path_type=Path, dir_okay=False)
_PRECISION = click.FloatRange(0.5, 1.0)


@click.group(epilog="Example: otklik triage kind --input comments.csv --output out.csv")
def triage() -> None:
    """Understand texts from files."""


@triage.command("predict", epilog="Example: otklik triage predict --train history.csv --input new.csv --output out.csv")
@click.option("--train", required=True, type=_FILE, help="CSV: text, topic, topic_group, department (some may lack)")
@click.option("--input", "source", required=True, type=_FILE, help="CSV with a column text")
@click.option("--output", required=True, type=_FILE)
def predict(*, train: Path, source: Path, output: Path) -> None:
    """Learn from one file and say topic, group and department for each text of another, with confidences.

    Columns abuse (0 or 1) and kind (request, question, idea, thanks, …) are learnt too.
    """
    from otklik.triage.files import predict_csv

    with _told(), _steps("Learning") as step:
        rows = predict_csv(train, source, output, progress=step)
    click.echo(f"{rows} rows → {output}")


@triage.command("train", epilog="Example: otklik triage train --train history.csv --output city.model")
@click.option("--train", required=True, type=_FILE, help="CSV: text, and any of the columns to learn")
@click.option("--output", required=True, type=_FILE, help="file for the model")
@click.option("--precision", type=_PRECISION, default=0.9, show_default=True, help="share of right answers wanted")
def train(*, train: Path, output: Path, precision: float) -> None:
    """Learn from a history, keep the model in a file, and say from which confidence on it can be trusted."""
    from otklik.cli.triage_report import thresholds
    from otklik.triage.files import train_csv

    with _told(), _steps("Learning") as step:
        learnt = train_csv(train, output, progress=step)
    click.echo(thresholds(learnt, precision))
    click.echo(f"model → {output}")


@triage.command("evaluate", epilog="Example: otklik triage evaluate --train history.csv --folds 5")
@click.option("--model", "stored", type=_FILE, help="what `triage train` wrote")
@click.option("--input", "source", type=_FILE, help="CSV with labels that the model was not fitted on")
@click.option("--train", type=_FILE, help="CSV with labels: fit on part of it, ask about the rest, in turns")
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="parts to cut --train into")
@click.option("--json", "as_json", is_flag=True, help="one JSON object, with every label")
def evaluate(*, stored: Path | None, source: Path | None, train: Path | None, folds: int, as_json: bool) -> None:
    """Say how good a model is on a labelled file, or how good a history makes one (near-duplicates kept together)."""
    from otklik.cli.triage_report import table
    from otklik.triage import files

    if (train is None) == (stored is None) or (stored is None) != (source is None):
        raise click.UsageError("give --model and --input, or --train alone")
    with _told():
        if stored and source:
            evaluation = files.evaluated(files.model(stored), source)
        elif train:
            with _steps("Asking") as step:
                evaluation = files.cross_validated(train, folds, progress=step)
    click.echo(evaluation.to_json() if as_json else table(evaluation))


@triage.command("explain", epilog='Example: otklik triage explain "Яма на Садовой 5" --model city.model')
@click.argument("text")
@click.option("--model", "stored", type=_FILE, help="what `triage train` wrote")
@click.option("--post", default="", help="the post that the text was written under")
@click.option("--parent", default="", help="the comment that the text answers")
def explain(*, text: str, stored: Path | None, post: str, parent: str) -> None:
    """Say how one text is understood, and why, in Russian or English as the terminal's locale is."""
    from otklik.cli.triage_report import explained, speaks
    from otklik.triage import Text, Triage, files

    with _told():
        learnt = files.model(stored) if stored else None
    understands = Triage.shipped().with_learnt(learnt) if learnt else Triage.shipped()
    verdict = understands.classify([Text(text, post_text=post, parent_text=parent)])[0]
    click.echo(explained(verdict, speaks()))


@triage.command("kind", epilog="Example: otklik triage kind --input comments.csv --output out.csv")
@click.option("--input", "source", required=True, type=_FILE, help="CSV with a column text")
@click.option("--output", required=True, type=_FILE)
def kind(*, source: Path, output: Path) -> None:
    """Say kind, urgency, abuse, spam, language, place and group of each text, with the shipped knowledge only."""
    from otklik.triage.files import kind_csv

    with _told(), _steps("Reading") as step:
        rows = kind_csv(source, output, progress=step)
    click.echo(f"{rows} rows → {output}")


@triage.command("pairs", epilog="Example: otklik triage pairs --input appeals.csv --output pairs.csv")
@click.option("--input", "source", required=True, type=_FILE, help="CSV: text; date, author, place, title if there")
@click.option("--output", required=True, type=_FILE, help="CSV: row_a, row_b, score, reason; rows are counted from 1")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True, help="of the reasons")
def pairs(*, source: Path, output: Path, language: str) -> None:
    """Say which texts are probably about the same problem, how sure that is (0.5 to 1), and why."""
    from otklik.triage.files import pairs_csv

    with _told():
        found = pairs_csv(source, output, language=language)
    click.echo(f"{found} pairs → {output}")


@contextmanager
def _told() -> Iterator[None]:
    """Turn a file's mistake into one sentence and exit code 1."""
    from otklik.triage.tables import BadFile

    try:
        yield
    except BadFile as error:
        raise Problem(str(error)) from error


@contextmanager
def _steps(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show steps on a terminal; yields what is told how many of how many are done."""
    with progress(label, 100) as add:
        shown = 0

        def step(done: int, of: int) -> None:
            nonlocal shown
            now = 100 * done // max(of, 1)
            add(now - shown)
            shown = now

        yield step
