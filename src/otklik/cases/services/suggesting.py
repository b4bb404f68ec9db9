"""What people are asked: whether a message is about the same as an open case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from otklik.cases.enums import SuggestionState
from otklik.cases.models import Case, Suggestion
from otklik.cases.services.moving import Overtaken
from otklik.channels.models import Message
from otklik.common.inserting import insert_new
from otklik.org.access import Access, Permission


@dataclass(frozen=True, slots=True)
class Suggested:
    """A message, the case it opened (None: a person sorts it), and the open case it resembles."""

    message: Message
    case: Case | None
    candidate_id: int
    score: float
    reasons: Sequence[tuple[str, str]]


def suggest(rows: Iterable[Suggested], *, now: datetime) -> None:
    """Keep suggestions; one that is there already stays as it was decided."""
    insert_new(
        [
            Suggestion(
                municipality_id=row.message.municipality_id,
                message_id=row.message.pk,
                case_id=row.case.pk if row.case is not None else None,
                candidate_id=row.candidate_id,
                score=row.score,
                reasons=[list(reason) for reason in row.reasons],
                created_at=now,
            )
            for row in rows
        ]
    )


@transaction.atomic
def decide(access: Access, suggestion: Suggestion, *, same: bool, now: datetime) -> None:
    """Say whether a suggestion is right, once. Joining is the caller's next step. Raises Refused, Overtaken."""
    access.require_on(Permission.CASE_MERGE, suggestion.candidate)
    rows = Suggestion.objects.filter(pk=suggestion.pk, municipality=access.municipality_id, state=SuggestionState.OPEN)
    state = SuggestionState.ACCEPTED if same else SuggestionState.DECLINED
    if rows.update(state=state, decided_by=access.official, decided_at=now) != 1:
        raise Overtaken(suggestion.candidate)


def follow(access: Access, message: Message, case: Case, *, opened: bool, now: datetime) -> None:
    """Let the suggestions of an unsorted message follow what a person made of it: its own case, or a case it joined."""
    rows = Suggestion.objects.filter(municipality=access.municipality_id, message=message, case=None)
    if opened:
        rows.update(case=case)
    else:
        rows.filter(candidate=case, state=SuggestionState.OPEN).update(
            state=SuggestionState.ACCEPTED, decided_by=access.official, decided_at=now
        )
