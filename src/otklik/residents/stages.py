"""The turns of a case that a resident wants word of, as one comparable text."""

from __future__ import annotations

from collections.abc import Mapping

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.residents.queries import corrected_at

_TURNS: Mapping[Status, str] = {
    Status.IN_PROGRESS: "taken",
    Status.DRAFTING: "taken",
    Status.APPROVAL: "taken",
    Status.WAITING_RESIDENT: "asked",
    Status.POSTPONED: "promised",
    Status.ANSWERED: "answered",
    Status.CLOSED: "closed",
    Status.REOPENED: "reopened",
    Status.DUPLICATE: "joined",
    Status.REJECTED: "rejected",
    Status.REDIRECTED: "redirected",
}
"""What isn't here (sorting, passing from desk to desk) is the city's own business: no letter is sent about it."""


def stage_of(case: Case) -> str:
    """Return where a case stands for its residents; empty while it only goes from desk to desk.

    The promised day and the times of answers are part of it: another day, a second answer, or other words of one
    that was sent, is a turn too. One query for the latest correction.
    """
    turn = _TURNS.get(Status(case.status), "")
    if not turn:
        return ""
    times = (case.answered_at, case.interim_answered_at)
    said = "/".join(one.isoformat(timespec="seconds") if one is not None else "" for one in times)
    day = case.postponed_until.isoformat() if case.postponed_until is not None and turn == "promised" else ""
    corrected = corrected_at(case)
    other = f" {corrected.isoformat(timespec='seconds')}" if corrected is not None else ""
    return f"{turn} {day} {said}{other}"[:120]
