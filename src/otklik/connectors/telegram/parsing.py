"""From one Telegram update to events. Pure.

The update's kind is looked up in HANDLERS; a kind we don't know is an UNKNOWN event, never a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from otklik.connectors.base import Malformed
from otklik.connectors.events import Action, Event, EventKind, ParseStatus, PostRef, Visibility, Webhook
from otklik.connectors.telegram.account import Account
from otklik.connectors.telegram.messages import event_of_message
from otklik.connectors.telegram.moments import moment
from otklik.connectors.telegram.updates import (
    MemberChange,
    Message,
    MessageReaction,
    MessageReactionCount,
    ReactionType,
)


class _Number(msgspec.Struct):
    update_id: Annotated[int, msgspec.Meta(ge=0, le=2**62)]


_NUMBER = msgspec.json.Decoder(_Number)


def events_of(hook: Webhook, account: Account) -> list[Event]:
    """Return what happened in an update. Raises Malformed if the body is not a Telegram update."""
    fields = _fields(hook.body)
    fields.pop("update_id", None)
    try:
        update_id = _NUMBER.decode(hook.body).update_id
    except msgspec.DecodeError as error:
        raise Malformed("telegram: an update without a number") from error
    present = {kind: raw for kind, raw in fields.items() if bytes(raw) != b"null"}
    if not present:
        return [_unknown(update_id, hook, "the update has nothing in it")]
    return [_event(kind, raw, update_id, hook, account) for kind, raw in present.items()]


def delivery_key_of(body: bytes) -> str | None:
    """Return the key of an update by its number, the only thing read; None if there is none. Never raises."""
    number = number_of(body)
    return None if number is None else f"update:{number}"


def number_of(body: bytes) -> int | None:
    """Return an update's number; None if there is none. Never raises."""
    try:
        return _NUMBER.decode(body).update_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _fields(body: bytes) -> dict[str, msgspec.Raw]:
    try:
        body.decode()
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"telegram: not an update: {_reason(error)}") from error


def _event(kind: str, raw: msgspec.Raw, update_id: int, hook: Webhook, account: Account) -> Event:
    handler = HANDLERS.get(kind)
    if handler is None:
        return _unknown(update_id, hook, f"an update of kind {kind[:60]!a}")
    shape, to_event = handler
    try:
        found: Any = msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        return _unknown(update_id, hook, f"{kind}: {_reason(error)}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"telegram: {kind}: {_reason(error)}") from error
    return to_event(found, raw=raw, kind=kind, update_id=update_id, hook=hook, account=account)


def _unknown(update_id: int, hook: Webhook, note: str) -> Event:
    return Event(
        dedup_key=f"update:{update_id}",
        kind=EventKind.UNKNOWN,
        action=Action.CREATED,
        occurred_at=hook.received_at,
        parse_status=ParseStatus.PARTIAL,
        note=note,
    )


def _reason(error: Exception) -> str:
    # Decoders quote where and what type, never the words of a resident; a UnicodeDecodeError would carry the body.
    return "nested too deep" if isinstance(error, RecursionError) else str(error).splitlines()[0][:200]


def _message(
    message: Message, *, raw: msgspec.Raw, kind: str, update_id: int, hook: Webhook, account: Account
) -> Event:
    return event_of_message(
        message, raw=raw, is_edit=kind.startswith("edited_"), update_id=update_id, hook=hook, account=account
    )


def _reaction(reaction: MessageReaction, *, update_id: int, hook: Webhook, account: Account, **_: Any) -> Event:
    """One person's reaction. It has its own id beside the message's, for a person may change it."""
    occurred_at, note = moment(reaction.date, hook.received_at)
    author = account.author(reaction.user, reaction.actor_chat)
    container, target = str(reaction.chat.id), str(reaction.message_id)
    chosen = reaction.new_reaction or reaction.old_reaction
    return Event(
        dedup_key=f"reaction:{container}:{target}:{update_id}",
        kind=EventKind.REACTION,
        action=Action.CREATED if reaction.new_reaction else Action.REMOVED_REACTION,
        occurred_at=occurred_at,
        container=container,
        external_id=f"reaction:{target}:{author.external_id if author else ''}",
        author=author,
        post=PostRef(f"{container}:{target}") if reaction.chat.id == account.channel else None,
        visibility=_visibility(reaction.chat.type),
        parent_external_id=target,
        reaction=" ".join(_reaction_name(one) for one in chosen)[:200],
        parse_status=ParseStatus.PARTIAL if note else ParseStatus.OK,
        note=note,
    )


def _reaction_totals(
    totals: MessageReactionCount, *, update_id: int, hook: Webhook, account: Account, **_: Any
) -> Event:
    """How many chose what, where the people are hidden (a channel's post)."""
    occurred_at, note = moment(totals.date, hook.received_at)
    container, target = str(totals.chat.id), str(totals.message_id)
    return Event(
        dedup_key=f"reactions:{container}:{target}:{update_id}",
        kind=EventKind.REACTION,
        action=Action.EDITED,
        occurred_at=occurred_at,
        container=container,
        external_id=f"reactions:{target}",
        post=PostRef(f"{container}:{target}") if totals.chat.id == account.channel else None,
        visibility=_visibility(totals.chat.type),
        parent_external_id=target,
        parse_status=ParseStatus.PARTIAL if note else ParseStatus.OK,
        note=note,
        extra={_reaction_name(one.type)[:60]: str(one.total_count) for one in totals.reactions},
    )


def _membership(change: MemberChange, *, kind: str, update_id: int, hook: Webhook, account: Account, **_: Any) -> Event:
    """Somebody joined, left or got other rights; for the bot itself (`my_chat_member`) an operator may want to know."""
    occurred_at, note = moment(change.date, hook.received_at)
    return Event(
        dedup_key=f"update:{update_id}",
        kind=EventKind.SYSTEM,
        action=Action.EDITED,
        occurred_at=occurred_at,
        container=str(change.chat.id),
        visibility=_visibility(change.chat.type),
        author=account.author(change.from_, None),
        parse_status=ParseStatus.PARTIAL if note else ParseStatus.OK,
        note=note,
        extra={"kind": kind, "status": (change.new_chat_member.status if change.new_chat_member else "")[:60]},
    )


def _reaction_name(reaction: ReactionType) -> str:
    from_reference = {"emoji": reaction.emoji, "custom_emoji": f"custom:{reaction.custom_emoji_id}"}
    return from_reference.get(reaction.type, reaction.type).replace("\x00", "")


def _visibility(chat_type: str) -> Visibility:
    return Visibility.PRIVATE if chat_type == "private" else Visibility.PUBLIC


HANDLERS: dict[str, tuple[type, Callable[..., Event]]] = {
    "message": (Message, _message),
    "edited_message": (Message, _message),
    "channel_post": (Message, _message),
    "edited_channel_post": (Message, _message),
    "message_reaction": (MessageReaction, _reaction),
    "message_reaction_count": (MessageReactionCount, _reaction_totals),
    "my_chat_member": (MemberChange, _membership),
    "chat_member": (MemberChange, _membership),
    "chat_join_request": (MemberChange, _membership),
}
"""How each kind of update is read; the connector subscribes to the kinds in SUBSCRIBED."""

SUBSCRIBED = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "message_reaction_count",
    "my_chat_member",
)
