"""What triage learnt and how good it is, in words and tables for a terminal."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from importlib.resources import files

from otklik.triage import Verdict
from otklik.triage.learnt import Learnt
from otklik.triage.scoring import Evaluation, HeadScore, Range

_WORST = 10
_WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "kind": "вид",
        "topic": "тема",
        "urgency": "срочность",
        "place": "место",
        "language": "язык",
        "why": "почему",
        "unknown": "не уверен, решает человек",
        "likeliest": "вероятнее всего",
        "none": "не найдено",
        "of": "из 4",
    },
    "en": {
        "kind": "kind",
        "topic": "topic",
        "urgency": "urgency",
        "place": "place",
        "language": "language",
        "why": "why",
        "unknown": "not certain, a person decides",
        "likeliest": "likeliest",
        "none": "none found",
        "of": "of 4",
    },
}


def speaks() -> str:
    """Return the language of the terminal: `ru` or `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "ru" if os.environ[name].startswith("ru") else "en"
    return "en"


def explained(verdict: Verdict, language: str) -> str:
    """Return how a text was understood, a line for each thing and each reason."""
    words, titles = _WORDS[language], _titles(language)

    def named(code: str) -> str:
        return titles.get(code, code)

    if verdict.topic:
        topic = f"{named(verdict.topic)} ({verdict.topic_confidence:.0%})"
    elif verdict.topic_group:
        topic = f"{named(verdict.topic_group)} ({verdict.group_confidence:.0%})"
    else:
        topic = words["unknown"]
    likely = ", ".join(named(code) for code in verdict.topic_top3)
    lines = [
        (words["kind"], f"{_kind(verdict, language)} ({verdict.kind_confidence:.0%})"),
        (words["topic"], topic + (f"; {words['likeliest']}: {likely}" if likely and not verdict.topic else "")),
        (words["urgency"], f"{verdict.urgency} {words['of']}"),
        (words["place"], verdict.place.raw if verdict.place else words["none"]),
        (words["language"], verdict.language),
    ]
    why = [f"  - {reason.describe(language, titles)}" for reason in verdict.reasons]
    return "\n".join([*(f"{name}: {value}" for name, value in lines), f"{words['why']}:", *(why or ["  -"])])


def thresholds(learnt: Learnt, precision: float) -> str:
    """Return for each column from which confidence on it reaches a precision, and how many texts it then answers."""
    lines = []
    for column, head in learnt.heads.items():
        limit = learnt.threshold(column, precision)
        proof = head.calibration.sure
        known = f"{column}: {len(head.labels)} labels"
        if math.isinf(limit):
            lines.append(f"{known}; {precision:.0%} right was not reached on the texts held back")
        else:
            share = float((proof >= limit).mean())
            lines.append(
                f"{known}; from a confidence of {limit:.2f} on {precision:.0%} is right: {share:.0%} of the texts"
            )
    return "\n".join(lines)


def table(evaluation: Evaluation) -> str:
    """Return the figures of an evaluation for people, with the range that chance alone explains."""
    head = (
        f"{'column':<12} {'rows':>6}  {'weighted F1':<16} {'macro F1':<16} {'top 3':<16} {'calibration':<16} coverage"
    )
    lines = [head, *(_line(score) for score in evaluation.heads)]
    for score in evaluation.heads:
        if score.confused:
            lines += ["", f"{score.column}, taken for another most often:"]
            lines += [f"  {part.count:>4}  {part.truth} → {part.answer}" for part in score.confused[:_WORST]]
    return "\n".join(lines)


def _line(score: HeadScore) -> str:
    figures = [score.weighted_f1, score.macro_f1, score.top3, score.calibration_error, score.coverage]
    cells = " ".join(f"{_range(figure):<16}" for figure in figures)
    return f"{score.column:<12} {score.rows:>6}  {cells.rstrip()} at {score.target_precision:.0%}"


def _range(figure: Range) -> str:
    return f"{figure.value:.3f} {figure.low:.2f}–{figure.high:.2f}"


def _kind(verdict: Verdict, language: str) -> str:
    from otklik.triage.labels import name

    return name(verdict.kind.value, language)


def _titles(language: str) -> Mapping[str, str]:
    """Return the titles of the groups and topics that come with this version, by code."""
    taxonomy = tomllib.loads((files("otklik.org") / "data" / "taxonomy.toml").read_text(encoding="utf-8"))
    return {entry["code"]: entry[f"title_{language}"] for entry in [*taxonomy["groups"], *taxonomy["topics"]]}
