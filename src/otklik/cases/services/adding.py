"""What a resident adds on the case's own page: one more message of the case, from whoever holds its code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from otklik.cases.models import Case, CaseMessage
from otklik.cases.queries import messages_of
from otklik.cases.resembling import messages_brought, surviving
from otklik.cases.services.moving import change
from otklik.cases.services.replying import resume_on_reply
from otklik.channels.enums import Decision, MessageKind, Network, Visibility
from otklik.channels.models import Channel, Identity, Message, Thread
from otklik.channels.services.filing import file_attachments
from otklik.channels.services.indexing import index_messages
from otklik.channels.whys import Why, stored
from otklik.common import bell
from otklik.connectors.site.connector import Upload
from otklik.notices.enums import NoticeKind
from otklik.notices.services.telling import tell

_OURS = {"url": "", "may_store": True}


@transaction.atomic
def add_details(own: Case, text: str, key: str, *, now: datetime, files: Sequence[Upload] = ()) -> Message:
    """Add a private message to an open case, or to the one it was joined with; a question that we asked is answered.

    `files` were taken by the form already. `key` comes from the form: sent twice it is one message. Raises ValueError
    for empty words, a case that is over, or a city without a site of its own.
    """
    if not text.strip():
        raise ValueError(_("write a few words"))
    case = Case.objects.select_for_update(of=("self",)).get(pk=surviving(own).pk)
    if not case.is_open:
        raise ValueError(_("the case is over: open it again, or write to us anew"))
    channel = Channel.objects.filter(municipality=case.municipality_id, network=Network.SITE, is_enabled=True).first()
    if channel is None:
        raise ValueError(_("the city takes no messages here"))
    brought = messages_brought(own, list(messages_of(case)))
    identity = brought[0].identity if brought else None
    message, is_new = _message(own, channel, identity, text=text.strip(), files=files, key=key, now=now)
    if is_new:
        file_attachments([message], now=now)
        _attach(case, message, now)
        bell.ring("message")  # the worker says what it means: intake.added
    return message


def _message(
    own: Case,
    channel: Channel,
    identity: Identity | None,
    *,
    text: str,
    files: Sequence[Upload],
    key: str,
    now: datetime,
) -> tuple[Message, bool]:
    # In the city's own name of the case: an answer to it is shown on the case's page and goes into no network.
    thread, _is_new = Thread.objects.get_or_create(
        municipality_id=own.municipality_id,
        channel=channel,
        key=f"case:{own.pk}",
        defaults={"visibility": Visibility.PRIVATE},
    )
    values = {
        "thread": thread,
        "identity": identity,
        "external_id": f"details-{key}"[:120],
        "root_key": f"case:{own.pk}",
        "kind": MessageKind.REPORT,
        "visibility": Visibility.PRIVATE,
        "text": text,
        "attachments": [
            {"kind": one.kind, "source_ref": one.key, "mime": one.mime, "filename": one.filename} | _OURS
            for one in files
        ],
        "occurred_at": now,
        "received_at": now,
        "decision": Decision.JOINED,
        "decision_reason": stored(Why.DETAILS, case=own.number),
    }
    return Message.objects.get_or_create(
        municipality_id=own.municipality_id, channel=channel, object_key=f"case:{own.pk}:{key}", defaults=values
    )


def _attach(case: Case, message: Message, now: datetime) -> None:
    CaseMessage.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        message=message,
        identity=message.identity,
        thread=message.thread,
    )
    index_messages([message], {message.pk: (case.pk, case.department_id)})
    Case.objects.filter(pk=case.pk).update(message_count=F("message_count") + 1)
    change(case, at=now, action="details_added", detail={"message": message.pk})
    kind = NoticeKind.REPLIED if resume_on_reply(case, message, now=now) else NoticeKind.DETAILS
    if case.executor_id is not None:
        key = f"case:{case.pk}:details:{message.pk}"
        tell(case.municipality_id, [case.executor_id], kind, key=key, case_number=case.number, at=now)
