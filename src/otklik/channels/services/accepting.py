"""Turning on what the law restricts: an administrator's own decision, after reading the words, and taking it back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.channels.acceptances import Acceptance
from otklik.channels.models import Channel
from otklik.channels.services.connecting import note_change
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.law import Capability, law_of
from otklik.org.services.auditing import audit, ours


@transaction.atomic
def accept(access: Access, channel: Channel, capability: Capability, *, seal: str, now: datetime) -> None:
    """Turn on what the law restricts in a channel. Safe to repeat. Kept: who, when, and the words that they saw.

    `seal` says which words those were (NetworkLaw.seal). Raises Refused, NotPossible where they are others by now, or
    the law restricts nothing of the kind.
    """
    access.require(Permission.CHANNEL_MANAGE)
    ours(access, channel)
    row = Channel.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=channel.pk)
    law = law_of(row.municipality.jurisdiction, row.network)
    if capability not in law.restricted:
        raise NotPossible(_("The law restricts nothing of the kind here."))
    if seal != law.seal:
        raise NotPossible(_("These words have changed meanwhile: read them again."))
    if capability in row.accepted:
        return
    language = get_language() or "en"
    words, name = law.words_in(language), law.law_in(language)
    try:
        with transaction.atomic():
            Acceptance.objects.create(
                municipality_id=row.municipality_id,
                channel=row,
                capability=capability.value,
                law=name,
                words=words,
                accepted_by=access.official,
                accepted_at=now,
            )
    except IntegrityError:  # somebody else did so at this moment
        return
    _keep(channel, row, sorted({*row.accepted, capability.value}))
    audit(access, "channel.restriction_accepted", row.name, capability=capability.value, law=name, words=words)


@transaction.atomic
def take_back(access: Access, channel: Channel, capability: Capability, *, now: datetime) -> None:
    """Turn it off again: what waits to be sent is refused from now on, and people see it. Safe to repeat.

    Raises Refused.
    """
    access.require(Permission.CHANNEL_MANAGE)
    ours(access, channel)
    row = Channel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    live = Acceptance.objects.filter(
        municipality=row.municipality_id, channel=row, capability=capability.value, taken_back_at=None
    )
    if live.update(taken_back_at=now, taken_back_by=access.official) != 1:
        return
    _keep(channel, row, [one for one in row.accepted if one != capability.value])
    audit(access, "channel.restriction_kept", row.name, capability=capability.value)


def acceptances_of(channel: Channel) -> list[Acceptance]:
    """Return who turned on and off what the law restricts there, newest first. One query."""
    rows = Acceptance.objects.filter(municipality=channel.municipality_id, channel=channel)
    return list(rows.select_related("accepted_by", "taken_back_by").order_by("-id")[:50])


def _keep(channel: Channel, row: Channel, accepted: list[str]) -> None:
    row.accepted = accepted
    note_change(row, "accepted")
    channel.accepted, channel.revision = row.accepted, row.revision
