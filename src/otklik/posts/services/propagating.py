"""Carrying a correction or a withdrawal to the networks that have the post.

A copy knows the revision that stands there (`version`) and the row that changes it (`change`). A network that can't
change or delete gets its row all the same: it fails at once with what to do by hand, and stays in sight until somebody
says that it is done. What is on its way is left to arrive; `note_finished` comes back here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from otklik.channels.enums import Network, OutgoingState
from otklik.channels.models import Channel, Outgoing
from otklik.channels.services.editing import can_rewrite, queue_edit
from otklik.channels.services.parting import with_photos
from otklik.channels.services.removing import OTHER_PHOTOS, can_remove, queue_removal, refuse
from otklik.common import bell
from otklik.org.models import Official
from otklik.posts.models import Post, Publication
from otklik.posts.services.picturing import show_newest, shows_newest
from otklik.posts.services.wording import words_for

_ON_THEIR_WAY = (OutgoingState.SENDING, OutgoingState.UNKNOWN)


def propagate(post: Post, official: Official | None, *, now: datetime) -> None:
    """Bring every copy of a post to its newest revision, or take them all away. Safe to repeat; in a transaction.

    A copy that hasn't gone yet goes with the new words, or not at all.
    """
    for copy in _copies(post):
        row = copy.outgoing
        if row is None or row.state in _ON_THEIR_WAY or _is_settled(copy, post):
            continue
        if row.receipts:
            _change(copy, row, post, official, now)
        elif post.withdrawn_at is not None:
            copy.removed_at, copy.outgoing = now, None
            copy.save(update_fields=["removed_at", "outgoing"])
            row.delete()
        else:
            shows = show_newest(row, copy.channel, post)
            row.text, copy.version = words_for(post, copy.channel, with_photos=shows), post.version
            row.save(update_fields=["text"])
            copy.save(update_fields=["version"])


def _copies(post: Post) -> list[Publication]:
    """Return the copies in networks, their rows held: the worker claims none of them meanwhile."""
    copies = Publication.objects.filter(post=post).exclude(channel__network=Network.SITE).order_by("channel")
    rows = Outgoing.objects.select_for_update(of=("self",)).filter(publication__post=post).order_by("id")
    held = {row.pk: row for row in rows.prefetch_related(with_photos())}
    found = list(copies.select_related("channel", "change"))
    for copy in found:
        copy.outgoing = held.get(copy.outgoing_id or 0)
        if copy.outgoing is not None:
            copy.outgoing.channel = copy.channel
    return found


def _is_settled(copy: Publication, post: Post) -> bool:
    if copy.removed_at is not None or copy.change_version == post.version:
        return True
    return post.withdrawn_at is None and copy.version == post.version


def _change(copy: Publication, row: Outgoing, post: Post, official: Official | None, now: datetime) -> None:
    _forget_older(copy)
    key = f"post:{post.pk}:{copy.channel_id}:revision:{post.version}"
    if post.withdrawn_at is not None:
        copy.change = queue_removal(row, key, official=official, now=now)
    else:
        copy.change = queue_edit(row, _words(post, row), key, official=official, now=now)
        if not shows_newest(row, copy.channel, post):
            refuse(copy.change, OTHER_PHOTOS, now=now)
    copy.change_version = post.version
    copy.save(update_fields=["change", "change_version"])


def _forget_older(copy: Publication) -> None:
    """An earlier change that hasn't gone, or was refused, is overtaken: its words must not come after the new ones."""
    idle = Outgoing.objects.filter(pk=copy.change_id or 0, state__in=[OutgoingState.QUEUED, OutgoingState.FAILED])
    for row in idle.select_for_update():
        row.delete()


def note_changed(rows: Sequence[Outgoing]) -> None:
    """Hear from the worker that changes were made: what stands there now, or that it is gone."""
    for row in rows:
        copies = Publication.objects.filter(change=row.pk)
        if row.removes_id is not None:
            copies.update(removed_at=row.finished_at)
        elif not copies.update(version=F("change_version")):
            _bring_back_newest(row)


def _bring_back_newest(overtaken: Outgoing) -> None:
    """An older correction was made after a newer one: the newer one goes once more."""
    newest = Outgoing.objects.filter(
        pk__in=Publication.objects.filter(outgoing=overtaken.edits_id).values("change"),
        state=OutgoingState.SENT,
        edits__isnull=False,
    )
    if newest.update(state=OutgoingState.QUEUED, receipts=[], finished_at=None, due_at=overtaken.finished_at):
        bell.ring("outgoing")


def left_behind(post: Post, *, removal: bool) -> list[Channel]:
    """Return the channels in which a correction, or a withdrawal, has to be made by hand."""
    rows = Outgoing.objects.filter(publication__post=post, publication__removed_at=None).select_related("channel")
    there = [row for row in rows.prefetch_related(with_photos()).order_by("channel__name") if row.receipts]
    if removal:
        return [row.channel for row in there if not can_remove(row)]
    return [row.channel for row in there if not can_rewrite(row, _words(post, row))]


def _words(post: Post, row: Outgoing) -> str:
    return words_for(post, row.channel, with_photos=bool(row.files.all()))
