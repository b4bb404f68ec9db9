"""Search in a growing archive: the newest fifty for common, rare, missing, misspelt words; and twenty kept counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from otklik.cli.bench import town
from otklik.cli.bench.archive import RARE, Archive
from otklik.cli.bench.figures import milliseconds, percentile, tell

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.access import Access

SIZES = (10_000, 100_000, 1_000_000)
QUICK = (2_000, 20_000)
QUESTIONS = {
    "common": "подскажите",
    "usual": "мусор",
    "pair": "яма во дворе",
    "rare": RARE,
    "rare and common": f"{RARE} администрация",
    "missing": "синхрофазотрон",
    "misspelt": "аквопарк",
}
VIEW_COUNT = 20


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures for each size on this process's database; `growth` compares the last size with the first."""
    sizes = (200, 400) if options["tiny"] else QUICK if options["quick"] else SIZES
    rounds = 2 if options["tiny"] else 20 if options["quick"] else 60
    channel = town.connect_telegram(town.found_town(), "bench")
    archive, people = Archive(channel), _people(channel)
    figures: dict[str, Any] = {}
    for size in sizes:
        tell(f"writing an archive of {size} messages")
        started = time.perf_counter()
        made = size - archive.messages
        archive.grow(size)
        tell(f"searching {size} messages")
        figures[str(size)] = {
            "cases": archive.cases,
            "filled_per_s": round(made / max(1e-9, time.perf_counter() - started)),
            **_figures(people, rounds),
        }
    first, last = figures[str(sizes[0])], figures[str(sizes[-1])]
    figures[str(sizes[-1])]["growth"] = round(last["p99_ms"] / max(0.01, first["p99_ms"]), 2)
    return figures


def _figures(people: Mapping[str, Access], rounds: int) -> dict[str, Any]:
    from otklik.cases.searching import search
    from otklik.common.clock import now

    def ask(access: Access, question: str) -> None:
        search(access, question, now=now())

    times: dict[str, list[float]] = {}
    for who, access in people.items():
        for name, question in QUESTIONS.items():
            asks = partial(ask, access, question)
            asks()
            times.setdefault(f"{name}, {who}", []).extend(_timed(asks) for _ in range(rounds))
    everything = [seconds for one in times.values() for seconds in one]
    slowest = max(times, key=lambda name: percentile(times[name], 0.5))
    counts = [_timed(lambda: _count_views(people["curator"])) for _ in range(rounds)]
    return {
        "p50_ms": milliseconds(percentile(everything, 0.5)),
        "p99_ms": milliseconds(percentile(everything, 0.99)),
        "slowest": slowest,
        "slowest_p50_ms": milliseconds(percentile(times[slowest], 0.5)),
        "twenty_counts_p99_ms": milliseconds(percentile(counts, 0.99)),
    }


def _count_views(access: Access) -> None:
    """Read the counts of twenty views of as many departments and states."""
    from otklik.cases.lists import VIEWS, Filters
    from otklik.cases.tallies import is_kept, kept_counts

    views = [Filters(view=view) for view in VIEWS if is_kept(Filters(view=view))]
    views += [Filters(view="open", control=True), Filters(view="all", status="closed")]
    views += [Filters(view="open", topic=number) for number in range(1, VIEW_COUNT)]
    kept_counts(access, {str(place): one for place, one in enumerate(views[:VIEW_COUNT])})


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _people(channel: Channel) -> dict[str, Access]:
    """Return a curator, who sees the city, and an executor of one department."""
    from otklik.org.access import access_of
    from otklik.org.enums import Role
    from otklik.org.models import Department
    from otklik.org.services.founding import add_official

    roads = Department.objects.get(municipality=channel.municipality, code="roads")
    who: dict[str, list[tuple[Any, Any]]] = {"curator": [(Role.CURATOR, None)], "executor": [(Role.EXECUTOR, roads)]}
    return {
        name: access_of(
            add_official(channel.municipality, email=f"{name}@town.example", full_name="Вера Лугова", roles=roles)
        )
        for name, roles in who.items()
    }
