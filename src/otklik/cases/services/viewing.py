"""Keeping lists for oneself and for others: made from what narrows the inbox, renamed, moved, deleted, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from otklik.cases.enums import Sharing
from otklik.cases.models import SavedView
from otklik.org.access import Access, Permission, Refused

MOST = 20
"""Views that one person sees: more is no order any more."""


def views_of(access: Access) -> QuerySet[SavedView]:
    """Return the saved views this official works with, in their order: own, of own departments, and the city's."""
    own = Q(sharing=Sharing.OWN, owner=access.official)
    there = Q(sharing=Sharing.DEPARTMENT)
    departments = access.departments_for(Permission.CASE_VIEW)
    if departments is not None:
        there &= Q(department__in=departments)
    return kept_in(access.municipality_id).filter(own | there | Q(sharing=Sharing.CITY)).order_by("position", "id")


def shown_views(access: Access) -> list[SavedView]:
    """Return the saved views of somebody's rail: MOST at most."""
    return list(views_of(access)[:MOST])


def kept_in(municipality_id: int) -> QuerySet[SavedView]:
    """Return everybody's saved views of a city."""
    return SavedView.objects.filter(municipality=municipality_id, deleted_at=None)


@transaction.atomic
def save_view(access: Access, name: str, filters: Mapping[str, Any], sharing: Sharing) -> SavedView:
    """Keep a list. Raises Refused where it may not be shared so, ValueError without a name or beyond MOST."""
    _may_share(access, sharing, access.official.department_id)
    if not name.strip():
        raise ValueError("give the view a name")
    seen = views_of(access)
    if seen.count() >= MOST:
        raise ValueError(f"{MOST} views are kept already: delete one first")
    last = seen.aggregate(last=Max("position"))["last"]
    return SavedView.objects.create(
        municipality_id=access.municipality_id,
        owner=access.official,
        sharing=sharing,
        department=access.official.department if sharing == Sharing.DEPARTMENT else None,
        name=name.strip()[:60],
        filters=dict(filters),
        position=(last or 0) + 1,
    )


def rename_view(access: Access, view: SavedView, name: str) -> None:
    """Give a view another name. Raises Refused, ValueError."""
    require_change(access, view)
    if not name.strip():
        raise ValueError("give the view a name")
    SavedView.objects.filter(pk=view.pk).update(name=name.strip()[:60])


@transaction.atomic
def move_view(access: Access, view: SavedView, step: int) -> None:
    """Let a view change places with the one above (-1) or below (1); nothing happens at the end. Raises Refused."""
    require_change(access, view)
    order = list(views_of(access).select_for_update())
    here = next(place for place, one in enumerate(order) if one.pk == view.pk)
    there = here + (1 if step > 0 else -1)
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for place, one in enumerate(order, 1):
        one.position = place
    SavedView.objects.bulk_update(order, ["position"])


def delete_view(access: Access, view: SavedView, *, now: datetime) -> None:
    """Take a view away; `restore_view` brings it back. Raises Refused."""
    require_change(access, view)
    SavedView.objects.filter(pk=view.pk).update(deleted_at=now)


def restore_view(access: Access, view: SavedView) -> None:
    """Bring a deleted view back. Raises Refused."""
    require_change(access, view)
    SavedView.objects.filter(pk=view.pk).update(deleted_at=None)


def may_change(access: Access, view: SavedView) -> bool:
    """Return whether this official may rename, move and delete a view: an own one, or a shared one with permission."""
    if view.sharing == Sharing.OWN:
        return view.owner_id == access.official.pk
    if view.sharing == Sharing.CITY:
        return access.allows(Permission.VIEW_SHARE)
    return access.allows(Permission.VIEW_SHARE, view.department_id)


def require_change(access: Access, view: SavedView) -> None:
    """Raise Refused unless this official may change the view."""
    if view.municipality_id != access.municipality_id or not may_change(access, view):
        raise Refused(Permission.VIEW_SHARE)


def sharings_for(access: Access) -> list[Sharing]:
    """Return with whom this official may share a new view."""
    open_to = [Sharing.OWN]
    if access.official.department_id and access.allows(Permission.VIEW_SHARE, access.official.department_id):
        open_to.append(Sharing.DEPARTMENT)
    if access.allows(Permission.VIEW_SHARE):
        open_to.append(Sharing.CITY)
    return open_to


def _may_share(access: Access, sharing: Sharing, department_id: int | None) -> None:
    access.departments_for(Permission.CASE_VIEW)
    if sharing == Sharing.CITY:
        access.require(Permission.VIEW_SHARE)
    if sharing == Sharing.DEPARTMENT:
        if department_id is None:
            raise ValueError("you belong to no department: share the view with the whole city")
        access.require(Permission.VIEW_SHARE, department_id)
