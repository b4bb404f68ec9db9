"""Reads for "possibly the same": what a case or a message resembles, and what resembles a case."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from otklik.cases.enums import Status, SuggestionState
from otklik.cases.models import Case, Merger, Suggestion
from otklik.channels.models import Message
from otklik.common.prepared import Prepared
from otklik.org.access import Access, Permission

SHOWN = 10
"""Suggestions beside one case: a surge has hundreds, and joining the first ten says whether the rest are the same."""


def _open(access: Access) -> QuerySet[Suggestion]:
    """Return undecided suggestions, the likest first, that this person may decide about: both sides theirs to join."""
    rows = Suggestion.objects.filter(
        municipality=access.municipality_id, state=SuggestionState.OPEN, candidate__is_owed=True
    )
    departments = access.departments_for(Permission.CASE_MERGE)
    if departments is not None:
        rows = rows.filter(candidate__department__in=departments)
    return rows.order_by("-score", "id")


_NAMED = Prepared(
    lambda city, case: Suggestion.objects.filter(
        Q(case=case) | Q(candidate=case), municipality=city, state=SuggestionState.OPEN
    ).values_list("pk")[:1]
)
_JOINED = Prepared(
    lambda city, case: Merger.objects.filter(municipality=city, into=case, undone_at=None).values_list("pk")[:1]
)
"""Few cases resemble another or were joined: it is asked shortly first."""


def candidates_of_case(access: Access, case: Case) -> list[Suggestion]:
    """Return the open cases that a case resembles (one query)."""
    if not _NAMED.rows(case.municipality_id, case.pk):
        return []
    rows = _open(access).filter(case=case).exclude(candidate=case)
    return list(rows.select_related("candidate__department", "candidate__topic", "message")[:SHOWN])


def candidates_of_message(access: Access, message: Message) -> list[Suggestion]:
    """Return the open cases that an unsorted message resembles (one query)."""
    rows = _open(access).filter(message=message)
    return list(rows.select_related("candidate__department", "candidate__topic", "message")[:SHOWN])


def resembling(access: Access, case: Case) -> list[Suggestion]:
    """Return the suggestions by which other open cases would join this one (one query)."""
    if not _NAMED.rows(case.municipality_id, case.pk):
        return []
    rows = _open(access).filter(candidate=case, case__is_owed=True).exclude(case=case)
    departments = access.departments_for(Permission.CASE_MERGE)
    if departments is not None:
        rows = rows.filter(case__department__in=departments)
    return list(rows.select_related("case__department", "message")[:SHOWN])


def suggestion_for(access: Access, suggestion_id: int) -> Suggestion:
    """Return one suggestion of the own city. Raises Refused, Suggestion.DoesNotExist."""
    access.departments_for(Permission.CASE_MERGE)
    rows = Suggestion.objects.filter(municipality=access.municipality_id)
    return rows.select_related("candidate", "case").get(pk=suggestion_id)


def merger_of(case: Case) -> Merger | None:
    """Return where a duplicate went."""
    return Merger.objects.filter(case=case, undone_at=None).select_related("into").first()


def duplicates_of(case: Case) -> list[Merger]:
    """Return what was joined to a case, the newest first."""
    if not _JOINED.rows(case.municipality_id, case.pk):
        return []
    rows = Merger.objects.filter(into=case, undone_at=None).select_related("case").order_by("-id")
    return list(rows[:SHOWN])


def surviving(case: Case) -> Case:
    """Return the case that answers for this one: itself, or the one it was joined with in the end."""
    seen = {case.pk}
    while case.status == Status.DUPLICATE:
        merger = (
            Merger.objects.filter(case=case, undone_at=None)
            .select_related("into__department", "into__topic", "into__municipality")
            .first()
        )
        if merger is None or merger.into_id in seen:
            break
        case = merger.into
        seen.add(case.pk)
    return case


def messages_brought(case: Case, messages: Sequence[Message]) -> list[Message]:
    """Return which of the messages are those of a case's own resident, also where they went on in another case."""
    if case.status == Status.DUPLICATE:
        merger = merger_of(case)
        moved = set(merger.moved) if merger is not None else set()
        messages = [message for message in messages if message.pk in moved]
    first = messages[0] if messages else None
    return [message for message in messages if first is not None and message.identity_id == first.identity_id]
