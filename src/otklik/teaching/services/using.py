"""What of a city's learning is in use: the version's model, and how sure it must be."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from otklik.teaching.models import Learning

if TYPE_CHECKING:  # numpy: loaded by whoever has a model
    from otklik.triage.learnt import Learnt

log = logging.getLogger(__name__)


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
        "kind": learning.group_precision,
    }
