"""Correcting a post and taking it back: nothing said is ever unsaid, readers see what changed and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.posts.models import Change, Post
from otklik.posts.queries import newest_revision
from otklik.posts.services.picturing import Picture, pictures_of, tidy
from otklik.posts.services.propagating import propagate
from otklik.posts.services.publishing import Words
from otklik.posts.services.stating import add_revision
from otklik.posts.services.varying import OwnWords, own_words_of, tidied


class Overtaken(Exception):
    """Somebody else changed the post meanwhile; `post` is as it is now."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        self.post = post


@transaction.atomic
def correct(access: Access, post: Post, words: Words, reason: str, *, version: int, now: datetime) -> Post:
    """Give a post other words or photos; the earlier words stay readable.

    Raises Refused, NotPossible, NoKey, Overtaken.

    `version` is what the author had before the eyes. The same words and photos again change nothing. A photo that is
    shown no more is off its address, and stays named in the history.
    """
    access.require(Permission.POST_PUBLISH)
    found = _mine(access, post, version)
    wanted = (words.title.strip(), words.text.strip(), words.rubric)
    shown = pictures_of(newest_revision(found))
    pictures = shown if words.photos is None else tidy(words.photos, found.municipality_id)
    spoken = own_words_of(newest_revision(found))
    own = spoken if words.own is None else tidied(words.own, found.municipality_id)
    same_photos = [one.seal for one in pictures] == [one.seal for one in shown]
    if same_photos and own == spoken and wanted == (found.title, found.text, found.rubric):
        return found
    if not wanted[0] or not wanted[1]:
        raise NotPossible(_("A post needs a headline and a text."))
    found.title, found.text, found.rubric = wanted
    return _changed(access, found, Change.CORRECTED, _why(reason), pictures=pictures, own=own, now=now)


@transaction.atomic
def withdraw(access: Access, post: Post, reason: str, *, version: int, now: datetime) -> Post:
    """Take a post back: a page with the reason stays at its address. Raises Refused, NotPossible, NoKey, Overtaken."""
    access.require(Permission.POST_PUBLISH)
    found = _mine(access, post, version)
    found.withdrawn_at = now
    last = newest_revision(found)
    pictures, own = pictures_of(last), own_words_of(last)
    return _changed(access, found, Change.WITHDRAWN, _why(reason), pictures=pictures, own=own, now=now)


def _mine(access: Access, post: Post, version: int) -> Post:
    found = Post.objects.select_for_update().get(pk=post.pk, municipality=access.municipality_id)
    if found.version != version:
        raise Overtaken(found)
    if found.withdrawn_at is not None:
        raise NotPossible(_("The post was withdrawn already."))
    return found


def _changed(
    access: Access,
    post: Post,
    change: Change,
    reason: str,
    *,
    pictures: Sequence[Picture],
    own: Sequence[OwnWords],
    now: datetime,
) -> Post:
    post.version += 1
    post.save(update_fields=["title", "text", "rubric", "version", "withdrawn_at"])
    add_revision(post, change, access.official, now=now, reason=reason, pictures=pictures, own=own)
    propagate(post, access.official, now=now)
    return post


def _why(reason: str) -> str:
    tidy = " ".join(reason.split())
    if not tidy:
        raise NotPossible(_("Say why: readers see the reason beside the change."), field="reason")
    return tidy[:300]
