"""The residents' site as anonymous readers have it: the front page, a post with 500 comments, and the feed.

All of it by the gate, the load made on the same machine. Then how soon a correction is on the page, and the log
with a million statements.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from statistics import median
from typing import Any

import httpx
import msgspec
from django.db import connection
from django.urls import reverse

from otklik.channels.services.connecting import connect
from otklik.cli.bench import biglog, publishing, servers, town
from otklik.cli.bench.client import Plan, Report
from otklik.cli.bench.figures import milliseconds, percentile, tell
from otklik.cli.bench.places import two_free_ports
from otklik.common.clock import now
from otklik.connectors.site.connector import Submission
from otklik.intake.understanding import Brain
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.org.services.founding import add_official
from otklik.posts.models import Post, Rubric
from otklik.posts.services.publishing import Words, publish_as
from otklik.posts.services.revising import correct
from otklik.proof.services.signing import make_key
from otklik.public.submitting import own_channel, take
from otklik.worker.taking import take_due

POSTS, COMMENTS, CLIENTS = 30, 500, 16
_TEXT = "Двор готов: качели, горка и лавочки. Приходите в субботу, откроем вместе.\n\n" * 6
_WRITES_PER_S = 20
_PATIENCE_S = 5.0


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures on this process's database."""
    rounds, seconds = (1, 0.5) if options["tiny"] else (2, 2.0) if options["quick"] else (5, 5.0)
    author = _author()
    addresses = _site(author, comments=20 if options["tiny"] else COMMENTS)
    figures: dict[str, Any] = {}
    with _serving() as port:
        for name, address in addresses.items():
            tell(f"reading: {name}")
            figures[name] = _figures(_read(port, address, 1.0), [_read(port, address, seconds) for _ in range(rounds)])
        tell("reading while much is written")
        with _writing(author):
            _read(port, addresses["post"], 1.0)
            written = [_read(port, addresses["post"], seconds) for _ in range(rounds)]
        figures["post_while_written"] = _figures(written[0], written)
        figures["edit_seen_ms"] = _edits_seen(port, author, 2 if options["tiny"] else 10)
    figures["log"] = biglog.measure(author.municipality, options)
    return figures


def _figures(first: Report, reports: list[Report]) -> dict[str, Any]:
    if refused := first.refused + sum(one.refused for one in reports):
        raise RuntimeError(f"{refused} pages were refused")
    return {
        "per_s": round(median(one.acknowledged / one.seconds for one in reports)),
        "p50_ms": milliseconds(median(percentile(one.latencies, 0.5) for one in reports)),
        "p99_ms": milliseconds(median(percentile(one.latencies, 0.99) for one in reports)),
    }


def _read(port: int, address: str, seconds: float) -> Report:
    """Read one page as browsers do that take what is packed, over connections that stay open."""
    lines = [f"GET {address} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: ru", "Accept-Encoding: gzip, br"]
    plan = Plan(port, ["\r\n".join([*lines, "", ""]).encode()], first=0, clients=CLIENTS, seconds=seconds)
    command = [sys.executable, "-m", "otklik.cli.bench.client"]
    done = subprocess.run(command, input=msgspec.json.encode(plan), stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own module
    return msgspec.json.decode(done.stdout, type=Report)


@contextmanager
def _serving() -> Iterator[int]:
    # A port of its own: the one beside the gate's is often taken by the very connection that asks whether it answers.
    web_port = two_free_ports()
    os.environ["OTKLIK_WEB_PORT"] = str(web_port)
    with servers.web(web_port), servers.gate() as (_, port):
        yield port


def _author() -> Official:
    city, at = town.found_town(), now()
    make_key(city, now=at)
    connect(city, "site", "site", "", {}, now=at)
    return add_official(
        city, email="head@bench.example", full_name="Анна Берестова", roles=[(Role.HEAD, None)], position="Глава города"
    )


def _site(author: Official, *, comments: int) -> dict[str, str]:
    """Publish posts with photos, let one be commented on, and return the addresses to read."""
    tell("publishing posts and writing comments")
    pictures = [publishing.picture(author, number) for number in range(3)]
    posts = [
        publish_as(author, Words(f"Двор № {number + 1}", _TEXT, photos=(pictures[number % 3],)), now=now())
        for number in range(POSTS)
    ]
    channel = own_channel(author.municipality)
    if channel is None:
        raise RuntimeError("the site is no channel")
    for number, text in enumerate(islice(town.texts(5), comments)):
        said = Submission(f"bench-{number}", text, name=f"Житель {number}", post=str(posts[0].pk), sent_at=now())
        take(channel, said, now=now())
    brain = Brain()
    while take_due(brain):
        pass
    counted = Post.objects.get(pk=posts[0].pk).comment_count
    if counted != comments:
        raise RuntimeError(f"{counted} of {comments} comments stand under the post")
    return {
        "front": reverse("public:feed"),
        "post": reverse("public:post", args=[posts[0].slug]),
        "feed": reverse("public:news", args=["atom"]),
    }


@contextmanager
def _writing(author: Official) -> Iterator[None]:
    """Write to the database all the time, as a worker with much to do: no page may be taken for right any more."""
    over = threading.Event()

    def write() -> None:
        while not over.wait(1 / _WRITES_PER_S):
            Official.objects.filter(pk=author.pk).update(position="Глава города")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _edits_seen(port: int, author: Official, count: int) -> float:
    """Correct a post that is being read, and return how long the slowest correction took to be on its page."""
    post, access = Post.objects.order_by("pk")[0], access_of(author)
    slowest = 0.0
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as reader:
        address = reverse("public:post", args=[post.slug])
        for number in range(count):
            reader.get(address)
            words = Words(f"Поправлено {number}", post.text, Rubric(post.rubric))
            post = correct(access, post, words, "проверка", version=post.version, now=now())
            began = time.perf_counter()
            while f"Поправлено {number}" not in reader.get(address).text:
                if time.perf_counter() - began > _PATIENCE_S:
                    raise RuntimeError("a correction never came to its page")
                time.sleep(0.005)
            slowest = max(slowest, time.perf_counter() - began)
    return milliseconds(slowest)
