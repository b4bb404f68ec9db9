"""Reads of the photos of posts: what stands where now, in which forms, and who may see the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F, Prefetch, QuerySet

from otklik.media import folder
from otklik.media.addresses import photo_path
from otklik.media.drawing import PAGE_SIZES, SIZES
from otklik.media.enums import FileState, Look
from otklik.media.models import Rendition, StoredFile
from otklik.media.queries import SHOWN, Content
from otklik.posts.models import Post, Revision, RevisionPhoto

_SIDES = SIZES | PAGE_SIZES


@dataclass(frozen=True)
class Shot:
    """A photo as pages show it: its words, and the address of each of its forms."""

    file: StoredFile
    alt: str
    forms: Mapping[str, Rendition]

    @property
    def is_tall(self) -> bool:
        """Whether it is higher than wide."""
        return self.file.height > self.file.width

    @cached_property
    def avif(self) -> str:
        """The forms in AVIF, as a browser chooses among them; "" for none."""
        return self._choice(Look.CARD_AVIF, Look.SCREEN_AVIF)

    @cached_property
    def webp(self) -> str:
        """The forms in WebP, likewise."""
        return self._choice(Look.THUMB, Look.CARD, Look.SCREEN)

    @property
    def whole(self) -> str:
        """The largest, as JPEG: what opens large, what networks and other sites fetch."""
        return self._path(Look.WHOLE)

    @property
    def screen(self) -> str:
        """What fills a screen."""
        return self._path(Look.SCREEN)

    @property
    def card(self) -> str:
        """What fills a card; an older file has none, and a screen's is taken."""
        return self._path(Look.CARD if Look.CARD in self.forms else Look.SCREEN)

    @property
    def thumb(self) -> str:
        """The smallest."""
        return self._path(Look.THUMB)

    def _choice(self, *looks: Look) -> str:
        return ", ".join(f"{self._path(look)} {self._width(look)}w" for look in looks if look in self.forms)

    def _path(self, look: str) -> str:
        form = self.forms[look]
        return photo_path(form.digest, form.mime)

    def _width(self, look: str) -> int:
        longer = max(self.file.width, self.file.height, 1)
        return max(1, round(self.file.width * min(1, _SIDES[look] / longer)))


def with_forms() -> Prefetch[str, QuerySet[Rendition], str]:
    """Return what to prefetch so that a photo has its forms."""
    return Prefetch("file__renditions", Rendition.objects.filter(look__in=SHOWN))


def shot_of(row: RevisionPhoto) -> Shot:
    """Return a photo that was read `with_forms`."""
    return Shot(row.file, row.alt, {form.look: form for form in row.file.renditions.all()})


def photos_of_revision(revision: Revision) -> list[RevisionPhoto]:
    """Return a revision's photos in their order, each with its file and forms. Two queries."""
    rows = RevisionPhoto.objects.filter(municipality=revision.municipality_id, revision=revision)
    return list(rows.select_related("file").prefetch_related(with_forms()).order_by("position"))


def shots_of_posts(posts: Sequence[Post], *, first_only: bool = False) -> dict[int, list[Shot]]:
    """Return the photos that posts show now, by the post's id. Two queries, whatever there is; one for no photos."""
    if not posts:
        return {}
    rows = RevisionPhoto.objects.filter(
        municipality=posts[0].municipality_id, revision__post__in=posts, revision__number=F("revision__post__version")
    )
    rows = rows.filter(position=0) if first_only else rows
    found: dict[int, list[Shot]] = {}
    shown = rows.select_related("file", "revision").prefetch_related(with_forms())
    for row in shown.order_by("revision", "position"):
        found.setdefault(row.revision.post_id, []).append(shot_of(row))
    return found


def public_content(municipality_id: int, digest: str) -> Content | None:
    """Return a form of a photo that a published post shows now; None where none does, or no more. One query.

    A photo of an earlier revision, or of a post that was taken back, is off its address: that may be why it went.
    """
    now_shown = RevisionPhoto.objects.filter(
        municipality=municipality_id,
        revision__number=F("revision__post__version"),
        revision__post__withdrawn_at=None,
    )
    forms = _forms(municipality_id, digest).filter(file__in=now_shown.values("file"), file__state=FileState.READY)
    form = forms.select_related("file").first()
    if form is None:
        return None
    return Content(form.file, folder.path_of(municipality_id, digest), form.mime, form.size, digest)


def was_public(municipality_id: int, digest: str) -> bool:
    """Return whether a post has shown these bytes at any time: the address is gone, not unknown. One query."""
    ever_shown = RevisionPhoto.objects.filter(municipality=municipality_id)
    return _forms(municipality_id, digest).filter(file__in=ever_shown.values("file")).exists()


def _forms(municipality_id: int, digest: str) -> QuerySet[Rendition]:
    return Rendition.objects.filter(municipality=municipality_id, digest=digest, look__in=SHOWN)
