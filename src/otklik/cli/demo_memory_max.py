"""What the demo's MAX remembers from earlier runs: the channel's posts, their comments, and the dialogs."""

from __future__ import annotations

from django.db.models import Max

from otklik.channels.enums import MessageKind
from otklik.channels.models import Channel, Message
from otklik.posts.models import Publication
from otklik.simulators.max import payloads
from otklik.simulators.max.payloads import Json, Person
from otklik.simulators.max.town import SEQ, Town


def remember_max(town: Town, channel: Channel) -> None:
    """Put what the database has of MAX into its simulator; nobody is told, and no number comes a second time."""
    published = Publication.objects.filter(channel=channel).exclude(external_id="").select_related("outgoing", "post")
    for one in published.order_by("id"):
        text = one.outgoing.text if one.outgoing is not None else ""
        where = {"chat_id": town.channel_id, "chat_type": "channel"}
        town.put_back(_thing(one.external_id, one.post.published_at.timestamp(), where, text))
    said = Message.objects.filter(municipality=channel.municipality_id, channel=channel)
    kinds = (MessageKind.COMMENT, MessageKind.DIRECT_MESSAGE)
    for message in said.filter(kind__in=kinds, deleted_at=None).select_related("identity").order_by("id"):
        _put_back(town, message)
    # What was deleted isn't there any more, but had a number.
    town.last = max(town.last, _number(said.aggregate(last=Max("external_id"))["last"] or ""))


def _put_back(town: Town, message: Message) -> None:
    container, _, _ = message.object_key.rpartition(":")
    where = _where(town, container)
    sender = payloads.user(town.bot, is_bot=True) if message.is_ours else None
    if message.identity is not None:
        who = Person(int(message.identity.external_id), message.identity.display_name)
        town.people[who.id] = who
        town.dialogs |= {} if "post_id" in where else {who.dialog: who}
        sender = payloads.user(who)
    answered = town.messages.get(message.parent_key.rpartition(":")[2])
    link = payloads.linked("reply", answered) if answered is not None else None
    town.put_back(
        _thing(message.external_id, message.occurred_at.timestamp(), where, message.text, sender=sender, link=link)
    )


def _where(town: Town, container: str) -> Json:
    kind, _, place = container.partition(":")
    if kind == "post":
        return {"chat_id": town.channel_id, "chat_type": "channel", "post_id": place}
    return {"chat_id": int(place), "chat_type": "dialog", "user_id": town.bot.id}


def _thing(
    mid: str, at: float, where: Json, text: str, *, sender: Json | None = None, link: Json | None = None
) -> Json:
    return payloads.message(mid, SEQ + _number(mid), int(at * 1000), where, text, sender=sender, link=link)


def _number(mid: str) -> int:
    """Return the number behind an id of the simulator's."""
    digits = mid.removeprefix("mid.")
    return int(digits, 16) if digits else 0
