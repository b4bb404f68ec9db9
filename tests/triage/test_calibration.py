from __future__ import annotations

import math

import numpy as np
import pytest

from otklik.triage import calibration
from otklik.triage.calibration import Calibration

OFTEN = np.array([50, 50])


def made_up(rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose lead says how often the best label is right."""
    dice = np.random.default_rng(3)
    lead = dice.uniform(0, 3, rows)
    truth = (dice.uniform(size=rows) > 1 / (1 + np.exp(-lead))).astype(int)
    return np.column_stack([lead, np.zeros(rows)]), truth


def test_confidence_comes_true():
    scores, truth = made_up()

    learnt = calibration.learn(scores, truth, OFTEN)

    sure = learnt.confidence(np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]]))
    assert sure == pytest.approx([0.5, 0.73, 0.95], abs=0.05)


def test_what_few_texts_taught_is_less_sure():
    dice = np.random.default_rng(5)
    scores = dice.uniform(0, 2, (4000, 2))
    chosen = scores.argmax(axis=1)
    truth = np.where(dice.uniform(size=4000) < np.where(chosen == 0, 0.9, 0.5), chosen, 1 - chosen)

    learnt = calibration.learn(scores, truth, np.array([1000, 5]))

    common, rare = learnt.confidence(np.array([[1.5, 0.5], [0.5, 1.5]]))
    assert common == pytest.approx(0.9, abs=0.05)
    assert rare == pytest.approx(0.5, abs=0.08)


def test_chances_sum_to_one():
    scores, truth = made_up(100)

    assert calibration.learn(scores, truth, OFTEN).chances(scores).sum(axis=1) == pytest.approx(np.ones(100))


def test_few_answers_prove_nothing():
    learnt = calibration.learn(np.eye(2), np.array([0, 1]), OFTEN)

    assert learnt.confidence(np.eye(2)).tolist() == [0.5, 0.5]
    assert learnt.threshold(0.5) == math.inf


@pytest.mark.parametrize(("precision", "threshold"), [(1.0, 0.9), (0.75, 0.6), (0.6, 0.5), (0.2, 0.5)])
def test_threshold_is_the_lowest_confidence_that_keeps_the_promise(precision, threshold):
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    held_back = Calibration(1.0, np.zeros(2), (0.0, 1.0, 0.0), sure, np.array([1, 0, 1, 1, 0]))

    assert held_back.threshold(precision) == pytest.approx(threshold, abs=2e-6)


def test_threshold_that_is_never_reached_is_infinite():
    held_back = Calibration(1.0, np.zeros(2), (0.0,), np.array([0.9, 0.8]), np.array([0, 1]))

    assert held_back.threshold(0.9) == math.inf


def test_equal_confidences_stand_or_fall_together():
    held_back = Calibration(1.0, np.zeros(2), (0.0,), np.array([0.9, 0.8, 0.8]), np.array([1, 1, 0]))

    assert held_back.threshold(0.9) == pytest.approx(0.9, abs=2e-6)
