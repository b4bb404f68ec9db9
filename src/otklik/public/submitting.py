"""The door by which the city's own site brings what people write: that of every network."""

from __future__ import annotations

from datetime import datetime

import msgspec

from otklik.channels.connections import connector_of, secrets_of
from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.channels.queries import channels_of
from otklik.channels.services.receiving import Arrival, store
from otklik.connectors.events import Webhook
from otklik.connectors.site.connector import SIGNATURE_HEADER, Submission, sign
from otklik.org.models import Municipality


def own_channel(city: Municipality) -> Channel | None:
    """Return the city's own site as a channel; None where it is switched off or there is none. One query."""
    own = (one for one in channels_of(city.pk) if one.network == Network.SITE and one.is_enabled)
    return next(own, None)


def take(channel: Channel, submission: Submission, *, now: datetime) -> str:
    """Store a submission by the door that every network uses; on disk when this returns. Returns its key."""
    body = msgspec.json.encode(submission)
    headers = {SIGNATURE_HEADER: sign(secrets_of(channel)["webhook_secret"], body)}
    hook = Webhook(headers=headers, body=body, received_at=now)
    connector = connector_of(channel)
    connector.verify(hook)
    store([Arrival(channel.municipality_id, channel.pk, connector.delivery_key(hook), body, now, headers)])
    return submission.submission_id
