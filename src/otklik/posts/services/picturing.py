"""The photos of a post: what is asked of each before everybody sees it, and how its revision keeps and states them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from otklik.channels.models import Channel, Outgoing, OutgoingFile
from otklik.channels.services.queueing import Shown, channel_takes_photos, put_photos
from otklik.common.text import shorten, storable
from otklik.connectors.events import DraftKind
from otklik.media.drawing import Area
from otklik.media.enums import Look
from otklik.media.models import StoredFile
from otklik.org.errors import NotPossible
from otklik.posts.models import LONGEST_ALT, LONGEST_CONSENT, LONGEST_WAIVER, Post, Revision, RevisionPhoto
from otklik.posts.photos import photos_of_revision, shot_of
from otklik.posts.queries import newest_revision

MOST_PHOTOS = 20
"""Networks take ten in an album: more go in a second one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo that a post is to show; `file` is the one that everybody sees, cut from `source` where there is one."""

    file: StoredFile
    alt: str = ""
    alt_waived: str = ""
    source: StoredFile | None = None
    crop: Area | None = None
    shows_children: bool = False
    consent: str = ""

    @property
    def seal(self) -> tuple[object, ...]:
        """What makes it another picture."""
        return (self.file.pk, self.alt, self.alt_waived, self.shows_children, self.consent)


def tidy(pictures: Sequence[Picture], municipality_id: int) -> tuple[Picture, ...]:
    """Return pictures with their words tidied, fit for everybody. Raises NotPossible with what is missing."""
    if len(pictures) > MOST_PHOTOS:
        raise NotPossible(_("A post shows at most %(most)d photos.") % {"most": MOST_PHOTOS}, field="photos")
    return tuple(_tidied(one, number, municipality_id) for number, one in enumerate(pictures, 1))


def _tidied(one: Picture, number: int, municipality_id: int) -> Picture:
    file = one.file
    if file.municipality_id != municipality_id or not file.is_picture:
        raise NotPossible(_("Photo %(n)d isn't a photo of this city.") % {"n": number}, field="photos")
    if not file.is_ready:
        raise NotPossible(_("Photo %(n)d is still being checked: wait a moment.") % {"n": number}, field="photos")
    alt, waived = _line(one.alt, LONGEST_ALT), _line(one.alt_waived, LONGEST_WAIVER)
    if not alt and not waived:
        raise NotPossible(
            _("Say what photo %(n)d shows, or why it needs no words: some people hear it only.") % {"n": number},
            field="photos",
        )
    consent = _line(one.consent, LONGEST_CONSENT) if one.shows_children else ""
    if one.shows_children and not consent:
        raise NotPossible(
            _("Photo %(n)d shows children: name where the consent of their parents lies.") % {"n": number},
            field="photos",
        )
    return Picture(file, alt, "" if alt else waived, one.source, one.crop, one.shows_children, consent)


def _line(words: str, longest: int) -> str:
    return shorten(" ".join(storable(words).split()), longest)


def pictures_of(revision: Revision) -> tuple[Picture, ...]:
    """Return what a revision shows, as it was given. Two queries."""
    rows = RevisionPhoto.objects.filter(municipality=revision.municipality_id, revision=revision)
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
        for row in rows.select_related("file", "source").order_by("position")
    )


def add_photos(revision: Revision, pictures: Sequence[Picture]) -> None:
    """Keep what a revision shows, with it; the caller's transaction."""
    RevisionPhoto.objects.bulk_create(
        RevisionPhoto(
            municipality_id=revision.municipality_id,
            revision=revision,
            position=number,
            file=one.file,
            source=one.source,
            crop=list(one.crop) if one.crop is not None else None,
            alt=one.alt,
            alt_waived=one.alt_waived,
            shows_children=one.shows_children,
            consent=one.consent,
        )
        for number, one in enumerate(pictures)
    )


def stated(revision: Revision, home: str) -> list[Mapping[str, object]]:
    """Return what the signed statement says of a revision's photos: words, order, and the digest of every form.

    `sha256` is the whole picture's; `forms` are the digests of all that pages show of it, by their names.
    """
    return [
        {
            "alt": row.alt,
            "sha256": shot.forms[Look.WHOLE].digest,
            "address": f"{home}{shot.whole}",
            "width": row.file.width,
            "height": row.file.height,
            "forms": {look: form.digest for look, form in sorted(shot.forms.items())},
        }
        for row, shot in ((row, shot_of(row)) for row in photos_of_revision(revision))
    ]


def take_along(row: Outgoing, channel: Channel, pictures: Sequence[Picture]) -> bool:
    """Have a post's photos go to a network that takes them, with the row that was just queued for it; say if any go."""
    goes = bool(pictures) and channel_takes_photos(channel, DraftKind.POST)
    if goes:
        put_photos(row, [Shown(one.file, one.alt) for one in pictures])
    return goes


def show_newest(row: Outgoing, channel: Channel, post: Post) -> bool:
    """Let a row that hasn't gone yet carry the photos that the post shows now: one taken out never goes."""
    OutgoingFile.objects.filter(municipality=row.municipality_id, outgoing=row).delete()
    return take_along(row, channel, pictures_of(newest_revision(post)))


def shows_newest(row: Outgoing, channel: Channel, post: Post) -> bool:
    """Return whether what was sent shows the photos of the post as it is now, or its network takes none."""
    sent = [one.file_id for one in row.files.all()]
    now_shown = [one.file.pk for one in pictures_of(newest_revision(post))]
    return sent == now_shown or not channel_takes_photos(channel, DraftKind.POST)
