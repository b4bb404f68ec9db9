"""An executor's tasks: what is theirs to do, by deadline; each with its line, its place and a resident's photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from otklik.cases.enums import EMERGENCY, AnswerState, Status
from otklik.cases.models import Answer, Case
from otklik.cases.queries import visible_cases
from otklik.channels.models import MessageFile
from otklik.media.enums import FileKind, FileState
from otklik.org.access import Access, Permission

TO_DO = (Status.ASSIGNED, Status.IN_PROGRESS, Status.DRAFTING, Status.REOPENED)
"""Something is to be done now; what waits for an approver or the resident is not a task."""

MOST = 60
"""Tasks of one list: nobody drives to more in a day."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that may be shown: its key in addresses and its size."""

    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Task:
    """A case as its executor sees it: what to do, where, by when."""

    case: Case
    photo: Photo | None = None
    remark: str = ""
    """What an approver wants changed in the draft."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """What one official has to do: their own, and what nobody of the department took yet."""

    mine: Sequence[Task]
    free: Sequence[Task]
    handed_on: int


def tasks_of(access: Access) -> Tasks:
    """Return an official's tasks: danger to life first, then what is due first. Five queries. Raises Refused."""
    to_do = _writable(access).filter(status__in=TO_DO).select_related("topic", "place", "department")
    danger_first = ExpressionWrapper(Q(urgency__gte=EMERGENCY), output_field=BooleanField()).desc()
    ordered = to_do.order_by(danger_first, F("answer_due_at").asc(nulls_last=True), "id")
    mine = list(ordered.filter(executor=access.official)[:MOST])
    free = list(ordered.filter(executor=None)[:MOST])
    photos = first_photos([*mine, *free])
    drafts = Answer.objects.filter(case__in=mine, state=AnswerState.DRAFT)
    remarks = dict(drafts.values_list("case_id", "remark"))
    away = Q(status__in=[Status.APPROVAL, Status.WAITING_RESIDENT, Status.POSTPONED], executor=access.official)
    return Tasks(
        mine=[Task(case, photos.get(case.pk), remarks.get(case.pk, "")) for case in mine],
        free=[Task(case, photos.get(case.pk)) for case in free],
        handed_on=_writable(access).filter(away).order_by()[:MOST].count(),
    )


def first_photos(cases: Iterable[Case]) -> dict[int, Photo]:
    """Return the newest photo that residents sent with each of these cases, by case. One query."""
    rows = MessageFile.objects.filter(
        message__case_message__case__in=[case.pk for case in cases],
        message__is_ours=False,
        message__deleted_at=None,
        file__kind=FileKind.PICTURE,
        file__state=FileState.READY,
    ).order_by("message_id", "-position")
    found = rows.values_list("message__case_message__case", "file__key", "file__width", "file__height")
    return {case: Photo(key, width, height) for case, key, width, height in found}


def _writable(access: Access) -> QuerySet[Case]:
    """Return the cases whose answers this official may write: the departments they work for."""
    departments = access.departments_for(Permission.CASE_DRAFT)
    cases = visible_cases(access)
    return cases if departments is None else cases.filter(department__in=departments)
