"""The story of one message, readable top to bottom; told for a batch of one channel's deliveries at a time.

delivery → events → what was said → what it means → a case opened, joined, confirmed or reopened; or a person asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from otklik.cases.models import Case
from otklik.cases.services.opening import join_cases, open_cases
from otklik.cases.services.suggesting import Suggested, suggest
from otklik.channels.connections import connector_of
from otklik.channels.enums import Decision, DeliveryState
from otklik.channels.models import Channel, Delivery, Message
from otklik.channels.services.flooding import beyond_the_most
from otklik.channels.services.indexing import index_messages, reindex_messages
from otklik.channels.services.ingesting import Batch, gather
from otklik.channels.services.returning import fail_returned
from otklik.channels.whys import Why, stored
from otklik.common import bell
from otklik.connectors.events import EventKind
from otklik.intake.crowds import count_in
from otklik.intake.deciding import Decisions, decide
from otklik.intake.delivered import note_delivered
from otklik.intake.echoes import recognise_our_words
from otklik.intake.following import follow_changes
from otklik.intake.reading import Read, read
from otklik.intake.recognising import Recollection, Told
from otklik.intake.returns import answer_to_verdicts, go_on_with_replies, note_edits
from otklik.intake.understanding import Brain, recollect, understand
from otklik.org.queries import Directory
from otklik.org.services.announcing import announce
from otklik.posts.services.publishing import count_comments
from otklik.pulse.models import Surge
from otklik.residents.services.proving import hear


class TakenElsewhere(Exception):
    """Another worker took these deliveries in the meantime; nothing was written."""


def take_in(channel: Channel, deliveries: Sequence[Delivery], brain: Brain, *, now: datetime) -> int:
    """Carry a channel's deliveries to cases and return how many messages were new.

    Reading and understanding come before the transaction, so that the database is held only for writing.
    Safe to repeat and to kill: everything is written at once, with the deliveries' own mark.
    """
    heard = read(connector_of(channel), deliveries)
    mind = brain.mind(channel.municipality)
    understood = understand(channel, heard, mind.triage)
    recollection = recollect(channel, understood, brain)
    verdicts = {key: one.verdict for key, one in understood.items()}
    with transaction.atomic():
        _mark(heard, now)
        batch = gather(channel, [(one.delivery, event) for one in heard for event in one.events], now=now)
        floods = beyond_the_most(batch.from_residents, now=now)
        decisions = decide(batch, verdicts, mind.directory, recollection, version=mind.version, floods=floods)
        batch.write()
        crowds = count_in(batch, decisions, mind.directory, mind.thresholds, now=now)
        cases = _carry_out(decisions, mind.directory, crowds, recollection, now)
        recognise_our_words(batch.ours, now=now)
        note_edits(batch.edited.values(), now=now)
        follow_changes(batch, verdicts, mind.directory, version=mind.version, now=now)
        count_comments(channel.pk, _new_comments(batch))
        index_messages(batch.created, cases)
        reindex_messages(list(batch.changed.values()))
        _take_back(channel, heard, now)
        _announce(channel, batch, {case_id for case_id, _ in cases.values()}, now)
    return len(batch.created)


def _carry_out(
    decisions: Decisions, directory: Directory, crowds: Sequence[Surge], recollection: Recollection, now: datetime
) -> dict[int, tuple[int, int | None]]:
    """Do what was decided and return the case of each message that has one now, with its department."""
    cases = open_cases(decisions.openings, directory, now=now, crowds=crowds)
    opened = {
        case_opening.message.object_key: case for case, case_opening in zip(cases, decisions.openings, strict=True)
    }
    recognised, too_late = _recognised(decisions)
    wanted = [
        *decisions.joins,
        *recognised,
        *((opened[first.object_key], message, why) for first, message, why in decisions.joins_to_new),
    ]
    joins = join_cases(wanted, now=now)
    done = {message.pk for _, message, _ in joins}
    _leave_to_a_person([message for _, message, _ in wanted if message.pk not in done], Why.HOLDS_DATA)
    _leave_to_a_person(too_late, Why.CASE_ENDED)
    go_on_with_replies(joins, now=now)
    answer_to_verdicts(decisions.verdicts, now=now)
    _leave_to_a_person(hear(decisions.link_words, now=now), Why.LINKS_NOTHING)
    recollection.leave_traces([opening.message for opening in decisions.openings])
    suggest(_suggested(decisions, opened), now=now)
    began = zip(cases, (opening.message for opening in decisions.openings), strict=True)
    belong = [*began, *((case, message) for case, message, _ in joins)]
    return {message.pk: (case.pk, case.department_id) for case, message in belong}


def _recognised(decisions: Decisions) -> tuple[list[tuple[Case, Message, str]], list[Message]]:
    """Return what was recognised by its words alone, with the case as it stands now; and what came too late for it.

    Recognising comes before the transaction: somebody may have ended the case meanwhile, and nobody would look there.
    """
    told = decisions.joins_to_told
    cases = Case.objects.in_bulk({earlier.case_id for earlier, _, _ in told}) if told else {}
    found = [(cases.get(earlier.case_id), message, why) for earlier, message, why in told]
    joins = [(case, message, why) for case, message, why in found if case is not None and case.is_open]
    return joins, [message for case, message, _ in found if case is None or not case.is_open]


def _leave_to_a_person(messages: Sequence[Message], why: Why) -> None:
    """Put what could not join into the operator's queue."""
    for message in messages:
        message.decision, message.decision_reason = Decision.OPERATOR, stored(why)
    if messages:
        ids = [message.pk for message in messages]
        Message.objects.filter(pk__in=ids).update(decision=Decision.OPERATOR, decision_reason=stored(why))


def _suggested(decisions: Decisions, opened: Mapping[str, Case]) -> Iterator[Suggested]:
    """Yield what people are to be asked, the cases of this batch's own messages known by now."""
    for message, earlier in decisions.suggestions:
        same = earlier.message
        candidate_id = same.case_id if isinstance(same, Told) else opened[same.object_key].pk
        like = earlier.likeness
        yield Suggested(message, opened.get(message.object_key), candidate_id, like.score, like.reasons)


def _mark(heard: Sequence[Read], now: datetime) -> None:
    """Mark the deliveries as done, only those nobody else has; raises TakenElsewhere."""
    groups: dict[tuple[DeliveryState, str], list[int]] = {}
    for one in heard:
        groups.setdefault((one.state, one.note[:2000]), []).append(one.delivery.pk)
    for (state, note), ids in groups.items():
        due = Delivery.objects.filter(pk__in=ids, state=DeliveryState.RECEIVED)
        if due.update(state=state, note=note, parsed_at=now) != len(ids):
            raise TakenElsewhere


def _take_back(channel: Channel, heard: Sequence[Read], now: datetime) -> None:
    """What we thought was sent and wasn't: people see it among what was not delivered."""
    returned = [event for one in heard for event in one.events if event.kind is EventKind.UNDELIVERED]
    if returned:
        note_delivered(fail_returned(channel, returned, now=now), now)


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
