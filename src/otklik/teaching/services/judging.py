"""How good what was learnt is on messages that it has not seen, and whether it may be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from otklik.teaching.cards import Card, Confused, HeadCard, InUse
from otklik.teaching.enums import VersionState
from otklik.teaching.models import Learning
from otklik.teaching.services.using import learnt_in_use, precision_of
from otklik.triage import Text, Triage, Verdict
from otklik.triage.labelled import Labelled

if TYPE_CHECKING:  # numpy: loaded by the child that learns alone
    from otklik.triage.learnt import Learnt
    from otklik.triage.scoring import HeadScore

MARGIN = 0.02
"""A new version may be this much worse in weighted F1 than the one in use: below it chance alone decides."""
COMPARED = ("topic_group", "topic", "department", "kind")


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


def judge(learnt: Learnt, frozen: Sequence[Labelled], learning: Learning, sources: Mapping[str, int]) -> Card:
    """Return the figures of what was learnt, and of what is in use now, on the same messages."""
    from otklik.triage.scoring import TARGETS, evaluate

    targets = {**TARGETS, **precision_of(learning)}
    found = evaluate(learnt, frozen, targets=targets)
    shipped = Triage.shipped()
    as_used = shipped.with_learnt(learnt, precision=precision_of(learning))
    verdicts = as_used.classify([Text(row.text) for row in frozen])
    heads = [*(head for head in found.heads if head.column != "kind"), *_kinds(frozen, verdicts, targets)]
    predictions = learnt.predict([row.text for row in frozen])
    groups = Counter(
        (str(row.topic_group), said.topic_group.label)
        for row, said in zip(frozen, predictions, strict=True)
        if said.topic_group is not None and row.topic_group is not None
    )
    return Card(
        heads=msgspec.convert(msgspec.to_builtins(heads), type=tuple[HeadCard, ...]),
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
    heads = evaluate(used, frozen, targets=targets).heads if used is not None else _as_shipped(shipped, frozen)
    now = shipped if used is None else shipped.with_learnt(used, precision=precision_of(learning))
    kinds = _kinds(frozen, now.classify([Text(row.text) for row in frozen]), targets)
    figures = {head.column: head.weighted_f1.value for head in (*heads, *kinds)}
    return {column: figure for column, figure in figures.items() if column in COMPARED}


def _kinds(frozen: Sequence[Labelled], verdicts: Sequence[Verdict], targets: Mapping[str, float]) -> list[HeadScore]:
    """Return the figures of the kinds that people get: what was learnt where it is sure, else what the rules say.

    Nothing where people said the same kind of all messages.
    """
    from otklik.triage.learnt import Guess
    from otklik.triage.scoring import Answered, score

    answers = [
        Answered(row.kind, Guess(verdict.kind.value, verdict.kind_confidence, (verdict.kind.value,)))
        for row, verdict in zip(frozen, verdicts, strict=True)
        if row.kind
    ]
    return [score("kind", answers, targets["kind"])] if len({answer.truth for answer in answers}) > 1 else []


def _as_shipped(shipped: Triage, frozen: Sequence[Labelled]) -> list[HeadScore]:
    """Return the figures of the knowledge that came with the product: its first guess, sure or not."""
    from otklik.triage.learnt import Guess
    from otklik.triage.scoring import TARGETS, Answered, score

    verdicts = shipped.classify([Text(row.text) for row in frozen])

    def answered(row: Labelled, verdict: Verdict, column: str) -> Answered:
        first = verdict.topic_top3[0] if verdict.topic_top3 else ""
        if column == "topic":
            return Answered(str(row.topic), Guess(first, verdict.topic_confidence, verdict.topic_top3))
        group = verdict.topic_group or first.partition(".")[0]
        return Answered(str(row.topic_group), Guess(group, verdict.group_confidence, (group,)))

    return [
        score(column, answers, TARGETS[column])
        for column in ("topic_group", "topic")
        if (answers := [answered(row, said, column) for row, said in zip(frozen, verdicts, strict=True) if row.topic])
    ]


def _in_use(pairs: Iterable[tuple[str | None, str | None]]) -> InUse:
    rows = [(truth, said) for truth, said in pairs if truth is not None]
    decided = [(truth, said) for truth, said in rows if said is not None]
    return InUse(len(rows), len(decided), sum(truth == said for truth, said in decided))
