"""The demo's letters go to a server on this machine, and to whom nobody chose otherwise for."""

from __future__ import annotations

import pytest

from otklik.cli.demo_mail import post_office
from otklik.common.clock import now
from otklik.notices.enums import Matter, Way
from otklik.notices.letters import Carrier, Choice
from otklik.notices.services.carrying import try_mail
from otklik.notices.services.choosing import Wanted, choose, reach_of
from otklik.org.enums import Role
from tests.stories import found_town

pytestmark = pytest.mark.django_db


def test_officials_of_the_demo_get_letters_on_this_machine() -> None:
    town = found_town()
    admin, head, *_ = [town.official(role) for role in (Role.ADMIN, Role.HEAD, Role.EXECUTOR, Role.APPROVER)]

    with post_office(town.city) as mail:
        try_mail(admin, now=now())
        carrier = Carrier.objects.get(way=Way.EMAIL)

    assert (carrier.host, carrier.is_on, len(mail.taken)) == ("127.0.0.1", True, 1)
    assert Choice.objects.get(official=head.official, matter=Matter.DIGEST).by_email
    assert reach_of(head).quiet_from == reach_of(head).quiet_to


def test_what_somebody_chose_in_the_demo_stays() -> None:
    town = found_town()
    head = [town.official(role) for role in (Role.ADMIN, Role.EXECUTOR, Role.APPROVER, Role.HEAD)][-1]
    choose(head, {Matter.DIGEST: Wanted()}, (reach_of(head).quiet_from, reach_of(head).quiet_to))

    with post_office(town.city):
        assert list(Choice.objects.values_list("matter", "by_email")) == [(Matter.DIGEST, False)]
