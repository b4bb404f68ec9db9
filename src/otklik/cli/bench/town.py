"""A city to measure with, and what its residents write: sayings of the demo's town, no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.org.models import Municipality

SECRET = "bench-secret"  # noqa: S105 - of a throw-away installation
CHANNEL_CHAT, GROUP_CHAT = -1001000000001, -1001000000002
_OPENERS = ("", "Здравствуйте! ", "Добрый день. ", "Уважаемая администрация, ", "Подскажите, ", "Ну сколько можно... ")
_DETAILS = (
    "Пишу уже {n}-й раз.",
    "Квартира {n}.",
    "Было в {h}:{m:02}.",
    "Ждём с {d} числа.",
    "Заявка {n} в управляющей.",
    "Нас тут {n} семей.",
    "",
)


def found_town() -> Municipality:
    """Found the city of the demo with its streets."""
    from otklik.org.enums import PlaceKind
    from otklik.org.models import Place
    from otklik.org.services.founding import CityPlan, found_city
    from otklik.simulators.town import library

    town = library.shipped()
    city = found_city(CityPlan(slug="bench", name=town.city["name"], head_name=town.city["head_name"]))
    districts = {
        one.name: Place.objects.create(municipality=city, kind=PlaceKind.DISTRICT, name=one.name)
        for one in town.districts
    }
    for street in town.streets:
        Place.objects.create(
            municipality=city,
            kind=PlaceKind.STREET,
            name=street.name,
            aliases=list(street.aliases),
            parent=districts.get(street.district),
        )
    return city


def connect_telegram(city: Municipality, name: str) -> Channel:
    """Connect a Telegram account whose Bot API nobody answers: nothing ever leaves this machine."""
    from otklik.channels.services.connecting import connect
    from otklik.common.clock import now

    settings = {
        "bot_token": "123456789:" + "A" * 35,
        "webhook_secret": SECRET,
        "channel_chat_id": str(CHANNEL_CHAT),
        "discussion_chat_id": str(GROUP_CHAT),
        "api_base": "http://127.0.0.1:9",
    }
    made = connect(city, "telegram", name, "", settings, now=now())
    made.accepted = ["comments", "direct_messages"]  # as a city that answers there: with acknowledgements
    made.save(update_fields=["accepted"])
    return made


def texts(seed: int) -> Iterator[str]:
    """Yield what residents write, without end and hardly ever the same twice."""
    from otklik.simulators.town import library

    town, rng = library.shipped(), Random(seed)  # noqa: S311 - invented texts
    while True:
        saying = town.filled(rng.choice(town.sayings).text, rng)
        detail = rng.choice(_DETAILS).format(
            n=rng.randint(2, 400), h=rng.randint(6, 23), m=rng.randint(0, 59), d=rng.randint(1, 28)
        )
        yield f"{rng.choice(_OPENERS)}{saying} {detail}".strip()


def comment(number: int, text: str, *, people: int = 5000, posts: int = 40) -> bytes:
    """Return the webhook body of one comment; `number` makes it the only one of its kind."""
    from otklik.simulators.telegram.payloads import comment_update

    return comment_update(
        update_id=number,
        message_id=number,
        text=text,
        user_id=10_000_000 + number % people,
        user_name=f"Житель {number % people}",
        chat_id=GROUP_CHAT,
        thread_id=1 + number % posts,
        date=1_790_000_000 + number % 1_000_000,
    )


def deliver(channel: Channel, bodies: list[bytes], first: int) -> None:
    """Store bodies as the gate would have."""
    from otklik.channels.services.receiving import Arrival, store
    from otklik.common.clock import now

    shared: dict[str, Any] = {"municipality_id": channel.municipality_id, "channel_id": channel.pk}
    for start in range(0, len(bodies), 500):
        store(
            [
                Arrival(dedup_key=f"update:{first + number}", body=body, received_at=now(), **shared)
                for number, body in enumerate(bodies[start : start + 500], start=start)
            ]
        )
