"""The demo's mail: simulated servers that take letters and show them, and the city's mailbox; nothing leaves this
machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time as at

from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.services import connecting
from otklik.cli.boot import fail
from otklik.common.clock import now
from otklik.notices.enums import Matter
from otklik.notices.letters import Choice
from otklik.notices.services.carrying import MailServer, save_mail
from otklik.notices.services.choosing import Wanted, choose
from otklik.org.access import Access, access_of
from otklik.org.enums import Role
from otklik.org.models import Municipality, Official
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.mail.simulator import MailSimulator

SENDER = "desk@demo.example"
ADDRESS = "city@yasnogorye.example"
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


@contextmanager
def mailbox(city: Municipality, title: str, outgoing: MailSimulator) -> Iterator[MailboxSimulator]:
    """Serve the city's mailbox for as long as the block runs, and let the city read it and answer by `outgoing`.

    It is empty in each run; what came in an earlier one is with the city, and is known by its Message-ID.
    """
    simulator = MailboxSimulator()
    for folder in simulator.folders.values():
        folder.validity = time.time_ns() & 0xFFFFFFFF  # every run numbers its letters anew; 32 bits, RFC 9051
    with simulator.serve() as port:
        values = {
            "address": ADDRESS, "sender_name": city.name, "password": "demo",
            "imap_host": "127.0.0.1", "imap_port": str(port), "imap_security": "none",
            "smtp_host": "127.0.0.1", "smtp_port": str(outgoing.port), "smtp_security": "none",
        }  # fmt: skip
        channel = Channel.objects.filter(municipality=city, network=Network.EMAIL).first()
        if channel is None:
            connecting.connect(city, Network.EMAIL.value, "email", title, values, now=now())
        else:
            connecting.reconfigure(channel, values)
        yield simulator


def _choose(city: Municipality) -> None:
    for role, matters in _CHOSEN.items():
        # No quiet hours: whoever tries the demo in the evening sees letters as well.
        choose(_first(city, role), {matter: Wanted(by_email=True) for matter in matters}, (at(0), at(0)))


def _first(city: Municipality, role: Role) -> Access:
    people = Official.objects.filter(municipality=city, is_active=True, grants__role=role).order_by("pk")
    official = people.first()
    if official is None:
        fail(f"the demo city has nobody with the role {role}")
    return access_of(official)
