"""Two cases tied together as "see also": seen from both sides, by those who may see both."""

from __future__ import annotations

import pytest
from django.test import Client

from otklik.cases.links import CaseLink
from otklik.cases.models import Case
from otklik.cases.services import linking, showing
from otklik.channels.models import Message
from otklik.org.access import Refused, access_of
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import do, open_case, words_of


def two(office: Office) -> tuple[Case, Case]:
    """A case of the roads and one of the housing department."""
    return office.case(), office.case("Холодные батареи, Лесная 18", topic="utilities.heating")


def last_steps(case: Case) -> tuple[str, dict[str, object]]:
    step = case.journal.order_by("-id").first()
    return step.action, step.detail


def test_cases_are_tied_and_untied_from_either_side(office: Office) -> None:
    roads, housing = two(office)
    curator = office.browser(office.curator)

    tied, page = do(curator, roads, "link", **{"link-number": str(housing.number), "link-reason": "рыли трубы"})
    other = open_case(office, housing)
    noted = last_steps(roads), last_steps(housing)
    again, _ = do(curator, housing, "link", **{"link-number": str(roads.number)})
    once = CaseLink.objects.count()
    untied, _ = do(curator, housing, "unlink", **{"unlink-number": str(roads.number)})

    assert (tied, again, untied, once) == (200, 200, 200, 1)
    assert f"№ {housing.number} Холодные батареи, Лесная 18 рыли трубы" in words_of(page)
    assert f'href="/desk/cases/{roads.number}/">№ {roads.number}</a>' in other
    assert noted == (
        ("linked", {"linked_number": housing.number, "reason": "рыли трубы"}),
        ("linked", {"linked_number": roads.number, "reason": "рыли трубы"}),
    )
    assert (last_steps(roads)[0], last_steps(housing)[0]) == ("unlinked", "unlinked")
    assert CaseLink.objects.count() == 0


def test_case_one_may_not_see_is_neither_named_nor_tied(office: Office) -> None:
    roads, housing = two(office)
    linking.link(access_of(office.curator), roads, housing.number, "рыли трубы", now=office.town.now)
    seen = open_case(office, roads, "executor")

    refused, page = do(office.browser(office.executor), roads, "link", **{"link-number": str(housing.number)})
    untie, _ = do(office.browser(office.executor), roads, "unlink", **{"unlink-number": str(housing.number)})
    unknown, absent = do(office.browser(office.executor), roads, "link", **{"link-number": "9999"})

    assert "батареи" not in seen
    assert (refused, untie, unknown) == (409, 409, 409)
    sentence = "there is no case with this number that you may see"
    assert sentence in page
    assert sentence in absent  # the same words as for a case that isn't there
    assert CaseLink.objects.count() == 1


def test_case_is_not_tied_to_itself_nor_to_another_citys(office: Office) -> None:
    roads, _ = two(office)
    access = access_of(office.curator)

    for number in (roads.number, 777):
        with pytest.raises(ValueError):  # noqa: PT011 - the words are in the city's language
            linking.link(access, roads, number, now=office.town.now)
    with pytest.raises(Refused):
        linking.link(access_of(make_stranger()), roads, roads.number, now=office.town.now)


def test_everybody_sees_the_tie_only_where_both_are_public(office: Office) -> None:
    roads, housing = two(office)
    access = access_of(office.curator)
    linking.link(access, roads, housing.number, now=office.town.now)
    Message.objects.update(visibility="public")
    showing.make_public(access, roads, showing.as_found(roads), now=office.town.now)
    alone = Client().get(f"/cases/{roads.number}/").content.decode()
    showing.make_public(access, housing, showing.as_found(housing), now=office.town.now)
    both = Client().get(f"/cases/{housing.number}/").content.decode()

    assert f"/cases/{housing.number}/" not in alone
    assert f'href="/cases/{roads.number}/"' in both
