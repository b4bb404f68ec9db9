"""Administration's memory: every change writes who made it, on what, and what it was before."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from otklik.org.access import Access, Refused
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Official, TenantModel

Row = TypeVar("Row", bound=TenantModel)


def audit(access: Access, action: str, subject: str, **detail: Any) -> AuditEntry:
    """Note what an official did in administration. Call it in the transaction of the change; never pass a secret."""
    return audit_by(access.municipality_id, access.official, action, subject, **detail)


def audit_by(municipality_id: int, actor: Official | None, action: str, subject: str, **detail: Any) -> AuditEntry:
    """Note what came of what an official asked for, or of the night (nobody), in the transaction of the change."""
    return AuditEntry.objects.create(
        municipality_id=municipality_id,
        actor=actor,
        action=action,
        subject=subject[:200],
        detail={name: _plain(value) for name, value in detail.items()},
    )


def ours(access: Access, *rows: TenantModel | None) -> None:
    """Raise Refused if any of these rows belongs to another municipality."""
    for row in rows:
        if row is not None and row.municipality_id != access.municipality_id:
            raise Refused("another municipality's row")


@transaction.atomic
def save_audited(access: Access, row: Row, noun: str, *, taken: str = "", subject: str = "") -> Row:
    """Save a new or changed row and note which fields changed, from what to what. Nothing changed: nothing is noted.

    `subject` is what the log calls the row, where its own words don't.
    Raises NotPossible about the field `taken` if another row has the same identity (the constraint decides, so two
    who save at once are told apart too).
    """
    ours(access, row)
    before = type(row).objects.filter(pk=row.pk).first() if row.pk else None  # type: ignore[attr-defined]
    changes = _changes(before, row)
    if before is not None and not changes:
        return row
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NotPossible(_("There is one like this already: choose another."), field=taken) from error
    audit(access, f"{noun}.{'changed' if before else 'added'}", subject or str(row), **changes)
    return row


def _changes(before: Model | None, after: Model) -> dict[str, Any]:
    """Return the new values of a new row that say something, or [old, new] of what changed."""
    fields = after._meta.concrete_fields  # noqa: SLF001 - _meta is Django's documented interface
    names = [field.attname for field in fields if field.attname not in ("id", "municipality_id")]
    if before is None:
        return {name: value for name in names if (value := getattr(after, name)) not in (None, "", [])}
    return {
        name: [_plain(getattr(before, name)), _plain(getattr(after, name))]
        for name in names
        if getattr(before, name) != getattr(after, name)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
