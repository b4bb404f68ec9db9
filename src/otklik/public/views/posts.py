"""The front page and a post with its one conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from otklik.cases import publicity
from otklik.cases.queries import Pulse, pulse_of
from otklik.cases.standing import standing
from otklik.common import clock
from otklik.org.models import Municipality
from otklik.posts import queries
from otklik.posts.models import Post, Rubric
from otklik.posts.photos import shots_of_posts
from otklik.posts.prose import as_html, excerpt
from otklik.public import linkeddata
from otklik.public.doors import cached_page, show
from otklik.public.views import fediverse

_RESULTS = 3
"""Answered public cases on the front page."""
PULSE_S = 30
"""How old the figures of the strip may be: counting is the front page's dearest query."""


@cached_page
def feed(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Show the newest posts, and what is being solved today."""
    after = point_from(request)
    posts, following = queries.feed_page(city.pk, after)
    cards = _cards(posts)
    context = {
        "section": "news",
        "rubrics": Rubric.choices,
        "linked_data": linkeddata.front(city),
        "lead": cards[0] if cards and after is None else None,
        "cards": cards[1:] if after is None else cards,
        "pulse": _pulse(city.pk),
        "results": _results(city.pk) if after is None else [],
        "newer_url": reverse("public:feed") if after is not None else "",
        "older_url": url_after(reverse("public:feed"), following),
    }
    return show(request, city, "public/feed.html", context)


@cached_page
def rubric(request: HttpRequest, city: Municipality, rubric: str) -> HttpResponse:
    """Show the posts of one rubric. Raises Http404."""
    if rubric not in Rubric.values:
        raise Http404
    after = point_from(request)
    posts, following = queries.feed_page(city.pk, after, rubric)
    here = reverse("public:rubric", args=[rubric])
    context = {
        "section": "news",
        "rubrics": Rubric.choices,
        "rubric": Rubric(rubric),
        "cards": _cards(posts),
        "newer_url": here if after is not None else "",
        "older_url": url_after(here, following),
    }
    return show(request, city, "public/rubric.html", context)


@cached_page
def post(request: HttpRequest, city: Municipality, slug: str) -> HttpResponse:
    """Show a post and what people say under it in every network."""
    found = any_post_or_404(city, slug)
    if fediverse.wants_activity(request) and (thing := fediverse.object_of_page(city, found)) is not None:
        return thing
    newest = queries.revisions_of(found)[0]
    if found.withdrawn_at is not None:
        return show(
            request, city, "public/withdrawn.html", {"section": "news", "post": found, "said": newest}, status=410
        )
    after = point_from(request)
    conversation = queries.conversation_of(found, after)
    here = reverse("public:post", args=[slug])
    shots = shots_of_posts([found]).get(found.pk, [])
    context = {
        "section": "news",
        "post": found,
        "newest": newest,
        "linked_data": linkeddata.article(city, found, newest, shots),
        "shots": shots,
        "cover": linkeddata.cover(shots),
        "body": as_html(found.text),
        "summary": excerpt(found.text, 180),
        "in_fediverse": queries.address_in_fediverse(found),
        "conversation": conversation,
        "newer_url": f"{here}#talk" if after is not None else "",
        "older_url": f"{url}#talk" if (url := url_after(here, conversation.next)) else "",
    }
    return show(request, city, "public/post.html", context)


def _cards(posts: Sequence[Post]) -> list[dict[str, Any]]:
    first = shots_of_posts(posts, first_only=True)
    return [{"post": post, "excerpt": excerpt(post.text), "shot": first.get(post.pk, [None])[0]} for post in posts]


def any_post_or_404(city: Municipality, slug: str) -> Post:
    """Return a post, also one that was withdrawn. Raises Http404."""
    try:
        return Post.objects.select_related("author", "origin").get(municipality=city, slug=slug)
    except Post.DoesNotExist as error:
        raise Http404 from error


def post_or_404(city: Municipality, slug: str) -> Post:
    """Return a published post. Raises Http404."""
    try:
        return queries.post_by_slug(city.pk, slug)
    except Post.DoesNotExist as error:
        raise Http404 from error


def point_from(request: HttpRequest) -> queries.Point | None:
    """Return where a page starts, from `?after=microseconds-id`; the first page for anything else."""
    return queries.Point.read(request.GET.get("after", ""))


def url_after(url: str, point: queries.Point | None) -> str:
    """Return the address of the page that starts at a point; empty for none."""
    return f"{url}?{urlencode({'after': str(point)})}" if point is not None else ""


def _results(municipality_id: int) -> list[dict[str, Any]]:
    answered = publicity.looked_for(municipality_id, publicity.Looking(show="answered"))
    return [{"case": case, "standing": standing(case)} for case in answered[:_RESULTS]]


def _pulse(municipality_id: int) -> Pulse:
    key = f"pulse:{municipality_id}"
    kept: Pulse | None = cache.get(key)
    if kept is None:
        kept = pulse_of(municipality_id, now=clock.now())
        cache.set(key, kept, PULSE_S)
    return kept
