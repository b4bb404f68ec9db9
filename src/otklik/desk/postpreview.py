"""How a post will look in each network while it is written: drawn by the server, from the words that sending would use.

The form has, for each channel: `to`, its number, where the post goes; `own-<number>`, words of its own; and
`whole-<number>`, whether what doesn't fit follows in further messages. `networks` says that the form has these fields
at all: without it a post goes everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from otklik.channels.enums import Network
from otklik.channels.models import Channel
from otklik.desk.doors import DeskRequest, door
from otklik.org.access import Permission
from otklik.posts.drafts import draft_by_key
from otklik.posts.queries import outlets
from otklik.posts.services.drafting import pictures_of_draft
from otklik.posts.services.foreseeing import Outlook, foresee
from otklik.posts.services.picturing import Picture
from otklik.posts.services.varying import LONGEST, OwnWords


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the author chose of the networks. `only` None: all of them."""

    own: tuple[OwnWords, ...] = ()
    only: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One channel in the form."""

    channel: Channel
    goes: bool
    own: OwnWords


def chosen_in(data: QueryDict, channels: Sequence[Channel]) -> Chosen:
    """Return what a form says of the networks; of channels that the city doesn't have, nothing."""
    if "networks" not in data:
        return Chosen()
    asked = data.getlist("to")
    own = tuple(
        OwnWords(
            channel.pk,
            data.get(f"own-{channel.pk}", "").strip()[:LONGEST],
            in_parts=bool(data.get(f"whole-{channel.pk}")),
        )
        for channel in channels
    )
    return Chosen(
        tuple(one for one in own if one.text or one.in_parts),
        frozenset(channel.pk for channel in channels if str(channel.pk) in asked),
    )


def rows_of(channels: Sequence[Channel], chosen: Chosen) -> list[Row]:
    """Return the form's rows: the channels beside the site, as they were chosen."""
    own = {one.channel_id: one for one in chosen.own}
    return [
        Row(channel, chosen.only is None or channel.pk in chosen.only, own.get(channel.pk, OwnWords(channel.pk)))
        for channel in channels
        if channel.network != Network.SITE
    ]


def looks_of(
    channels: Sequence[Channel], data: QueryDict, chosen: Chosen, photos: Sequence[Picture] = ()
) -> list[Outlook]:
    """Return how what was typed will look in the networks that it goes to. Asks nobody."""
    going = [channel for channel in channels if chosen.only is None or channel.pk in chosen.only]
    title, text = " ".join(data.get("title", "").split())[:200], data.get("text", "").strip()[:LONGEST]
    return foresee(going, title, text, photos, chosen.own)


@door(Permission.POST_PUBLISH)
@require_POST
def networks(request: DeskRequest) -> HttpResponse:
    """Draw how what was typed so far will look in each network: asked while the author types. Writes nothing."""
    request.access.require(Permission.POST_PUBLISH)
    channels = outlets(request.access.municipality_id)
    looks = looks_of(channels, request.POST, chosen_in(request.POST, channels), _photos_of_draft(request))
    return render(request, "desk/posts/_looks.html", {"looks": looks})


def _photos_of_draft(request: DeskRequest) -> Sequence[Picture]:
    """Return the photos that are kept with the draft that is being typed; none where there is none yet."""
    try:
        key = UUID(request.POST.get("form_key", ""))
    except ValueError:
        return ()
    draft = draft_by_key(request.access, key)
    return pictures_of_draft(draft) if draft is not None else ()
