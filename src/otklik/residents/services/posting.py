"""Sending residents' letters: queued → sending → sent | failed | unknown, as officials' letters go (notices.services).

The row says `sending`, and the subscription what it tells, on disk before anybody hears a word: what a dead worker was
sending becomes `unknown`, and is never sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q

from otklik.common.vault import WrongKey
from otklik.notices.carriers.outcome import NotSent, PerhapsSent
from otklik.notices.carriers.sms import Gateway
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.notices.services.carrying import host_of_links, mail_of
from otklik.residents import wording
from otklik.residents.addresses import unseal
from otklik.residents.enums import MailKind, MailState
from otklik.residents.models import ResidentMail, Subscription
from otklik.residents.services.signing_in import CODE_LIVES
from otklik.residents.services.subscribing import address_and_token
from otklik.residents.stages import stage_of

_BACKOFF_S = (60, 300, 1800, 7200)
"""Before the second, third, … attempt; a code is of no use so late and is dropped (`expires_at`)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a letter: no error means that the mail server took it."""

    mail: ResidentMail
    error: NotSent | PerhapsSent | None = None


def claim(worker: str, *, now: datetime, limit: int = 16) -> list[ResidentMail]:
    """Mark due letters as being sent by this worker, and what they tell as told; committed before anything is sent."""
    ready = Carrier.objects.filter(municipality=OuterRef("municipality"), way=Way.EMAIL, is_on=True)
    with transaction.atomic():
        due = list(
            ResidentMail.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("municipality", "subscription__watched", "subscription__case__showing")
            .filter(Exists(ready) | Q(kind=MailKind.PHONE), state=MailState.QUEUED, due_at__lte=now)
            .order_by("due_at", "id")[:limit]
        )
        for mail in due:
            mail.state = MailState.SENDING if _is_wanted(mail, now) else MailState.DROPPED
            mail.finished_at = now if mail.state == MailState.DROPPED else None
            mail.sealed = b"" if mail.state == MailState.DROPPED else mail.sealed
            mail.claimed_by, mail.attempts = worker, mail.attempts + 1
        ResidentMail.objects.bulk_update(due, ["state", "claimed_by", "attempts", "finished_at", "sealed"])
    return [mail for mail in due if mail.state == MailState.SENDING]


def _is_wanted(mail: ResidentMail, now: datetime) -> bool:
    """Whether a letter still says something new; of a turn that is told now, the subscription remembers it."""
    if mail.expires_at is not None and mail.expires_at <= now:
        return False
    row = mail.subscription
    if mail.kind != MailKind.WORD or row is None or mail.attempts:
        return True
    stage = stage_of(row.watched)
    if not stage or stage == row.told or not _may_be_told(row):
        return False
    Subscription.objects.filter(pk=row.pk).update(told=stage)
    return True


def _may_be_told(row: Subscription) -> bool:
    """Whether whoever follows may still look: a case that was taken off the public pages says no more to strangers."""
    return row.is_own or row.case.is_public


def post(mail: ResidentMail, *, now: datetime) -> Posted:
    """Send one letter, or a code to a phone; reads rows, writes nothing."""
    if mail.kind == MailKind.PHONE:
        return _call(mail)
    try:
        to, letter = _letter(mail, now)
        server = mail_of(Carrier.objects.get(municipality=mail.municipality_id, way=Way.EMAIL))
        message_id = f"<resident-{mail.pk}@{host_of_links()}>"
        server.send(to, letter.subject, letter.text, message_id, letter.headers)
    except (NotSent, PerhapsSent) as error:
        return Posted(mail, error)
    except (WrongKey, Carrier.DoesNotExist, UnicodeError) as error:
        # UnicodeError: an address that this mail server has no way to write.
        return Posted(mail, NotSent(str(error) or "the mail server was taken away", permanent=True))
    return Posted(mail)


def _call(mail: ResidentMail) -> Posted:
    environment = settings.ENVIRONMENT
    if not environment.sms_url:
        return Posted(mail, NotSent("the SMS gateway was taken away (OTKLIK_SMS_URL)", permanent=True))
    gateway = Gateway(environment.sms_url, environment.sms_token, allow_loopback=environment.allow_loopback)
    try:
        opened = unseal(bytes(mail.sealed))
        text = wording.code_message(mail.municipality, mail.language, opened["code"])
        gateway.send(opened["address"], text, f"resident-{mail.pk}-{mail.attempts}")
    except (NotSent, PerhapsSent) as error:
        return Posted(mail, error)
    except WrongKey as error:
        return Posted(mail, NotSent(str(error), permanent=True))
    return Posted(mail)


def _letter(mail: ResidentMail, now: datetime) -> tuple[str, wording.Letter]:
    row = mail.subscription
    if row is None:
        opened = unseal(bytes(mail.sealed))
        minutes = int(CODE_LIVES.total_seconds() // 60)
        return opened["address"], wording.code_letter(mail.municipality, mail.language, opened["code"], minutes)
    address, token = address_and_token(row)
    if mail.kind == MailKind.CONFIRM:
        return address, wording.question(row, token)
    return address, wording.word(row, row.watched, token, now=now)


def record(posted: Posted, *, now: datetime) -> None:
    """Write down what became of a letter that this worker still holds; its secrets go with the last attempt."""
    mail, error = posted.mail, posted.error
    held = ResidentMail.objects.filter(pk=mail.pk, state=MailState.SENDING, claimed_by=mail.claimed_by)
    over = {"sealed": b"", "finished_at": now}
    if error is None:
        held.update(state=MailState.SENT, error="", **over)
    elif isinstance(error, PerhapsSent):
        held.update(state=MailState.UNKNOWN, error=str(error)[:300], **over)
    elif error.permanent or mail.attempts > len(_BACKOFF_S):
        held.update(state=MailState.FAILED, error=str(error)[:300], **over)
    else:
        wait_s = max(_BACKOFF_S[mail.attempts - 1], error.wait_s or 0)
        again = {"state": MailState.QUEUED, "error": str(error)[:300], "due_at": now + timedelta(seconds=wait_s)}
        try:
            with transaction.atomic():
                held.update(**again)
        except IntegrityError:
            # A newer turn waits already, and its letter will say how it stands by then.
            held.update(state=MailState.DROPPED, error=str(error)[:300], **over)


def doubt_mail(is_alive: Callable[[str], bool], *, now: datetime) -> int:
    """Mark letters whose worker died while sending as unknown; returns how many."""
    sending = ResidentMail.objects.filter(state=MailState.SENDING)
    dead = [name for name in sending.values_list("claimed_by", flat=True).distinct() if not is_alive(name)]
    words = "the worker stopped while sending"
    doubted = sending.filter(Q(claimed_by__in=dead))
    return doubted.update(state=MailState.UNKNOWN, error=words, finished_at=now, sealed=b"")
