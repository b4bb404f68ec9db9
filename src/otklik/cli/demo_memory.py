"""What the networks of the demo remember from earlier runs: the simulators live in memory, the city in the database.

Without it a comment of yesterday could not be answered today, and new messages would take the numbers of old ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from otklik.cases.models import AnswerSend
from otklik.channels.enums import MessageKind, OutgoingState
from otklik.channels.models import Channel, Message, Outgoing, Thread
from otklik.cli.demo_city import Towns
from otklik.cli.demo_memory_max import remember_max
from otklik.connectors.events import DraftKind
from otklik.org.models import Municipality
from otklik.posts.models import Publication
from otklik.simulators.instagram.town import Comment as InstagramComment
from otklik.simulators.instagram.town import Message as InstagramMessage
from otklik.simulators.instagram.town import Town as InstagramTown
from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.payloads import Json
from otklik.simulators.telegram.town import Town as TelegramTown
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.life import telegram_person, vk_person
from otklik.simulators.town.on_instagram import person_of as instagram_person
from otklik.simulators.vk.town import Comment, Post
from otklik.simulators.vk.town import Message as VkMessage
from otklik.simulators.vk.town import Town as VkTown

_EVENTS_PER_S = 100
"""Event numbers go on from the clock, so that no run repeats those of an earlier one."""


def remember(towns: Towns) -> None:
    """Put the posts, comments and conversations of the database into the simulators; nobody is told anything."""
    channels, life = towns.channels, towns.life
    for resident in life.library.residents:
        towns.telegram.town.meet(telegram_person(resident))
        towns.vk.town.meet(vk_person(resident))
        towns.instagram.town.meet(instagram_person(resident))
    _remember_telegram(towns.telegram.town, channels["telegram"])
    _remember_vk(towns.vk.town, channels["vk"])
    remember_max(towns.max_.town, channels["max"])
    _remember_instagram(towns.instagram.town, channels["instagram"])
    first_event = int(time.time() * _EVENTS_PER_S)
    towns.instagram.town.count_on_from(first_event)
    towns.telegram.deliveries.next_id = first_event
    towns.vk.deliveries.next_event = first_event
    look_at_site(towns)


def look_at_site(towns: Towns) -> None:
    """Tell the site's visitors which posts there are."""
    published = Publication.objects.filter(channel=towns.channels["site"], post__withdrawn_at=None).order_by(
        "post__published_at", "post_id"
    )
    towns.life.visitors.posts = dict(published.values_list("external_id", "post__title"))


def answers_sent_since(city: Municipality, since: datetime) -> list[Answered]:
    """Return the answers of people (not the automatic acknowledgements) that were sent after an instant."""
    sends = AnswerSend.objects.filter(
        municipality=city, outgoing__state=OutgoingState.SENT, outgoing__finished_at__gt=since
    ).select_related("outgoing__channel")
    return [_answered(send.outgoing) for send in sends.order_by("id") if send.outgoing.receipts]


def _answered(row: Outgoing) -> Answered:
    receipt = row.receipts[0]
    return Answered(
        network=row.channel.network,
        container=receipt["container"],
        thread_key=str(row.target.get("thread_key", "")),
        external_id=receipt["external_id"],
        peer=str(row.target.get("peer", "")),
        is_private=row.kind == DraftKind.DIRECT_MESSAGE,
    )


def _said_in(channel: Channel, *kinds: MessageKind) -> Iterable[Message]:
    return (
        Message.objects.filter(municipality=channel.municipality_id, channel=channel, kind__in=kinds, deleted_at=None)
        .select_related("thread", "identity")
        .order_by("id")
    )


def _remember_telegram(town: TelegramTown, channel: Channel) -> None:
    threads = dict(
        Thread.objects.filter(municipality=channel.municipality_id, channel=channel)
        .exclude(post_external_id="")
        .values_list("post_external_id", "key")
    )
    posts = Publication.objects.filter(channel=channel).exclude(external_id="").select_related("outgoing")
    for publication in posts.order_by("id"):
        _, _, number = publication.external_id.rpartition(":")
        text = publication.outgoing.text if publication.outgoing is not None else ""
        post = payloads.message(
            int(number),
            int(publication.post.published_at.timestamp()),
            town.channel,
            sender_chat=town.channel,
            text=text,
        )
        town.put_back(post)
        if publication.external_id in threads:
            forward_id = int(threads[publication.external_id].rpartition(":")[2])
            town.put_back(payloads.automatic_forward(forward_id, town.group, post))
    for message in _said_in(channel, MessageKind.COMMENT, MessageKind.DIRECT_MESSAGE):
        _put_back_in_telegram(town, message)


def _put_back_in_telegram(town: TelegramTown, message: Message) -> None:
    chat_id, thread = (int(part) for part in _place(message))
    person = message.identity.external_id if message.identity is not None else ""
    sender = town.people.get(int(person)) if person.isdigit() else town.bot
    if message.kind == MessageKind.DIRECT_MESSAGE:
        where: Json = town.chats.get(chat_id, {})
        town.opened_by.add(chat_id)
    else:
        where = town.group
    if not where or sender is None or not message.external_id.isdigit():
        return
    fields: Json = {"sender": sender, "text": message.text}
    if message.kind != MessageKind.DIRECT_MESSAGE:
        answered = message.parent_key.rpartition(":")[2] or str(thread)
        quoted = town.messages.get((where["id"], int(answered))) if answered.isdigit() else None
        fields |= {"message_thread_id": thread}
        fields |= {"reply_to_message": payloads.quoted(quoted)} if quoted is not None else {}
    town.put_back(payloads.message(int(message.external_id), int(message.occurred_at.timestamp()), where, **fields))


def _place(message: Message) -> tuple[str, str]:
    """Return a message's chat and, for a comment, the number of its thread."""
    chat, _, _ = message.object_key.rpartition(":")
    thread = message.thread.key.rpartition(":")[2]
    return chat, thread


def _remember_vk(town: VkTown, channel: Channel) -> None:
    posts = Publication.objects.filter(channel=channel).exclude(external_id="").select_related("outgoing", "post")
    for publication in posts.order_by("id"):
        number = int(publication.external_id.rpartition("_")[2])
        text = publication.outgoing.text if publication.outgoing is not None else ""
        town.put_back(Post(number, town.owner_id, text, int(publication.post.published_at.timestamp())))
    for message in _said_in(channel, MessageKind.COMMENT, MessageKind.DIRECT_MESSAGE):
        if message.external_id.isdigit():
            town.put_back(_vk_thing(town, message))


def _vk_thing(town: VkTown, message: Message) -> Comment | VkMessage:
    said_at, number = int(message.occurred_at.timestamp()), int(message.external_id)
    speaker = int(message.identity.external_id) if message.identity is not None else town.owner_id
    container, _, _ = message.object_key.rpartition(":")
    if message.kind == MessageKind.DIRECT_MESSAGE:
        peer = int(container.removeprefix("dm:"))
        return VkMessage(message.pk, number, peer, speaker, message.text, said_at)
    parent = message.parent_key.rpartition(":")[2]
    answered = town.comments.get(int(parent)) if parent.isdigit() else None
    return Comment(
        number,
        int(container.rpartition("_")[2]),
        speaker,
        message.text,
        said_at,
        answers=(answered.id, answered.from_id) if answered is not None else None,
        top=(answered.top or answered.id) if answered is not None else None,
    )


def _remember_instagram(town: InstagramTown, channel: Channel) -> None:
    for message in _said_in(channel, MessageKind.COMMENT, MessageKind.DIRECT_MESSAGE):
        said_at, ours = message.occurred_at.timestamp(), message.identity is None
        speaker = town.account_id if message.identity is None else message.identity.external_id
        container, _, _ = message.object_key.rpartition(":")
        if message.kind == MessageKind.DIRECT_MESSAGE:
            peer = container.removeprefix("dm:")
            town.put_back(InstagramMessage(message.external_id, peer, ours, message.text, said_at))
        else:
            media, parent = message.thread.key.removeprefix("media:"), message.parent_key.rpartition(":")[2]
            top = town.comments[parent].parent or parent if parent in town.comments else ""
            town.put_back(InstagramComment(message.external_id, media, speaker, message.text, said_at, top))
