"""The demo city as data of this installation: the municipality, its people in office, streets and channels.

Also the networks' other side as this process has it: simulators with the accounts that the channels are connected to.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import translation

from otklik.channels.connections import hook_url, secrets_of
from otklik.channels.legal import restrictions_of
from otklik.channels.models import Channel
from otklik.channels.services import connecting
from otklik.channels.services.accepting import accept
from otklik.org.access import access_of
from otklik.org.enums import PlaceKind, Role
from otklik.org.models import Department, Municipality, Official, Place, RoleGrant
from otklik.org.queries import departments_of
from otklik.org.services.founding import CityPlan, add_official, found_city
from otklik.proof.services.signing import make_key
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.town.in_max import MaxHome
from otklik.simulators.town.library import Clerk, Library
from otklik.simulators.town.life import Life
from otklik.simulators.town.on_instagram import InstagramHome
from otklik.simulators.town.visitors import Visitors
from otklik.simulators.vk.simulator import VkSimulator

TELEGRAM_CHANNEL = -1002000000001
TELEGRAM_GROUP = -1002000000002
VK_GROUP = 210_000_001
MAX_CHANNEL = -71_000_001
INSTAGRAM_ACCOUNT = "17841400000000001"
APPEALS_URL = "https://appeals.yasnogorye.example/"
"""Where a resident of the demo city would make it official; nobody is there."""
TOKEN_LIVES = timedelta(days=60)
CONFIRMATION_CODE = "a1b2c3d4"
"""What VK's simulator wants to hear; saved at once, so that the gate knows it when it starts."""


@dataclass(frozen=True, slots=True)
class Towns:
    """The city's channels and what stands on their other side."""

    channels: dict[str, Channel]
    telegram: TelegramSimulator
    vk: VkSimulator
    instagram: InstagramSimulator
    max_: MaxSimulator
    life: Life


def found(library: Library, simulators_port: int, *, now: datetime) -> Municipality:
    """Found the demo city with everything but its past."""
    city = found_city(
        CityPlan(
            **{name: library.city[name] for name in ("slug", "name", "name_en", "head_name", "head_name_en")},
            **{name: library.city[name] for name in ("head_title", "head_title_en", "motto", "motto_en")},
            is_demo=True,
        )
    )
    Municipality.objects.filter(pk=city.pk).update(appeals_url=APPEALS_URL)
    make_key(city, now=now)
    departments = {department.code: department for department in departments_of(city.pk)}
    for clerk in library.clerks:
        _appoint(city, clerk, departments, library.city["password"])
    _draw_map(city, library)
    _connect(city, library, simulators_port, now)
    return city


def open_channels(city: Municipality, library: Library, simulators_port: int, *, now: datetime) -> None:
    """Point the channels at the port of this run's simulators; connect networks that an earlier build did not have."""
    _connect(city, library, simulators_port, now)
    for channel in Channel.objects.filter(municipality=city, network__in=("telegram", "vk", "instagram", "max")):
        connecting.reconfigure(channel, {"api_base": api_base(channel.network, simulators_port)})


def towns_of(city: Municipality, library: Library, rng: Random, clock: Callable[[], float] = time.time) -> Towns:
    """Return empty simulators with the accounts that the city's channels are connected to."""
    channels = {channel.network: channel for channel in Channel.objects.filter(municipality=city)}
    kept = {network: secrets_of(channel) for network, channel in channels.items()}
    telegram = TelegramSimulator(
        kept["telegram"]["bot_token"],
        TELEGRAM_CHANNEL,
        TELEGRAM_GROUP,
        channel_title=library.city["channels"]["telegram"],
        in_background=False,
        clock=clock,
    )
    vk = VkSimulator(
        VK_GROUP,
        kept["vk"]["token"],
        kept["vk"]["user_token"],
        name=library.city["channels"]["vk"],
        in_background=False,
        clock=clock,
    )
    vk.deliveries.code = CONFIRMATION_CODE
    site = channels["site"]
    visitors = Visitors(kept["site"]["webhook_secret"], hook_url(site))
    instagram = InstagramSimulator(
        INSTAGRAM_ACCOUNT,
        kept["instagram"]["token"],
        kept["instagram"]["app_secret"],
        username=library.city["slug"],
        in_background=False,
        clock=clock,
    )
    # The staff of the past comes a few times a day; what is answered after a day, Instagram doesn't take.
    home = InstagramHome(instagram, library, rng, may_write_privately=clock is time.time)
    home.open()
    max_ = MaxSimulator(
        kept["max"]["access_token"],
        MAX_CHANNEL,
        title=library.city["channels"]["max"],
        in_background=False,
        clock=clock,
    )
    life = Life(library, telegram, vk, visitors, rng, homes=[home, MaxHome(max_, library, rng)])
    return Towns(channels, telegram, vk, instagram, max_, life)


def api_base(network: str, simulators_port: int) -> str:
    """Return where a network's simulator answers."""
    return f"http://127.0.0.1:{simulators_port}/{network}"


def _appoint(city: Municipality, clerk: Clerk, departments: dict[str, Department], password: str) -> Official:
    """Only those who are shown as sign-ins get a password: it takes a slow hash each."""
    where: list[Department | None] = [departments[code] for code in clerk.departments] or [None]
    return add_official(
        city,
        email=clerk.email,
        full_name=clerk.name,
        position=clerk.position,
        roles=[(Role(role), department) for role in clerk.roles for department in where],
        password=password if clerk.signs_in else None,
        department=departments[clerk.department],
        is_demo=True,
    )


def _draw_map(city: Municipality, library: Library) -> None:
    districts = {
        one.name: Place.objects.create(
            municipality=city,
            kind=PlaceKind.DISTRICT,
            name=one.name,
            aliases=list(one.aliases),
            lat=one.lat,
            lon=one.lon,
        )
        for one in library.districts
    }
    Place.objects.bulk_create(
        Place(
            municipality=city,
            kind=PlaceKind.STREET,
            name=one.name,
            aliases=[*one.aliases, one.latin],
            parent=districts[one.district],
            lat=one.lat,
            lon=one.lon,
        )
        for one in library.streets
    )


def _connect(city: Municipality, library: Library, simulators_port: int, now: datetime) -> None:
    titles = library.city["channels"]
    accounts = {
        "telegram": {
            "bot_token": f"7{secrets.randbelow(10**8):08d}:AA{secrets.token_hex(16)}",
            "channel_chat_id": str(TELEGRAM_CHANNEL),
            "discussion_chat_id": str(TELEGRAM_GROUP),
            "api_base": api_base("telegram", simulators_port),
        },
        "vk": {
            "group_id": str(VK_GROUP),
            "token": f"vk1.a.{secrets.token_urlsafe(24)}",
            "user_token": f"vk1.a.{secrets.token_urlsafe(24)}",
            "confirmation_code": CONFIRMATION_CODE,
            "api_base": api_base("vk", simulators_port),
        },
        "instagram": {
            "account_id": INSTAGRAM_ACCOUNT,
            "token": f"IGAA{secrets.token_hex(16)}",
            "app_secret": secrets.token_hex(16),
            "verify_token": secrets.token_hex(8),
            "token_ends_at": (now + TOKEN_LIVES).isoformat(),
            "api_base": api_base("instagram", simulators_port),
        },
        "max": {
            "access_token": secrets.token_urlsafe(32),
            "channel_id": str(MAX_CHANNEL),
            "api_base": api_base("max", simulators_port),
        },
        "site": {},
    }
    known = set(Channel.objects.filter(municipality=city).values_list("network", flat=True))
    for network, values in accounts.items():
        if network not in known:
            connecting.connect(city, network, network, titles[network], values, now=now)
    for channel in Channel.objects.filter(municipality=city).select_related("municipality"):
        _accept(channel, now)


def _accept(channel: Channel, now: datetime) -> None:
    """Have the demo's administrator acknowledge what the law restricts there, unless somebody has decided otherwise:
    the demo is to show every network, and their other side is this machine."""
    decided = set(channel.acceptances.values_list("capability", flat=True))
    undecided = [one for one in restrictions_of(channel) if one.capability not in decided]
    if undecided:
        admin = RoleGrant.objects.filter(municipality=channel.municipality_id, role=Role.ADMIN).order_by("id")[0]
        access = access_of(admin.official)
        with translation.override(admin.official.language):
            for one in undecided:
                accept(access, channel, one.capability, seal=one.law.seal, now=now)
