"""Taking down what people tell the city by phone, on paper and in person: from the desk to every message's door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.utils.translation import gettext as _

from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.queries import channels_of
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.text import storable
from otklik.connectors.events import Webhook
from otklik.connectors.reception.connector import SIGNATURE_HEADER, TEXT_LIMIT, Entry, Paper, Way, sign
from otklik.media.models import StoredFile
from otklik.org.access import Access, Permission, Refused
from otklik.org.errors import NotPossible
from otklik.org.models import Municipality

LONGEST_AGO = timedelta(days=3 * 366)
"""Older papers are no messages of today; a slip in the year is caught by it."""


class SwitchedOff(ValueError):
    """The reception's channel is switched off; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody told, as an official took it down. `key` is the form's own: the same one stores once."""

    key: str
    way: Way
    text: str
    told_at: datetime
    name: str = ""
    contact: str = ""
    consents: bool = False
    place: str = ""
    source: str = ""
    may_publish: bool = False


def reception_of(city: Municipality, *, now: datetime) -> Channel:
    """Return the city's channel for what is taken down; made when it is first needed."""
    found = _found(city)
    if found is not None:
        return found
    try:
        return connect(city, Network.RECEPTION, "reception", "", {}, now=now)
    except NotPossible:
        made_meanwhile = _found(city)
        if made_meanwhile is None:
            raise
        return made_meanwhile


def take_down(access: Access, heard: Sequence[Heard], files: Sequence[StoredFile] = (), *, now: datetime) -> list[str]:
    """Store what was told and return its keys, in order; on disk when this returns, and the worker goes on from there.

    The clock of a case runs from when the city was told, which may be days ago. `files` belong to each of them. Safe to
    repeat. Raises Refused, SwitchedOff, ValueError with a sentence for whoever typed it; then nothing is stored.
    """
    if not access.holds(Permission.RECEPTION):
        raise Refused(Permission.RECEPTION)
    channel = reception_of(access.official.municipality, now=now)
    if not channel.is_enabled:
        raise SwitchedOff(_("The reception is switched off: an administrator switches it on among the channels."))
    papers = [_paper(file) for file in files]
    entries = [_entry(one, papers, access, now) for one in heard]
    secret, connector = secrets_of(channel)["webhook_secret"], connector_of(channel)
    arrivals = []
    for entry in entries:
        body = msgspec.json.encode(entry)
        headers = {SIGNATURE_HEADER: sign(secret, body)}
        hook = Webhook(headers=headers, body=body, received_at=entry.told_at)
        connector.verify(hook)
        key = connector.delivery_key(hook)
        arrivals.append(Arrival(channel.municipality_id, channel.pk, key, body, entry.told_at, headers))
    store(arrivals)
    return [entry.entry_id for entry in entries]


def _found(city: Municipality) -> Channel | None:
    return next((one for one in channels_of(city.pk) if one.network == Network.RECEPTION), None)


def _entry(heard: Heard, papers: list[Paper], access: Access, now: datetime) -> Entry:
    text, place = storable(heard.text).strip(), storable(heard.place).strip()
    if not text and not papers:
        raise ValueError(_("Write what was said, or attach the letter."))
    if heard.told_at > now:
        raise ValueError(_("That is in the future: when were you told?"))
    if heard.told_at < now - LONGEST_AGO:
        raise ValueError(_("That is more than three years ago: look at the year."))
    if heard.contact.strip() and not heard.consents:
        raise ValueError(_("Ask whether we may keep the contact, or leave it out."))
    if place and place.casefold() not in text.casefold():
        text = f"{text}\n{place}" if text else place  # triage reads the place where it reads everything
    return Entry(
        entry_id=heard.key,
        way=heard.way,
        text=text[:TEXT_LIMIT],
        told_at=heard.told_at,
        taken_by=access.official.pk,
        name=storable(heard.name).strip()[:200],
        contact=storable(heard.contact).strip()[:200],
        consents=heard.consents,
        source=storable(heard.source).strip()[:500],
        may_publish=heard.may_publish,
        files=papers,
    )


def _paper(file: StoredFile) -> Paper:
    kind = "photo" if file.kind == "picture" else file.kind
    return Paper(key=file.key, kind=kind, mime=file.mime, filename=file.filename)
