"""Giving a case another private code, where somebody who has the old one is not to read on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from otklik.cases.models import Case
from otklik.cases.services.answering import targets_of
from otklik.cases.services.moving import change
from otklik.cases.texts import new_link
from otklik.channels.enums import Network
from otklik.channels.models import Message
from otklik.channels.services.queueing import Reply, queue_replies
from otklik.common.codes import private_code


@transaction.atomic
def change_code(case: Case, *, key: str, not_to: Collection[int] = (), now: datetime) -> None:
    """Make the old link open nothing any more; whoever wrote privately in a network gets the new one where they wrote.

    `not_to` are the residents (ids) who get none. The key says why it is changed: asking twice sends once.
    """
    change(case, at=now, action="code_changed", code=private_code())
    told = [message for message in targets_of(case) if _is_reached(message) and _resident(message) not in not_to]
    replies = [
        Reply(
            message,
            new_link(case, message.language or case.municipality.language),
            key=f"{key}:{case.pk}:{message.pk}",
            automated=True,
        )
        for message in told
    ]
    if replies:
        queue_replies(replies, now=now)


def _is_reached(message: Message) -> bool:
    # Where others read along a private link has no place, and our own page is opened by that link itself.
    return not message.is_public and message.channel.network not in (Network.SITE, Network.RECEPTION)


def _resident(message: Message) -> int | None:
    return message.identity.resident_id if message.identity is not None else None
