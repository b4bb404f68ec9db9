"""What search engines and archives read of a page: schema.org, as linked data in the page itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from otklik.org.models import Municipality
from otklik.posts.models import Post, Revision, Rubric
from otklik.posts.photos import Shot
from otklik.posts.prose import as_plain
from otklik.public.doors import absolute

_CLOSERS = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
"""So that no words of a post can end the script they stand in."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The picture by which a post is shown elsewhere."""

    address: str
    width: int
    height: int
    alt: str


def cover(shots: Sequence[Shot]) -> Cover | None:
    """Return the first photo of a post, for other sites that show a link to it."""
    if not shots:
        return None
    return Cover(absolute(shots[0].whole), shots[0].file.width, shots[0].file.height, shots[0].alt)


def article(city: Municipality, post: Post, newest: Revision, shots: Sequence[Shot] = ()) -> SafeString:
    """Return a post as a news article: who says it for whom, since when, changed when."""
    address = absolute(reverse("public:post", args=[post.slug]))
    return _script(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": address,
            "url": address,
            "mainEntityOfPage": address,
            "headline": post.title,
            "articleBody": as_plain(post.text),
            "articleSection": str(Rubric(post.rubric).label),
            "inLanguage": city.language,
            "datePublished": post.published_at.isoformat(),
            "dateModified": newest.created_at.isoformat(),
            "commentCount": post.comment_count,
            "author": {"@type": "Person", "name": post.author.full_name, "jobTitle": post.author.position},
            "publisher": organization(city),
            **({"image": [_image(shot) for shot in shots]} if shots else {}),
            **({"correction": newest.reason} if newest.reason else {}),
        }
    )


def _image(shot: Shot) -> dict[str, Any]:
    size = {"width": shot.file.width, "height": shot.file.height}
    words = {"caption": shot.alt} if shot.alt else {}
    return {"@type": "ImageObject", "url": absolute(shot.whole), **size, **words}


def front(city: Municipality) -> SafeString:
    """Return the city with its head, for the front page."""
    return _script({"@context": "https://schema.org", **organization(city)})


def organization(city: Municipality) -> dict[str, Any]:
    """Return the city's government as schema.org names it."""
    return {
        "@type": "GovernmentOrganization",
        "@id": absolute("/#city"),
        "name": city.localised("name"),
        "url": absolute("/"),
        "employee": {
            "@type": "Person",
            "name": city.localised("head_name"),
            "jobTitle": city.localised("head_title"),
        },
    }


def _script(data: Mapping[str, Any]) -> SafeString:
    words = json.dumps(data, ensure_ascii=False).translate(_CLOSERS)
    return mark_safe(f'<script type="application/ld+json">{words}</script>')  # noqa: S308 - nothing in it can end it
