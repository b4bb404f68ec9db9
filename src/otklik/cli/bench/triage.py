"""How fast texts are understood on one core: invented appeals and comments, shipped knowledge and a learnt model."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from otklik.cli.bench.figures import milliseconds, percentile, rss_mb, tell
from otklik.cli.boot import fail

if TYPE_CHECKING:
    from otklik.triage import Text, Triage

_SEED = 4
_BATCH = 500
_APPEAL_CHARS = 235
"""The median length of an appeal through a portal; comments are a tenth of it."""
_OPENINGS = ("Добрый день! ", "Здравствуйте, ", "Уважаемая администрация! ", "Прошу принять меры: ", "")
_STREETS = ("Садовая", "Лесная", "Школьная", "Заречная", "Мира", "9 Мая", "Вокзальная", "50 лет Октября")
_TAILS = ("звоните 8 903 000-00-{n:02}", "кв. {n}", "писали {n} раз", "ждём с {n} мая", "почта a{n}@example.org")
_SHORT = ("и у нас тоже!", "+1", "👍👍", "спасибо!!!", "когда уже?", "позор", "а на {street} когда?", "воооды нет 😡")
_LABELS = 20


def measured(options: Mapping[str, Any]) -> dict[str, Any]:
    """Measure in a process of its own, so that start and memory are triage's alone."""
    done = subprocess.run(  # noqa: S603 - our own module with fixed arguments
        [sys.executable, "-m", "otklik.cli.bench.triage", json.dumps(dict(options))],
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        fail("bench triage did not finish: see above")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of one core: texts a second (appeals, comments, mixed), one text's p99, start and memory."""
    size = 200 if options.get("tiny") else 2_000 if options.get("quick") else 10_000
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    tell("start")
    began = time.perf_counter()
    from otklik.triage import Gazetteer, Street, Text, Triage

    triage = Triage.shipped(Gazetteer([Street(name) for name in _STREETS]))
    triage.classify([Text("яма на дороге")])
    start_s = time.perf_counter() - began
    rng = random.Random(_SEED)  # noqa: S311 - invented texts, not secrets
    seeds = _phrases()
    appeals = [Text(_appeal(rng, seeds)) for _ in range(size)]
    comments = [Text(_comment(rng, seeds), post_text=rng.choice(seeds)) for _ in range(size)]
    mixed = [text for pair in zip(appeals, comments, strict=True) for text in pair]
    tell("the shipped knowledge")
    figures = {
        "texts_per_s": _per_s(triage, mixed),
        "appeals_per_s": _per_s(triage, appeals),
        "comments_per_s": _per_s(triage, comments),
        "single_p99_ms": _single_p99(triage, mixed, time.perf_counter),
        "single_cpu_p99_ms": _single_p99(triage, mixed, time.process_time),
        "start_s": round(start_s, 3),
        "rss_mb": rss_mb(os.getpid()),
        "chars_median": sorted(len(text.text) for text in appeals)[size // 2],
        "texts": len(mixed),
    }
    tell("with a learnt model")
    return figures | {"learnt": _with_learnt(triage, appeals, comments, mixed)}


def _phrases() -> list[str]:
    """Return the shipped seed phrases: they are made by us, and say what residents say."""
    from otklik.triage.knowledge import shipped

    return [phrase for seed in shipped().seeds for phrase in seed.phrases]


def _appeal(rng: random.Random, seeds: Sequence[str]) -> str:
    wanted = max(60, int(rng.gauss(_APPEAL_CHARS, 90)))
    text = rng.choice(_OPENINGS)
    if rng.random() < 0.6:
        text += f"на улице {rng.choice(_STREETS)}, {rng.randint(1, 140)} "
    while len(text) < wanted:
        text += f"{_misspelt(rng, rng.choice(seeds))}. "
    return text + rng.choice(_TAILS).format(n=rng.randint(1, 28)) if rng.random() < 0.4 else text


def _comment(rng: random.Random, seeds: Sequence[str]) -> str:
    if rng.random() < 0.4:
        return rng.choice(_SHORT).format(street=rng.choice(_STREETS))
    return _misspelt(rng, rng.choice(seeds)) + rng.choice(("", "!!", " 😡", " спасибо", "???"))


def _misspelt(rng: random.Random, phrase: str) -> str:
    """Return the phrase with now and then a letter doubled or lost, so that words are not all met before."""
    if rng.random() < 0.7:
        return phrase
    at = rng.randrange(len(phrase))
    return phrase[:at] + rng.choice(("", phrase[at] * 2)) + phrase[at + 1 :]


def _per_s(triage: Triage, texts: Sequence[Text]) -> int:
    """Return texts a second of processor time: neighbours on the same machine don't count."""
    began = time.process_time()
    for at in range(0, len(texts), _BATCH):
        triage.classify(texts[at : at + _BATCH])
    return round(len(texts) / max(time.process_time() - began, 1e-9))


def _single_p99(triage: Triage, texts: Sequence[Text], clock: Callable[[], float]) -> float:
    took = []
    for text in texts[:2_000]:
        began = clock()
        triage.classify([text])
        took.append(clock() - began)
    return milliseconds(percentile(took, 0.99))


def _with_learnt(
    triage: Triage, appeals: Sequence[Text], comments: Sequence[Text], mixed: Sequence[Text]
) -> dict[str, Any]:
    """Return the same with a model fitted on invented labels. Fitting itself (scikit-learn) isn't measured here."""
    from otklik.triage.labelled import Labelled
    from otklik.triage.learning import fit

    said = triage.classify(appeals[:1_000])
    counted = Counter(verdict.topic_top3[0] for verdict in said if verdict.topic_top3)
    codes = {code for code, _ in counted.most_common(_LABELS)}
    history = [
        Labelled(text.text, topic=code, topic_group=code.split(".", maxsplit=1)[0])
        for text, verdict in zip(appeals, said, strict=False)
        if verdict.topic_top3 and (code := verdict.topic_top3[0]) in codes
    ]
    wiser = triage.with_learnt(fit(history))
    return {
        "texts_per_s": _per_s(wiser, mixed),
        "appeals_per_s": _per_s(wiser, appeals),
        "comments_per_s": _per_s(wiser, comments),
        "single_p99_ms": _single_p99(wiser, mixed, time.perf_counter),
        "single_cpu_p99_ms": _single_p99(wiser, mixed, time.process_time),
        "history": len(history),
    }


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))  # noqa: T201 - read by the parent
