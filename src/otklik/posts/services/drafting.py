"""Writing a post: words kept as they are typed, photos put to it, ordered, cut and described, until it is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.common.text import storable
from otklik.media.drawing import Area
from otklik.media.enums import FileKind
from otklik.media.services.keeping import NotTaken, keep
from otklik.media.services.redrawing import crop
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.posts.drafts import draft_by_key, photos_of_draft, was_published
from otklik.posts.models import LONGEST_ALT, LONGEST_CONSENT, LONGEST_WAIVER, DraftPhoto, Post, PostDraft, Rubric
from otklik.posts.services.picturing import MOST_PHOTOS, Picture
from otklik.posts.services.publishing import Words, publish

_LONGEST_TEXT = 20_000
"""More than a post may have: what is typed too long is kept and told of, not cut while somebody writes."""


class DraftOvertaken(Exception):
    """The draft was changed elsewhere meanwhile, on another device or in another window; `draft` is as it is now."""

    def __init__(self, draft: PostDraft) -> None:
        super().__init__()
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said of a photo."""

    alt: str = ""
    alt_waived: str = ""
    shows_children: bool = False
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: words that may not be whole yet, and captions by the photo's id."""

    title: str
    text: str
    rubric: Rubric = Rubric.TOWN
    captions: Mapping[int, Caption] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody chose; `part` is its own name for this coming: the same again is the same photo."""

    name: str
    chunks: Iterable[bytes]
    part: str


def keep_words(access: Access, key: UUID, typed: Typed, *, seen: int, now: datetime) -> PostDraft:
    """Keep what was typed under a key, and return the draft. Raises Refused, DraftOvertaken, NotPossible.

    `seen` is the version that the typist had (0: none). The same words again change nothing and overtake nobody.
    """
    access.require(Permission.POST_PUBLISH)
    with transaction.atomic():
        draft = _own(access, key, now)
        held = PostDraft.objects.select_for_update().get(pk=draft.pk)
        words = (storable(typed.title).strip()[:200], storable(typed.text)[:_LONGEST_TEXT], typed.rubric)
        captions = _changed_captions(held, typed.captions)
        if words == (held.title, held.text, held.rubric) and not captions:
            return held
        if held.version != seen and (held.title or held.text):
            raise DraftOvertaken(held)
        held.title, held.text, held.rubric = words
        held.version, held.updated_at = held.version + 1, now
        held.save(update_fields=["title", "text", "rubric", "version", "updated_at"])
        DraftPhoto.objects.bulk_update(captions, ["alt", "alt_waived", "shows_children", "consent"])
        return held


def _own(access: Access, key: UUID, now: datetime) -> PostDraft:
    if (draft := draft_by_key(access, key)) is not None:
        return draft
    if was_published(access, key):
        raise NotPossible(_("It is published already."))
    try:
        with transaction.atomic():
            return PostDraft.objects.create(
                municipality_id=access.municipality_id,
                key=key,
                author=access.official,
                created_at=now,
                updated_at=now,
            )
    except IntegrityError:  # two requests began it at the same moment
        return PostDraft.objects.get(municipality=access.municipality_id, author=access.official, key=key)


def _changed_captions(draft: PostDraft, captions: Mapping[int, Caption]) -> list[DraftPhoto]:
    changed = []
    for photo in DraftPhoto.objects.filter(draft=draft, pk__in=captions) if captions else ():
        said = captions[photo.pk]
        wanted = (
            storable(said.alt).strip()[:LONGEST_ALT],
            storable(said.alt_waived).strip()[:LONGEST_WAIVER],
            said.shows_children,
            storable(said.consent).strip()[:LONGEST_CONSENT],
        )
        if wanted != (photo.alt, photo.alt_waived, photo.shows_children, photo.consent):
            photo.alt, photo.alt_waived, photo.shows_children, photo.consent = wanted
            changed.append(photo)
    return changed


def add_photo(access: Access, key: UUID, upload: Upload, *, now: datetime) -> DraftPhoto:
    """Put a photo to a draft, behind the others. Never inside a transaction. Raises Refused, NotTaken, NotPossible."""
    access.require(Permission.POST_PUBLISH)
    draft = _own(access, key, now)
    known = DraftPhoto.objects.filter(draft=draft, part=upload.part).first()
    if known is not None:
        return known
    _check_room(draft)
    file = keep(
        access.municipality_id,
        upload.name,
        upload.chunks,
        now=now,
        by=access.official,
        kinds=(FileKind.PICTURE,),
        for_page=True,
    )
    try:
        with transaction.atomic():
            held = PostDraft.objects.select_for_update().get(pk=draft.pk)
            _check_room(held)
            last = DraftPhoto.objects.filter(draft=held).order_by("-position").first()
            return DraftPhoto.objects.create(
                municipality_id=access.municipality_id,
                draft=held,
                part=upload.part,
                position=last.position + 1 if last is not None else 0,
                file=file,
            )
    except IntegrityError:  # the same upload, come twice at the same moment
        return DraftPhoto.objects.get(draft=draft, part=upload.part)


def _check_room(draft: PostDraft) -> None:
    if len(photos_of_draft(draft)) >= MOST_PHOTOS:
        raise NotTaken(_("More than %(most)d photos: the rest was left out.") % {"most": MOST_PHOTOS})


@transaction.atomic
def put_in_order(access: Access, draft: PostDraft, order: Sequence[int]) -> None:
    """Let the photos stand in this order; those that it doesn't name follow as they were. Raises Refused."""
    access.require(Permission.POST_PUBLISH)
    PostDraft.objects.select_for_update().get(pk=draft.pk, author=access.official)
    places = {pk: place for place, pk in enumerate(order)}
    photos = photos_of_draft(draft)
    photos.sort(key=lambda photo: places.get(photo.pk, len(order)))
    for place, photo in enumerate(photos):
        photo.position = place
    DraftPhoto.objects.bulk_update(photos, ["position"])


def move(access: Access, draft: PostDraft, photo: DraftPhoto, by: int) -> None:
    """Let a photo stand `by` places further back (negative: to the front). Raises Refused."""
    order = [one.pk for one in photos_of_draft(draft)]
    if photo.pk not in order:
        return
    at = order.index(photo.pk)
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    put_in_order(access, draft, order)


def cut(access: Access, photo: DraftPhoto, area: Area | None, *, now: datetime) -> None:
    """Show only an area of a photo, or all of it again. Raises Refused, ValueError; never inside a transaction.

    What was cut off is not lost: the photo is cut from what was taken in each time.
    """
    access.require(Permission.POST_PUBLISH)
    original = photo.original
    if area is None:
        values: dict[str, object] = {"file": original, "source": None, "crop": None}
    else:
        made = crop(original, area, by=access.official, now=now)
        values = {"file": made, "source": original, "crop": list(area)}
    DraftPhoto.objects.filter(pk=photo.pk, draft__author=access.official).update(**values)


def take_out(access: Access, photo: DraftPhoto, *, now: datetime) -> None:
    """Take a photo out of a draft; it can be brought back until the draft is published. Raises Refused."""
    access.require(Permission.POST_PUBLISH)
    DraftPhoto.objects.filter(pk=photo.pk, draft__author=access.official).update(removed_at=now)


def bring_back(access: Access, photo: DraftPhoto) -> None:
    """Put a photo that was taken out back to its place. Raises Refused, NotTaken where there is no room any more."""
    access.require(Permission.POST_PUBLISH)
    _check_room(photo.draft)
    DraftPhoto.objects.filter(pk=photo.pk, draft__author=access.official).update(removed_at=None)


def drop(access: Access, draft: PostDraft) -> None:
    """Throw a draft away with its photos. Raises Refused."""
    access.require(Permission.POST_PUBLISH)
    PostDraft.objects.filter(pk=draft.pk, author=access.official).delete()


def pictures_of_draft(draft: PostDraft) -> tuple[Picture, ...]:
    """Return what a draft is to show, as publishing takes it. One query."""
    return tuple(
        Picture(
            row.file,
            row.alt,
            row.alt_waived,
            row.source,
            (row.crop[0], row.crop[1], row.crop[2], row.crop[3]) if row.crop else None,
            row.shows_children,
            row.consent,
        )
        for row in photos_of_draft(draft)
    )


def publish_draft(access: Access, key: UUID, words: Words, *, now: datetime) -> Post:
    """Publish these words with the photos of the draft under a key, if there is one; the draft is gone then.

    Raises what `publish` raises. Sent again it publishes nothing more.
    """
    draft = draft_by_key(access, key)
    pictures = pictures_of_draft(draft) if draft is not None else ()
    with transaction.atomic():
        post = publish(access, replace(words, photos=pictures), now=now, form_key=key)
        if draft is not None:
            drop(access, draft)
    return post
