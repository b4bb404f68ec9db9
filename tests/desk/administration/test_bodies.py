"""The directory of outside bodies, as an administrator changes it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.models import AuditEntry, OutsideBody
from otklik.org.queries import outside_bodies_of
from otklik.org.services import directing
from tests.builders import make_access, make_city, make_official, signed_in

pytestmark = pytest.mark.django_db

HOSPITAL = {"name": "Районная больница", "answers_for": "приём врачей", "phone": "5-12-12"}


@pytest.fixture
def city():
    return make_city()


@pytest.fixture
def browser(city) -> Client:
    client = signed_in(make_official(city, Role.ADMIN))
    client.cookies["lang"] = "en"
    return client


def url(name: str, *arguments: int) -> str:
    return reverse(f"desk:administration:{name}", args=arguments)


def test_body_is_added_changed_and_offered_no_more(browser, city) -> None:
    browser.post(url("body_new"), HOSPITAL)
    body = OutsideBody.objects.get()
    browser.post(url("body", body.pk), {**HOSPITAL, "site": "https://hospital.example"})
    body.refresh_from_db()
    listed = browser.get(url("bodies")).content.decode()
    browser.post(url("body_close", body.pk))

    assert body.contacts == "5-12-12, https://hospital.example"
    assert "5-12-12, https://hospital.example" in listed
    assert outside_bodies_of(city.pk) == []
    browser.post(url("body_open", body.pk))
    assert outside_bodies_of(city.pk) == [body]
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "body.added",
        "body.changed",
        "body.changed",
        "body.changed",
    ]


def test_body_without_contacts_is_refused_and_kept_on_the_page(browser) -> None:
    answer = browser.post(url("body_new"), {**HOSPITAL, "phone": ""})

    assert answer.status_code == 422
    assert "Give at least one way to reach them" in answer.content.decode()
    assert 'value="Районная больница"' in answer.content.decode()
    assert not OutsideBody.objects.exists()


def test_two_bodies_of_one_name_are_refused(browser) -> None:
    browser.post(url("body_new"), HOSPITAL)

    assert browser.post(url("body_new"), HOSPITAL).status_code == 422
    assert OutsideBody.objects.count() == 1


def test_body_of_another_city_does_not_exist(browser) -> None:
    foreign = OutsideBody.objects.create(municipality=make_city("zarechny"), **HOSPITAL)

    codes = [browser.get(url("body", foreign.pk)).status_code, browser.post(url("body_close", foreign.pk)).status_code]

    assert codes == [404, 404]
    foreign.refresh_from_db()
    assert foreign.is_active


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_role_that_does_not_manage_the_city_changes_no_body(city, role: Role) -> None:
    access = make_access(city, role)

    with pytest.raises(Refused):
        directing.save_body(access, OutsideBody(municipality=city, **HOSPITAL))
    assert not OutsideBody.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_bodies_costs_the_same(browser, city, count: int, django_assert_num_queries) -> None:
    for number in range(count):
        OutsideBody.objects.create(municipality=city, **{**HOSPITAL, "name": f"Служба {number}"})

    with django_assert_num_queries(4):
        browser.get(url("bodies"))
