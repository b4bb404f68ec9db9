"""The desk's inbox at a thousand, ten thousand and a hundred thousand cases: whole pages, and their rows alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.cli.bench import town
from otklik.cli.bench.figures import milliseconds, percentile, tell

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.access import Access

SIZES = (1_000, 10_000, 100_000)
_BATCH = 2_000
_STATUSES = ("assigned", "in_progress", "drafting", "approval", "answered", "closed", "closed", "closed", "closed")
"""How a town's cases stand after a year: most are closed."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of the inbox: its address, and what it asks of the database for its rows."""

    name: str
    url: str
    rows: Callable[[], object]


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for each size, the figures on this process's database."""
    sizes = (100, 200) if options["tiny"] else SIZES
    rounds = 2 if options["tiny"] else 8 if options["quick"] else 40
    channel = town.connect_telegram(town.found_town(), "bench")
    access, client = _operator(channel)
    figures, made, rng = {}, 0, Random(7)  # noqa: S311 - invented cases
    for size in sizes:
        tell(f"making {size - made} cases")
        _make_cases(channel, made, size, rng)
        made = size
        _analyze()
        tell(f"opening the inbox at {size} cases")
        figures[str(size)] = _figures(_pages(access, channel), client, rounds)
    return figures


def _figures(pages: Sequence[_Page], client: Client, rounds: int) -> dict[str, Any]:
    whole: dict[str, list[float]] = {}
    alone: list[float] = []
    counted = 0
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            _open(client, page)  # and warms the caches
        counted = max(counted, len(queries))
        page.rows()
        for _ in range(rounds):
            whole.setdefault(page.name, []).append(_timed(lambda page=page: _open(client, page)))  # type: ignore[misc]
            alone.append(_timed(page.rows))
    everything = [seconds for times in whole.values() for seconds in times]
    return {
        "p50_ms": milliseconds(percentile(everything, 0.5)),
        "p99_ms": milliseconds(percentile(everything, 0.99)),
        "rows_p50_ms": milliseconds(percentile(alone, 0.5)),
        "rows_p99_ms": milliseconds(percentile(alone, 0.99)),
        "slowest": max(whole, key=lambda name: percentile(whole[name], 0.5)),
        "queries": counted,
    }


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _open(client: Client, page: _Page) -> None:
    status = client.get(page.url).status_code
    if status != 200:
        raise RuntimeError(f"{page.url} answered {status}")


def _pages(access: Access, channel: Channel) -> list[_Page]:
    """Return the first page of the main views, filtered pages, and a page far down."""
    from otklik.cases import queries
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
    }
    pages = []
    for name, narrowing in asked.items():
        found = queries.inbox(access, queries.Filters(**narrowing), now=now())
        query = "&".join(f"{key}={value}" for key, value in narrowing.items())
        pages.append(_Page(name, f"/desk/?{query}", lambda found=found: queries.page_after(found, None)))  # type: ignore[misc]
    deep = queries.inbox(access, queries.Filters(view="all"), now=now())
    pages.append(_Page("far down", f"/desk/?view=all&before={middle}", lambda: queries.page_after(deep, middle)))
    return pages


def _operator(channel: Channel) -> tuple[Access, Client]:
    from otklik.org.access import access_of
    from otklik.org.enums import Role
    from otklik.org.services.founding import add_official

    official = add_official(
        channel.municipality, email="bench@town.example", full_name="Вера Лугова", roles=[(Role.CURATOR, None)]
    )
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(official)
    return access_of(official), client


def _make_cases(channel: Channel, first: int, last: int, rng: Random) -> None:
    """Add cases up to `last`, spread over topics, departments, statuses and two years."""
    from otklik.cases.models import Case
    from otklik.common.clock import now
    from otklik.common.codes import private_code
    from otklik.org.models import Topic

    topics = list(Topic.objects.filter(municipality=channel.municipality, parent__isnull=False))
    texts, moment = town.texts(5), now()
    for start in range(first, last, _BATCH):
        rows = []
        for number in range(start + 1, min(start + _BATCH, last) + 1):
            topic, status = rng.choice(topics), rng.choice(_STATUSES)
            opened = moment - timedelta(hours=rng.uniform(0, 24 * 30 if status != "closed" else 24 * 700))
            rows.append(
                Case(
                    municipality=channel.municipality,
                    number=number,
                    code=private_code(),
                    status=status,
                    urgency=rng.choice((1, 2, 2, 2, 3, 4)),
                    summary=next(texts)[:140],
                    channel=channel,
                    topic=topic,
                    department_id=topic.department_id,
                    opened_at=opened,
                    answer_due_at=opened + timedelta(hours=9),
                    personal_control=rng.random() < 0.02,
                    updated_at=opened,
                )
            )
        Case.objects.bulk_create(rows)


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
