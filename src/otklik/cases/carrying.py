"""How the photos of an answer reach each conversation: along with the words, by a link, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from otklik.cases.models import Case
from otklik.channels.models import Message
from otklik.channels.services.queueing import Shown, takes_photos


@dataclass(frozen=True, slots=True)
class Carried:
    """What is queued for one conversation; `link` is what stands in the text in the photos' place."""

    text: str
    photos: tuple[Shown, ...] = ()
    link: str = ""


def carry(case: Case, message: Message, text: str, photos: Sequence[Shown]) -> Carried:
    """Return the words and photos that go where a message was written.

    Where photos can't be sent, a link to the case's page stands below the words: the private one only where nobody
    else reads, the public one only of a public case. Else the words go alone.
    """
    if not photos:
        return Carried(text)
    if takes_photos(message):
        return Carried(text, tuple(photos))
    link = page_of(case, message)
    if not link:
        return Carried(text)
    words = "Photos" if (message.language or case.municipality.language) == "en" else "Фотографии"
    return Carried(f"{text}\n\n{words}: {link}", link=link)


def page_of(case: Case, message: Message) -> str:
    """Return the page on which whoever reads there sees the photos; "" where there is none."""
    if not message.is_public:
        return f"{settings.ENVIRONMENT.public_url}/case/{case.code}/"
    return f"{settings.ENVIRONMENT.public_url}/cases/{case.number}/" if case.is_public else ""
