"""A post as the fediverse reads it: the same words, its canonical page, its rubric as a hashtag."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.html import escape

from otklik.channels.models import Channel
from otklik.channels.services.proving import account_of
from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.addresses import PUBLIC
from otklik.posts.models import Post, Revision, Rubric
from otklik.posts.photos import photos_of_revision, shot_of
from otklik.posts.prose import as_html
from otklik.posts.queries import newest_revision

_LANGUAGE = "ru"
_NOT_IN_A_WORD = re.compile(r"\W+")


def page_of(post: Post) -> str:
    """Return the canonical page, for people."""
    return f"{settings.ENVIRONMENT.public_url}/posts/{post.slug}/"


def post_object(channel: Channel, post: Post, address: str) -> dict[str, Any]:
    """Return what stands at a post's address in the fediverse; a tombstone where it was withdrawn. Four queries."""
    home = account_of(channel).home
    if post.withdrawn_at is not None:
        return {"id": address, "type": "Tombstone", "deleted": post.withdrawn_at.strftime("%Y-%m-%dT%H:%M:%SZ")}
    changed = Revision.objects.filter(post=post, number__gt=1).order_by("-number").values_list("created_at", flat=True)
    tag = hashtag_of(post)
    rubric_page = f"{settings.ENVIRONMENT.public_url}/rubrics/{post.rubric}/"
    page = page_of(post)
    ending = (
        f'<p><a href="{escape(page)}">{escape(page)}</a></p>'
        f'<p><a href="{escape(rubric_page)}" class="mention hashtag" rel="tag">#<span>{tag}</span></a></p>'
    )
    said = objects.Note(
        id=address,
        url=page,
        html=f"<p><strong>{escape(post.title)}</strong></p>{as_html(post.text)}{ending}",
        published=post.published_at,
        updated=changed.first(),
        to=(PUBLIC,),
        cc=(home.followers,),
        hashtags=((tag, rubric_page),),
        pictures=_pictures(post),
        language=_LANGUAGE,
    )
    return objects.note(home, said)


def _pictures(post: Post) -> tuple[objects.Picture, ...]:
    """Return the photos that a post shows now, at their public addresses. Three queries."""
    site = settings.ENVIRONMENT.public_url
    shots = [shot_of(row) for row in photos_of_revision(newest_revision(post))]
    return tuple(
        objects.Picture(f"{site}{shot.whole}", "image/jpeg", shot.alt, shot.file.width, shot.file.height)
        for shot in shots
    )


def hashtag_of(post: Post) -> str:
    """Return the rubric as one word, in the language of the posts."""
    with translation.override(_LANGUAGE):
        label = str(Rubric(post.rubric).label)
    return "".join(word.capitalize() for word in _NOT_IN_A_WORD.split(label) if word)
