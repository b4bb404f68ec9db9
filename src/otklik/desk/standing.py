"""What is there at all for whoever is signed in: asked by one short query, so that a quiet desk asks nothing more.

Every page and every live update wants to know whether there are saved views, things put away, notices and surges. For
most people at most times there are none; asked one by one they were a quarter of a live update's queries.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists

from otklik.cases.lists import put_away_for
from otklik.cases.services.viewing import kept_in
from otklik.common.prepared import Prepared
from otklik.desk.doors import DeskRequest
from otklik.notices.queries import unseen_by
from otklik.org.access import Access, Permission
from otklik.org.models import Municipality
from otklik.pulse.queries import raised_in


class Standing(NamedTuple):
    """Which of these there are any of."""

    saved_views: bool
    """In the city, whoever's."""
    put_away: bool
    """Out of this person's queues."""
    unseen: bool
    """Notices to this person."""
    surges: bool
    """In the city, that nobody has put aside."""


def standing_of(request: DeskRequest) -> Standing:
    """Return what there is for the person behind a request; asked once for a page, when it is drawn."""
    if request.standing is None:
        request.standing = _ask(request.access)
    return request.standing


def _ask(access: Access) -> Standing:
    if not access.holds(Permission.CASE_VIEW):  # all of it is about cases
        return Standing(saved_views=False, put_away=False, unseen=False, surges=False)
    return Standing._make(map(bool, _STANDING.rows(access.municipality_id, access.official.pk)[0]))


_STANDING = Prepared(
    lambda city, official: Municipality.objects.filter(pk=city).values_list(
        Exists(kept_in(city)),
        Exists(put_away_for(city, official)),
        Exists(unseen_by(city, official)),
        Exists(raised_in(city).order_by()),
    )
)
