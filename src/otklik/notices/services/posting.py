"""Sending letters: queued → sending → sent | failed | unknown, outside every transaction.

The row says `sending`, on disk, before anybody hears a word. What a dead worker was sending becomes `unknown`: only a
person sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from otklik.common.vault import WrongKey
from otklik.notices.carriers.outcome import NotSent, PerhapsSent
from otklik.notices.enums import LetterState, Way
from otklik.notices.letters import Carrier, Letter, Reach
from otklik.notices.models import Notice
from otklik.notices.services.carrying import bot_of, host_of_links, mail_of
from otklik.notices.services.pushing import push_to
from otklik.notices.wording import signal_of, words_of
from otklik.org.access import Access, Permission
from otklik.org.services.auditing import audit

MAX_ATTEMPTS = 6
_BACKOFF_S = (60, 300, 1800, 7200, 21600)
"""Before the second, third, … attempt: about nine hours in all, then it is a dead letter that people see."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a letter: no error means that the other side took it."""

    letter: Letter
    error: NotSent | PerhapsSent | None = None


def claim(worker: str, *, now: datetime, limit: int = 16) -> list[Letter]:
    """Mark due letters as being sent by this worker; committed before anything is sent. Nothing joins them any more."""
    ready = Carrier.objects.filter(municipality=OuterRef("municipality"), way=OuterRef("way"), is_on=True)
    with transaction.atomic():
        due = list(
            Letter.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("official__municipality")
            .filter(Exists(ready), state=LetterState.QUEUED, due_at__lte=now)
            .order_by("due_at", "id")[:limit]
        )
        for letter in due:
            letter.state, letter.claimed_by, letter.is_gathering = LetterState.SENDING, worker, False
            letter.attempts += 1
        Letter.objects.bulk_update(due, ["state", "claimed_by", "is_gathering", "attempts"])
    return due


def post(letter: Letter) -> Posted:
    """Send one letter; reads rows, writes nothing."""
    if not letter.official.is_active:
        return Posted(letter, NotSent("the official works here no more", permanent=True))
    row = Carrier.objects.get(municipality=letter.municipality_id, way=letter.way)
    notices = list(Notice.objects.filter(pk__in=letter.lines.values("notice")).order_by("id"))
    if not notices and not letter.content:
        return Posted(letter, NotSent("there is nothing to tell any more", permanent=True))
    try:
        _hand_over(letter, row, notices)
    except (NotSent, PerhapsSent) as error:
        return Posted(letter, error)
    except WrongKey as error:
        return Posted(letter, NotSent(str(error), permanent=True))
    return Posted(letter)


def _hand_over(letter: Letter, row: Carrier, notices: list[Notice]) -> None:
    match Way(letter.way):
        case Way.EMAIL:
            words = words_of(letter, notices)
            message_id = f"<letter-{letter.pk}@{host_of_links()}>"
            mail_of(row).send(letter.official.email, words.subject, words.text, message_id)
        case Way.TELEGRAM:
            bot_of(row).send(_chat_of(letter), words_of(letter, notices).text)
        case Way.PUSH:
            push_to(letter.official, signal_of(letter, notices))


def record(posted: Posted, *, now: datetime) -> None:
    """Write down what became of a letter that this worker still holds."""
    letter, error = posted.letter, posted.error
    held = Letter.objects.filter(pk=letter.pk, state=LetterState.SENDING, claimed_by=letter.claimed_by)
    if error is None:
        held.update(state=LetterState.SENT, error="", finished_at=now)
    elif isinstance(error, PerhapsSent):
        held.update(state=LetterState.UNKNOWN, error=str(error)[:300], finished_at=now)
    elif error.permanent or letter.attempts >= MAX_ATTEMPTS:
        held.update(state=LetterState.FAILED, error=str(error)[:300], finished_at=now)
    else:
        wait_s = max(_BACKOFF_S[min(letter.attempts, len(_BACKOFF_S)) - 1], error.wait_s or 0)
        held.update(state=LetterState.QUEUED, error=str(error)[:300], due_at=now + timedelta(seconds=wait_s))


def doubt_letters(is_alive: Callable[[str], bool], *, now: datetime) -> int:
    """Mark letters whose worker died while sending as unknown; returns how many."""
    sending = Letter.objects.filter(state=LetterState.SENDING)
    dead = [name for name in sending.values_list("claimed_by", flat=True).distinct() if not is_alive(name)]
    words = "the worker stopped while sending"
    return sending.filter(claimed_by__in=dead).update(state=LetterState.UNKNOWN, error=words, finished_at=now)


def dead_letters(access: Access) -> QuerySet[Letter]:
    """Return what was not sent, or isn't certain, newest first. Raises Refused."""
    access.require(Permission.CITY_MANAGE)
    troubled = [LetterState.FAILED, LetterState.UNKNOWN]
    rows = Letter.objects.filter(municipality=access.municipality_id, state__in=troubled)
    return rows.select_related("official").order_by("-id")


@transaction.atomic
def send_again(access: Access, letter: Letter, *, now: datetime) -> bool:
    """Queue a dead letter anew; a person says so. False if somebody was faster. Raises Refused."""
    values = {"state": LetterState.QUEUED, "attempts": 0, "error": "", "due_at": now, "finished_at": None}
    if dead_letters(access).filter(pk=letter.pk).order_by().update(**values) != 1:
        return False
    audit(access, "letter.sent_again", f"{letter.pk}")
    return True


@transaction.atomic
def give_up(access: Access, letters: Sequence[int], *, now: datetime) -> int:
    """Let dead letters be; returns how many. Raises Refused."""
    gone = dead_letters(access).filter(pk__in=letters).order_by()
    count = gone.update(state=LetterState.DROPPED, finished_at=now)
    if count:
        audit(access, "letter.given_up", ", ".join(map(str, letters))[:200])
    return count


def _chat_of(letter: Letter) -> int:
    chat = (
        Reach.objects.filter(municipality=letter.municipality_id, official=letter.official_id)
        .values_list("telegram_chat", flat=True)
        .first()
    )
    if chat is None:
        raise NotSent("the official's Telegram is not linked any more", permanent=True)
    return chat
