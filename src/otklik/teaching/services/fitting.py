"""One refit from beginning to end, in a process of its own: read labels, learn, check, accept or refuse.

scikit-learn takes a second and some hundred megabytes: only this process loads it, and it ends with its work. What it
learns is written in one transaction at the end: killed before, it leaves nothing but a row to begin again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from django.db import transaction
from django.db.models import Max, QuerySet

from otklik.channels.models import Message
from otklik.org.services.auditing import audit_by
from otklik.teaching.cards import Card, Confused, HeadCard, InUse
from otklik.teaching.enums import About, RefitState, Stage, VersionState
from otklik.teaching.models import Label, Learning, Refit, Version
from otklik.teaching.queries import labels_now
from otklik.teaching.services.refitting import learning_of
from otklik.triage import Text, Triage, Verdict
from otklik.triage.labelled import Labelled

if TYPE_CHECKING:  # numpy and scikit-learn: loaded by the child that learns alone
    from otklik.triage.learnt import Learnt
    from otklik.triage.scoring import Evaluation

log = logging.getLogger(__name__)

LEAST = 100
"""Fewer messages with a topic teach nothing that could be checked."""
LEAST_FROZEN = 15
"""Fewer messages to check on tell nothing."""
MARGIN = 0.02
"""A new version may be this much worse in weighted F1 than the one in use: below it chance alone decides."""
COMPARED = ("topic_group", "topic", "department")
KEPT_VERSIONS = 10
"""The newest accepted versions keep their bytes, and the one in use; of older ones the figures stay."""
_FROZEN_PART = 5
_READ_AT_ONCE = 500


class TakenAway(Exception):
    """Another worker has this refit now; nothing was written."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from, and the frozen sample to check on."""

    taught: list[Labelled]
    frozen: list[Labelled]

    @property
    def with_topic(self) -> int:
        """How many messages have a topic."""
        return sum(row.topic is not None for row in (*self.taught, *self.frozen))


def carry_out(refit: Refit, *, now: datetime) -> None:
    """Learn anew for a city and say in the refit's row what came of it. Raises TakenAway."""
    started = time.monotonic()
    _enter(refit, Stage.READING)
    lessons = read_lessons(refit.municipality_id)
    note = _too_little(lessons)
    if note is not None:
        return _finish(refit, note, now=now)
    _enter(refit, Stage.LEARNING)
    from otklik.triage import learning as learner

    frozen = _unseen(lessons)
    try:
        learnt = learner.fit(lessons.taught)
    except learner.NothingToLearn:
        return _finish(refit, {"code": "no_words"}, now=now)
    _enter(refit, Stage.CHECKING)
    if len(frozen) < LEAST_FROZEN:
        return _finish(refit, {"code": "too_alike", "missing": LEAST_FROZEN - len(frozen)}, now=now)
    learning = learning_of(refit.municipality, now=now)
    card = _judge(learnt, frozen, learning, _sources(refit.municipality_id))
    state, reason = verdict_on(card, learning)
    _enter(refit, Stage.STORING)
    version = Version(
        municipality_id=refit.municipality_id,
        state=state,
        reason=reason,
        learnt=learnt.to_bytes() if state == VersionState.ACCEPTED else None,
        card=card.stored(),
        labels=len(lessons.taught),
        frozen=len(frozen),
        took_s=round(time.monotonic() - started, 2),
        made_at=now,
        asked_by=refit.asked_by,
    )
    _store(refit, version, learning, now=now)


def read_lessons(municipality_id: int) -> Lessons:
    """Return a city's labelled messages, parted into what is learnt from and what is only checked on.

    A message's side hangs on the digest of its own key: it stays the same whatever else is taught.
    """
    said = labels_now(municipality_id)
    taught: list[Labelled] = []
    frozen: list[Labelled] = []
    ids = sorted(said)
    for start in range(0, len(ids), _READ_AT_ONCE):
        rows = Message.objects.filter(
            municipality=municipality_id, pk__in=ids[start : start + _READ_AT_ONCE], deleted_at=None
        ).exclude(text="")
        for pk, text, key in rows.order_by("id").values_list("id", "text", "object_key"):
            labelled = _labelled(text, said[pk])
            if labelled is not None:
                (frozen if is_frozen(key) else taught).append(labelled)
    return Lessons(taught, frozen)


def is_frozen(object_key: str) -> bool:
    """Return whether a message is kept out of learning, to check on: one in five."""
    return hashlib.sha256(object_key.encode()).digest()[0] % _FROZEN_PART == 0


def verdict_on(card: Card, learning: Learning) -> tuple[VersionState, dict[str, object]]:
    """Return whether a version may be used: in no question worse than the one in use by more than the margin."""
    after = {head.column: head.weighted_f1.value for head in card.heads}
    compared = [
        (column, card.before[column], after[column]) for column in COMPARED if column in card.before and column in after
    ]
    base = learning.in_use.number if learning.in_use is not None else 0
    for column, was, became in compared:
        if became < was - MARGIN:
            reason = {"code": "worse", "column": column, "before": was, "after": became, "margin": MARGIN, "than": base}
            return VersionState.REFUSED, reason
    return VersionState.ACCEPTED, {"code": "not_worse", "compared": compared, "margin": MARGIN, "than": base}


def learnt_in_use(learning: Learning) -> Learnt | None:
    """Return what the version in use learnt; None without one, or if this program can't read it any more."""
    from otklik.triage.learnt import Learnt, NotAModel

    version = learning.in_use
    if version is None or version.learnt is None:
        return None
    try:
        return Learnt.from_bytes(bytes(version.learnt))
    except NotAModel:
        log.exception(
            "version %s of city %s can't be read: it is used no more", version.number, version.municipality_id
        )
        return None


def precision_of(learning: Learning) -> dict[str, float]:
    """Return the city's targets by the learner's names; a department is as sure as a topic has to be."""
    return {
        "topic_group": learning.group_precision,
        "topic": learning.topic_precision,
        "department": learning.topic_precision,
    }


def _labelled(text: str, said: Mapping[About, str]) -> Labelled | None:
    topic, department = said.get(About.TOPIC), said.get(About.DEPARTMENT)
    kind = said.get(About.KIND)
    if topic is None and department is None and kind is None:
        return None
    # Whoever named another kind, or a topic, has seen that it is no abuse.
    abuse = "1" if kind == "abuse" else "0" if kind or topic else None
    return Labelled(
        text=text,
        topic=topic,
        topic_group=topic.partition(".")[0] if topic else None,
        department=department,
        abuse=abuse,
    )


def _too_little(lessons: Lessons) -> dict[str, object] | None:
    have = lessons.with_topic
    if have < LEAST:
        return {"code": "too_few", "have": have, "missing": LEAST - have}
    if len({row.topic for row in lessons.taught if row.topic}) < 2:
        return {"code": "one_topic"}
    return None


def _unseen(lessons: Lessons) -> list[Labelled]:
    """Return the frozen messages with a topic that resemble none that is learnt from: others would flatter."""
    from otklik.triage.folds import clusters

    rows = [*lessons.taught, *lessons.frozen]
    alike = clusters([row.text for row in rows])
    learnt_from = set(alike[: len(lessons.taught)].tolist())
    sides = alike[len(lessons.taught) :].tolist()
    words = {row.text for row in lessons.taught}  # a form that many send word for word is no cluster
    return [
        row
        for row, side in zip(lessons.frozen, sides, strict=True)
        if row.topic and side not in learnt_from and row.text not in words
    ]


def _judge(learnt: Learnt, frozen: Sequence[Labelled], learning: Learning, sources: Mapping[str, int]) -> Card:
    from otklik.triage.scoring import TARGETS, evaluate

    targets = {**TARGETS, **precision_of(learning)}
    found = evaluate(learnt, frozen, targets=targets)
    shipped = Triage.shipped()
    as_used = shipped.with_learnt(learnt, precision=precision_of(learning))
    verdicts = as_used.classify([Text(row.text) for row in frozen])
    predictions = learnt.predict([row.text for row in frozen])
    groups = Counter(
        (str(row.topic_group), said.topic_group.label)
        for row, said in zip(frozen, predictions, strict=True)
        if said.topic_group is not None
    )
    return Card(
        heads=msgspec.convert(msgspec.to_builtins(found.heads), type=tuple[HeadCard, ...]),
        groups=tuple(Confused(truth, answer, count) for (truth, answer), count in sorted(groups.items())),
        before=_before(shipped, learning, frozen, targets),
        group_in_use=_in_use(
            (row.topic_group, verdict.topic_group) for row, verdict in zip(frozen, verdicts, strict=True)
        ),
        topic_in_use=_in_use((row.topic, verdict.topic) for row, verdict in zip(frozen, verdicts, strict=True)),
        labels_by_source=dict(sources),
    )


def _before(
    shipped: Triage, learning: Learning, frozen: Sequence[Labelled], targets: Mapping[str, float]
) -> dict[str, float]:
    """Return the weighted F1 of what is in use now, on the same messages."""
    from otklik.triage.scoring import evaluate

    used = learnt_in_use(learning)
    found: Evaluation = evaluate(used, frozen, targets=targets) if used is not None else _as_shipped(shipped, frozen)
    return {head.column: head.weighted_f1.value for head in found.heads if head.column in COMPARED}


def _as_shipped(shipped: Triage, frozen: Sequence[Labelled]) -> Evaluation:
    """Return the figures of the knowledge that came with the product: its first guess, sure or not."""
    from otklik.triage.learnt import Guess
    from otklik.triage.scoring import TARGETS, Answered, Evaluation, score

    verdicts = shipped.classify([Text(row.text) for row in frozen])

    def answered(row: Labelled, verdict: Verdict, column: str) -> Answered:
        first = verdict.topic_top3[0] if verdict.topic_top3 else ""
        if column == "topic":
            return Answered(str(row.topic), Guess(first, verdict.topic_confidence, verdict.topic_top3))
        group = verdict.topic_group or first.partition(".")[0]
        return Answered(str(row.topic_group), Guess(group, verdict.group_confidence, (group,)))

    heads = tuple(
        score(
            column,
            [answered(row, verdict, column) for row, verdict in zip(frozen, verdicts, strict=True)],
            TARGETS[column],
        )
        for column in ("topic_group", "topic")
    )
    return Evaluation(len(frozen), heads)


def _in_use(pairs: Iterable[tuple[str | None, str | None]]) -> InUse:
    rows = list(pairs)
    decided = [(truth, said) for truth, said in rows if said is not None]
    return InUse(len(rows), len(decided), sum(truth == said for truth, said in decided))


def _sources(municipality_id: int) -> dict[str, int]:
    rows = (
        Label.objects.filter(municipality=municipality_id).exclude(value="").order_by().values_list("source", flat=True)
    )
    return dict(Counter(rows.iterator()))


def _enter(refit: Refit, stage: Stage) -> None:
    if _mine(refit).update(stage=stage) != 1:
        raise TakenAway


def _mine(refit: Refit) -> QuerySet[Refit]:
    return Refit.objects.filter(pk=refit.pk, state=RefitState.RUNNING, claimed_by=refit.claimed_by)


def _finish(refit: Refit, note: Mapping[str, object], *, now: datetime) -> None:
    if _mine(refit).update(state=RefitState.DONE, finished_at=now, stage="", note=note) != 1:
        raise TakenAway


@transaction.atomic
def _store(refit: Refit, version: Version, learning: Learning, *, now: datetime) -> None:
    """Keep the version, put it in use if it was accepted, and end the refit: all or nothing."""
    numbers = Version.objects.filter(municipality=refit.municipality_id)
    version.number = (numbers.aggregate(last=Max("number"))["last"] or 0) + 1
    version.save()
    if _mine(refit).update(state=RefitState.DONE, finished_at=now, stage="", version=version) != 1:
        raise TakenAway
    if version.state == VersionState.ACCEPTED:
        # A version that a person chose while this one was being learnt stays chosen.
        Learning.objects.filter(pk=learning.pk, in_use=learning.in_use_id).update(in_use=version)
        _let_old_bytes_go(refit.municipality_id)
    audit_by(
        refit.municipality_id,
        refit.asked_by,
        f"learning.{version.state}",
        f"№ {version.number}",
        labels=version.labels,
        frozen=version.frozen,
    )


def _let_old_bytes_go(municipality_id: int) -> None:
    kept = Version.objects.filter(municipality=municipality_id, learnt__isnull=False).order_by("-number")
    ids = list(kept.values_list("pk", flat=True)[KEPT_VERSIONS:])
    used = Learning.objects.filter(municipality=municipality_id).values_list("in_use", flat=True)
    Version.objects.filter(pk__in=ids).exclude(pk__in=[pk for pk in used if pk]).update(learnt=None)
