"""Who may look at a file: whoever may read the words that it came with."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from otklik.cases.enums import AnswerState, PhotoUse
from otklik.cases.models import Case, CaseMessage
from otklik.cases.photos import CasePhoto, ShownPhoto
from otklik.cases.queries import messages_of, visible_cases
from otklik.cases.resembling import messages_brought, surviving
from otklik.channels.enums import Decision, Visibility
from otklik.channels.hidings import Hiding
from otklik.channels.models import MessageFile
from otklik.media.models import StoredFile
from otklik.media.queries import file_by_key
from otklik.org.access import Access, Permission


def file_for_all(municipality_id: int, key: str) -> StoredFile:
    """Return a file that everybody may see: of public words that aren't hidden. Raises StoredFile.DoesNotExist."""
    file = file_by_key(municipality_id, key)
    rows = MessageFile.objects.filter(file=file, message__visibility=Visibility.PUBLIC, message__deleted_at=None)
    hidden = Hiding.objects.filter(message=OuterRef("message"), shown_at=None)
    if not rows.exclude(message__decision=Decision.SPAM).exclude(Exists(hidden)).exists():
        raise StoredFile.DoesNotExist
    return file


def file_for_resident(own: Case, key: str) -> StoredFile:
    """Return a file of what the holder of a case's code said, or was answered. Raises StoredFile.DoesNotExist."""
    file = file_by_key(own.municipality_id, key)
    case = surviving(own)
    mine = messages_brought(own, list(messages_of(case)))
    if MessageFile.objects.filter(file=file, message__in=mine, message__deleted_at=None).exists():
        return file
    ours = Q(answer__state=AnswerState.SENT) | Q(use=PhotoUse.EVIDENCE, message=None)
    if not CasePhoto.objects.filter(ours, case=case, file=file).exists():
        raise StoredFile.DoesNotExist
    return file


def cases_with(file: StoredFile) -> list[int]:
    """Return the cases whose screens show a file."""
    told = CaseMessage.objects.filter(message__files__file=file).values_list("case_id", flat=True)
    put = CasePhoto.objects.filter(file=file).values_list("case_id", flat=True)
    return sorted({*told, *put})


def file_for(access: Access, key: str) -> StoredFile:
    """Return a file that an official may see: of the conversations of cases, or of messages, that they may read.

    Raises StoredFile.DoesNotExist.
    """
    file = file_by_key(access.municipality_id, key)
    rows = MessageFile.objects.filter(file=file, message__deleted_at=None)
    threads = list(rows.values_list("message__thread_id", flat=True))
    if file.uploaded_by_id == access.official.pk:
        return file
    if access.holds(Permission.CASE_VIEW) and (_may_read(access, threads) or _put_to_a_case(access, file)):
        return file
    raise StoredFile.DoesNotExist


def _put_to_a_case(access: Access, file: StoredFile) -> bool:
    """Whether it is a photo that an official put to a case, or a covered copy, and the case may be seen."""
    put = CasePhoto.objects.filter(Q(message=None) | Q(message__deleted_at=None), file=file).values("case")
    shown = ShownPhoto.objects.filter(file=file, withdrawn_at=None).values("case")
    return visible_cases(access).filter(Q(pk__in=put) | Q(pk__in=shown)).exists()


def _may_read(access: Access, threads: Sequence[int]) -> bool:
    if not threads:
        return False
    if access.holds(Permission.MESSAGE_SORT) and access.departments_for(Permission.MESSAGE_SORT) is None:
        return True
    return visible_cases(access).filter(case_messages__thread__in=threads).exists()
