"""The photos on a case's screen: with the answer, before and after, and how they go to each conversation."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.cases.albums import Album, Sides, album_of, seal_of_answer
from otklik.cases.carrying import carry
from otklik.cases.enums import AnswerState
from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.cases.services.picturing import MOST_PHOTOS
from otklik.channels.models import Message
from otklik.channels.services.queueing import Shown

_WITH = _("with the photos")
_LINK = _("with a link to the case's page: photos can't be sent here")
_WITHOUT = _("without the photos: they can't be sent here, and nobody sees the case's page")

Place = tuple[int, str, str]
"""A channel, a kind of message and who reads it: photos go the same way to all that is alike in these."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the screen shows of photos. `seal` names what an approver has before the eyes."""

    album: Album = field(default_factory=Album)
    going: list[CasePhoto] = field(default_factory=list)
    sides: Sides | None = None
    seal: str = ""
    ways: dict[Place, str | Promise] = field(default_factory=dict)
    deed: str = ""
    most: int = MOST_PHOTOS

    @property
    def waits(self) -> bool:
        """Whether one of them isn't checked yet, so that nobody can see it."""
        return any(photo.file.state == "waiting" for photo in self.going)

    def way(self, message: Message) -> str | Promise:
        """Return how the photos go where a message was written; "" where there are none."""
        return self.ways.get(_place(message), "")


def pictures_of(case: Case, answer: Answer | None, targets: Sequence[Message]) -> Pictures:
    """Return the photos of a case for its screen. One query, whatever there is."""
    album = album_of(case)
    if answer is None or answer.state == AnswerState.DRAFT:
        going = album.of_draft(answer)
    else:
        going = album.of_answer(answer)
    shown = tuple(Shown(photo.file, photo.alt) for photo in going)
    ways: dict[Place, str | Promise] = {}
    for target in targets if shown else ():
        if _place(target) not in ways:
            carried = carry(case, target, "", shown)
            ways[_place(target)] = _WITH if carried.photos else _LINK if carried.link else _WITHOUT
    seal = seal_of_answer(answer, going) if answer is not None else ""
    return Pictures(album, going, album.sides, seal, ways, deed=secrets.token_hex(12))


def _place(message: Message) -> Place:
    return (message.channel_id, message.kind, message.visibility)
