"""The demo's letters go to a server on this machine, and to whom nobody chose otherwise for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.polls import Poll
from otklik.channels.services import polling
from otklik.cli.demo_mail import mailbox, post_office
from otklik.common.clock import now
from otklik.notices.enums import Matter, Way
from otklik.notices.letters import Carrier, Choice
from otklik.notices.services.carrying import try_mail
from otklik.notices.services.choosing import Wanted, choose, reach_of
from otklik.org.enums import Role
from otklik.simulators.mail.letters import letter
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.mail.simulator import MailSimulator
from otklik.worker.taking import take_channel
from tests.stories import Town, brain, found_town

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


def test_mailbox_of_the_demo_is_read_and_answered_in_every_run() -> None:
    town = found_town()
    for run in (1, 2):
        with town_post_office(town) as (mail, box):
            box.put(letter(f"Яма на дороге, улица Садовая, дом {run}, почините", message_id=f"<m{run}@mail.example>"))
            channel = Channel.objects.get(network="email")
            polling.arrange(channel, polling.rounds_of(channel), now=now())
            for poll in polling.claim("one", now=now(), limit=8):
                polling.record(poll, polling.ask(poll, now=now()), now=now())
            assert list(Poll.objects.exclude(error="").values_list("name", "error")) == []
            while take_channel(channel.pk, brain()):
                pass
            town.send()
            answers = Outgoing.objects.filter(channel=channel).order_by("id").values_list("state", "error")
            assert (list(answers), len(mail.taken)) == ([("sent", "")] * run, 1)

    assert Message.objects.filter(channel__network="email", is_ours=False).count() == 2


@contextmanager
def town_post_office(town: Town) -> Iterator[tuple[MailSimulator, MailboxSimulator]]:
    for role in (Role.ADMIN, Role.HEAD, Role.EXECUTOR, Role.APPROVER):
        town.official(role)
    with post_office(town.city) as mail, mailbox(town.city, "Почта города", mail) as box:
        yield mail, box
