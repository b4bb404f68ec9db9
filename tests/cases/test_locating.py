"""Where a case is, as a person says it: known streets are tied to their row, the house to the key of the place."""

from __future__ import annotations

import pytest

from otklik.cases.models import Case
from otklik.cases.queries import journal_of, messages_of
from otklik.cases.services.locating import Whereabouts, locate, street_names, suggested_place, whereabouts
from otklik.common.clock import now
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.models import Place
from otklik.teaching.enums import About, Source
from otklik.teaching.models import Label
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("Не горит фонарь у подъезда, почините пожалуйста, второй день темно"))


def test_known_street_is_tied_and_the_house_makes_the_key(town: Town, case: Case) -> None:
    street = Place.objects.create(municipality=town.city, kind="street", name="Садовая")

    locate(town.official(Role.OPERATOR), case, Whereabouts(" садовая ", "д. 12 "), now=now())

    case.refresh_from_db()
    assert (case.place, case.place_text, case.place_key) == (street, "Садовая, д. 12", "садов|12")
    assert (whereabouts(case).street, whereabouts(case).house) == ("Садовая", "д. 12")
    assert journal_of(case).get(action="place_changed").detail == {"from": "", "place": "Садовая, д. 12"}
    label = Label.objects.get(about=About.PLACE)
    assert (label.value, label.source, label.message) == ("Садовая", Source.PLACING, messages_of(case).get())


def test_unknown_place_is_kept_in_its_words(town: Town, case: Case) -> None:
    locate(town.official(Role.CURATOR), case, Whereabouts("за гаражами"), now=now())

    case.refresh_from_db()
    assert (case.place, case.place_text, case.place_key) == (None, "за гаражами", "")


def test_street_that_was_read_is_suggested_until_there_is_a_place(town: Town, case: Case) -> None:
    message = messages_of(case).get()
    message.verdict = {**message.verdict, "street_name": "Липовая"}

    before = suggested_place(case, [message])
    locate(town.official(Role.OPERATOR), case, Whereabouts("Липовая"), now=now())

    assert (before, suggested_place(case, [message])) == (Whereabouts("Липовая"), None)


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.AIDE])
def test_place_is_corrected_by_those_who_assign_only(town: Town, case: Case, role: Role) -> None:
    with pytest.raises(Refused):
        locate(town.official(role), case, Whereabouts("Садовая"), now=now())


def test_nothing_is_no_place(town: Town, case: Case) -> None:
    with pytest.raises(ValueError, match="место"):
        locate(town.official(Role.OPERATOR), case, Whereabouts("  "), now=now())


def test_streets_are_those_of_the_own_city(town: Town) -> None:
    Place.objects.create(municipality=town.city, kind="street", name="Садовая")
    Place.objects.create(municipality=found_town("zarechye").city, kind="street", name="Чужая")

    assert street_names(town.city.pk) == ["Садовая"]
