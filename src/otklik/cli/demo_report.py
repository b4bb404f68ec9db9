"""What the demo did, counted in the database and in the simulators."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import translation

from otklik.cases.enums import OPEN_STATUSES, AnswerState
from otklik.cases.models import Answer, AnswerSend, Case
from otklik.channels.enums import Decision, DeliveryState, MessageKind, OutgoingState
from otklik.channels.models import Delivery, Message, Outgoing
from otklik.channels.queries import operator_queue
from otklik.cli.demo_city import TELEGRAM_CHANNEL, Towns
from otklik.cli.holding import held_mb
from otklik.connectors.events import DraftKind
from otklik.connectors.instagram.reading import number_of
from otklik.org.models import Municipality
from otklik.posts.models import Post

_NETWORKS = ("telegram", "vk", "max", "instagram", "site")


@dataclass(frozen=True, slots=True)
class Wave:
    """How far the first wave got. `said`: messages that residents wrote, by network; `approved`: answers wanted."""

    said: Counter[str]
    heard: Counter[str]
    undecided: int
    due: int
    approved: int
    sent: int
    shown: int

    @property
    def is_through(self) -> bool:
        """Whether everything said became a message with a decision, and the answers are where people read them."""
        heard_all = self.said == self.heard and not self.undecided and not self.due
        return heard_all and 0 < self.approved == self.sent == self.shown

    def describe(self) -> str:
        """Return what is missing, in one sentence."""
        return (
            f"of {self.said.total()} messages {self.heard.total()} arrived, {self.undecided} without a decision, "
            f"{self.due} deliveries waiting; of {self.approved} approved answers {self.sent} were sent and "
            f"{self.shown} stand in their threads"
        )


def look_at_wave(city: Municipality, towns: Towns, since: datetime) -> Wave:
    """Return how far what happened since an instant has got."""
    told = Message.objects.filter(municipality=city, received_at__gte=since, is_ours=False).exclude(
        kind=MessageKind.POST
    )
    sends = AnswerSend.objects.filter(
        municipality=city, answer__approved_at__gte=since, answer__state__in=[AnswerState.APPROVED, AnswerState.SENT]
    ).select_related("outgoing__channel")
    sent = [send.outgoing for send in sends if send.outgoing.state == OutgoingState.SENT]
    return Wave(
        said=Counter(towns.life.said),
        heard=Counter(told.values_list("channel__network", flat=True)),
        undecided=told.filter(decision=Decision.PENDING).count(),
        due=Delivery.objects.filter(municipality=city, state=DeliveryState.RECEIVED).count(),
        approved=len(sends),
        sent=len(sent),
        shown=sum(_stands(towns, row) for row in sent),
    )


def _stands(towns: Towns, row: Outgoing) -> bool:
    """Return whether people can read it where it was sent: asked of the network, not of our own row."""
    number, place = row.receipts[0]["external_id"], row.receipts[0]["container"]
    match row.channel.network:
        case "telegram":
            return (int(place), int(number)) in towns.telegram.town.messages
        case "vk" if row.kind == DraftKind.DIRECT_MESSAGE:
            conversation = towns.vk.town.conversations.get(int(place.removeprefix("dm:")), [])
            return any(message.number == int(number) for message in conversation)
        case "vk":
            return int(number) in towns.vk.town.comments
        case "max":
            return number in towns.max_.town.messages
        case "instagram" if row.kind == DraftKind.DIRECT_MESSAGE:
            there = towns.instagram.town.conversations.get(place.removeprefix("dm:"), [])
            return any(number_of(message.mid) == number for message in there)
        case "instagram":
            return number in towns.instagram.town.comments
        case _:  # our own page shows the city's own messages
            return Message.objects.filter(channel=row.channel, external_id=number, is_ours=True).exists()


def summary(city: Municipality, towns: Towns, wave: Wave) -> list[str]:
    """Return the lines of the summary, in English like everything on the command line."""
    with translation.override("en"):
        return list(_lines(city, towns, wave))


def _lines(city: Municipality, towns: Towns, wave: Wave) -> Iterator[str]:
    name, came = city.localised("name"), wave.said.total()
    yield f"{name}: {came} new messages came, and {wave.shown} answers stand where they were asked"
    posts = Post.objects.filter(municipality=city, withdrawn_at=None).count()
    yield _line("posts", f"{posts} on the site; in the networks {_listed(_posts_in_networks(towns))}")
    received = Delivery.objects.filter(municipality=city).values_list("channel__network").annotate(Count("pk"))
    yield _line("deliveries", _listed(dict(received.order_by())))
    yield _line("messages", _messages(city))
    yield _line("cases", _cases(city))
    by_department = (
        Case.objects.filter(municipality=city, department__isnull=False)
        .values_list("department__name_en")
        .annotate(number=Count("pk"))
        .order_by("-number")
    )
    for name, number in by_department:
        yield _line("", f"{number:4}  {name}")
    yield _line("for an operator", f"{operator_queue(city.pk).count()} messages wait to be sorted")
    answers = Answer.objects.filter(municipality=city, state=AnswerState.SENT, source_message=None).count()
    failed = Outgoing.objects.filter(municipality=city, state=OutgoingState.FAILED).count()
    yield _line("answers", f"{answers} sent; {failed} things could not be delivered")
    calls = {
        "telegram": len(towns.telegram.accepted),
        "vk": len(towns.vk.accepted),
        "max": len(towns.max_.accepted),
        "instagram": len(towns.instagram.accepted),
    }
    yield _line("simulators", f"received in this run: {_listed(calls)}")
    # We are the town, the supervisor's child: everything under it but us is what a city would run.
    held = held_mb(os.getppid(), without=os.getpid())
    if held is not None:
        yield _line("memory", f"{held:.0f} MB (PSS) for web, gate, worker and supervisor together, simulators aside")


def _posts_in_networks(towns: Towns) -> dict[str, int]:
    places = [one["recipient"] for one in towns.max_.town.messages.values()]
    in_max = sum(place["chat_type"] == "channel" and "post_id" not in place for place in places)
    in_telegram = sum(chat == TELEGRAM_CHANNEL for chat, _ in towns.telegram.town.messages)
    return {"telegram": in_telegram, "vk": len(towns.vk.town.posts), "max": in_max}


def _messages(city: Municipality) -> str:
    told = Message.objects.filter(municipality=city, is_ours=False).exclude(kind=MessageKind.POST)
    made = dict(told.values_list("decision").annotate(Count("pk")).order_by())
    words = {str(Decision(decision).label): number for decision, number in made.items()}
    return f"{sum(made.values())} from residents: " + ", ".join(f"{name} {words[name]}" for name in sorted(words))


def _cases(city: Municipality) -> str:
    cases = Case.objects.filter(municipality=city)
    opened = cases.filter(status__in=sorted(OPEN_STATUSES)).count()
    control = cases.filter(personal_control=True).count()
    return f"{cases.count()}, of them {opened} open, {control} under the head's control"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {counts[name]}" for name in _NETWORKS if name in counts)


def _line(name: str, text: str) -> str:
    return f"  {name:<16}{text}"
