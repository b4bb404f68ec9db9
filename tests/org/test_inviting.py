"""An invitation works once, for a week, for the person it was made for."""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Invitation, Official
from otklik.org.services import inviting, staffing
from tests.builders import PASSWORD, make_access, make_city, make_department, make_official

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def invite(access, email="vera@yasnogorye.example", role=Role.OPERATOR, department=None, now=NOW):
    return inviting.invite(access, email, "Вера Лугова", role, department, now=now)


def test_invited_person_gets_the_account_and_the_role() -> None:
    city = make_city()
    roads = make_department(city, "roads")
    _, token = invite(make_access(city, Role.ADMIN), " Vera@Yasnogorye.example ", Role.EXECUTOR, roads)

    official = inviting.accept(token, PASSWORD, now=NOW + WEEK - timedelta(seconds=1))

    assert (official.email, official.full_name, official.department) == (
        "vera@yasnogorye.example",
        "Вера Лугова",
        roads,
    )
    assert official.check_password(PASSWORD)
    assert list(official.grants.values_list("role", "department", "municipality")) == [("executor", roads.pk, city.pk)]
    assert official.municipality == city


def test_only_the_hash_of_the_token_is_kept() -> None:
    access = make_access(make_city(), Role.ADMIN)

    invitation, token = invite(access)

    assert len(token) == 32
    assert invitation.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    everything = str(list(Invitation.objects.values())) + str(list(AuditEntry.objects.values()))
    assert token not in everything


@pytest.mark.parametrize("token", ["", "x", "ключ", "0" * 64])
def test_guessed_token_opens_nothing(token: str) -> None:
    invitation, _ = invite(make_access(make_city(), Role.ADMIN))

    for guess in (token, invitation.token_sha256):
        assert inviting.open_invitation(guess, now=NOW) is None
        with pytest.raises(NotPossible):
            inviting.accept(guess, PASSWORD, now=NOW)
    assert Official.objects.filter(email="vera@yasnogorye.example").count() == 0


def test_link_works_once() -> None:
    _, token = invite(make_access(make_city(), Role.ADMIN))
    inviting.accept(token, PASSWORD, now=NOW)

    with pytest.raises(NotPossible):
        inviting.accept(token, "another-willow-43", now=NOW)

    assert Official.objects.get(email="vera@yasnogorye.example").check_password(PASSWORD)


def test_link_dies_after_a_week() -> None:
    _, token = invite(make_access(make_city(), Role.ADMIN))

    with pytest.raises(NotPossible):
        inviting.accept(token, PASSWORD, now=NOW + WEEK)


def test_revoked_link_is_dead() -> None:
    access = make_access(make_city(), Role.ADMIN)
    invitation, token = invite(access)

    inviting.revoke(access, invitation, now=NOW)
    inviting.revoke(access, invitation, now=NOW)

    with pytest.raises(NotPossible):
        inviting.accept(token, PASSWORD, now=NOW)
    assert AuditEntry.objects.filter(action="person.invitation_revoked").count() == 1


def test_newer_invitation_closes_the_older_one() -> None:
    access = make_access(make_city(), Role.ADMIN)
    _, old = invite(access, role=Role.ADMIN)
    _, new = invite(access, role=Role.OPERATOR)

    with pytest.raises(NotPossible):
        inviting.accept(old, PASSWORD, now=NOW)
    official = inviting.accept(new, PASSWORD, now=NOW)

    assert list(official.grants.values_list("role", flat=True)) == ["operator"]


@pytest.mark.parametrize("password", ["short", "password12", "1234567890", "vera@yasnogorye.example"])
def test_weak_password_leaves_the_link_alive(password: str) -> None:
    _, token = invite(make_access(make_city(), Role.ADMIN))

    with pytest.raises(NotPossible) as refusal:
        inviting.accept(token, password, now=NOW)

    assert refusal.value.field == "password"
    assert inviting.accept(token, PASSWORD, now=NOW).check_password(PASSWORD)


def test_somebody_who_is_here_is_not_invited_again() -> None:
    city = make_city()
    make_official(city, email="vera@yasnogorye.example")

    with pytest.raises(NotPossible) as refusal:
        invite(make_access(city, Role.ADMIN), "VERA@yasnogorye.example")

    assert refusal.value.field == "email"


def test_invitation_never_takes_over_an_account_that_appeared_meanwhile() -> None:
    city = make_city()
    _, token = invite(make_access(city, Role.ADMIN))
    make_official(make_city("zarechny"), email="vera@yasnogorye.example", password="their-own-password-1")

    with pytest.raises(NotPossible):
        inviting.accept(token, PASSWORD, now=NOW)

    assert Official.objects.get(email="vera@yasnogorye.example").check_password("their-own-password-1")
    assert Invitation.objects.get().accepted_at is None


def test_new_link_changes_the_password_and_nothing_else() -> None:
    city = make_city()
    access = make_access(city, Role.ADMIN)
    official = make_official(city, Role.CURATOR, password="forgotten-willow-41")

    _, token = inviting.invite_again(access, official, now=NOW)
    same = inviting.accept(token, PASSWORD, now=NOW)

    assert same == official
    assert same.check_password(PASSWORD)
    assert list(same.grants.values_list("role", flat=True)) == ["curator"]


def test_new_link_of_a_person_switched_off_meanwhile_is_dead() -> None:
    city = make_city()
    access = make_access(city, Role.ADMIN)
    official = make_official(city, Role.CURATOR)
    _, token = inviting.invite_again(access, official, now=NOW)

    staffing.switch_off(access, official)

    with pytest.raises(NotPossible):
        inviting.accept(token, PASSWORD, now=NOW)
    official.refresh_from_db()
    with pytest.raises(NotPossible):
        inviting.invite_again(access, official, now=NOW)


@pytest.mark.parametrize("email", ["", "vera", "vera@", "@example.org", "a b@example.org"])
def test_address_is_looked_at(email: str) -> None:
    with pytest.raises(NotPossible) as refusal:
        invite(make_access(make_city(), Role.ADMIN), email)

    assert refusal.value.field == "email"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_invites(role: Role) -> None:
    with pytest.raises(Refused):
        invite(make_access(make_city(), role))

    assert Invitation.objects.count() == 0


def test_rows_of_another_city_are_refused() -> None:
    here, there = make_city(), make_city("zarechny")
    access = make_access(here, Role.ADMIN)
    foreign, _ = invite(make_access(there, Role.ADMIN))

    with pytest.raises(Refused):
        invite(access, "b@yasnogorye.example", Role.EXECUTOR, make_department(there, "roads"))
    with pytest.raises(Refused):
        inviting.revoke(access, foreign, now=NOW)
    with pytest.raises(Refused):
        inviting.invite_again(access, make_official(there), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_link_clicked_twice_at_once_makes_one_account() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite runs one writing transaction at a time; test_link_works_once shows the rest")
    _, token = invite(make_access(make_city(), Role.ADMIN))
    start, results = threading.Barrier(4), []

    def click() -> None:
        start.wait()
        try:
            results.append(inviting.accept(token, PASSWORD, now=NOW).email)
        except NotPossible:
            results.append("refused")
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()

    assert sorted(results) == ["refused"] * 3 + ["vera@yasnogorye.example"]
