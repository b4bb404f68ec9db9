"""What the lists of administration show, read in a number of queries that doesn't grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.db.models import Model, Q, QuerySet

from otklik.channels.models import Channel, SecurityEvent
from otklik.org.enums import PlaceKind
from otklik.org.models import AuditEntry, Invitation, Official, Place, TopicRoute

PAGE = 50
PLACES_PAGE = 200
Row = TypeVar("Row", bound=Model)


def people_of(municipality_id: int) -> QuerySet[Official]:
    """Return a city's officials with their roles, those who may come in first."""
    return (
        Official.objects.filter(municipality=municipality_id)
        .select_related("department")
        .prefetch_related("grants__department")
        .order_by("-is_active", "full_name", "id")
    )


def with_second_factor(officials: Iterable[Official]) -> set[int]:
    """Return which of these officials have an authenticator app."""
    ids = [official.pk for official in officials]
    return set(Authenticator.objects.filter(user__in=ids, type="totp").values_list("user_id", flat=True))


def open_invitations(municipality_id: int, *, now: datetime) -> QuerySet[Invitation]:
    """Return the invitations that still work, newest first."""
    return (
        Invitation.objects.filter(municipality=municipality_id, accepted_at=None, expires_at__gt=now)
        .select_related("department", "invited_by")
        .order_by("-id")
    )


def refusals_of(channel: Channel) -> QuerySet[SecurityEvent]:
    """Return what was refused at a channel's door by the hour, newest first."""
    return SecurityEvent.objects.filter(municipality=channel.municipality_id, channel=channel).order_by("-hour", "kind")


def places_of(municipality_id: int, kind: PlaceKind, words: str, *, after: str) -> tuple[list[Place], str]:
    """Return a page of places of a kind by name, after a name, and the name after which the next page begins or "".

    The words are looked for at the beginning of any part of the name. Names are one's own within a kind.
    """
    rows = Place.objects.filter(municipality=municipality_id, kind=kind).select_related("parent", "owner")
    if words:
        # SQLite folds only Latin letters: names begin with a capital, so that spelling is looked for as well.
        rows = rows.filter(Q(name__icontains=words) | Q(name__contains=words.capitalize()))
    found = list(rows.filter(name__gt=after).order_by("name")[: PLACES_PAGE + 1])
    return found[:PLACES_PAGE], found[PLACES_PAGE - 1].name if len(found) > PLACES_PAGE else ""


def routes_of(municipality_id: int) -> QuerySet[TopicRoute]:
    """Return the exceptions to topics' departments, by topic and place."""
    rows = TopicRoute.objects.filter(municipality=municipality_id)
    return rows.select_related("topic__parent", "place", "department").order_by("topic__code", "place__name")


def audit_entries(municipality_id: int) -> QuerySet[AuditEntry]:
    """Return who changed what, newest first."""
    return AuditEntry.objects.filter(municipality=municipality_id).select_related("actor").order_by("-id")


def newest(rows: QuerySet[Row], before: str) -> tuple[list[Row], str]:
    """Return a page of rows that come newest first, older than the key `before`, and the next page's key or ""."""
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""
