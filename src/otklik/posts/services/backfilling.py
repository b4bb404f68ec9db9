"""Bringing in an account's past by its network's API: a page is asked for, then stored together with its cursor.

Whoever is killed in between has moved no cursor: the next one asks for the same page, and what is here already is
recognised by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from otklik.channels.backfills import Backfill
from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.queries import channels_of
from otklik.channels.services.remembering import Remembered, read, remember
from otklik.common import bell
from otklik.common.clock import now as current
from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.events import EventKind
from otklik.connectors.figures import Figure
from otklik.connectors.past import PastPage, PastPost, TellsPast
from otklik.org.models import Official
from otklik.posts.models import Publication
from otklik.posts.services.importing import Earlier, bring_in, post_there

LATELY = timedelta(days=1)
"""What was said so lately since the channel is connected is the webhook's to bring, not history."""
BACKOFF_S = (2.0, 10.0, 30.0, 60.0)
"""Seconds after the first, second, … failure in a row where the network names no time; then we give up."""
MOST_PATIENCE_S = 900.0


class TakenOver(Exception):
    """Somebody else brings in this channel's past at the same time; nothing of ours was written."""


@dataclass
class Preview:
    """What a reading would bring, counted without keeping anything."""

    posts: int = 0
    words: int = 0
    files_left: int = 0


def begin(channel: Channel, since: datetime | None, cases_days: int, *, now: datetime) -> tuple[Backfill, bool]:
    """Return the channel's reading and whether it goes on with one that was stopped.

    One that ended, or reached another day back, begins anew: what is here already is only counted.
    """
    at = now - timedelta(days=cases_days) if cases_days else max(channel.created_at, now - LATELY)
    fields = {"since": since, "cases_since": at, "started_at": now}
    row, made = Backfill.objects.get_or_create(
        channel=channel, defaults={"municipality_id": channel.municipality_id, **fields}
    )
    if not made and row.finished_at is None and row.since == since and row.pages:
        if cases_days:
            row.cases_since = at
            row.save(update_fields=["cases_since"])
        return row, True
    row = Backfill(pk=row.pk, municipality_id=channel.municipality_id, channel=channel, **fields)
    row.save(force_update=True)
    return row, False


def pages(
    connector: TellsPast, since: datetime | None, cursor: str, *, wait: Callable[[float], None]
) -> Iterator[PastPage]:
    """Ask page by page at the network's pace, patiently where it is slow or broken.

    Raises SendFailed, SendUnknown for what no waiting mends.
    """
    more = True
    while more:
        page = _patiently(connector, since, cursor, wait)
        cursor, more = page.cursor, page.more
        yield page
        if more:
            wait(connector.past_pause_s)


def _patiently(connector: TellsPast, since: datetime | None, cursor: str, wait: Callable[[float], None]) -> PastPage:
    for pause_s in BACKOFF_S:
        try:
            return connector.past(since, cursor, now=current())
        except SendUnknown:
            wait(pause_s)
        except SendFailed as error:
            if error.permanent or (error.retry_after_s or 0) > MOST_PATIENCE_S:
                raise
            wait(pause_s if error.retry_after_s is None else error.retry_after_s)
    return connector.past(since, cursor, now=current())


def preview(connector: Connector, page: PastPage, seen: Preview) -> None:
    """Count what a page would bring; reads nothing of the database."""
    seen.posts += len(page.posts)
    seen.files_left += sum(post.has_files for post in page.posts)
    seen.words += sum(event.kind is not EventKind.POST for _, event in read(connector, page.hooks))


def keep(row: Backfill, page: PastPage, connector: Connector, head: Official, *, now: datetime) -> None:
    """Store a page and where it leads to, at once. Raises TakenOver, NoKey; then nothing of the page is kept.

    Posts come in as of an archive: at their own days, said to be brought in, sent nowhere.
    """
    with transaction.atomic():
        mine = Backfill.objects.filter(pk=row.pk, started_at=row.started_at, pages=row.pages, finished_at=None)
        ended = None if page.more else now
        if mine.update(cursor=page.cursor, pages=F("pages") + 1, finished_at=ended) != 1:
            raise TakenOver
        # Held, as the worker holds it: two batches of one channel are never stored at once.
        channel = Channel.objects.select_for_update(no_key=True).get(pk=row.channel_id)
        posts, files = _posts(channel, page.posts, head, now)
        words = remember(
            channel, connector, page.hooks, fresh_since=row.cases_since, started_at=row.started_at, now=now
        )
        _count(row, posts, len(page.posts) - posts, files, words)
    if words.fresh:
        bell.ring_at_once("delivery")
    row.refresh_from_db()


def _count(row: Backfill, posts: int, before: int, files: int, words: Remembered) -> None:
    Backfill.objects.filter(pk=row.pk).update(
        posts=F("posts") + posts,
        posts_before=F("posts_before") + before,
        files_left=F("files_left") + files,
        words=F("words") + words.new,
        words_before=F("words_before") + words.before,
        words_fresh=F("words_fresh") + words.fresh,
    )


def _posts(channel: Channel, told: tuple[PastPost, ...], head: Official, now: datetime) -> tuple[int, int]:
    """Return how many posts came in, and how many of those left photos or videos behind."""
    if not told:
        return 0, 0
    city = channel.municipality_id
    there = Publication.objects.filter(municipality=city, channel=channel)
    known = set(there.filter(external_id__in=[one.external_id for one in told]).values_list("external_id", flat=True))
    site = next((one for one in channels_of(city) if one.network == Network.SITE), None)
    posts = files = 0
    for one in told:
        if one.external_id in known:
            continue
        earlier = _earlier(channel, one)
        made = bring_in(head, earlier, site, now=now)
        post = made or post_there(city, earlier)
        if post is None:
            continue
        # Without an outgoing row: it was never ours to send, so a correction here doesn't reach it. Comments do.
        Publication.objects.create(
            municipality_id=city, post=post, channel=channel, external_id=one.external_id, permalink=one.permalink
        )
        if made is not None:
            posts, files = posts + 1, files + one.has_files
    return posts, files


def _earlier(channel: Channel, one: PastPost) -> Earlier:
    network = Network(channel.network)
    first = next((line.strip() for line in one.text.splitlines() if line.strip()), "")
    russian = channel.municipality.language == "ru"
    nameless = f"{network.label}, {one.at:%d.%m.%Y}" if russian else f"{network.label}, {one.at:%Y-%m-%d}"
    return Earlier(
        network=network,
        key=one.external_id[:64],
        title=first or nameless,
        text=one.text,
        at=one.at,
        likes=one.figures.get(Figure.LIKES),
        comments=one.figures.get(Figure.COMMENTS),
        views=one.figures.get(Figure.VIEWS),
    )
