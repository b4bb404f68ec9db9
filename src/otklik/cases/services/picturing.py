"""Putting photos to a case: with the answer being written, with a report to the head, as before or after.

Every photo is scanned and drawn anew like a resident's (media), before anybody sees it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from otklik.cases.albums import photos_of_draft
from otklik.cases.enums import WORKED_STATUSES, PhotoSide, PhotoUse, Status
from otklik.cases.models import Answer, Case, CaseMessage
from otklik.cases.photos import CasePhoto
from otklik.cases.services.journaling import record
from otklik.cases.services.moving import IllegalMove, Overtaken
from otklik.channels.models import MessageFile
from otklik.common.text import shorten, storable
from otklik.media.enums import FileKind, FileState
from otklik.media.models import StoredFile
from otklik.media.services.keeping import NotTaken, keep
from otklik.org.access import Access, Permission
from otklik.org.services.announcing import announce

MOST_PHOTOS = 10
"""An album in Telegram and a message in VK have at most ten."""
LONGEST_ALT, LONGEST_WAIVER = 300, 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody chose, and what they say it shows."""

    name: str
    chunks: Iterable[bytes]
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Files that came together. `deed` names their coming: the same name again is the same photos."""

    uploads: Sequence[Upload]
    use: PhotoUse = PhotoUse.ANSWER
    side: PhotoSide = PhotoSide.NONE
    deed: str = ""


@dataclass
class Attached:
    """What became of them: photos we have, and a sentence for each file that we don't take."""

    photos: list[CasePhoto] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def attach(access: Access, case: Case, sent: Sent, *, now: datetime) -> Attached:
    """Keep photos for a case; those that aren't taken stop none of the others. Never inside a transaction.

    Raises Refused, IllegalMove where nobody can write an answer now.
    """
    _may_change(access, case, sent.use)
    found, deed = Attached(), sent.deed or secrets.token_hex(16)
    for part in range(len(sent.uploads)):
        try:
            found.photos.append(_attach_one(access, case, replace(sent, deed=deed), part, now))
        except NotTaken as refusal:
            found.refused.append(str(refusal))
    return found


def _attach_one(access: Access, case: Case, sent: Sent, part: int, now: datetime) -> CasePhoto:
    upload, deed = sent.uploads[part], sent.deed
    known = CasePhoto.objects.filter(case=case, deed=deed, part=part).select_related("file").first()
    if known is not None:
        return known
    _check_room(case, sent.use)
    file = keep(
        case.municipality_id, upload.name, upload.chunks, now=now, by=access.official, kinds=(FileKind.PICTURE,)
    )
    try:
        with transaction.atomic():
            held = Case.objects.select_for_update().only("pk", "status", "number").get(pk=case.pk)
            _check_status(held, sent.use)
            _check_room(case, sent.use)
            if sent.side:
                _leave(case, sent.side)
            rows = CasePhoto.objects.filter(case=case)
            photo = CasePhoto.objects.create(
                municipality_id=case.municipality_id,
                case=case,
                use=sent.use,
                side=sent.side,
                file=file,
                position=(rows.aggregate(last=Max("position"))["last"] or 0) + 1,
                alt=_clean(upload.alt, LONGEST_ALT),
                deed=deed,
                part=part,
                added_by=access.official,
                added_at=now,
            )
            _note(access, case, "photo_added", now)
            return photo
    except IntegrityError:  # the same press, come twice at the same moment: one of them won
        return CasePhoto.objects.select_related("file").get(case=case, deed=deed, part=part)


@transaction.atomic
def describe(access: Access, case: Case, photo_id: int, alt: str, waived: str, *, now: datetime) -> CasePhoto:
    """Say what a photo shows, or why that needs no words. Raises Refused, ValueError, IllegalMove, Overtaken."""
    photo = _changeable(access, case, photo_id)
    photo.alt, photo.alt_waived = _clean(alt, LONGEST_ALT), _clean(waived, LONGEST_WAIVER)
    if photo.alt:
        photo.alt_waived = ""
    if not photo.is_described:
        raise ValueError(_("say what the photo shows, or why it needs no words"))
    photo.save(update_fields=["alt", "alt_waived"])
    announce(case.municipality_id, "case", [case.pk], at=now)
    return photo


@transaction.atomic
def remove(access: Access, case: Case, photo_id: int, *, now: datetime) -> None:
    """Take a photo away again; one that is gone already is no mistake. Raises Refused, IllegalMove."""
    if not CasePhoto.objects.filter(case=case, pk=photo_id).exists():
        access.require_on(Permission.CASE_DRAFT, case)
        return
    _changeable(access, case, photo_id).delete()
    _note(access, case, "photo_removed", now)


@transaction.atomic
def put_first(access: Access, case: Case, photo_id: int, *, now: datetime) -> None:
    """Let a photo stand one place further to the front. Raises Refused, IllegalMove, Overtaken."""
    photo = _changeable(access, case, photo_id)
    before = CasePhoto.objects.filter(case=case, use=photo.use, answer=photo.answer, report=photo.report)
    other = before.filter(position__lt=photo.position).order_by("-position").first()
    if other is None:
        return
    photo.position, other.position = other.position, photo.position
    CasePhoto.objects.bulk_update([photo, other], ["position"])
    announce(case.municipality_id, "case", [case.pk], at=now)


@transaction.atomic
def mark_side(access: Access, case: Case, photo_id: int, side: PhotoSide, *, now: datetime) -> None:
    """Let a photo of an answer be "before" or "after", or neither. Raises Refused, Overtaken."""
    access.require_on(Permission.CASE_DRAFT, case)
    photo = CasePhoto.objects.select_for_update().filter(case=case, pk=photo_id).first()
    if photo is None:
        raise Overtaken(case)
    if side:
        _leave(case, side)
    if photo.use == PhotoUse.EVIDENCE and not side:
        photo.delete()
    else:
        CasePhoto.objects.filter(pk=photo.pk).update(side=side)
    _note(access, case, "sides_marked", now)


@transaction.atomic
def mark_resident_photo(access: Access, case: Case, file_id: int, side: PhotoSide, *, now: datetime) -> CasePhoto:
    """Let a photo that a resident sent be "before" or "after". Raises Refused, ValueError, Overtaken."""
    access.require_on(Permission.CASE_DRAFT, case)
    row = _file_of_case(case, file_id)
    if row.file is None or not row.file.is_picture or row.file.state != FileState.READY:
        raise ValueError(_("the photo isn't ready yet: wait a moment"))
    Case.objects.select_for_update().only("pk").get(pk=case.pk)
    _leave(case, side)
    photo, _made = CasePhoto.objects.update_or_create(
        municipality_id=case.municipality_id,
        case=case,
        deed=f"message-file-{row.pk}",
        part=0,
        defaults={
            "use": PhotoUse.EVIDENCE,
            "side": side,
            "file": row.file,
            "message": row.message,
            "alt": row.alt,
            "added_by": access.official,
            "added_at": now,
        },
    )
    _note(access, case, "sides_marked", now)
    return photo


@transaction.atomic
def describe_resident_photo(access: Access, case: Case, file_id: int, alt: str, *, now: datetime) -> None:
    """Say what a resident's photo shows. Raises Refused, Overtaken."""
    access.require_on(Permission.CASE_NOTE, case)
    row = _file_of_case(case, file_id)
    MessageFile.objects.filter(pk=row.pk).update(alt=_clean(alt, LONGEST_ALT))
    CasePhoto.objects.filter(case=case, message=row.message, file=row.file).update(alt=_clean(alt, LONGEST_ALT))
    announce(case.municipality_id, "case", [case.pk], at=now)


def bind(case: Case, answer: Answer) -> None:
    """Let the draft's photos go with it from now on. Raises ValueError for one that nobody has described."""
    photos = list(photos_of_draft(case))
    if any(not photo.is_described for photo in photos):
        raise ValueError(_("say of each photo what it shows, or why it needs no words"))
    CasePhoto.objects.filter(pk__in=[photo.pk for photo in photos]).update(answer=answer)


def check_ready(answer: Answer) -> None:
    """Raise ValueError while a photo of an answer can't be seen: nobody approves what they haven't seen."""
    files = StoredFile.objects.filter(pk__in=CasePhoto.objects.filter(answer=answer).values("file"))
    states = set(files.values_list("state", flat=True))
    if states & {FileState.QUARANTINED, FileState.UNREADABLE}:
        raise ValueError(_("a photo can't be opened: send the draft back, so that it is taken away"))
    if FileState.WAITING in states:
        raise ValueError(_("a photo is still being checked: try again in a moment"))


def forget_deleted_photos(limit: int = 200) -> int:
    """Let go of marked photos whose authors have deleted their messages; returns how many. Safe to repeat."""
    rows = CasePhoto.objects.filter(message__deleted_at__isnull=False).values_list("pk", flat=True)[:limit]
    return CasePhoto.objects.filter(pk__in=list(rows)).delete()[0]


def _may_change(access: Access, case: Case, use: str) -> None:
    access.require_on(Permission.CASE_DRAFT, case)
    _check_status(case, use)


def _check_status(case: Case, use: str) -> None:
    """A photo of an answer changes only while its words may: what waits for approval stays as it was handed on."""
    if use == PhotoUse.ANSWER and case.status not in WORKED_STATUSES:
        raise IllegalMove(case, Status.DRAFTING)


def _check_room(case: Case, use: PhotoUse) -> None:
    rows = CasePhoto.objects.filter(case=case, use=use)
    if use == PhotoUse.ANSWER:
        rows = photos_of_draft(case)
    elif use == PhotoUse.REPORT:
        rows = rows.filter(report=None)
    if rows.count() >= MOST_PHOTOS:
        raise NotTaken(_("More than %(most)d photos: the rest was left out.") % {"most": MOST_PHOTOS})


def _changeable(access: Access, case: Case, photo_id: int) -> CasePhoto:
    photo = (
        CasePhoto.objects.select_for_update(of=("self",)).select_related("file").filter(case=case, pk=photo_id).first()
    )
    access.require_on(Permission.CASE_DRAFT, case)
    if photo is None:
        raise Overtaken(case)
    held = Case.objects.select_for_update().only("pk", "status", "number").get(pk=case.pk)
    _check_status(held, photo.use)
    told = photo.report_id is not None
    if told or (photo.use == PhotoUse.ANSWER and not photos_of_draft(case).filter(pk=photo.pk).exists()):
        raise Overtaken(case)
    return photo


def _file_of_case(case: Case, file_id: int) -> MessageFile:
    told = CaseMessage.objects.filter(case=case, message__deleted_at=None).values("message")
    row = MessageFile.objects.select_related("file", "message").filter(pk=file_id, message__in=told).first()
    if row is None:
        raise Overtaken(case)
    return row


def _leave(case: Case, side: str) -> None:
    """Let whichever photo was this side be so no longer."""
    holder = CasePhoto.objects.filter(case=case, side=side)
    holder.filter(use=PhotoUse.EVIDENCE).delete()
    holder.update(side=PhotoSide.NONE)


def _clean(words: str, longest: int) -> str:
    return shorten(" ".join(storable(words).split()), longest)


def _note(access: Access, case: Case, action: str, now: datetime) -> None:
    record(case, action, at=now, actor=access.official)
    announce(case.municipality_id, "case", [case.pk], at=now)
