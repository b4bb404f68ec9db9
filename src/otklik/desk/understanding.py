"""What learning says about itself, in words: what labels bring, why a version was taken or not, what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.org.models import Municipality
from otklik.teaching.models import Refit, Version
from otklik.teaching.queries import labels_since, last_refit, taught
from otklik.teaching.services.fitting import LEAST
from otklik.teaching.services.refitting import learning_of

COLUMNS: dict[str, str | Promise] = {
    "topic_group": gettext_lazy("Group of topics"),
    "topic": gettext_lazy("Topic"),
    "department": gettext_lazy("Department"),
    "abuse": gettext_lazy("Abuse"),
    "kind": gettext_lazy("Kind"),
}


@dataclass(frozen=True, slots=True)
class Brings:
    """What the labels given so far bring, and when."""

    messages: int
    missing: int
    since: int
    next_at: datetime


def brings(municipality: Municipality, *, now: datetime) -> Brings:
    """Return how much was taught, how much is missing to learn at all, and what came since it learnt last."""
    have = taught(municipality.pk).messages.get("topic", 0)
    last = last_refit(municipality.pk)
    return Brings(
        messages=have,
        missing=max(0, LEAST - have),
        since=labels_since(municipality.pk, last.asked_at if last is not None else None),
        next_at=learning_of(municipality, now=now).refit_due_at,
    )


def version_words(version: Version) -> str:
    """Say why a version was accepted or refused."""
    said = version.reason
    match said.get("code"):
        case "worse":
            return _(
                "Refused: for “%(what)s” it would be right less often than what was in use "
                "(%(after)s instead of %(before)s of 100; up to %(margin)s less is let pass)."
            ) % {
                "what": COLUMNS.get(str(said.get("column")), said.get("column")),
                "before": hundred(said.get("before")),
                "after": hundred(said.get("after")),
                "margin": hundred(said.get("margin")),
            }
        case "not_worse":
            return _accepted(said)
    return ""


def refit_words(refit: Refit) -> str:
    """Say what came of a refit that made no version."""
    said: Mapping[str, Any] = refit.note
    missing = int(said.get("missing") or 0)
    match said.get("code"):
        case "too_few":
            return ngettext(
                "Too little to learn from yet: %(missing)s message with a topic is missing of %(least)s.",
                "Too little to learn from yet: %(missing)s messages with a topic are missing of %(least)s.",
                missing,
            ) % {"missing": missing, "least": LEAST}
        case "too_alike":
            return ngettext(
                "The messages are too alike to check anything on: %(missing)s different one is missing.",
                "The messages are too alike to check anything on: %(missing)s different ones are missing.",
                missing,
            ) % {"missing": missing}
        case "one_topic":
            return _("All labels name the same topic: there is nothing to tell apart yet.")
        case "no_words":
            return _("The labelled messages have no words to learn from.")
        case "broke_off":
            return _("It broke off three times, and nothing was changed. The worker's log says why.")
    return ""


def hundred(share: Any) -> str:
    """Return a share as "of 100"; a part of one is kept where it matters."""
    value = 100 * float(share or 0)
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


def _accepted(said: Mapping[str, Any]) -> str:
    compared = said.get("compared") or []
    if not compared:
        return _("Accepted: there was nothing to compare it with.")
    changes = "; ".join(
        _("%(what)s: %(before)s → %(after)s of 100")
        % {"what": COLUMNS.get(column, column), "before": hundred(before), "after": hundred(after)}
        for column, before, after in compared
    )
    return _("Accepted: not worse than what was in use. %(changes)s.") % {"changes": changes}
