"""Bringing history in: what an account published and heard before the city had Otklik."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otklik.cli.boot import Problem, fail, progress, with_django
from otklik.cli.city import only_city

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel
    from otklik.connectors.instagram.archive import Archive, OldPost
    from otklik.org.models import Municipality, Official
    from otklik.posts.services.importing import Earlier

_CITY = click.option("--city", "slug", default="", help="slug of the city, where several share this installation")


@dataclass
class _Done:
    """What an import did, for its summary."""

    posts: int = 0
    posts_before: int = 0
    words: int = 0
    words_before: int = 0
    files_missing: int = 0
    videos_left: int = 0
    trouble: list[str] = field(default_factory=list)


@click.group("import", epilog="Example: otklik import instagram instagram-town-2026-03-01.zip --dry-run")
def import_group() -> None:
    """Bring in what was published and said before."""


@import_group.command("instagram", epilog="Example: otklik import instagram instagram-town-2026-03-01.zip --dry-run")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--channel", "name", default="", help="the account that it is of, where several are connected")
@click.option("--owner", default="", help="the account's name as it signs its messages, where the archive doesn't tell")
@click.option("--photos/--no-photos", default=True, help="bring the photos of posts too (a second or so for each)")
@click.option("--words/--no-words", default=True, help="bring direct messages and own comments too")
@click.option("--dry-run", is_flag=True, help="only read, and say what would come")
@_CITY
@with_django
def instagram(*, archive: Path, name: str, owner: str, photos: bool, words: bool, dry_run: bool, slug: str) -> None:
    """Bring in ARCHIVE: the account's own data export (zip or folder), in the format JSON.

    Posts come to the city's site at the days that the archive names, said to be brought in; nothing goes to any
    network. Messages become history: they can be found, and open no case. Importing again adds only what is new.
    """
    from otklik.connectors.instagram.archive import Archive
    from otklik.connectors.instagram.box import NotReadable, opened

    city = only_city(slug)
    try:
        with opened(archive) as box:
            export = Archive(box)
            whose = owner or export.owner()
            if words and not whose and any(export.words("")):
                fail("whose archive is it? Say the account's own name by --owner: it tells our words from residents'")
            done = (
                _read_only(export, whose) if dry_run else _bring(city, export, whose, name, photos=photos, words=words)
            )
            export.look_at_the_rest()
    except NotReadable as error:
        raise Problem(f"{archive.name}: {error}" if archive.name not in str(error) else str(error)) from error
    _tell(done, export, dry_run=dry_run)


def _read_only(export: Archive, owner: str) -> _Done:
    done = _Done()
    for post in export.posts():
        done.posts += 1
        done.files_missing += post.missing
        done.videos_left += post.has_video
    done.words = sum(1 for _ in export.words(owner))
    return done


def _bring(city: Municipality, export: Archive, owner: str, name: str, *, photos: bool, words: bool) -> _Done:
    from otklik.org.queries import heads_of

    head = next(iter(heads_of(city)), None)
    if head is None:
        fail("the city has no head yet, so nobody whose posts these are: give somebody that role first")
    done = _Done()
    _bring_posts(city, head, export, done, photos=photos)
    if words:
        _bring_words(_channel(city, name), export, owner, done)
    return done


def _bring_posts(city: Municipality, head: Official, export: Archive, done: _Done, *, photos: bool) -> None:
    from otklik.channels.enums import Network
    from otklik.channels.queries import channels_of
    from otklik.common.clock import now
    from otklik.org.errors import NotPossible
    from otklik.posts.services.importing import bring_in
    from otklik.proof.signatures import NoKey

    site = next((one for one in channels_of(city.pk) if one.network == Network.SITE), None)
    with progress("posts", 0) as step:
        for post in export.posts():
            done.files_missing += post.missing
            done.videos_left += post.has_video
            try:
                made = bring_in(head, _earlier(city, export, post, done, photos=photos), site, now=now())
            except NoKey as error:
                raise Problem(str(error)) from error
            except NotPossible as error:
                done.trouble.append(f"the post of {post.at:%Y-%m-%d %H:%M} was left out: {error}")
                continue
            done.posts += made is not None
            done.posts_before += made is None
            step(1)


def _earlier(city: Municipality, export: Archive, post: OldPost, done: _Done, *, photos: bool) -> Earlier:
    from otklik.channels.enums import Network
    from otklik.cli.import_photos import photos_of
    from otklik.posts.services.importing import Earlier

    first = next((line.strip() for line in post.text.splitlines() if line.strip()), "")
    nameless = f"Из Instagram, {post.at:%d.%m.%Y}" if city.language == "ru" else f"From Instagram, {post.at:%Y-%m-%d}"
    return Earlier(
        network=Network.INSTAGRAM,
        key=post.key,
        title=first or nameless,
        text=post.text,
        at=post.at,
        likes=post.counts.get("likes"),
        comments=post.counts.get("comments"),
        views=post.counts.get("views"),
        pictures=(lambda: photos_of(city, export, post, done.trouble)) if photos else tuple,
    )


def _bring_words(channel: Channel, export: Archive, owner: str, done: _Done) -> None:
    from otklik.channels.services.recounting import BATCH, Recounted, keep_history
    from otklik.common.clock import now

    told = (
        Recounted(one.key, one.thread, one.author, one.text, one.at, one.is_ours, one.is_comment)
        for one in export.words(owner)
    )
    with progress("messages", 0) as step:
        while batch := list(islice(told, BATCH)):
            new = keep_history(channel, batch, now=now())
            done.words += new
            done.words_before += len(batch) - new
            step(len(batch))


def _channel(city: Municipality, name: str) -> Channel:
    """Return the account that the archive is of; a place for its history alone where none is connected."""
    from otklik.channels.enums import Network
    from otklik.channels.models import Channel
    from otklik.channels.queries import channels_of
    from otklik.common.clock import now
    from otklik.common.codes import url_token

    found = [one for one in channels_of(city.pk) if one.network == Network.INSTAGRAM and name in ("", one.name)]
    if len(found) > 1:
        fail(f"several accounts are connected ({', '.join(one.name for one in found)}): say which by --channel NAME")
    if found:
        return found[0]
    if name:
        fail(f"no Instagram account is connected as {name}: see `otklik channel list`")
    made, _created = Channel.objects.get_or_create(
        municipality=city,
        name="instagram-archive",
        defaults={
            "network": Network.INSTAGRAM,
            "title": "Instagram",
            "hook_token": url_token(),
            "is_enabled": False,
            "off_reason": "only its archive is here",
            "off_at": now(),
            "created_at": now(),
        },
    )
    return made


def _tell(done: _Done, export: Archive, *, dry_run: bool) -> None:
    come = "would come" if dry_run else "came in"
    click.echo(f"Posts: {done.posts} {come}{_before(done.posts_before)}.")
    click.echo(f"Messages and own comments: {done.words} {come}{_before(done.words_before)}; they open no cases.")
    if done.videos_left:
        click.echo(f"Posts with a video: {done.videos_left}; their words come, videos are not shown on the site.")
    if done.files_missing:
        click.echo(f"Files that the archive names and doesn't hold: {done.files_missing}.")
    if export.told.stories:
        click.echo(f"Stories: {export.told.stories}, left out: they were meant for a day.")
    if export.told.followers:
        click.echo(f"Followers on the archive's day: {export.told.followers}.")
    for sentence in _each_once([*done.trouble, *export.told.broken]):
        click.echo(f"Not read: {sentence}", err=True)


def _before(count: int) -> str:
    return f", {count} were here already" if count else ""


def _each_once(sentences: Sequence[str], most: int = 20) -> Iterator[str]:
    once = list(dict.fromkeys(sentences))
    yield from once[:most]
    if len(once) > most:
        yield f"and {len(once) - most} more"
