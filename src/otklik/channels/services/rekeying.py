"""Changing the key that our actor signs by: at once, and everybody who follows is told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.services.connecting import reconfigure
from otklik.channels.services.dispatching import followers_inboxes, hand_out
from otklik.channels.services.proving import account_of
from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.signatures import new_key
from otklik.org.errors import NotPossible


@transaction.atomic
def rotate(channel: Channel, *, now: datetime) -> int:
    """Sign by a new key from now on; returns how many servers are being told. Raises NotPossible.

    Who doesn't hear of it asks for the key again when our next signature doesn't fit the old one.
    """
    if channel.network != Network.ACTIVITYPUB:
        raise NotPossible(_("Only accounts in the fediverse sign by a key of ours."))
    reconfigure(channel, {"private_key": new_key()})
    account = account_of(channel)
    activity = objects.update_actor(account.home, objects.actor(account.home, account.persona))
    return hand_out(channel, activity, followers_inboxes(channel), now=now)
