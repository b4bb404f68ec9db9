"""One refit from beginning to end, in a process of its own: read labels, learn, check, accept or refuse.

scikit-learn takes a second and some hundred megabytes: only this process loads it, and it ends with its work. What it
learns is written in one transaction at the end: killed before, it leaves nothing but a row to begin again.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from otklik.channels.models import Message
from otklik.org.services.auditing import audit_by
from otklik.teaching.enums import About, RefitState, Stage, VersionState
from otklik.teaching.models import Label, Learning, Refit, Version
from otklik.teaching.queries import OWED_KINDS, labels_now, names_now
from otklik.teaching.services.judging import judge, verdict_on
from otklik.teaching.services.refitting import learning_of
from otklik.triage import Kind
from otklik.triage.labelled import Labelled

log = logging.getLogger(__name__)

LEAST = 100
"""Fewer messages with a topic teach nothing that could be checked."""
LEAST_FROZEN = 15
"""Fewer messages to check on tell nothing."""
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
        learnt = learner.fit(lessons.taught, names=names_now(refit.municipality_id))
    except learner.NothingToLearn:
        return _finish(refit, {"code": "no_words"}, now=now)
    _enter(refit, Stage.CHECKING)
    if len(frozen) < LEAST_FROZEN:
        return _finish(refit, {"code": "too_alike", "missing": LEAST_FROZEN - len(frozen)}, now=now)
    learning = learning_of(refit.municipality, now=now)
    card = judge(learnt, frozen, learning, _sources(refit.municipality_id))
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
        for pk, text, key, thought in rows.order_by("id").values_list("id", "text", "object_key", "speech"):
            labelled = _labelled(text, said[pk], thought)
            if labelled is not None:
                (frozen if is_frozen(key) else taught).append(labelled)
    return Lessons(taught, frozen)


def is_frozen(object_key: str) -> bool:
    """Return whether a message is kept out of learning, to check on: one in five."""
    return hashlib.sha256(object_key.encode()).digest()[0] % _FROZEN_PART == 0


def _labelled(text: str, said: Mapping[About, str], thought: str) -> Labelled | None:
    """Return what people said of a text; `thought` is the kind that triage took it for.

    Whoever names a topic says that an answer is owed: then it is what triage thought of that owes one, or a request.
    """
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
        kind=kind or ((thought if thought in OWED_KINDS else Kind.REQUEST.value) if topic else None),
    )


def _too_little(lessons: Lessons) -> dict[str, object] | None:
    have = lessons.with_topic
    if have < LEAST:
        return {"code": "too_few", "have": have, "missing": LEAST - have}
    if len({row.topic for row in lessons.taught if row.topic}) < 2:
        return {"code": "one_topic"}
    return None


def _unseen(lessons: Lessons) -> list[Labelled]:
    """Return the frozen messages that resemble none that is learnt from: others would flatter."""
    from otklik.triage.folds import clusters

    rows = [*lessons.taught, *lessons.frozen]
    alike = clusters([row.text for row in rows])
    learnt_from = set(alike[: len(lessons.taught)].tolist())
    sides = alike[len(lessons.taught) :].tolist()
    words = {row.text for row in lessons.taught}  # a form that many send word for word is no cluster
    return [
        row
        for row, side in zip(lessons.frozen, sides, strict=True)
        if (row.topic or row.kind) and side not in learnt_from and row.text not in words
    ]


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
