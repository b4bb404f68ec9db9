"""Answers of the desk in the fediverse: what stands at our address, handed over to the server of whoever asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from otklik.channels.enums import Network, OutgoingState
from otklik.channels.fediverse import Signer
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.befriending import signer_of
from otklik.channels.services.dispatching import hand_out
from otklik.channels.services.editing import receipts_of
from otklik.channels.services.parting import parts_of
from otklik.channels.services.proving import account_of
from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.addresses import PUBLIC, Home, is_address
from otklik.connectors.activitypub.connector import ActivityPub
from otklik.connectors.activitypub.markup import as_html, mention
from otklik.connectors.events import DraftKind

Json = dict[str, Any]


def hand_out_answers(rows: Sequence[Outgoing], *, now: datetime) -> None:
    """Put the answers among these finished rows on their way; in the transaction that settles them."""
    for row in rows:
        is_answer = row.channel.network == Network.ACTIVITYPUB and row.kind != DraftKind.POST
        if is_answer and row.state == OutgoingState.SENT:
            _hand_out(row, now)


def _hand_out(row: Outgoing, now: datetime) -> None:
    account = account_of(row.channel)
    signer = signer_of(row.channel, row.target.get("peer", "")) if row.target.get("peer") else None
    if signer is None:
        return  # under a post of ours: it stands there for whoever looks
    is_edit = row.edits is not None
    for part, receipt in zip(parts_of(account, row), receipts_of(row), strict=False):
        thing = _note(account.home, row, receipt.external_id, part.text, signer=signer, now=now)
        activity = objects.update(account.home, thing) if is_edit else objects.create(account.home, thing)
        hand_out(row.channel, activity, [signer.inbox], now=now, row=row)


def _note(home: Home, row: Outgoing, address: str, text: str, *, signer: Signer, now: datetime) -> Json:
    first = row.edits if row.edits is not None else row
    is_private = row.kind == DraftKind.DIRECT_MESSAGE
    said = objects.Note(
        id=address,
        url=address,
        html=html_for(text, signer.actor, signer.handle),
        published=first.finished_at or now,
        updated=now if row.edits is not None else None,
        to=(signer.actor,) if is_private else (PUBLIC,),
        cc=() if is_private else (signer.actor,),
        in_reply_to=address_of(row.reply_to, row.target.get("reply_to_external_id", "")),
        mentions=((signer.actor, signer.handle),),
    )
    return objects.note(home, said)


def html_for(text: str, actor: str, handle: str) -> str:
    """Return an answer's words as HTML that begins by naming whom it is for."""
    return as_html(text).replace("<p>", f"<p>{mention(actor, handle)} ", 1)


def address_of(message: Message | None, external_id: str) -> str:
    """Return the true address of what a message says; one too long for our tables stands in what arrived."""
    if is_address(external_id) or message is None or message.delivery is None:
        return external_id if is_address(external_id) else ""
    told = msgspec.json.decode(bytes(message.delivery.body))
    about = told.get("object") if isinstance(told, dict) else None
    found = about.get("id") if isinstance(about, dict) else None
    return found if isinstance(found, str) and is_address(found) else ""


def public_note(account: ActivityPub, message: Message) -> Json:
    """Return an answer as it stands at its address, for whoever looks; the message is ours and public."""
    row = _row_of(message)
    peer = row.target.get("peer", "") if row is not None else ""
    signer = signer_of(message.channel, peer) if peer else None
    reply_to = row.reply_to if row is not None else None
    said = objects.Note(
        id=message.external_id,
        url=message.external_id,
        html=html_for(message.text, signer.actor, signer.handle) if signer is not None else as_html(message.text),
        published=message.occurred_at,
        updated=message.edited_at,
        to=(PUBLIC,),
        cc=(signer.actor,) if signer is not None else (),
        in_reply_to=address_of(reply_to, row.target.get("reply_to_external_id", "")) if row is not None else "",
        mentions=((signer.actor, signer.handle),) if signer is not None else (),
    )
    return objects.note(account.home, said)


def _row_of(message: Message) -> Outgoing | None:
    rows = Outgoing.objects.filter(thread=message.thread_id, state=OutgoingState.SENT, edits=None)
    for row in rows.select_related("channel", "reply_to__delivery").order_by("-id")[:200]:
        if any(receipt["external_id"] == message.external_id for receipt in row.receipts):
            return row
    return None
