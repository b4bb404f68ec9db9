"""What search engines and archives read of a page: schema.org, as linked data in the page itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from otklik.org.models import Municipality
from otklik.posts.models import Post, Revision, Rubric
from otklik.posts.prose import as_plain
from otklik.public.doors import absolute

_CLOSERS = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}
"""So that no words of a post can end the script they stand in."""


def article(city: Municipality, post: Post, newest: Revision) -> SafeString:
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
            **({"correction": newest.reason} if newest.reason else {}),
        }
    )


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
