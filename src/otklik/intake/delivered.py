"""What follows when the worker finished sending: cases become answered, posts know where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from otklik.cases.services import answering, correcting
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.channels.services.federating import hand_out_answers
from otklik.common import bell
from otklik.org.services.announcing import announce
from otklik.posts.models import Publication
from otklik.posts.services import publishing
from otklik.posts.services.federating import hand_out_posts


def note_delivered(rows: Sequence[Outgoing], now: datetime) -> None:
    """Tell cases and posts what became of their rows; in the transaction that settles the rows."""
    if not rows:
        return
    answering.note_finished(rows, now=now)
    correcting.note_finished(rows, now=now)
    publishing.note_finished(rows)
    hand_out_answers(rows, now=now)
    hand_out_posts(rows, now=now)
    publishing.count_answers(_answers_by_post(rows))
    for municipality_id in {row.municipality_id for row in rows}:
        ids = [row.pk for row in rows if row.municipality_id == municipality_id]
        announce(municipality_id, "outgoing", ids, at=now)
    bell.ring("live")


def _answers_by_post(rows: Sequence[Outgoing]) -> Counter[int]:
    said = [
        (row.channel_id, row.thread.post_external_id)
        for row in rows
        if row.state == OutgoingState.SENT and not row.is_automated and row.thread is not None
        if not row.idempotency_key.startswith("correction:")  # the same answer in other words is no second one
    ]
    places = {place for place in said if place[1]}
    if not places:
        return Counter()
    found = Publication.objects.filter(
        channel__in={channel for channel, _ in places}, external_id__in={post for _, post in places}
    ).values_list("channel_id", "external_id", "post_id")
    posts = {(channel, external_id): post for channel, external_id, post in found}
    return Counter(posts[place] for place in said if place in posts)
