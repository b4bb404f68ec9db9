"""Telling officials, each once for a matter; and that they have seen it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from otklik.common import bell
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.notices.queries import notices_of
from otklik.org.absences import stand_ins
from otklik.org.access import Access
from otklik.org.services.announcing import announce


def tell(
    municipality_id: int,
    officials: Iterable[int],
    kind: NoticeKind,
    *,
    key: str,
    case_number: int = 0,
    about: str = "",
    path: str = "",
    at: datetime,
    due_at: datetime | None = None,
) -> None:
    """Tell these officials, and by when something is wanted. Safe to repeat: nobody is told of a `key` twice.

    Of a case by its number; of anything else by its name (`about`) and where it is seen (`path`). Whoever stands in
    for one of them now is told as well.
    """
    asked = set(officials)
    if not asked:
        return
    people = sorted(asked | set(stand_ins(municipality_id, at, asked).values()))
    Notice.objects.bulk_create(
        [
            Notice(
                municipality_id=municipality_id,
                official_id=one,
                kind=kind,
                key=key,
                case_number=case_number,
                about=about[:200],
                path=path,
                at=at,
                due_at=due_at,
            )
            for one in people
        ],
        ignore_conflicts=True,
    )
    announce(municipality_id, "notice", people, at=at)
    bell.ring("live")


def mark_seen(access: Access, up_to: int, *, now: datetime) -> int:
    """Note that the official has seen their own notices up to this one; returns how many were new."""
    return notices_of(access).filter(pk__lte=up_to, seen_at__isnull=True).update(seen_at=now)
