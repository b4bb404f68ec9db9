"""Replaying a file: the same row is the same delivery, however often and by however many it is posted."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.installation import Installation, installation

ROWS = 120


@pytest.fixture
def history(tmp_path: Path) -> Path:
    file = tmp_path / "history.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "topic"])
        for number in range(ROWS):
            # Every second text is the same: rows are told apart by their place in the file, not by their words.
            writer.writerow([f"Яма на дороге, улица Садовая, дом {number % 2 and number}, почините", "Дороги"])
    return file


def replay(place: Installation, file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "otklik", "replay", str(file), "--channel", "site"]
    return subprocess.Popen(command, env=place.variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_until_all_is_decided(place: Installation, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    due = "SELECT (SELECT count(*) FROM channels_delivery WHERE state = 'received')"
    while place.query(due) != [(0,)]:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_replay_twice_and_by_two_at_once_under_kills_stores_every_row_once(tmp_path: Path, history: Path) -> None:
    with installation(tmp_path / "town") as place:
        for name in ("gate", "worker"):
            place.start(name)
        place.wait_for_gate()
        at_once = [replay(place, history) for _ in range(2)]
        for name in ("worker", "gate"):
            time.sleep(0.5)
            place.kill(name)
            place.start(name)
        said = [process.communicate(timeout=120)[0] for process in at_once]
        again = replay(place, history).communicate(timeout=120)[0]
        wait_until_all_is_decided(place)

        assert all(f"{ROWS} texts, {ROWS} acknowledged, 0 refused, 0 not delivered" in text for text in [*said, again])
        assert place.query("SELECT count(*), count(DISTINCT external_id) FROM channels_message WHERE NOT is_ours") == [
            (ROWS, ROWS)
        ]
        undecided = "SELECT count(*) FROM channels_message WHERE decision = 'pending' OR decision_reason = ''"
        assert place.query(f"{undecided} AND NOT is_ours") == [(0,)]


def test_file_without_the_column_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("words,topic\nЯма,Дороги\n", encoding="utf-8")
    with installation(tmp_path / "town") as place:
        said = place.run("replay", str(file), "--channel", "site", code=1)

    expected = "otklik: wrong.csv has no column 'text'; its columns: words, topic. Name one by --text-column\n"
    assert said == expected
