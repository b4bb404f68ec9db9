"""The head of the city as other servers find it: addresses, forms and what isn't told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from otklik.channels.models import Channel
from otklik.channels.services.connecting import connect, disable
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.posts.models import Post
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import withdraw
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ACTIVITY = "application/activity+json"
HOST = "127.0.0.1:8000"
ACTOR = f"http://{HOST}/fediverse/mayor"


@pytest.fixture
def town() -> Town:
    found = found_town()
    values = {"username": "mayor", "display_name": "Анна Берестова", "about": "Глава Ясногорья."}
    connect(found.city, "activitypub", "fedi", "", values, now=now())
    return found


def publish_in(town: Town) -> Post:
    post = publish(town.official(Role.HEAD), Words("Новый сквер", "Открываем **в субботу**."), now=now())
    town.send()
    return post


def get(path: str, accept: str = ACTIVITY) -> Any:
    return Client().get(path.removeprefix(f"http://{HOST}"), headers={"accept": accept})


def test_webfinger_leads_to_the_actor(town: Town) -> None:
    answer = get(f"/.well-known/webfinger?resource=acct:mayor@{HOST}", "*/*")

    assert (answer.status_code, answer["content-type"]) == (200, "application/jrd+json")
    assert answer.json()["subject"] == f"acct:mayor@{HOST}"
    assert answer.json()["links"][0] == {"rel": "self", "type": ACTIVITY, "href": ACTOR}


@pytest.mark.parametrize("asked", ["", f"acct:it@{HOST}", "acct:mayor@evil.example", "x" * 3000])
def test_webfinger_knows_nobody_else(town: Town, asked: str) -> None:
    assert Client().get("/.well-known/webfinger", {"resource": asked}).status_code == 404


def test_actor_says_who_it_is_and_how_to_reach_it(town: Town) -> None:
    answer = get(ACTOR)
    told = answer.json()
    channel = Channel.objects.get(network="activitypub")

    assert (answer["content-type"], told["id"], told["preferredUsername"]) == (ACTIVITY, ACTOR, "mayor")
    assert told["inbox"] == told["endpoints"]["sharedInbox"] == f"http://{HOST}/hooks/{channel.hook_token}"
    assert told["publicKey"]["owner"] == ACTOR
    assert "PRIVATE" not in answer.content.decode()


def test_browser_is_led_to_pages_for_people(town: Town) -> None:
    post = publish_in(town)
    address = post.publications.get(channel__network="activitypub").external_id

    assert get(ACTOR, "text/html")["location"] == "/"
    assert get(address, "text/html")["location"] == f"http://{HOST}/posts/{post.slug}/"


def test_post_is_the_same_at_its_address_at_its_page_and_in_the_outbox(town: Town) -> None:
    post = publish_in(town)
    address = post.publications.get(channel__network="activitypub").external_id

    thing = get(address).json()
    page = get(f"/posts/{post.slug}/").json()
    outbox = get(f"{ACTOR}/outbox").json()
    listed = get(outbox["first"]).json()["orderedItems"]

    assert thing == page
    assert (thing["id"], thing["type"], thing["url"]) == (address, "Note", f"http://{HOST}/posts/{post.slug}/")
    assert (outbox["totalItems"], [one["object"]["id"] for one in listed]) == (1, [address])
    assert f'type="application/activity+json" href="{address}"' in get(thing["url"], "text/html").content.decode()


def test_withdrawn_post_is_a_tombstone(town: Town) -> None:
    post = publish_in(town)
    address = post.publications.get(channel__network="activitypub").external_id
    withdraw(town.official(Role.HEAD), post, "перенесено", version=1, now=now())

    answer = get(address)

    assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")
    assert get(f"{ACTOR}/outbox").json()["totalItems"] == 0


def test_outbox_is_read_by_pages_with_as_many_queries_each(town: Town) -> None:
    for _ in range(21):
        publish_in(town)
    first = get(get(f"{ACTOR}/outbox").json()["first"]).json()
    second = get(first["next"]).json()

    assert (len(first["orderedItems"]), len(second["orderedItems"]), "next" in second) == (20, 1, False)


def test_followers_are_counted_and_not_named(town: Town) -> None:
    assert get(f"{ACTOR}/followers").json()["totalItems"] == 0
    assert "orderedItems" not in get(f"{ACTOR}/followers").json()


def test_site_without_the_fediverse_tells_nothing_of_it() -> None:
    found_town("zarechensk")

    for path in ("/.well-known/nodeinfo", "/nodeinfo/2.1", "/fediverse/mayor", "/fediverse/mayor/outbox"):
        assert get(path).status_code == 404


def test_nodeinfo_says_what_runs_here(town: Town) -> None:
    link = get("/.well-known/nodeinfo").json()["links"][0]["href"]

    assert get(link).json()["protocols"] == ["activitypub"]


def test_actor_that_is_switched_off_is_still_there(town: Town) -> None:
    disable(Channel.objects.get(network="activitypub"), "перерыв", now=now())

    assert get(ACTOR).status_code == 200
