"""The news by the standards of others: Atom, RSS and JSON Feed, whole and by rubric; sitemaps for search engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from otklik.cases import publicity
from otklik.common import clock
from otklik.media.drawing import SIZES
from otklik.media.enums import Look
from otklik.org.models import Municipality
from otklik.posts import queries
from otklik.posts.models import Post, Rubric
from otklik.posts.photos import Shot, shots_of_posts
from otklik.posts.prose import as_html, excerpt
from otklik.public.doors import absolute, cached_page

_NEWEST = 30
_MOST = 50_000
"""Addresses in one sitemap, by its standard."""
_NEWS_FOR = timedelta(days=2)
"""Search engines want no older news in a sitemap of news."""
_KINDS: dict[str, tuple[type[SyndicationFeed], str]] = {
    "atom": (Atom1Feed, "application/atom+xml; charset=utf-8"),
    "rss": (Rss201rev2Feed, "application/rss+xml; charset=utf-8"),
}
_ENCLOSED = {"atom": 20, "rss": 1}
"""Photos enclosed with one post: RSS has room for one; all of them stand in the text too."""


@cached_page
def posts(_request: HttpRequest, city: Municipality, kind: str, rubric: str = "") -> HttpResponse:
    """Give the newest posts, of one rubric or of all, as `kind`: atom, rss or json. Raises Http404."""
    if kind not in (*_KINDS, "json") or (rubric and rubric not in Rubric.values):
        raise Http404
    rows = queries.newest_posts(city.pk, rubric, _NEWEST)
    title = _("%(city)s: news") % {"city": city.localised("name")}
    if rubric:
        title = f"{title}. {Rubric(rubric).label}"
    home = reverse("public:rubric", args=[rubric]) if rubric else reverse("public:feed")
    here = reverse("public:rubric_news", args=[rubric, kind]) if rubric else reverse("public:news", args=[kind])
    shots = shots_of_posts(rows)
    if kind == "json":
        return _as_json(city, rows, shots, title=title, home=absolute(home), here=absolute(here))
    make, content_type = _KINDS[kind]
    feed = make(
        title=title,
        link=absolute(home),
        description=city.localised("motto") or title,
        language=get_language(),
        author_name=city.localised("head_name"),
        feed_url=absolute(here),
    )
    for post in rows:
        link = absolute(reverse("public:post", args=[post.slug]))
        feed.add_item(
            title=post.title,
            link=link,
            unique_id=link,
            description=_content(post, shots),
            enclosures=[_enclosure(shot) for shot in shots.get(post.pk, [])[: _ENCLOSED[kind]]],
            pubdate=post.published_at,
            updateddate=post.changed_at or post.published_at,
            author_name=post.author.full_name,
            categories=[str(Rubric(post.rubric).label)],
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=content_type)


def _content(post: Post, shots: Mapping[int, Sequence[Shot]]) -> str:
    """Return a post as readers of feeds show it: its photos, then its words."""
    photos = [
        format_html(
            '<p><img src="{}" width="{}" height="{}" alt="{}"></p>',
            absolute(shot.screen), *_size_on_screen(shot), shot.alt,
        )
        for shot in shots.get(post.pk, [])
    ]  # fmt: skip
    return "".join([*photos, as_html(post.text)])


def _size_on_screen(shot: Shot) -> tuple[int, int]:
    share = min(1, SIZES["screen"] / max(shot.file.width, shot.file.height))
    return round(shot.file.width * share), round(shot.file.height * share)


def _enclosure(shot: Shot) -> Enclosure:
    whole = shot.forms[Look.WHOLE]
    return Enclosure(absolute(shot.whole), str(whole.size), whole.mime)


def _as_json(
    city: Municipality, rows: Sequence[Any], shots: Mapping[int, Sequence[Shot]], *, title: str, home: str, here: str
) -> HttpResponse:
    """Give a JSON Feed (version 1.1); its own member says where the posts' proofs are."""
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": home,
        "feed_url": here,
        "language": get_language(),
        "authors": [{"name": city.localised("head_name")}],
        "_otklik": {"keys": absolute(reverse("public:keys")), "log": absolute(reverse("public:log_head"))},
        "items": [
            {
                "id": absolute(reverse("public:post", args=[post.slug])),
                "url": absolute(reverse("public:post", args=[post.slug])),
                "title": post.title,
                "summary": excerpt(post.text),
                "content_html": _content(post, shots),
                **_pictures(shots.get(post.pk, [])),
                "date_published": post.published_at,
                "date_modified": post.changed_at or post.published_at,
                "authors": [{"name": post.author.full_name}],
                "tags": [str(Rubric(post.rubric).label)],
                "_otklik": {"proof": absolute(reverse("public:post_json", args=[post.slug]))},
            }
            for post in rows
        ],
    }
    return JsonResponse(body, content_type="application/feed+json")


def _pictures(shots: Sequence[Shot]) -> dict[str, Any]:
    if not shots:
        return {}
    wholes = [(shot, shot.forms[Look.WHOLE]) for shot in shots]
    return {
        "image": absolute(shots[0].whole),
        "attachments": [
            {"url": absolute(shot.whole), "mime_type": whole.mime, "size_in_bytes": whole.size, "title": shot.alt}
            for shot, whole in wholes
        ],
    }


@cached_page
def sitemap(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Name every page that is meant for everybody: posts, public cases, and the city's own pages."""
    response, xml = _sitemap({})
    for name in ("feed", "cases", "map", "accountability", "about", "verify", "write"):
        _entry(xml, absolute(reverse(f"public:{name}")))
    for slug, changed in queries.addresses_of_posts(city.pk, _MOST // 2):
        _entry(xml, absolute(reverse("public:post", args=[slug])), f"{changed:%Y-%m-%d}")
    for number in publicity.public_cases(city.pk).values_list("number", flat=True)[: _MOST // 2 - 10]:
        _entry(xml, absolute(reverse("public:public_case", args=[number])))
    return _end(response, xml)


@cached_page
def news_sitemap(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Name the news of the last two days as news."""
    response, xml = _sitemap({"xmlns:news": "http://www.google.com/schemas/sitemap-news/0.9"})
    since = clock.now() - _NEWS_FOR
    for post in queries.newest_posts(city.pk, "", 1000):
        if post.published_at < since:
            break
        _start(xml, "url")
        xml.addQuickElement("loc", absolute(reverse("public:post", args=[post.slug])))
        _start(xml, "news:news")
        _start(xml, "news:publication")
        xml.addQuickElement("news:name", city.name)
        xml.addQuickElement("news:language", city.language)
        xml.endElement("news:publication")
        xml.addQuickElement("news:publication_date", post.published_at.isoformat())
        xml.addQuickElement("news:title", post.title)
        xml.endElement("news:news")
        xml.endElement("url")
    return _end(response, xml)


def _sitemap(namespaces: dict[str, str]) -> tuple[HttpResponse, SimplerXMLGenerator]:
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    xml = SimplerXMLGenerator(response, "utf-8")
    xml.startDocument()
    _start(xml, "urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", **namespaces})
    return response, xml


def _start(xml: SimplerXMLGenerator, name: str, attributes: dict[str, str] | None = None) -> None:
    xml.startElement(name, AttributesImpl(attributes or {}))


def _entry(xml: SimplerXMLGenerator, address: str, changed: str = "") -> None:
    _start(xml, "url")
    xml.addQuickElement("loc", address)
    if changed:
        xml.addQuickElement("lastmod", changed)
    xml.endElement("url")


def _end(response: HttpResponse, xml: XMLGenerator) -> HttpResponse:
    xml.endElement("urlset")
    xml.endDocument()
    return response
