"""Having one's own data erased: what the person wrote here, and everything that leads to them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.models import Case, CaseMessage, JournalEntry
from otklik.cases.services.journaling import record
from otklik.channels.enums import Network
from otklik.channels.models import Delivery, Identity, Message, MessageVersion, Resident
from otklik.channels.services.indexing import reindex_messages
from otklik.org.services.announcing import announce
from otklik.residents.models import Account, ResidentMail, SignInCode, Subscription, Tie
from otklik.residents.services.tying import untie


@transaction.atomic
def erase(account: Account, *, now: datetime) -> int:
    """Erase an account with what was written on the city's own pages from it; returns how many messages went.

    What stays: that a case was, when, whose it was to solve, and what the city answered, without a word of the
    person's. What was written in a network is erased there; here the tie to it is undone.
    """
    resident = account.resident
    for tie in Tie.objects.filter(resident=resident, untied_at=None, identity__isnull=False):
        untie(tie, now=now)
    own = list(Identity.objects.filter(resident=resident, network=Network.SITE))
    messages = list(Message.objects.filter(identity__in=own, deleted_at=None))
    _forget_words(messages, now)
    Identity.objects.filter(pk__in=[one.pk for one in own]).update(display_name="", handle="", url="")
    Resident.objects.filter(pk=resident.pk).update(display_name="")
    mine = {"municipality": account.municipality_id, "address_digest": account.address_digest}
    Subscription.objects.filter(**mine).delete()
    ResidentMail.objects.filter(**mine).delete()
    SignInCode.objects.filter(**mine).delete()
    Tie.objects.filter(resident=resident, case__isnull=False).delete()
    account.delete()
    return len(messages)


def _forget_words(messages: list[Message], now: datetime) -> None:
    """Take a person's words out of everywhere they were copied to; the worker lets go of files and shown words."""
    if not messages:
        return
    for message in messages:
        message.text, message.attachments, message.deleted_at = "", [], now
    Message.objects.bulk_update(messages, ["text", "attachments", "deleted_at"], batch_size=200)
    ids = [message.pk for message in messages]
    Message.objects.filter(pk__in=ids).update(verdict={})
    MessageVersion.objects.filter(message__in=ids).delete()
    reindex_messages(messages)
    # The raw payload is kept as it came, for everybody but whoever may ask for its end.
    Delivery.objects.filter(pk__in=[message.delivery_id for message in messages if message.delivery_id]).update(
        body=b"", headers={}
    )
    cases = Case.objects.filter(pk__in=CaseMessage.objects.filter(message__in=ids).values("case"))
    opened = [case for case in cases if case.resident_id == _author(messages)]
    for case in opened:
        words = {"summary": _("The author erased these words"), "place_text": ""}
        Case.objects.filter(pk=case.pk).update(**words, updated_at=now)
        # Lines of the journal stay; what the person said in them doesn't.
        for line in JournalEntry.objects.filter(case=case, action="reopened"):
            JournalEntry.objects.filter(pk=line.pk).update(detail={**line.detail, "reason": ""})
        record(case, "words_erased", at=now)
        announce(case.municipality_id, "case", [case.pk], at=now)


def _author(messages: list[Message]) -> int | None:
    identity = messages[0].identity
    return identity.resident_id if identity is not None else None
