"""Crowds: told once under a post that we have it all, and counted under the topic of the case they are in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from otklik.cases.models import Case
from otklik.cases.texts import crowd_acknowledgement
from otklik.channels.models import Message
from otklik.channels.services.queueing import Reply, queue_replies
from otklik.org.queries import Directory
from otklik.pulse import scopes
from otklik.pulse.models import Surge
from otklik.pulse.queries import settings_of
from otklik.pulse.services.counting import move, post_thread_of, street_of
from otklik.pulse.services.handling import note_announced

Pair = tuple[int, int]
"""A thread and a person in it."""


def tell_crowds_once(
    wanted: Mapping[Pair, tuple[Case, Message]], crowds: Sequence[Surge], directory: Directory, now: datetime
) -> set[Pair]:
    """Queue one acknowledgement for each post that a surge goes on under, and return whom it speaks to.

    The key of the outgoing row names surge and thread, so it is said once however often it is asked for. Private
    conversations are no crowd: who writes there is told alone.
    """
    if not wanted or not crowds or not settings_of(directory.municipality.pk).acknowledge_once:
        return set()
    spoken_to: set[Pair] = set()
    first: dict[tuple[int, int], tuple[Surge, Case, Message]] = {}
    for pair, (case, message) in wanted.items():
        surge = _surge_of(case, message, crowds, directory)
        if surge is not None:
            spoken_to.add(pair)
            first.setdefault((surge.pk, message.thread_id), (surge, case, message))
    if first:
        _say(list(first.values()), directory, now)
    return spoken_to


def _surge_of(case: Case, message: Message, crowds: Sequence[Surge], directory: Directory) -> Surge | None:
    thread = post_thread_of(message)
    if thread is None:
        return None
    code = next((topic.code for topic in directory.topics.values() if topic.pk == case.topic_id), "")
    about = {scopes.of_post(thread), scopes.of_topic(code), scopes.of_place(street_of(message))}
    return next((surge for surge in crowds if surge.scope in about), None)


def _say(first: Sequence[tuple[Surge, Case, Message]], directory: Directory, now: datetime) -> None:
    replies = [
        Reply(
            message=message,
            text=crowd_acknowledgement(case, directory),
            key=f"surge:{surge.pk}:{message.thread_id}",
            automated=True,
            under_post=True,
        )
        for surge, case, message in first
    ]
    rows = queue_replies(replies, now=now)
    for row, (surge, _, message) in zip(rows, first, strict=True):
        if row.created_at == now:
            note_announced([surge], now=now, thread_id=message.thread_id)


def recount(message_ids: Sequence[int], before: Case, after: Case, *, now: datetime) -> None:
    """Count messages that went from one case to another under the other's topic; nothing to do where it is the same."""
    codes = [case.topic.code if case.topic is not None else "" for case in (before, after)]
    if codes[0] != codes[1]:
        messages = Message.objects.filter(municipality=after.municipality_id, pk__in=message_ids)
        move(after.municipality, messages.select_related("thread", "identity"), codes[0], codes[1], now=now)
