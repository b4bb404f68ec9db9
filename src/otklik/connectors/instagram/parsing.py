"""Instagram: from one webhook to its events. Pure: the same request always gives the same events.

Three shapes: `changes[]` (comments, mentions), `messaging[]` or `standby[]` (direct messages), and a flat `field` with
its `value`, in an entry or alone. An entry that can't be read loses none of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from otklik.common.text import storable
from otklik.connectors.base import Malformed
from otklik.connectors.events import Action, Event, EventKind, ParseStatus, Visibility, Webhook
from otklik.connectors.instagram.comments import comment_event, mention_event
from otklik.connectors.instagram.messages import exchange_event
from otklik.connectors.instagram.payloads import Change, Entry, Envelope, Unexpected, read
from otklik.connectors.instagram.reading import Doubts, Page, number_of

OF_MESSAGES = frozenset({
    "messages", "message_echoes", "message_edit", "message_edits", "message_reactions", "messaging_seen",
    "messaging_postbacks", "messaging_referral", "standby",
})  # fmt: skip
"""Fields whose flat value is one of `messaging[]`."""


def events_of(hook: Webhook, account_id: str) -> list[Event]:
    """Return what happened, oldest first. Raises Malformed if it isn't a webhook of Instagram at all."""
    envelope = read(hook.body, Envelope, "a webhook")
    if envelope.entry is None and envelope.field is None:
        raise Unexpected("instagram: not a webhook: neither entry nor field")
    found: list[Event] = []
    if envelope.field is not None:
        found += _change(Page(hook, account_id), Change(envelope.field, envelope.value))
    for place, raw in enumerate(envelope.entry or []):
        found += _entry(Page(hook, account_id, place=str(place)), raw)
    return sorted(found, key=lambda event: event.occurred_at)


def _entry(page: Page, raw: msgspec.Raw) -> Iterator[Event]:
    try:
        entry = read(raw, Entry, "an entry")
    except Malformed as error:
        yield _unknown(page, str(error))
        return
    page = replace(page, sent_at=entry.time)
    if number_of(entry.id) != page.account_id:
        yield _unknown(page, "it came to another account (or is the dashboard's test)")
        return
    if entry.field is not None:
        yield from _change(page, Change(entry.field, entry.value))
    for number, one in enumerate(entry.changes or []):
        here = replace(page, place=f"{page.place}.c{number}")
        try:
            yield from _change(here, read(one, Change, "a change"))
        except Malformed as error:
            yield _unknown(here, str(error))
    for number, one in enumerate(entry.messaging or []):
        yield from _exchange(replace(page, place=f"{page.place}.m{number}"), one)
    for number, one in enumerate(entry.standby or []):
        yield from _exchange(replace(page, place=f"{page.place}.s{number}"), one, standby=True)


def _change(page: Page, change: Change) -> Iterator[Event]:
    if change.field in OF_MESSAGES:
        yield from _exchange(page, change.value, standby=change.field == "standby")
        return
    try:
        match change.field:
            case "comments" | "live_comments":
                yield comment_event(page, change.value, live=change.field == "live_comments")
            case "mentions":
                yield mention_event(page, change.value)
            case "story_insights":
                yield _nobodys_words(page, EventKind.SYSTEM, change.field)
            case _:
                yield _unknown(page, "a field we don't know", change.field)
    except Malformed as error:
        yield _unknown(page, str(error), change.field)


def _exchange(page: Page, raw: msgspec.Raw, *, standby: bool = False) -> Iterator[Event]:
    try:
        event = exchange_event(page, raw, standby=standby)
    except Malformed as error:
        yield _unknown(page, str(error))
        return
    if event is not None:
        yield event


def _unknown(page: Page, note: str, field: str = "") -> Event:
    event = _nobodys_words(page, EventKind.UNKNOWN, storable(field)[:60])
    return replace(event, parse_status=ParseStatus.PARTIAL, note=storable(note)[:300])


def _nobodys_words(page: Page, kind: EventKind, field: str) -> Event:
    return Event(
        dedup_key=page.key(kind.value),
        kind=kind,
        action=Action.CREATED,
        occurred_at=page.when(None, Doubts()),
        container=f"account:{page.account_id}",
        external_id=page.key(kind.value),
        visibility=Visibility.PRIVATE,
        extra={"field": field} if field else {},
    )
