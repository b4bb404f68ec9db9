"""Reads of what somebody is writing: one's own drafts and nobody else's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from otklik.org.access import Access
from otklik.posts.models import DraftPhoto, Post, PostDraft


def drafts_of(access: Access) -> QuerySet[PostDraft]:
    """Return an official's own drafts, the newest first, with `photo_count`."""
    own = PostDraft.objects.filter(municipality=access.municipality_id, author=access.official)
    return own.annotate(photo_count=Count("photos", filter=Q(photos__removed_at=None))).order_by("-updated_at", "-id")


def draft_by_key(access: Access, key: UUID | None) -> PostDraft | None:
    """Return one of an official's own drafts; None for others', and for none. One query at most."""
    return drafts_of(access).filter(key=key).first() if key is not None else None


def was_published(access: Access, key: UUID) -> bool:
    """Return whether this draft has become a post already. One query."""
    made = Post.objects.filter(municipality=access.municipality_id, author=access.official, form_key=key)
    return made.exists()


def photos_of_draft(draft: PostDraft, *, removed: bool = False) -> list[DraftPhoto]:
    """Return a draft's photos in their order, or those that were taken out. One query."""
    rows = DraftPhoto.objects.filter(
        municipality=draft.municipality_id, draft=draft, removed_at__isnull=not removed
    ).select_related("file", "source")
    return list(rows.order_by("position", "id"))
