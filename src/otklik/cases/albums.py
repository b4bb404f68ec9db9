"""Reads of the photos of a case: of the draft, of what was sent, before and after; and what names an answer as seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from otklik.cases.enums import AnswerState, PhotoSide, PhotoUse
from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.channels.models import Message
from otklik.channels.services.queueing import Shown
from otklik.common.prepared import PreparedObjects


@dataclass(frozen=True, slots=True)
class Sides:
    """Before and after: both are there, or it is no comparison."""

    before: CasePhoto
    after: CasePhoto


@dataclass(slots=True)
class Album:
    """All photos that officials put to a case."""

    photos: list[CasePhoto] = field(default_factory=list)

    def of_draft(self, answer: Answer | None) -> list[CasePhoto]:
        """Return those that go with the answer being written: the ones without an answer yet, and its own."""
        pk = answer.pk if answer is not None else None
        return [one for one in self.photos if one.use == PhotoUse.ANSWER and one.answer_id in (None, pk)]

    def of_answer(self, answer: Answer) -> list[CasePhoto]:
        """Return those of an answer that was handed on or sent."""
        return [one for one in self.photos if one.answer_id == answer.pk]

    def of_report(self, report_id: int | None) -> list[CasePhoto]:
        """Return those of a report; None: of the one being written."""
        return [one for one in self.photos if one.use == PhotoUse.REPORT and one.report_id == report_id]

    @property
    def sides(self) -> Sides | None:
        """Before and after, where both can be seen."""
        found = {one.side: one for one in self.photos if one.side and one.file.is_ready}
        if PhotoSide.BEFORE not in found or PhotoSide.AFTER not in found:
            return None
        return Sides(found[PhotoSide.BEFORE], found[PhotoSide.AFTER])

    def side(self, side: str) -> CasePhoto | None:
        """Return the photo of one side."""
        return next((one for one in self.photos if one.side == side), None)


def album_of(case: Case) -> Album:
    """Return the photos of a case, whatever they are for. One query."""
    return Album(_OF_CASE.list(case.pk))


def albums_of(cases: Iterable[Case]) -> dict[int, Album]:
    """Return the photos of several cases by their ids; a case without any is missing. One query."""
    found: dict[int, Album] = {}
    for photo in _standing(CasePhoto.objects.filter(case__in=list(cases))):
        found.setdefault(photo.case_id, Album()).photos.append(photo)
    return found


def photos_of_draft(case: Case) -> QuerySet[CasePhoto]:
    """Return the photos that go with the answer being written, in their order."""
    ours = Q(answer=None) | Q(answer__state=AnswerState.DRAFT)
    return CasePhoto.objects.filter(ours, case=case, use=PhotoUse.ANSWER).select_related("file")


def photos_of(answer: Answer) -> list[CasePhoto]:
    """Return the photos of an answer that was handed on, in their order."""
    return list(CasePhoto.objects.filter(answer=answer).select_related("file"))


def to_send(answer: Answer) -> tuple[Shown, ...]:
    """Return the photos of an answer as they are queued."""
    return tuple(Shown(photo.file, photo.alt) for photo in photos_of(answer))


def sent_photos(case: Case) -> QuerySet[CasePhoto]:
    """Return the photos of the answers that residents of a case have."""
    return CasePhoto.objects.filter(case=case, answer__state=AnswerState.SENT).select_related("file")


def sides_for(album: Album, mine: Sequence[Message]) -> Sides | None:
    """Return before and after as the holder of a case's code may see them: one's own photos, the city's once sent."""
    sides, own = album.sides, {message.pk for message in mine if message.deleted_at is None}
    if sides is None:
        return None
    for one in (sides.before, sides.after):
        theirs = one.message_id is not None and one.message_id not in own
        unsent = one.use == PhotoUse.ANSWER and (one.answer is None or one.answer.state != AnswerState.SENT)
        if theirs or unsent or one.use == PhotoUse.REPORT:
            return None
    return sides


def seal_of_answer(answer: Answer, photos: Iterable[CasePhoto]) -> str:
    """Return a short digest of what is approved: its words and its photos with theirs, in their order."""
    parts = [answer.kind, answer.outcome, answer.text]
    parts += [f"{photo.file.key} {photo.alt} {photo.alt_waived}" for photo in photos]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _standing(rows: QuerySet[CasePhoto]) -> QuerySet[CasePhoto]:
    return rows.filter(Q(message=None) | Q(message__deleted_at=None)).select_related("file", "answer")


_OF_CASE = PreparedObjects(lambda case: _standing(CasePhoto.objects.filter(case=case)))
