from __future__ import annotations

import pytest

from otklik.triage.labelled import Labelled
from otklik.triage.learning import NothingToLearn, fit
from otklik.triage.learnt import Guess
from otklik.triage.scoring import Answered, Confused, Evaluation, LabelScore, cross_validate, evaluate, score

ANSWERS = [
    Answered("a", Guess("a", 0.95, ("a", "b", "c"))),
    Answered("a", Guess("a", 0.85, ("a", "b", "c"))),
    Answered("a", Guess("b", 0.55, ("b", "c", "a"))),
    Answered("b", Guess("b", 0.75, ("b", "a", "c"))),
    Answered("c", Guess("a", 0.25, ("a", "b", "d"))),
]


def test_figures_are_what_they_are_by_hand():
    found = score("topic", ANSWERS, 0.85)

    assert (found.rows, found.weighted_f1.value, found.macro_f1.value) == (5, 0.5333, 0.4444)
    assert (found.top3.value, found.coverage.value) == (0.8, 0.6)
    assert found.calibration_error.value == pytest.approx((0.05 + 0.15 + 0.55 + 0.25 + 0.25) / 5, abs=1e-4)
    assert found.labels == (
        LabelScore("a", 0.6667, 0.6667, 0.6667, 3),
        LabelScore("b", 0.5, 1.0, 0.6667, 1),
        LabelScore("c", 0.0, 0.0, 0.0, 1),
    )
    assert found.confused == (Confused("a", "b", 1), Confused("c", "a", 1))
    assert [(part.low, part.count, part.right) for part in found.bins] == [
        (0.2, 1, 0.0),
        (0.5, 1, 0.0),
        (0.7, 1, 1.0),
        (0.8, 1, 1.0),
        (0.9, 1, 1.0),
    ]


def test_ranges_hold_the_figure():
    found = score("topic", ANSWERS * 20, 0.85)

    assert found.weighted_f1.low < found.weighted_f1.value < found.weighted_f1.high


def history() -> list[Labelled]:
    roads = [f"большая яма на дороге номер {word}" for word in ("один", "два", "три", "четыре", "пять", "шесть")]
    lamps = [f"погас уличный фонарь возле {word}" for word in ("дома", "школы", "рынка", "парка", "реки", "моста")]
    return [Labelled(text, topic="road") for text in roads] + [Labelled(text, topic="lamp") for text in lamps]


def test_model_is_scored_on_labelled_texts():
    found = evaluate(fit(history()), [Labelled("яма на дороге", topic="road"), Labelled("без ответа")])

    assert (found.rows, found.head("topic").weighted_f1.value, found.head("department")) == (2, 1.0, None)


def test_figures_are_stored_as_json():
    found = evaluate(fit(history()), history())

    assert Evaluation.from_json(found.to_json()) == found


def test_history_that_is_one_text_cannot_be_checked():
    rows = [Labelled("яма на дороге", topic="a"), Labelled("яма на дороге", topic="b")]

    with pytest.raises(NothingToLearn, match="nearly the same"):
        cross_validate(rows)


def test_folds_are_told_as_they_are_done():
    rows = [
        Labelled(text, topic=topic)
        for text, topic in [
            ("яма посреди проспекта", "road"),
            ("асфальт раскрошился совсем", "road"),
            ("фонарь погас", "lamp"),
            ("темно вечером без света", "lamp"),
            ("колея глубокая, бордюр сломан", "road"),
            ("лампа мигает у подъезда", "lamp"),
        ]
    ]
    told: list[tuple[int, int]] = []

    found = cross_validate(rows, 2, progress=lambda done, of: told.append((done, of)))

    assert (found.head("topic").rows, told) == (6, [(1, 2), (2, 2)])
