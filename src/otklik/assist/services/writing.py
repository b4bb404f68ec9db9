"""The worker's part: take a question, ask the model outside any transaction, keep what it wrote.

A worker that dies leaves a row that another takes again: asking twice harms nobody, since nothing is sent anywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from otklik.assist.chat import ChatFailed, ask
from otklik.assist.enums import Trouble, Use, Wish
from otklik.assist.models import MachineText
from otklik.assist.prompts import Prompt, prompt_for, strange_contacts
from otklik.assist.queries import settings_of
from otklik.assist.services.setting import endpoint_of
from otklik.cases.reading import conversations_of
from otklik.channels.models import Message
from otklik.common import bell, clock
from otklik.common.vault import WrongKey
from otklik.org.services.announcing import announce

ATTEMPTS = 3
LONGEST = timedelta(seconds=360)
"""A question that is worked on for longer than any timeout allows was left by a worker that died."""


def write_next(*, now: datetime) -> bool:
    """Answer one question that is due; False if there is none. Uses HTTP: never call it inside a transaction."""
    row = _claim(now)
    if row is None:
        return False
    text, trouble, strange, read = "", "", False, 0
    try:
        prompt = _prompt(row)
        read = prompt.messages
        text = ask(endpoint_of(settings_of(row.municipality_id)), prompt.system, prompt.user)
        strange = strange_contacts(text, prompt)
    except ChatFailed as failed:
        trouble = failed.trouble.value
    except WrongKey:
        trouble = Trouble.REFUSED.value
    _keep(row, text=text, trouble=trouble, has_strange_contacts=strange, messages_read=read)
    return True


def _claim(now: datetime) -> MachineText | None:
    due = Q(state=Wish.QUEUED) | Q(state=Wish.WORKING, claimed_at__lt=now - LONGEST)
    found = MachineText.objects.filter(due).order_by("id").first()
    if found is None:
        return None
    mine = MachineText.objects.filter(due, pk=found.pk, attempts=found.attempts)
    if found.attempts >= ATTEMPTS:
        mine.update(state=Wish.FAILED, trouble=Trouble.BROKEN, finished_at=now)
        return None
    if mine.update(state=Wish.WORKING, claimed_at=now, attempts=F("attempts") + 1) != 1:
        return None
    return MachineText.objects.select_related("case__topic", "case__department", "message", "municipality").get(
        pk=found.pk
    )


def _prompt(row: MachineText) -> Prompt:
    """Return what is asked. Raises ChatFailed if the administrator switched it off while the question waited."""
    settings, use = settings_of(row.municipality_id), Use(row.use)
    if not settings.allows(use):
        raise ChatFailed(Trouble.SWITCHED_OFF)
    said: list[Message] = [row.message] if row.message is not None else _said(row)
    return prompt_for(use, row.case, said, language=row.language, masks=settings.masks)


def _said(row: MachineText) -> list[Message]:
    lines = [line for talk in conversations_of(row.case) for line in talk.lines]
    messages = [line.message for line in lines if line.of_case or line.message.is_ours]
    return sorted((one for one in messages if one.deleted_at is None), key=lambda one: (one.occurred_at, one.pk))


@transaction.atomic
def _keep(row: MachineText, *, text: str, trouble: str, has_strange_contacts: bool, messages_read: int) -> None:
    now = clock.now()
    state = Wish.FAILED if trouble else Wish.DONE
    working = MachineText.objects.filter(pk=row.pk, state=Wish.WORKING, claimed_at=row.claimed_at)
    working.update(
        state=state,
        text=text,
        trouble=trouble,
        has_strange_contacts=has_strange_contacts,
        messages_read=messages_read,
        finished_at=now,
    )
    announce(row.municipality_id, "case", [row.case_id], at=now)
    bell.ring("live")
