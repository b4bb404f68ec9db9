"""Triage: text in, verdict out. A library without a database and without Django.

Learning from a city's own history (scikit-learn) is in `otklik.triage.learning`, imported only when asked for.
"""

from otklik.triage.classifier import Triage
from otklik.triage.gazetteer import Gazetteer, Street, normalise_place
from otklik.triage.personal import mask
from otklik.triage.topics import GROUP_THRESHOLD, TOPIC_THRESHOLD
from otklik.triage.understood import Understood
from otklik.triage.verdict import Kind, Place, Reason, Span, Text, Verdict

__all__ = [
    "GROUP_THRESHOLD",
    "TOPIC_THRESHOLD",
    "Gazetteer",
    "Kind",
    "Place",
    "Reason",
    "Span",
    "Street",
    "Text",
    "Triage",
    "Understood",
    "Verdict",
    "mask",
    "normalise_place",
]
