"""The head of the city as the fediverse sees it: found by WebFinger, an actor, posts at addresses that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from otklik import __version__
from otklik.channels.enums import Network, Visibility
from otklik.channels.fediverse import Follower
from otklik.channels.models import Channel, Message
from otklik.channels.services.federating import public_note
from otklik.channels.services.proving import account_of
from otklik.common.vault import WrongKey
from otklik.connectors.activitypub import objects
from otklik.connectors.activitypub.addresses import CONTAINER
from otklik.connectors.activitypub.connector import ActivityPub
from otklik.org.models import Municipality
from otklik.posts.federating import page_of, post_object
from otklik.posts.models import Post, Publication
from otklik.posts.queries import Point
from otklik.public.doors import absolute, cached_page

PAGE = 20
_KINDS = ("application/activity+json", "application/ld+json")


def wants_activity(request: HttpRequest) -> bool:
    """Return whether somebody's server asks, not a browser."""
    accept = request.headers.get("Accept", "")
    return any(kind in accept for kind in _KINDS)


@cached_page
def webfinger(request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say where the actor is that a handle, or one of its addresses, names. Raises Http404."""
    asked = request.GET.get("resource", "")
    for _, account in _accounts(city):
        home = account.home
        if asked.lower() in (f"acct:{home.handle}".lower(), home.actor.lower()):
            response = _json(objects.webfinger(home), "application/jrd+json")
            response["Access-Control-Allow-Origin"] = "*"
            return response
    raise Http404


@cached_page
def nodeinfo_links(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say where this server tells what it is."""
    _accounts_or_404(city)
    link = {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": absolute(reverse("public:nodeinfo"))}
    return _json({"links": [link]}, "application/json")


@cached_page
def nodeinfo(_request: HttpRequest, city: Municipality) -> HttpResponse:
    """Say what this server is (NodeInfo 2.1)."""
    accounts = _accounts_or_404(city)
    posts = Post.objects.filter(municipality=city, withdrawn_at=None).count()
    told = {
        "version": "2.1",
        "software": {"name": "otklik", "version": __version__},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": False,
        "usage": {"users": {"total": len(accounts)}, "localPosts": posts},
        "metadata": {},
    }
    return _json(told, 'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"')


@cached_page
def actor(request: HttpRequest, city: Municipality, username: str) -> HttpResponse:
    """Give the actor's document; a browser is led to the site."""
    _, account = _account_or_404(city, username)
    if not wants_activity(request):
        return HttpResponseRedirect(reverse("public:feed"))
    return _json(objects.actor(account.home, account.persona))


@cached_page
def followers(_request: HttpRequest, city: Municipality, username: str) -> HttpResponse:
    """Give how many follow. Who they are is theirs."""
    channel, account = _account_or_404(city, username)
    count = Follower.objects.filter(municipality=city, channel=channel).count()
    return _json(objects.collection(account.home.followers, count, ""))


@cached_page
def following(_request: HttpRequest, city: Municipality, username: str) -> HttpResponse:
    """Give whom the actor follows: nobody."""
    _, account = _account_or_404(city, username)
    return _json(objects.collection(f"{account.home.actor}/following", 0, ""))


@cached_page
def outbox(request: HttpRequest, city: Municipality, username: str) -> HttpResponse:
    """Give what was published, newest first, by pages."""
    channel, account = _account_or_404(city, username)
    address = account.home.outbox
    there = Publication.objects.filter(municipality=city, channel=channel, post__withdrawn_at=None)
    there = there.exclude(external_id="")
    if "page" not in request.GET:
        return _json(objects.collection(address, there.count(), f"{address}?page=newest"))
    asked = request.GET["page"]
    if (point := Point.read(asked)) is not None:
        there = there.filter(pk__lt=point.pk)
    rows = list(there.select_related("post").order_by("-pk")[: PAGE + 1])
    home = account.home
    items = [objects.create(home, post_object(channel, row.post, row.external_id)) for row in rows[:PAGE]]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following_page = f"{address}?page={Point(last.post.published_at, last.pk)}" if last is not None else ""
    return _json(objects.collection_page(f"{address}?page={asked[:60]}", address, items, following_page))


@cached_page
def post(request: HttpRequest, city: Municipality, username: str, key: str) -> HttpResponse:
    """Give a post as the fediverse reads it; a browser is led to its page. One that was withdrawn is a tombstone."""
    channel, account = _account_or_404(city, username)
    address = f"{account.home.actor}/posts/{key}"
    found = Publication.objects.filter(municipality=city, channel=channel, external_id=address)
    publication = found.select_related("post").first()
    if publication is None:
        raise Http404
    if not wants_activity(request):
        return HttpResponseRedirect(page_of(publication.post))
    return as_object(channel, publication)


@cached_page
def note(_request: HttpRequest, city: Municipality, username: str, key: str) -> HttpResponse:
    """Give a public answer of the city's. A private one is nobody's but its reader's. Raises Http404."""
    channel, account = _account_or_404(city, username)
    ours = Message.objects.filter(municipality=city, channel=channel, is_ours=True, deleted_at=None)
    address = f"{CONTAINER}:{account.home.actor}/notes/{key}"
    message = ours.filter(object_key=address, visibility=Visibility.PUBLIC).select_related("channel").first()
    if message is None:
        raise Http404
    return _document(public_note(account, message))


def object_of_page(city: Municipality, found: Post) -> HttpResponse | None:
    """Return what a server gets that asks for a post's page; None where the post isn't in the fediverse. One query."""
    there = Publication.objects.filter(municipality=city, post=found, channel__network=Network.ACTIVITYPUB)
    publication = there.exclude(external_id="").select_related("channel__municipality", "post").first()
    return as_object(publication.channel, publication) if publication is not None else None


def as_object(channel: Channel, publication: Publication) -> HttpResponse:
    """Return a post, or its tombstone with 410."""
    status = 410 if publication.post.withdrawn_at is not None else 200
    return _document(post_object(channel, publication.post, publication.external_id), status=status)


def _accounts(city: Municipality) -> list[tuple[Channel, ActivityPub]]:
    """Return the city's actors, also those switched off: a server that found nobody would take them for gone."""
    found = []
    rows = Channel.objects.filter(municipality=city, network=Network.ACTIVITYPUB)
    for channel in rows.select_related("municipality").order_by("id"):
        try:
            found.append((channel, account_of(channel)))
        except (ValueError, WrongKey):
            continue  # the health screen says so
    return found


def _accounts_or_404(city: Municipality) -> list[tuple[Channel, ActivityPub]]:
    found = _accounts(city)
    if not found:
        raise Http404
    return found


def _account_or_404(city: Municipality, username: str) -> tuple[Channel, ActivityPub]:
    for channel, account in _accounts(city):
        if account.home.username.lower() == username.lower():
            return channel, account
    raise Http404


def _document(told: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return _json({"@context": objects.CONTEXT, **told}, status=status)


def _json(told: Mapping[str, Any], kind: str = objects.CONTENT_TYPE, *, status: int = 200) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(told), content_type=kind, status=status)
    response["Vary"] = "Accept"
    return response
