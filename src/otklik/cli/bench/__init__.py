"""Measuring this machine: throw-away installations, figures for people, and JSON on the last line for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from otklik.cli.bench.places import DATABASES, measured


@click.group(epilog="Example: otklik bench pipeline --quick --json")
def bench() -> None:
    """Measure this machine in throw-away installations; nothing of yours is touched."""


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    both = click.option("--database", type=click.Choice(["both", *DATABASES]), default="both", show_default=True)
    return both(_common(command))


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--quick", is_flag=True, help="under 60 s; rougher"),
        click.option("--json", "as_json", is_flag=True, help="one JSON object on the last line"),
        click.option("--tiny", is_flag=True, hidden=True, help="only whether it works at all"),
    ):
        command = option(command)
    return command


@bench.command("intake", epilog="Example: otklik bench intake --quick")
@_options
def measure_intake(**options: Any) -> None:
    """Durable acknowledged webhooks a second by the gate, beside a plain Django view, with 16 clients."""
    figures = _measured("intake", options)
    for database, one in figures.items():
        click.echo(
            f"{database:10}  gate {one['gate_per_s']}/s (p99 {one['p99_ms']} ms, {one['rss_mb']} MB)   "
            f"view {one['view_per_s']}/s (p99 {one['view_p99_ms']} ms)   ratio {one['ratio']}"
        )
        click.echo(
            f"{'':10}  while a worker carries a backlog: p99 {one['p99_busy_ms']} ms at {one['busy_per_s']}/s; "
            f"the generator used {one['generator_cpu']:.0%} of one core"
        )
    _finish(figures, options)


@bench.command("pipeline", epilog="Example: otklik bench pipeline")
@_options
def measure_pipeline(**options: Any) -> None:
    """Stored deliveries to triaged cases, messages a second, by one worker."""
    figures = _measured("pipeline", options)
    for database, one in figures.items():
        click.echo(
            f"{database:10}  {one['messages_per_s']}/s over {one['messages']} messages   "
            f"first thousand {one['first_1000_per_s']}/s, last {one['last_1000_per_s']}/s   "
            f"a batch takes at most {one['batch_p99_ms']} ms (p99)   cases {one['cases']}"
        )
    _finish(figures, options)


@bench.command("inbox", epilog="Example: otklik bench inbox --database sqlite")
@_options
def measure_inbox(**options: Any) -> None:
    """The desk at up to 300,000 cases and a million messages: first and filtered pages, a case, bulk, live desks."""
    figures = _measured("inbox", options)
    for database, sizes in figures.items():
        for size, one in sizes.items():
            click.echo(
                f"{database:10}  {int(size):>7,} cases   p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms   "
                f"rows alone p99 {one['rows_p99_ms']} ms   slowest: {one['slowest']}   {one['queries']} queries   "
                f"a case p50 {one['case_p50_ms']} ms, p99 {one['case_p99_ms']} ms"
            )
        live = one["live"]
        click.echo(f"{'':10}  p99 is {one['growth']} times that of the first size")
        click.echo(
            f"{'':10}  1,000 cases at once {one['bulk_s']} s   a change reaches {live['desks']} desks in "
            f"{live['event_p50_ms']} ms (last {live['event_max_ms']} ms), is drawn in {live['drawn_p50_ms']} ms "
            f"(last {live['drawn_max_ms']} ms)"
        )
    _finish(figures, options)


@bench.command("search", epilog="Example: otklik bench search --quick")
@_options
def measure_search(**options: Any) -> None:
    """The newest fifty for common, rare, missing and misspelt words, at up to a million messages; and twenty counts."""
    figures = _measured("search", options)
    for database, sizes in figures.items():
        for size, one in sizes.items():
            click.echo(
                f"{database:10}  {int(size):>9,} messages, {one['cases']:,} cases   p50 {one['p50_ms']} ms, "
                f"p99 {one['p99_ms']} ms   slowest: {one['slowest']} ({one['slowest_p50_ms']} ms)   "
                f"twenty counts p99 {one['twenty_counts_p99_ms']} ms   filled at {one['filled_per_s']}/s"
            )
    _finish(figures, options)


@bench.command("publishing", epilog="Example: otklik bench publishing --quick")
@_options
def measure_publishing(**options: Any) -> None:
    """A post with ten photos: seconds until it is on the site, and until it is in every network (simulated ones)."""
    figures = _measured("publishing", options)
    for database, one in figures.items():
        click.echo(
            f"{database:10}  {one['photos']} photos   on the site {one['site_s']} s, in all {one['networks']} networks "
            f"{one['all_networks_s']} s   a photo is drawn in {one['photo_drawn_s']} s beforehand"
        )
    _finish(figures, options)


@bench.command("public", epilog="Example: otklik bench public --quick")
@_options
def measure_public(**options: Any) -> None:
    """The site for anonymous readers: front page, a post with 500 comments, the feed; corrections; the log."""
    by_database = _measured("public", options)
    for database, one in by_database.items():
        for name in ("front", "post", "feed", "post_while_written"):
            page = one[name]
            click.echo(
                f"{database:10}  {name:18}  {page['per_s']}/s   p50 {page['p50_ms']} ms, p99 {page['p99_ms']} ms"
            )
        log = one["log"]
        click.echo(
            f"{'':10}  a correction is on its page within {one['edit_seen_ms']} ms   log of {log['entries']:,}: "
            f"append p99 {log['append_p99_ms']} ms, proof p99 {log['proof_p99_ms']} ms"
        )
    # The contract names the pages themselves; they stand for the first database that was measured.
    _finish({**next(iter(by_database.values())), **by_database}, options)


@bench.command("triage", epilog="Example: otklik bench triage --quick")
@click.option("--candidates", is_flag=True, help="also look up what was told before among a million traces (minutes)")
@click.option("--database", type=click.Choice(["both", *DATABASES]), default="both", help="where --candidates looks")
@_common
def measure_triage(**options: Any) -> None:
    """How fast texts are understood on one core: kind, topic, urgency, place, language, personal data and all else."""
    from otklik.cli.bench.triage import measured as measured_triage

    figures = measured_triage(options)
    for name, one in (("shipped", figures), ("and learnt", figures["learnt"])):
        click.echo(
            f"{name:10}  {one['texts_per_s']}/s mixed   appeals {one['appeals_per_s']}/s, "
            f"comments {one['comments_per_s']}/s   one text p99 {one['single_p99_ms']} ms"
        )
    click.echo(f"{'':10}  starts in {figures['start_s']} s, holds {figures['rss_mb']} MB   {figures['texts']} texts")
    if options["candidates"]:
        figures["candidates"] = _measured("candidates", options)
        for database, sizes in figures["candidates"].items():
            for size, one in sizes.items():
                click.echo(
                    f"{database:10}  {int(size):>9,} traces   100 texts p50 {one['batch_p50_ms']} ms, "
                    f"p99 {one['batch_p99_ms']} ms   one text p99 {one['single_p99_ms']} ms"
                )
    _finish(figures, options)


@bench.command("connectors", epilog="Example: otklik bench connectors --quick")
@_common
def measure_connectors(**options: Any) -> None:
    """How fast what each network brings is proved and understood, on one core, without a database."""
    from otklik.cli.bench.connectors import measure

    figures = measure(options)
    for network, one in figures.items():
        click.echo(f"{network:10}  {one['events_per_s']}/s")
    _finish(figures, options)


def _measured(name: str, options: dict[str, Any]) -> dict[str, Any]:
    chosen = DATABASES if options["database"] == "both" else (options["database"],)
    return {database: measured(name, database, options) for database in chosen}


def _finish(figures: dict[str, Any], options: dict[str, Any]) -> None:
    if options["as_json"]:
        click.echo(json.dumps(figures))
