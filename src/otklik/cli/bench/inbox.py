"""The desk over a growing archive, up to a million messages in 300,000 cases: whole pages of the inbox, and their rows
alone, the screen of a case, one thing done to a thousand cases, and what two hundred open desks see of a change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.cli.bench import desks, town
from otklik.cli.bench.archive import Archive
from otklik.cli.bench.figures import milliseconds, percentile, tell
from otklik.common.rubbish import PAGES, keep_out_of_rubbish

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.access import Access

SIZES = (1_000, 10_000, 100_000, 300_000)
QUICK = (1_000, 10_000)


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of the inbox: its address, and what it asks of the database for its rows."""

    name: str
    url: str
    rows: Callable[[], object]


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each size, the figures on this process's database."""
    sizes = (100, 200) if options["tiny"] else QUICK if options["quick"] else SIZES
    rounds = 2 if options["tiny"] else 8 if options["quick"] else 40
    channel = town.connect_telegram(town.found_town(), "bench")
    access, client = _curator(channel)
    archive = Archive(channel)
    figures: dict[str, Any] = {}
    for size in sizes:
        tell(f"writing an archive with {size} cases")
        archive.grow_cases(size)
        tell(f"opening the desk at {size} cases")
        keep_out_of_rubbish(PAGES)  # as the web does
        figures[str(size)] = {
            **_figures(_pages(access, channel), client, rounds),
            **_case_screen(archive, client, rounds),
            "messages": archive.messages,
        }
    first, last = figures[str(sizes[0])], figures[str(sizes[-1])]
    last["growth"] = round(last["p99_ms"] / max(0.01, first["p99_ms"]), 2)
    figures[str(sizes[-1])] |= {"bulk_s": _bulk(access), "live": desks.measure(channel, options)}
    return figures


def _case_screen(archive: Archive, client: Client, rounds: int) -> dict[str, Any]:
    """Open the pages of cases of all ages, the list beside them."""
    rng = Random(archive.cases)  # noqa: S311 - which cases are opened
    numbers = [rng.randint(1, archive.cases) for _ in range(rounds * 2)]
    _open(client, f"/desk/cases/{numbers[0]}/")
    times = [_timed(lambda number=number: _open(client, f"/desk/cases/{number}/")) for number in numbers]  # type: ignore[misc]
    return {"case_p50_ms": milliseconds(percentile(times, 0.5)), "case_p99_ms": milliseconds(percentile(times, 0.99))}


def _bulk(access: Access) -> float:
    """Hand a thousand cases over to another department, all or none; returns the seconds."""
    from otklik.cases.enums import BulkKind
    from otklik.cases.queries import visible_cases
    from otklik.cases.services.bulk import MOST, Wish, do_to_many
    from otklik.common.clock import now
    from otklik.org.models import Department

    housing = Department.objects.get(municipality=access.municipality_id, code="housing")
    chosen = visible_cases(access).filter(is_owed=True).exclude(department=housing).order_by("-id")
    picked = list(chosen.values_list("pk", flat=True)[:MOST])
    wish = Wish(BulkKind.ASSIGN, department=housing, reason="bench")
    return round(_timed(lambda: do_to_many(access, picked, wish, now=now())), 2)


def _figures(pages: Sequence[_Page], client: Client, rounds: int) -> dict[str, Any]:
    whole: dict[str, list[float]] = {}
    alone: list[float] = []
    counted = 0
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            _open(client, page.url)  # and warms the caches
        counted = max(counted, len(queries))
        page.rows()
        for _ in range(rounds):
            whole.setdefault(page.name, []).append(_timed(lambda page=page: _open(client, page.url)))  # type: ignore[misc]
            alone.append(_timed(page.rows))
    everything = [seconds for times in whole.values() for seconds in times]
    return {
        "p50_ms": milliseconds(percentile(everything, 0.5)),
        "p99_ms": milliseconds(percentile(everything, 0.99)),
        "rows_p50_ms": milliseconds(percentile(alone, 0.5)),
        "rows_p99_ms": milliseconds(percentile(alone, 0.99)),
        "slowest": max(whole, key=lambda name: percentile(whole[name], 0.5)),
        "page_p99_ms": {name: milliseconds(percentile(times, 0.99)) for name, times in whole.items()},
        "queries": counted,
    }


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _open(client: Client, url: str) -> None:
    status = client.get(url).status_code
    if status != 200:
        raise RuntimeError(f"{url} answered {status}")


def _pages(access: Access, channel: Channel) -> list[_Page]:
    """Return the first page of the main views, filtered pages, and a page far down."""
    from otklik.cases import lists
    from otklik.cases.models import Case
    from otklik.common.clock import now
    from otklik.org.models import Department, Topic

    roads = Department.objects.get(municipality=access.municipality_id, code="roads")
    pothole = Topic.objects.get(municipality=access.municipality_id, code="roads.pothole")
    middle = Case.objects.order_by("id").values_list("id", flat=True)[Case.objects.count() // 2]
    asked: dict[str, dict[str, Any]] = {
        "open": {},
        "urgent": {"view": "urgent"},
        "overdue": {"view": "overdue"},
        "control": {"view": "control"},
        "all": {"view": "all"},
        "department": {"view": "open", "department": roads.pk},
        "topic": {"view": "all", "topic": pothole.pk},
        "channel": {"view": "open", "channel": channel.pk},
        "status": {"view": "all", "status": "approval"},
        "department and topic": {"view": "all", "department": roads.pk, "topic": pothole.pk},
        "returned of a topic": {"view": "returned", "topic": pothole.pk},
        "overdue of a channel and status": {"view": "overdue", "channel": channel.pk, "status": "drafting"},
        "urgent of a department": {"view": "urgent", "department": roads.pk, "channel": channel.pk},
        "closed of a channel": {"view": "all", "channel": channel.pk, "status": "closed"},
    }
    pages = []
    for name, narrowing in asked.items():
        filters, query = lists.Filters(**narrowing), "&".join(f"{key}={value}" for key, value in narrowing.items())
        rows = partial(lists.page_of, access, filters, now=now())
        pages.append(_Page(name, f"/desk/?{query}", rows))
    rows = partial(lists.page_of, access, lists.Filters(view="all"), middle, now=now())
    pages.append(_Page("far down", f"/desk/?view=all&before={middle}", rows))
    return pages


def _curator(channel: Channel) -> tuple[Access, Client]:
    from otklik.org.access import access_of
    from otklik.org.enums import Role
    from otklik.org.services.founding import add_official

    official = add_official(
        channel.municipality, email="bench@town.example", full_name="Вера Лугова", roles=[(Role.CURATOR, None)]
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(official)
    return access_of(official), client
