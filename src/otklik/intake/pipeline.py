"""The story of one message, readable top to bottom; told for a batch of one channel's deliveries at a time.

delivery → events → what was said → what it means → a case opened, joined, confirmed or reopened; or a person asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from otklik.cases.models import Case
from otklik.cases.queries import cases_of_messages
from otklik.cases.services.opening import join_cases, open_cases
from otklik.cases.services.suggesting import Suggested, suggest
from otklik.channels.connections import connector_of
from otklik.channels.enums import Decision, DeliveryState
from otklik.channels.models import Channel, Delivery, Message
from otklik.channels.services.indexing import index_messages, reindex_messages
from otklik.channels.services.ingesting import Batch, gather
from otklik.common import bell
from otklik.intake.crowds import count_in
from otklik.intake.deciding import Decisions, decide
from otklik.intake.echoes import recognise_our_words
from otklik.intake.reading import Read, read
from otklik.intake.recognising import Recollection
from otklik.intake.returns import answer_to_verdicts, go_on_with_replies, note_edits
from otklik.intake.understanding import Brain, recollect, understand
from otklik.org.queries import Directory
from otklik.org.services.announcing import announce
from otklik.posts.services.publishing import count_comments
from otklik.pulse.models import Surge


class TakenElsewhere(Exception):
    """Another worker took these deliveries in the meantime; nothing was written."""


def take_in(channel: Channel, deliveries: Sequence[Delivery], brain: Brain, *, now: datetime) -> int:
    """Carry a channel's deliveries to cases and return how many messages were new.

    Reading and understanding come before the transaction, so that the database is held only for writing.
    Safe to repeat and to kill: everything is written at once, with the deliveries' own mark.
    """
    heard = read(connector_of(channel), deliveries)
    mind = brain.mind(channel.municipality)
    verdicts = understand(channel, heard, mind.triage)
    recollection = recollect(channel, heard, verdicts, brain)
    with transaction.atomic():
        _mark(heard, now)
        batch = gather(channel, [(one.delivery, event) for one in heard for event in one.events], now=now)
        decisions = decide(batch, verdicts, mind.directory, recollection, version=mind.version)
        batch.write()
        crowds = count_in(batch, decisions, mind.directory, now=now)
        changed = _carry_out(decisions, mind.directory, crowds, recollection, now)
        recognise_our_words(batch.ours, now=now)
        note_edits(batch.edited.values(), now=now)
        count_comments(channel.pk, _new_comments(batch))
        _make_findable(batch)
        _announce(channel, batch, changed, now)
    return len(batch.created)


def _carry_out(
    decisions: Decisions, directory: Directory, crowds: Sequence[Surge], recollection: Recollection, now: datetime
) -> set[int]:
    """Do what was decided and return the cases that it opened or changed."""
    cases = open_cases(decisions.openings, directory, now=now, crowds=crowds)
    opened = {
        case_opening.message.object_key: case for case, case_opening in zip(cases, decisions.openings, strict=True)
    }
    joins = [(case, message, why) for case, message, why in decisions.joins]
    joins += [(opened[first.object_key], message, why) for first, message, why in decisions.joins_to_new]
    joined = join_cases(joins, now=now)
    done = {message.pk for _, message, _ in joined}
    _leave_to_a_person([message for _, message, _ in joins if message.pk not in done])
    joins = joined
    go_on_with_replies(joins, now=now)
    answer_to_verdicts(decisions.verdicts, now=now)
    recollection.leave_traces([opening.message for opening in decisions.openings])
    suggest(_suggested(decisions, opened), now=now)
    return {case.pk for case in cases} | {case.pk for case, _, _ in joins}


def _leave_to_a_person(messages: Sequence[Message]) -> None:
    """Put what could not join into the operator's queue: the answer on its way is not for their eyes."""
    why = "the answer of the same problem's case holds another person's data"
    for message in messages:
        message.decision, message.decision_reason = Decision.OPERATOR, why
    if messages:
        ids = [message.pk for message in messages]
        Message.objects.filter(pk__in=ids).update(decision=Decision.OPERATOR, decision_reason=why)


def _suggested(decisions: Decisions, opened: Mapping[str, Case]) -> Iterator[Suggested]:
    """Yield what people are to be asked, the cases of this batch's own messages known by now."""
    for message, earlier in decisions.suggestions:
        candidate = earlier.case or opened[earlier.message.object_key]
        like = earlier.likeness
        yield Suggested(message, opened.get(message.object_key), candidate, like.score, like.reasons)


def _make_findable(batch: Batch) -> None:
    index_messages(batch.created, cases_of_messages([message.pk for message in batch.created if not message.is_ours]))
    reindex_messages(list(batch.changed.values()))


def _mark(heard: Sequence[Read], now: datetime) -> None:
    """Mark the deliveries as done, only those nobody else has; raises TakenElsewhere."""
    groups: dict[tuple[DeliveryState, str], list[int]] = {}
    for one in heard:
        groups.setdefault((one.state, one.note[:2000]), []).append(one.delivery.pk)
    for (state, note), ids in groups.items():
        due = Delivery.objects.filter(pk__in=ids, state=DeliveryState.RECEIVED)
        if due.update(state=state, note=note, parsed_at=now) != len(ids):
            raise TakenElsewhere


def _new_comments(batch: Batch) -> Counter[str]:
    return Counter(
        message.thread.post_external_id
        for message in batch.created
        if message.is_public and message.thread.post_external_id and not message.is_ours and message.deleted_at is None
    )


def _announce(channel: Channel, batch: Batch, cases: set[int], now: datetime) -> None:
    Channel.objects.filter(pk=channel.pk).update(last_delivery_at=now)
    changed: list[Message] = [*batch.created, *batch.changed.values()]
    if changed:
        announce(channel.municipality_id, "message", [message.pk for message in changed], at=now)
        if cases:
            announce(channel.municipality_id, "case", sorted(cases), at=now)
        bell.ring("live")
