"""Spoken with an implementation that isn't ours: Fedify, run by Node, against a whole installation over real HTTP."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import Installation, installation

FOLDER = Path(__file__).parent / "fedify"
NODE = shutil.which("node")
pytestmark = [
    pytest.mark.skipif(NODE is None, reason="Node isn't here: Fedify can't be run"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules").is_dir(), reason="run npm ci in tests/connectors/activitypub/fedify first"
    ),
]
PUBLISH = """
import django; django.setup()
from otklik.common.clock import now
from otklik.org.models import Municipality
from otklik.org.services.founding import add_official
from otklik.posts.services.publishing import Words, publish_as
from otklik.org.enums import Role
head = add_official(
    Municipality.objects.get(), email="head@town.example", full_name="Анна Берестова", roles=[(Role.HEAD, None)]
)
publish_as(head, Words("Новый сквер", "Открываем **в субботу**."), now=now())
"""
LAMP = "Не горит фонарь, улица Лесная, дом 3, сделайте свет"


class Fedify:
    """The other server, told what its person is to do."""

    def __init__(self, url: str) -> None:
        self.url = url

    def do(self, what: str, **more: str) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/do", json={"do": what, **more}, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def taken(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in httpx.get(f"{self.url}/log").json() if one["type"] == kind]


@pytest.fixture
def fedify() -> Iterator[Fedify]:
    process = subprocess.Popen([str(NODE), "server.mjs"], cwd=FOLDER, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Fedify(f"http://127.0.0.1:{process.stdout.readline().strip()}")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as made:
        made.connect("activitypub", "fedi", "username=mayor", "display_name=Анна Берестова")
        for name in ("gate", "web", "worker"):
            made.start(name)
        made.wait_for_gate()
        actor = f"{made.url}/fediverse/mayor"
        _until(lambda: httpx.get(actor, headers={"accept": "application/activity+json"}).status_code == 200)
        yield made


def test_fedify_follows_reads_likes_boosts_and_replies(place: Installation, fedify: Fedify) -> None:
    city = f"{place.url}/fediverse/mayor"
    found = fedify.do("follow", city=city)
    _until(lambda: fedify.taken("Accept"))
    _publish(place)
    _until(lambda: fedify.taken("Create"))
    [post] = fedify.taken("Create")
    for deed in ("like", "boost"):
        fedify.do(deed, city=city, on=post["object"])
    fedify.do("reply", city=city, on=post["object"], words=LAMP)
    _until(lambda: place.query("SELECT 1 FROM channels_message WHERE NOT is_ours"))
    _until(lambda: len(fedify.taken("Create")) == 2)  # the acknowledgement

    assert found["name"] == "Анна Берестова"
    assert "<strong>в субботу</strong>" in post["content"]
    assert place.query("SELECT text, visibility, kind FROM channels_message WHERE NOT is_ours") == [
        (LAMP, "public", "comment")
    ]
    assert place.query("SELECT display_name FROM channels_identity") == [("Зоя Ручьёва",)]
    assert place.query("SELECT comment_count FROM posts_post") == [(1,)]
    assert place.query("SELECT state, count(*) FROM channels_delivery GROUP BY state") == [("parsed", 4)]
    assert fedify.taken("Create")[1]["reply"].startswith(fedify.url)


def _publish(place: Installation) -> None:
    variables = place.variables | {"DJANGO_SETTINGS_MODULE": "otklik.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def _until(seen: Callable[[], object], within_s: float = 40) -> None:
    """Wait for what is to happen, and no longer."""
    until = time.monotonic() + within_s
    while not seen():
        if time.monotonic() > until:
            raise TimeoutError(seen)
        time.sleep(0.1)
