"""The demo's mail: a simulated server that takes officials' letters and shows them; nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time

from otklik.cli.boot import fail
from otklik.notices.enums import Matter
from otklik.notices.letters import Choice
from otklik.notices.services.carrying import MailServer, save_mail
from otklik.notices.services.choosing import Wanted, choose
from otklik.org.access import Access, access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality, Official
from otklik.simulators.mail.simulator import MailSimulator

SENDER = "desk@demo.example"
_CHOSEN = {
    Role.HEAD: (Matter.DIGEST, Matter.CONTROL),
    Role.EXECUTOR: (Matter.DEADLINES, Matter.REPLIES, Matter.CONTROL),
    Role.APPROVER: (Matter.DEADLINES,),
}
"""What the demo's people are told by letter, until somebody chooses otherwise."""


@contextmanager
def post_office(city: Municipality) -> Iterator[MailSimulator]:
    """Serve a mail server on loopback for as long as the block runs, and let the demo city send through it."""
    simulator = MailSimulator()
    with simulator.serve() as port:
        server = MailServer(True, "127.0.0.1", port, "none", "", SENDER)  # noqa: FBT003 - named by its class
        save_mail(_first(city, Role.ADMIN), server)
        if not Choice.objects.filter(municipality=city).exists():
            _choose(city)
        yield simulator


def _choose(city: Municipality) -> None:
    for role, matters in _CHOSEN.items():
        # No quiet hours: whoever tries the demo in the evening sees letters as well.
        choose(_first(city, role), {matter: Wanted(by_email=True) for matter in matters}, (time(0), time(0)))


def _first(city: Municipality, role: Role) -> Access:
    people = Official.objects.filter(municipality=city, is_active=True, grants__role=role).order_by("pk")
    official = people.first()
    if official is None:
        fail(f"the demo city has nobody with the role {role}")
    return access_of(official)
