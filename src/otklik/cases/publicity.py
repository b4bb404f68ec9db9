"""Reads of what everybody may see: whose words may be shown, the lists of the public pages, and what was taken off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from otklik.cases.clearing import answer_for_everybody
from otklik.cases.corrections import Correction
from otklik.cases.enums import AnswerState, PhotoUse, Status, Verdict
from otklik.cases.models import Answer, Case, CaseMessage, Merger
from otklik.cases.openness import Showing
from otklik.cases.photos import CasePhoto, ShownPhoto
from otklik.cases.queries import words_before
from otklik.channels.models import Identity, Message, MessageFile
from otklik.common.stems import stems
from otklik.media.enums import FileKind, FileState
from otklik.media.models import StoredFile
from otklik.org.enums import PlaceKind
from otklik.org.models import Department, OutsideBody, Place, Topic

SHOWS = ("all", "open", "answered", "solved")
_MOST_SOURCES = 20
_MOST_NAMES = 50
_MOST_WORDS = 6


def sources_of(case: Case) -> list[Message]:
    """Return the messages whose words may be shown, oldest first: what everybody could read where it was written,
    and, where its resident agreed, the one that opened the case. Nobody else's private words, however they joined.
    """
    found = _showable(case).exclude(message__text="").select_related("message__channel", "message__identity")
    return [row.message for row in found[:_MOST_SOURCES]]


def _showable(case: Case) -> QuerySet[CaseMessage]:
    rows = CaseMessage.objects.filter(case=case, message__deleted_at=None, message__is_ours=False)
    public = Q(message__visibility="public")
    agreed = _agreed_message(case) if case.resident_agreed else None
    allowed = public | Q(message=agreed) if agreed is not None else public
    return rows.filter(allowed).order_by("message_id")


@dataclass(frozen=True, slots=True)
class Showable:
    """A photo that an operator may clear: a resident's whose words may be shown, or the city's own that was sent."""

    file: StoredFile
    alt: str
    message: Message | None = None
    side: str = ""
    shown: ShownPhoto | None = None


def photos_to_clear(case: Case) -> list[Showable]:
    """Return the photos of a case that may be shown, once somebody has looked at them: residents' first. Three queries.

    Of a private message only with its resident's word, like the words themselves; of the city only what was sent.
    """
    shown = {row.source_id: row for row in ShownPhoto.objects.filter(case=case)}
    marked = CasePhoto.objects.filter(case=case).select_related("file").exclude(use=PhotoUse.REPORT)
    ours = list(marked.filter(Q(answer__state=AnswerState.SENT) | Q(use=PhotoUse.EVIDENCE)))
    sides = {photo.file_id: photo.side for photo in ours}
    told = MessageFile.objects.filter(
        message__in=[row.message_id for row in _showable(case)[:_MOST_SOURCES]],
        file__state=FileState.READY,
        file__kind=FileKind.PICTURE,
    )
    found = {
        row.file.pk: Showable(row.file, row.alt, row.message, sides.get(row.file.pk, ""), shown.get(row.file.pk))
        for row in told.select_related("file", "message__identity", "message__channel").order_by(
            "message_id", "position"
        )
        if row.file is not None
    }
    for photo in ours:
        if photo.message_id is None and photo.file.is_ready:
            found.setdefault(photo.file_id, Showable(photo.file, photo.alt, None, photo.side, shown.get(photo.file_id)))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class PublicPhotos:
    """The cleared photos of a public case: before and after, those of residents, and those of each answer."""

    before: ShownPhoto | None = None
    after: ShownPhoto | None = None
    residents: list[ShownPhoto] = field(default_factory=list)
    of_answers: dict[int, list[ShownPhoto]] = field(default_factory=dict)


def public_photos(cases: Iterable[Case]) -> dict[int, PublicPhotos]:
    """Return the cleared photos of public cases by the case's id. One query."""
    same = CasePhoto.objects.filter(case=OuterRef("case"), file=OuterRef("source"))
    rows = _seen(ShownPhoto.objects.filter(case__in=[case.pk for case in cases])).annotate(
        side=Subquery(same.exclude(side="").values("side")[:1]),
        answer=Subquery(same.filter(answer__state=AnswerState.SENT).values("answer")[:1]),
    )
    by_case: dict[int, list[Any]] = {}
    for row in rows.select_related("file").order_by("case_id", "id"):
        by_case.setdefault(row.case_id, []).append(row)
    return {pk: _arranged(photos) for pk, photos in by_case.items()}


def _arranged(rows: Sequence[Any]) -> PublicPhotos:
    sides = {row.side: row for row in rows if row.side}
    both = {"before", "after"} <= set(sides)
    found = PublicPhotos(sides["before"], sides["after"]) if both else PublicPhotos()
    for row in rows:
        if both and row.side:
            continue
        if row.answer is None:
            found.residents.append(row)
        else:
            found.of_answers.setdefault(row.answer, []).append(row)
    return found


def _seen(rows: QuerySet[ShownPhoto]) -> QuerySet[ShownPhoto]:
    standing = Q(message=None) | Q(message__deleted_at=None)
    return rows.filter(standing, withdrawn_at=None, file__isnull=False)


def shown_photo(municipality_id: int, key: str) -> ShownPhoto:
    """Return a photo that everybody may see now, with its file. Raises ShownPhoto.DoesNotExist."""
    rows = _seen(ShownPhoto.objects.filter(municipality=municipality_id, key=key))
    return (
        rows.filter(case__is_public=True, case__showing__withdrawn_at=None, case__showing__isnull=False)
        .filter(case__showing__message__deleted_at=None)
        .select_related("file")
        .get()
    )


def was_shown(municipality_id: int, key: str) -> bool:
    """Return whether there was a photo at this address that everybody could see."""
    return ShownPhoto.objects.filter(municipality=municipality_id, key=key).exists()


def _agreed_message(case: Case) -> int | None:
    """Return the first words of the resident whose case it is, before others' were joined to it."""
    moved = {pk for merger in Merger.objects.filter(into=case, undone_at=None) for pk in merger.moved}
    own = CaseMessage.objects.filter(case=case, identity__resident=case.resident_id).order_by("message_id")
    if case.resident_id is None:
        return None
    return next((pk for pk in own.values_list("message_id", flat=True) if pk not in moved), None)


def names_in(case: Case) -> list[str]:
    """Return the names of the people whose messages a case is made of."""
    people = Identity.objects.filter(pk__in=CaseMessage.objects.filter(case=case).values("identity"))
    return list(people.exclude(display_name="").values_list("display_name", flat=True)[:_MOST_NAMES])


def contacts_of(municipality_id: int) -> str:
    """Return the contacts that the city gives out itself: of its departments and of bodies outside it."""
    own = Department.objects.filter(municipality=municipality_id).exclude(contacts="")
    outside = OutsideBody.objects.filter(municipality=municipality_id).values_list("phone", "site", "email")
    return "\n".join([*own.values_list("contacts", flat=True), *(part for row in outside for part in row if part)])


def public_cases(municipality_id: int) -> QuerySet[Case]:
    """Return the cases that everybody may see, newest first, with the words that were cleared."""
    return (
        Case.objects.filter(
            municipality=municipality_id,
            is_public=True,
            showing__withdrawn_at=None,
            showing__message__deleted_at=None,
            showing__isnull=False,
        )
        .select_related("topic", "department", "showing")
        .order_by("-id")
    )


@dataclass(frozen=True, slots=True)
class Looking:
    """What a reader of the public list looks for; an empty field doesn't narrow."""

    show: str = "all"
    district: int | None = None
    place: int | None = None
    group: int | None = None
    words: str = ""


def looked_for(municipality_id: int, looking: Looking) -> QuerySet[Case]:
    """Return the public cases that a reader looks for, newest first; an unknown show is all of them."""
    narrowed = {
        "open": Q(is_owed=True),
        "answered": Q(status__in=[Status.ANSWERED, Status.CLOSED]),
        "solved": Q(verdict=Verdict.SOLVED),
    }
    cases = public_cases(municipality_id).filter(narrowed.get(looking.show, Q()))
    if looking.district is not None:
        cases = cases.filter(Q(place=looking.district) | Q(place__parent=looking.district))
    if looking.place is not None:
        cases = cases.filter(place=looking.place)
    if looking.group is not None:
        cases = cases.filter(Q(topic=looking.group) | Q(topic__parent=looking.group))
    for word in stems(looking.words)[:_MOST_WORDS]:
        cases = cases.filter(showing__stems__contains=f" {word} ")
    return cases


def public_case(municipality_id: int, number: int) -> Case:
    """Return a case that everybody may see. Raises Case.DoesNotExist, also for one that isn't public."""
    return public_cases(municipality_id).select_related("place__parent", "redirected_to").get(number=number)


def tombstone_of(municipality_id: int, number: int) -> Showing | None:
    """Return what is left of a case that everybody could see once; None for one that was never public."""
    rows = Showing.objects.filter(municipality=municipality_id, case__number=number)
    gone = Q(withdrawn_at__isnull=False) | Q(message__deleted_at__isnull=False)
    return rows.filter(gone).select_related("case", "message").first()


def answers_for_everybody(case: Case, answers: Sequence[Answer]) -> list[tuple[Answer, str]]:
    """Return answers with what points to a person hidden; the city's own contacts stay. Two queries more, or none."""
    if not answers:
        return []
    names, known = names_in(case), contacts_of(case.municipality_id)
    return [(answer, answer_for_everybody(answer.text, names, known=known)) for answer in answers]


@dataclass(frozen=True, slots=True)
class Before:
    """What an answer said until then; no words where they held somebody's personal data."""

    until: datetime
    text: str


def before_for_everybody(case: Case, answers: Sequence[Answer]) -> dict[int, list[Before]]:
    """Return what corrected answers said before, newest first, with what points to a person hidden; no query where none
    was corrected."""
    found = words_before(answers)
    if not found:
        return {}
    names, known = names_in(case), contacts_of(case.municipality_id)
    return {
        pk: [Before(one.until, answer_for_everybody(one.text, names, known=known)) for one in own]
        for pk, own in before_for_residents(found).items()
    }


def before_for_residents(found: Mapping[int, Sequence[Correction]]) -> dict[int, list[Before]]:
    """Return the same for whoever has the answer: nothing is hidden but what the city took back for its data."""
    return {
        pk: [Before(one.approved_at or one.created_at, "" if one.hides_before else one.before) for one in rows]
        for pk, rows in found.items()
    }


def districts_of(municipality_id: int) -> list[Place]:
    """Return the city's districts by name."""
    return list(Place.objects.filter(municipality=municipality_id, kind=PlaceKind.DISTRICT))


def groups_of(municipality_id: int) -> list[Topic]:
    """Return the groups of topics, in the taxonomy's order."""
    return list(Topic.objects.filter(municipality=municipality_id, parent=None).order_by("code"))


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How many public cases there are in a place, and where its middle is; `is_rough`: that of its district."""

    pk: int
    name: str
    district: str
    cases: int
    still_open: int
    lat: float | None
    lon: float | None
    is_rough: bool


def places_with_cases(municipality_id: int, looking: Looking) -> tuple[list[PlaceCount], int]:
    """Return the places of public cases, those with most first, and how many cases have none. Two queries."""
    rows = (
        looked_for(municipality_id, looking)
        .order_by()
        .values("place")
        .annotate(cases=Count("pk"), still_open=Count("pk", filter=Q(is_owed=True)))
    )
    counted: dict[int | None, tuple[int, int]] = {row["place"]: (row["cases"], row["still_open"]) for row in rows}
    places = Place.objects.filter(municipality=municipality_id, pk__in=[pk for pk in counted if pk is not None])
    found = [_counted(place, *counted[place.pk]) for place in places.select_related("parent")]
    return sorted(found, key=lambda one: (-one.cases, one.name)), counted.get(None, (0, 0))[0]


def _counted(place: Place, cases: int, still_open: int) -> PlaceCount:
    is_rough = place.lat is None or place.lon is None
    where = place.parent if is_rough and place.parent is not None else place
    return PlaceCount(
        pk=place.pk,
        name=place.name,
        district=place.parent.name if place.parent is not None else "",
        cases=cases,
        still_open=still_open,
        lat=where.lat,
        lon=where.lon,
        is_rough=is_rough,
    )
