"""The demo's own processes: preparing the city, and its town (the networks' other side, people, staff)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from random import Random

import click
import httpx
import uvicorn
from django.conf import settings
from django.db import connection

from otklik.channels.connections import hook_url, secrets_of
from otklik.channels.models import Channel
from otklik.channels.services import connecting, watching
from otklik.cli.boot import fail, migrate, progress
from otklik.cli.demo_city import Towns, found, open_channels, towns_of
from otklik.cli.demo_day import StaffDay
from otklik.cli.demo_mail import ADDRESS, mailbox, post_office
from otklik.cli.demo_memory import remember
from otklik.cli.demo_model import set_language_model
from otklik.cli.demo_past import DAYS, Past, PastClock
from otklik.cli.demo_report import Wave, look_at_wave, summary
from otklik.cli.demo_staff import Staff
from otklik.common.clock import now
from otklik.org.models import Municipality
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.mail.simulator import MailSimulator
from otklik.simulators.sms.simulator import SmsSimulator
from otklik.simulators.town import pacing
from otklik.simulators.town.by_mail import MailHome
from otklik.simulators.town.library import Library, shipped
from otklik.simulators.town.serving import server

KEPT_FOR_LATER = 6
"""Posts that the head publishes while the demo runs."""
WAVE, WAVE_S, ANSWERED_AT_ONCE = 80, 12.0, 12
PATIENCE_S = 60.0
_ROLES = {
    "operator": "operator",
    "curator": "curator",
    "executor": "executor",
    "approver": "approver",
    "chief_editor": "editor",
    "head": "head",
    "aide": "head's aide",
    "admin": "administrator",
}
_STARTS_WITHIN_S = 45.0
_SEED = 11


@dataclass(frozen=True, slots=True)
class OtherSide:
    """Where the simulators are served, and the letters and messages to phones that they take."""

    port: int
    mail: MailSimulator
    sms: SmsSimulator

    @property
    def mailbox(self) -> str:
        """The page that shows the letters."""
        return f"http://127.0.0.1:{self.port}/mail/"

    @property
    def phones(self) -> str:
        """The page that shows what came to residents' phones."""
        return f"http://127.0.0.1:{self.port}/sms/"


def prepare(simulators_port: int) -> None:
    """Make the demo city and its last two weeks, or open the one that is there for this run."""
    migrate()
    city = Municipality.objects.first()
    if city is not None:
        open_channels(city, shipped(), simulators_port, now=now())
        return
    with connection.cursor() as cursor:  # a preparation that breaks off is made anew: it needs no fsync
        cursor.execute("PRAGMA synchronous=OFF")
    library, rng = shipped(), pacing.dice(_SEED)
    clock = PastClock(now())
    city = found(library, simulators_port, now=clock.instant)
    towns = towns_of(city, library, rng, clock)
    networks = server(towns.telegram, towns.vk, simulators_port, instagram=towns.instagram, max_=towns.max_)
    serving = threading.Thread(target=networks.run, daemon=True)
    serving.start()
    _wait_for(networks)
    with progress("Two weeks of the city's life", DAYS) as passed:
        past = Past(towns, Staff(city, library, rng), clock, rng)
        past.live_through(library.posts[:-KEPT_FOR_LATER], until=clock.instant, progress=passed)
    networks.should_exit = True
    serving.join(timeout=5)
    connection.close()


def live(simulators_port: int, *, once: bool, language_model: bool = False) -> None:
    """Be the town until told to stop; `once`: until the first wave got through, then print the summary."""
    city = Municipality.objects.get()
    library, rng = shipped(), pacing.dice()
    towns = towns_of(city, library, rng)
    remember(towns)
    day = StaffDay(city, library, towns, rng)
    set_language_model(city, wanted=language_model)
    stop = threading.Event()
    with post_office(city) as mail, mailbox(city, library.city["channels"]["email"], mail) as box:
        connection.close()
        other_side = OtherSide(simulators_port, mail, SmsSimulator(settings.ENVIRONMENT.sms_token))
        try:
            if once:
                asyncio.run(_live_once(city, towns, day, stop, other_side))
            else:
                towns.life.homes["email"] = MailHome(library, box, ADDRESS, rng, time.time)
                asyncio.run(_live_on(towns, day, stop, other_side, rng))
        finally:
            stop.set()


async def _live_on(towns: Towns, day: StaffDay, stop: threading.Event, other_side: OtherSide, rng: Random) -> None:
    async with _networks(towns, other_side) as served:
        _announce(towns.life.library, other_side)
        threading.Thread(target=day.run, args=(stop,), name="staff", daemon=True).start()
        living = asyncio.create_task(pacing.live(towns.life, day.answers, rng))
        await asyncio.wait([living, served], return_when=asyncio.FIRST_COMPLETED)
        living.cancel()


async def _live_once(
    city: Municipality, towns: Towns, day: StaffDay, stop: threading.Event, other_side: OtherSide
) -> None:
    async with _networks(towns, other_side) as served:
        since = now()
        hurrying = asyncio.create_task(asyncio.to_thread(day.hurry, since, ANSWERED_AT_ONCE, stop))
        await pacing.wave(towns.life, WAVE, WAVE_S)
        state = await _see_through(city, towns, since, served, hurrying)
        stop.set()
        if not state.is_through:
            fail(f"the first wave did not get through within {PATIENCE_S:.0f} s: {state.describe()}")
        for line in await asyncio.to_thread(summary, city, towns, state):
            click.echo(line)


async def _see_through(
    city: Municipality, towns: Towns, since: datetime, served: asyncio.Task[None], hurrying: asyncio.Task[None]
) -> Wave:
    """Return the wave's state once it is through, or when patience ends."""
    until = time.monotonic() + PATIENCE_S
    while True:
        state = await asyncio.to_thread(look_at_wave, city, towns, since)
        if (state.is_through and hurrying.done()) or time.monotonic() > until or served.done():
            return state
        await asyncio.sleep(0.3)


@asynccontextmanager
async def _networks(towns: Towns, other_side: OtherSide) -> AsyncIterator[asyncio.Task[None]]:
    """Serve the simulators and deliver what happens in them, subscribed to by the city; gives the serving task."""
    networks = server(
        towns.telegram,
        towns.vk,
        other_side.port,
        other_side.mail,
        other_side.sms,
        instagram=towns.instagram,
        max_=towns.max_,
    )
    served = asyncio.create_task(networks.serve())
    delivering = [
        asyncio.create_task(towns.telegram.deliveries.run()),
        asyncio.create_task(towns.vk.deliveries.run()),
        asyncio.create_task(towns.instagram.deliveries.run()),
        asyncio.create_task(towns.max_.deliveries.run()),
    ]
    try:
        await _city_answers(served)
        await _enter_address(towns.channels["instagram"], towns.instagram)
        for network in ("telegram", "vk", "max", "instagram"):
            await asyncio.to_thread(connecting.subscribe, towns.channels[network])
        await _confirmed(towns)
        # The worker was up before the networks were, and would believe for five minutes that they can't be reached.
        await asyncio.to_thread(watching.look_at_all, now=now())
        delivering.append(asyncio.create_task(pacing.deliver_submissions(towns.life)))
        yield served
    finally:
        for task in delivering:
            task.cancel()
        networks.should_exit = True
        await served


async def _city_answers(served: asyncio.Task[None]) -> None:
    """Return when the residents' site shows itself: the first visitor doesn't wait for the first page."""
    until = time.monotonic() + _STARTS_WITHIN_S
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while time.monotonic() < until and not served.done():
            try:
                if (await client.get(f"{settings.ENVIRONMENT.public_url}/")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)
    fail(f"the city's site did not answer within {_STARTS_WITHIN_S:.0f} s")


async def _enter_address(channel: Channel, instagram: InstagramSimulator) -> None:
    """Enter our address in Meta's dashboard, as an administrator does by hand: Meta asks it for the challenge."""
    word = await asyncio.to_thread(lambda: secrets_of(channel)["verify_token"])
    if not await instagram.deliveries.confirm(hook_url(channel), word):
        fail("the gate did not answer the challenge of Instagram's simulator")


async def _confirmed(towns: Towns) -> None:
    """Return when VK's side has confirmed our address: what happens before isn't told to us."""
    until = time.monotonic() + _STARTS_WITHIN_S
    while not any(one.status == "ok" for one in towns.vk.deliveries.servers.values()):
        if time.monotonic() > until:
            fail("VK's simulator did not get its confirmation from the gate")
        await asyncio.sleep(0.1)


def _wait_for(networks: uvicorn.Server) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while not networks.started:
        if time.monotonic() > until:
            fail("the simulators did not start")
        time.sleep(0.02)


def _announce(library: Library, other_side: OtherSide) -> None:
    address = settings.ENVIRONMENT.public_url
    click.echo(f"\n  {library.city['name']} is alive.  Ctrl-C stops it.\n")
    click.echo(f"  The residents' site   {address}/")
    click.echo(f"  The desk              {address}/desk/")
    click.echo(f"  Everybody's mail      {other_side.mailbox}")
    click.echo(f"  Residents' phones     {other_side.phones}\n")
    click.echo(f"  Sign-ins (the password of all: {library.city['password']})")
    for clerk in library.clerks:
        if clerk.signs_in:
            click.echo(f"    {_ROLES[clerk.roles[0]]:<16}{clerk.email:<28}{clerk.name}")
    click.echo("")
