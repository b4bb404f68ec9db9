"""Publishing in the simulated Instagram: containers, what becomes of them, and the posts that they turn into.

Source: https://developers.facebook.com/docs/instagram-platform/content-publishing; photos are named, not fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from otklik.simulators.instagram.faults import Refusal
from otklik.simulators.instagram.payloads import Json
from otklik.simulators.instagram.town import Post, Town

LONGEST_CAPTION = 2200
MOST_PHOTOS = 10
DAY_S = 24 * 3600


@dataclass(slots=True)
class Container:
    """A photo, or several, on the way to a post."""

    caption: str
    photos: tuple[str, ...]
    at: float
    looks_left: int
    post: str = ""


def prepare(town: Town, params: Mapping[str, str]) -> Json:
    """Make a container of one photo, or of several. Raises Refusal."""
    caption = params.get("caption", "")
    if len(caption) > LONGEST_CAPTION:
        raise Refusal(100, "Invalid parameter: the caption is too long", 2207010)
    if params.get("media_type") == "CAROUSEL":
        photos = _photos_of(town, params.get("children", "").split(","))
    else:
        photos = (_address(params.get("image_url", "")),)
    number = town.new_number("170")
    town.containers[number] = Container(caption, photos, town.clock(), town.slow_containers)
    return {"id": number}


def state_of(town: Town, number: str) -> Json:
    """Return what became of a container; it is ready after as many looks as the town is slow."""
    found = _container(town, number)
    if found.post:
        code = "PUBLISHED"
    elif found.at < town.clock() - DAY_S:
        code = "EXPIRED"
    elif found.looks_left:
        found.looks_left -= 1
        code = "IN_PROGRESS"
    else:
        code = "FINISHED"
    return {"status_code": code, "status": code.capitalize(), "id": number}


def publish(town: Town, params: Mapping[str, str]) -> Json:
    """Turn a container into a post; the same one again gives the same post. Raises Refusal."""
    found = _container(town, params.get("creation_id", ""))
    if found.looks_left:
        raise Refusal(9007, "Media ID is not available", 2207027)
    if not found.post:
        if used_today(town) >= town.posts_a_day:
            raise Refusal(9, "Application request limit reached", 2207042)
        post = town.publish(found.caption, photos=found.photos, by_api=True)
        town.published.append(found.caption)
        found.post = post.id
    return {"id": found.post}


def limit_of(town: Town) -> Json:
    """Return how many posts a day there are, and how many are used."""
    config = {"quota_total": town.posts_a_day, "quota_duration": DAY_S}
    return {"data": [{"quota_usage": used_today(town), "config": config}]}


def used_today(town: Town) -> int:
    """Return how many posts the API has published within a day."""
    return sum(post.by_api and post.at > town.clock() - DAY_S for post in town.posts.values())


def permalink_of(post: Post) -> str:
    """Return where people see a post."""
    return f"https://www.instagram.com/p/{post.id}/"


def _photos_of(town: Town, children: list[str]) -> tuple[str, ...]:
    if not 2 <= len(children) <= MOST_PHOTOS:
        raise Refusal(100, "Invalid parameter: a carousel has 2 to 10 children", 2207003)
    return tuple(photo for child in children for photo in _container(town, child).photos)


def _container(town: Town, number: str) -> Container:
    found = town.containers.get(number)
    if not isinstance(found, Container):
        raise Refusal(100, f"Unsupported request. Object with ID '{number}' does not exist", 33)
    return found


def _address(url: str) -> str:
    if not (url.startswith(("https://", "http://127.0.0.1")) and url.endswith(".jpg")):
        raise Refusal(9004, "Only photo or video can be accepted as media type", 2207052)
    return url
