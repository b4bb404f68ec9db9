"""People join by a link shown once, and administrators manage them without losing the last key."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from otklik.org.enums import Role
from otklik.org.models import AuditEntry, Invitation, Official, RoleGrant
from tests.builders import PASSWORD, make_city, make_department, make_official, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_attempts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def city():
    return make_city()


@pytest.fixture
def admin(city) -> Official:
    return make_official(city, Role.ADMIN)


@pytest.fixture
def browser(admin) -> Client:
    client = signed_in(admin)
    client.cookies["lang"] = "en"
    return client


def url(name: str, *arguments: int) -> str:
    return reverse(f"desk:administration:{name}", args=arguments)


def link_in(page: str) -> str:
    return re.search(r'value="http://testserver(/desk/join/[^"]+)"', page)[1]


INVITED = {"email": "new@yasnogorye.example", "full_name": "Софья Липова", "role": "operator", "department": ""}


def test_invited_person_joins_signs_in_and_the_link_is_shown_once(browser) -> None:
    answer = browser.post(url("invite"), INVITED)
    link = link_in(answer.content.decode())
    token = link.split("/")[-2]

    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in browser.get(url("people")).content.decode()
    newcomer = Client()
    assert "Софья Липова" in newcomer.get(link).content.decode()
    joined = newcomer.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert (joined.status_code, joined.url) == (302, "/desk/")
    assert newcomer.get(url("people")).status_code == 403

    again = Client()
    again.post("/desk/sign-in/", {"login": INVITED["email"], "password": PASSWORD})
    assert "_auth_user_id" in again.session
    assert Client().get(link).status_code == 410
    assert Client().post(link, {"password": "x" * 12, "again": "x" * 12}).status_code == 410
    assert Official.objects.get(email=INVITED["email"]).check_password(PASSWORD)


def test_join_page_says_what_is_wrong_beside_the_field(browser) -> None:
    link = link_in(browser.post(url("invite"), INVITED).content.decode())
    visitor = Client()
    visitor.cookies["lang"] = "en"

    differing = visitor.post(link, {"password": PASSWORD, "again": "other"})
    weak = visitor.post(link, {"password": "short", "again": "short"})

    assert (differing.status_code, weak.status_code) == (422, 422)
    assert "The passwords differ: type the same one twice." in differing.content.decode()
    assert "at least 10 characters" in weak.content.decode()
    assert Official.objects.filter(email=INVITED["email"]).count() == 0


def test_revoked_invitation_is_closed(browser) -> None:
    link = link_in(browser.post(url("invite"), INVITED).content.decode())

    browser.post(url("revoke", Invitation.objects.get().pk))

    assert Client().get(link).status_code == 410


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": "nobody"}, "Write an e-mail address like name@town.example."),
        ({"email": ""}, "Write the person&#x27;s e-mail address."),
        ({"role": "executor"}, "This role works in a department: choose which."),
        ({"full_name": ""}, "Write the person&#x27;s name."),
    ],
)
def test_refusal_stands_beside_its_field_and_nothing_typed_is_lost(browser, change, sentence: str) -> None:
    answer = browser.post(url("invite"), {**INVITED, **change})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 1
    if "full_name" not in change:
        assert 'value="Софья Липова"' in page
    assert Invitation.objects.count() == 0


def test_department_of_another_city_is_no_choice(browser) -> None:
    foreign = make_department(make_city("zarechny"), "roads")

    answer = browser.post(url("invite"), {**INVITED, "role": "executor", "department": foreign.pk})

    assert answer.status_code == 422
    assert "Choose one of the list." in answer.content.decode()


def test_grant_of_another_person_or_city_is_not_found(browser, city, admin) -> None:
    foreign = make_official(make_city("zarechny"), Role.AIDE)
    other = make_official(city, Role.AIDE)
    grants = [RoleGrant.objects.get(official=foreign), RoleGrant.objects.get(official=other)]

    answers = [browser.post(url("withdraw", admin.pk, grant.pk)).status_code for grant in grants]

    assert answers == [404, 404]
    assert RoleGrant.objects.filter(role="aide").count() == 2


def test_roles_are_given_and_taken_on_the_persons_page(browser, city) -> None:
    roads, person = make_department(city, "roads"), make_official(city)

    browser.post(url("grant", person.pk), {"role": "executor", "department": roads.pk})
    twice = browser.post(url("grant", person.pk), {"role": "executor", "department": roads.pk})
    assert twice.status_code == 422
    assert "This person has this role already." in twice.content.decode()
    browser.post(url("withdraw", person.pk, RoleGrant.objects.get(official=person).pk))

    assert not RoleGrant.objects.filter(official=person).exists()


def test_last_administrator_keeps_the_key(browser, admin) -> None:
    grant = RoleGrant.objects.get(official=admin)

    browser.post(url("withdraw", admin.pk, grant.pk))
    shown = browser.post(url("person_off", admin.pk), follow=True)

    assert RoleGrant.objects.filter(pk=grant.pk).exists()
    assert "You can&#x27;t switch yourself off: ask another administrator." in shown.content.decode()
    admin.refresh_from_db()
    assert admin.is_active


def test_switched_off_person_is_outside_with_the_next_click(browser, city) -> None:
    person = make_official(city, Role.AUDITOR)
    theirs = signed_in(person)
    assert theirs.get(url("audit")).status_code == 200

    browser.post(url("person_off", person.pk))
    assert theirs.get(url("audit")).status_code == 302
    browser.post(url("person_on", person.pk))

    assert signed_in(person).get(url("audit")).status_code == 200


def test_new_link_and_forgotten_second_factor_let_a_person_back_in(browser, city) -> None:
    person = make_official(city, Role.AUDITOR, password="lost-willow-41-lamp")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})

    browser.post(url("reset_factor", person.pk))
    link = link_in(browser.post(url("new_link", person.pk)).content.decode())
    Client().post(link, {"password": PASSWORD, "again": PASSWORD})

    theirs = Client()
    theirs.post("/desk/sign-in/", {"login": person.email, "password": PASSWORD})
    assert theirs.get(url("audit")).status_code == 200
    person.refresh_from_db()
    assert not person.check_password("lost-willow-41-lamp")
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "person.second_factor_reset",
        "person.new_link",
    ]


def test_second_factor_is_asked_of_a_person_who_joins_by_a_new_link(browser, city) -> None:
    person = make_official(city, Role.AUDITOR, password="lost-willow-41-lamp")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})
    link = link_in(browser.post(url("new_link", person.pk)).content.decode())

    theirs = Client()
    answer = theirs.post(link, {"password": PASSWORD, "again": PASSWORD})

    assert answer.url == reverse("mfa_authenticate")
    assert theirs.get(url("audit")).status_code == 302


def test_changed_person_is_saved_and_closed_department_stays(browser, city) -> None:
    closed = make_department(city, "old", is_active=False)
    person = make_official(city, department=closed)

    answer = browser.post(
        url("person", person.pk),
        {"full_name": "Вера Ручьёва", "position": "Мастер", "department": closed.pk, "language": "en"},
    )

    person.refresh_from_db()
    assert answer.status_code == 302
    assert (person.full_name, person.position, person.department, person.language) == (
        "Вера Ручьёва",
        "Мастер",
        closed,
        "en",
    )


@pytest.mark.parametrize("count", [1, 8])
def test_list_of_people_costs_the_same(browser, city, count: int, django_assert_num_queries) -> None:
    roads = make_department(city, "roads")
    for number in range(count):
        make_official(city, Role.AIDE, (Role.EXECUTOR, roads))
        browser.post(url("invite"), {**INVITED, "email": f"new{number}@yasnogorye.example"})

    with django_assert_num_queries(8):
        assert browser.get(url("people")).status_code == 200
