"""Where a case is: what triage read in the messages, taken by a person with one key or corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.cases.services import lessons
from otklik.cases.services.moving import change
from otklik.channels.models import Message
from otklik.org.access import Access, Permission
from otklik.org.enums import PlaceKind
from otklik.org.models import Place
from otklik.triage import normalise_place


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A street as the city calls it, or as a person wrote it, and the house (empty: not known)."""

    street: str
    house: str = ""

    @property
    def words(self) -> str:
        """Return it in one line."""
        return f"{self.street}, {self.house}" if self.house else self.street


def suggested_place(case: Case, messages: Iterable[Message]) -> Whereabouts | None:
    """Return the street that triage read in a message of a case that has no place yet; None: none."""
    if case.place_id is not None or case.place_text:
        return None
    streets = (str(message.verdict.get("street_name", "")) for message in messages)
    return next((Whereabouts(street) for street in streets if street), None)


def whereabouts(case: Case) -> Whereabouts:
    """Return where a case is, the house apart where it is written behind the street."""
    if case.place is None:
        return Whereabouts(case.place_text)
    _, comma, house = case.place_text.rpartition(", ")
    return Whereabouts(case.place.name, house if comma else "")


def street_names(municipality_id: int) -> list[str]:
    """Return the city's streets and landmarks by name, to choose from (one query)."""
    kinds = [PlaceKind.STREET, PlaceKind.LANDMARK]
    names = Place.objects.filter(municipality=municipality_id, kind__in=kinds).order_by("name")
    return list(names.values_list("name", flat=True).distinct())


@transaction.atomic
def locate(access: Access, case: Case, where: Whereabouts, *, now: datetime) -> None:
    """Say where a case is; a street that the city knows is tied to its row. Department and deadline stay.

    The house goes into the key by which the same problem at the same house is recognised. What was said is kept as a
    label, like every correction. Raises Refused, ValueError.
    """
    access.require_on(Permission.CASE_ASSIGN, case)
    street, house = " ".join(where.street.split()), " ".join(where.house.split())
    if not street:
        raise ValueError(_("write the street or the place"))
    known = _known(case.municipality_id, street)
    found = Whereabouts(known.name if known is not None else street, house)
    key = normalise_place(found.street, found.house) if found.house else ""
    before = case.place_text or (case.place.name if case.place is not None else "")
    change(
        case,
        at=now,
        action="place_changed",
        actor=access.official,
        detail={"from": before, "place": found.words},
        place=known,
        place_text=found.words[:200],
        place_key=key[:120],
    )
    lessons.place_said(access, case, found.street, now=now)


def _known(municipality_id: int, street: str) -> Place | None:
    """Return the city's street by its name, whatever the letters' case; SQLite folds only Latin ones."""
    rows = Place.objects.filter(municipality=municipality_id, kind__in=[PlaceKind.STREET, PlaceKind.LANDMARK])
    folded = street.casefold()
    return next((row for row in rows.order_by("kind", "id") if row.name.casefold() == folded), None)
