"""What one person writes beyond the most within minutes goes to one case of theirs; who is blocked opens none."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.cases.models import Case, CaseMessage
from otklik.channels.models import Message

_LOOKED_AT = 200
"""Newest messages of those who flood, among which their case is looked for."""


class Folding:
    """The messages of a batch that are beyond the most, and the case where each of their authors is answered.

    Asks nothing where there are none; else three queries, however many they are.
    """

    def __init__(self, beyond: Sequence[Message]) -> None:
        self._keys = {message.object_key for message in beyond}
        self._cases = _newest_cases(beyond)
        self.opened: dict[int | None, Message] = {}
        """What opened a case in this batch, by its author."""

    def holds(self, message: Message) -> bool:
        """Return whether a message is beyond the most."""
        return message.object_key in self._keys

    def case_of(self, message: Message) -> Case | None:
        """Return the newest open case of its author; None: they have none, or one of this very batch."""
        return self._cases.get(message.identity_id or 0)


def is_blocked(message: Message) -> bool:
    """Return whether its author was blocked when they wrote it."""
    until = message.identity.blocked_until if message.identity is not None else None
    return until is not None and message.occurred_at < until


def _newest_cases(beyond: Sequence[Message]) -> dict[int, Case]:
    people = {message.identity_id for message in beyond}
    if not people:
        return {}
    newest = Message.objects.filter(identity__in=people).order_by("-id").values_list("id", flat=True)[:_LOOKED_AT]
    told = CaseMessage.objects.filter(message__in=list(newest), case__is_owed=True).order_by("message_id")
    by_person = dict(told.values_list("message__identity", "case"))
    cases = Case.objects.in_bulk(set(by_person.values()))
    return {identity: cases[case] for identity, case in by_person.items() if identity is not None and case in cases}
