"""Asking whose a key is: claimed → asked, outside any transaction → kept. Few a minute, of one server fewer."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, F

from otklik.channels.enums import Network, SignerState
from otklik.channels.fediverse import Signer
from otklik.channels.models import Channel
from otklik.channels.services.proving import FAILED_FOR, account_of
from otklik.common.text import shorten
from otklik.common.vault import WrongKey
from otklik.connectors.activitypub.addresses import short
from otklik.connectors.activitypub.calling import Caller
from otklik.connectors.activitypub.calling import Signer as Told
from otklik.connectors.base import SendFailed

log = logging.getLogger(__name__)

A_MINUTE = timedelta(minutes=1)
MOST_A_MINUTE, MOST_OF_A_HOST = 120, 12
LEASE = timedelta(minutes=2)
_BACKOFF_S = (30, 300, 1800, 2 * 3600, 6 * 3600)
"""Seconds before each next question to a server that doesn't answer; then what waits for it goes."""


def claim(*, now: datetime, limit: int, busy: frozenset[str] = frozenset()) -> list[Signer]:
    """Return keys to ask for now, each ours until its lease ends; of one server one at a time. Four queries at most.

    However many wait: no more than MOST_A_MINUTE questions leave in a minute, MOST_OF_A_HOST to one server.
    """
    lately = Signer.objects.filter(asked_at__gt=now - A_MINUTE)
    asked = Counter(dict(lately.order_by().values_list("host").annotate(n=Count("id"))))
    room = min(limit, MOST_A_MINUTE - asked.total())
    if room <= 0:
        return []
    tired = {host for host, count in asked.items() if count >= MOST_OF_A_HOST} | busy
    due = Signer.objects.filter(state=SignerState.DUE, due_at__lte=now).exclude(host__in=tired)
    mine: list[Signer] = []
    for signer in due.select_related("municipality").order_by("due_at", "id")[: 4 * room]:
        if len(mine) == room or signer.host in {one.host for one in mine}:
            continue
        ours = Signer.objects.filter(pk=signer.pk, state=SignerState.DUE, due_at=signer.due_at)
        if ours.update(due_at=now + LEASE, asked_at=now, attempts=F("attempts") + 1) == 1:
            signer.attempts += 1
            mine.append(signer)
    return mine


def callers(*, of: Iterable[Signer]) -> dict[int, Caller]:
    """Return who asks for these keys, by municipality: an actor of that city's. One query, none for none."""
    cities = {signer.municipality_id for signer in of}
    if not cities:
        return {}
    channels = Channel.objects.filter(municipality__in=cities, network=Network.ACTIVITYPUB, is_enabled=True)
    found: dict[int, Caller] = {}
    for channel in channels.select_related("municipality").order_by("-id"):
        try:
            found[channel.municipality_id] = account_of(channel).caller
        except (ValueError, WrongKey) as error:
            log.warning("channel %s can't ask for a key: %s", channel.name, error)
    return found


def ask(signer: Signer, caller: Caller | None, *, now: datetime) -> Told | SendFailed | None:
    """Return whose the key is, or why it isn't told; None where no actor of ours could ask. Network only."""
    if caller is None:
        return None
    try:
        return caller.fetch_signer(signer.key_id, now=now)
    except SendFailed as error:
        return error


def keep(signer: Signer, answer: Told | SendFailed | None, *, now: datetime) -> None:
    """Write down what was answered; a key that isn't given is not asked for again for an hour."""
    row = Signer.objects.filter(pk=signer.pk)
    if isinstance(answer, Told):
        told = {"actor": answer.actor, "external_id": short(answer.actor), "pem": answer.pem, "inbox": answer.inbox}
        about = {
            "shared_inbox": answer.shared_inbox,
            "name": answer.name,
            "handle": answer.handle,
            "url": answer.url,
            "is_bot": answer.is_bot,
        }
        row.update(state=SignerState.KNOWN, fetched_at=now, attempts=0, trouble="", **told, **about)
        return
    why = shorten(str(answer), 300) if answer is not None else ""
    if answer is None or (not answer.permanent and signer.attempts <= len(_BACKOFF_S)):
        wait_s = _BACKOFF_S[min(signer.attempts, len(_BACKOFF_S)) - 1]
        row.update(due_at=now + timedelta(seconds=wait_s), trouble=why)
        return
    row.update(state=SignerState.FAILED, due_at=now + FAILED_FOR, trouble=why)
