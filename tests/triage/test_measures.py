"""Floors under what was measured on real texts, which are not part of the project: skipped where they are absent."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from otklik.triage import Text
from otklik.triage.labelled import Labelled
from otklik.triage.scoring import cross_validate

SHARED = Path(__file__).parents[3] / "shared" / "data"

STAYS_LIGHT = """
import sys
from otklik.triage import Text, Triage
Triage.shipped().classify([Text("яма на дороге")])
print(sorted({name.split(".")[0] for name in sys.modules} & {"sklearn", "scipy", "django"}))
"""


def column(name: str, *columns: str) -> list[tuple[str, ...]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the real texts of {name} are not here")
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(file)]


def test_abuse_is_told_from_anger(triage):
    rows = column("abuse_train.csv", "text", "abuse")[::5]

    scores = [verdict.abuse for verdict in triage.classify([Text(text) for text, _ in rows])]

    assert roc_auc_score([int(abuse) for _, abuse in rows], scores) > 0.78


def test_portal_messages_are_requests_in_russian(triage):
    rows = column("appeals_train.csv", "text")[::3]

    verdicts = triage.classify([Text(text) for (text,) in rows])

    assert sum(verdict.kind in {"request", "question"} for verdict in verdicts) > 0.95 * len(verdicts)
    assert {verdict.language for verdict in verdicts} == {"ru"}


def test_english_requests_are_english(triage):
    rows = column("nyc311_train.csv", "text")[::2]

    verdicts = triage.classify([Text(text) for (text,) in rows if text.isascii()])

    assert {verdict.language for verdict in verdicts} == {"en"}


def test_history_of_a_region_is_learnt_well_enough():
    rows = [Labelled(*row) for row in column("appeals_train.csv", "text", "topic", "topic_group", "department")[::2]]

    found = cross_validate(rows, 2)

    topic, group, department = (found.head(name) for name in ("topic", "topic_group", "department"))
    assert {
        "group": (group.weighted_f1.value > 0.72, group.top3.value > 0.90, group.calibration_error.value < 0.07),
        "topic": (topic.weighted_f1.value > 0.36, topic.top3.value > 0.56, topic.calibration_error.value < 0.09),
        "department": (department.weighted_f1.value > 0.30, department.top3.value > 0.60),
    } == {"group": (True, True, True), "topic": (True, True, True), "department": (True, True)}


def test_what_the_worker_holds_stays_light():
    answer = subprocess.run(
        [sys.executable, "-c", STAYS_LIGHT], capture_output=True, text=True, check=True, env={"PYTHONPATH": "src"}
    )

    assert answer.stdout.strip() == "[]"
