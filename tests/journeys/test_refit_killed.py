"""SIGKILL of the child that learns, under a real worker: no label is lost, what is in use stays, it learns again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation, installation

TAUGHT = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "otklik.config.settings"
import django
django.setup()
from otklik.channels.services.connecting import connect
from otklik.common.clock import now
from otklik.org.access import access_of
from otklik.org.models import Municipality, Official
from otklik.teaching.services import refitting
from otklik.teaching.services.fitting import carry_out
from tests.teaching.lessons import teach_all, write
city, admin = Municipality.objects.get(), access_of(Official.objects.get())
site = connect(city, "site", "lessons", "", {}, now=now())
teach_all(admin, write(city, site, 180))
refitting.ask(admin, now=now())
carry_out(refitting.claim("first", now=now()), now=now())
teach_all(admin, write(city, site, 30))
refitting.ask(admin, now=now())
"""
PATIENCE_S = 300


def teach_and_ask(place: Installation) -> None:
    """Teach as people do, learn from it, teach more and ask for another refit."""
    variables = place.variables | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    subprocess.run([sys.executable, "-c", TAUGHT], env=variables, check=True, timeout=PATIENCE_S)


def wait_for(place: Installation, sql: str, wanted: Callable[[list[tuple]], bool]) -> list[tuple]:
    until = time.monotonic() + PATIENCE_S
    while not wanted(rows := place.query(sql)):
        assert time.monotonic() < until, f"{sql}: {rows}"
        time.sleep(0.05)
    return rows


def child_of(worker: int) -> int:
    """The process that the worker started to learn."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if int(told["PPid"]) == worker and b"otklik.worker.refit" in (status.parent / "cmdline").read_bytes():
                return int(told["Pid"])
        except OSError:
            continue  # it ended while we looked
    raise LookupError("nobody learns")


@pytest.mark.timeout(600)
def test_killed_refit_is_repeated_and_the_version_in_use_stays(tmp_path: Path) -> None:
    last = "SELECT state, attempts, stage FROM teaching_refit ORDER BY id DESC LIMIT 1"
    with installation(tmp_path) as place:
        teach_and_ask(place)
        used = "SELECT number FROM teaching_version JOIN teaching_learning ON in_use_id = teaching_version.id"
        assert place.query(used) == [(1,)]

        place.start("worker")
        wait_for(place, last, lambda rows: rows[0][0] == "running" and rows[0][2] != "")
        os.kill(child_of(place.running["worker"].pid), signal.SIGKILL)
        wait_for(place, last, lambda rows: rows[0][:2] == ("queued", 1) or rows[0][1] == 2)

        assert place.query(used) == [(1,)]
        assert place.query("SELECT count(*) FROM teaching_label") == [(210,)]
        assert wait_for(place, last, lambda rows: rows[0][0] == "done") == [("done", 2, "")]
        assert place.query("SELECT number FROM teaching_version ORDER BY number") == [(1,), (2,)]
