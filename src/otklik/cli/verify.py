"""Checking a published post: its signature, and its place in the city's public log."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from otklik.cli.boot import fail
from otklik.proof.checking import Checked, check, keys_of
from otklik.proof.signatures import Forged, head_of_note

_LARGEST = 2_000_000
"""Bytes: a signed post has some tens of thousands."""


@click.command(epilog="Example: otklik verify https://city.example/posts/teplo/")
@click.argument("target")
@click.option(
    "--keys", "keys_from", default="", metavar="FILE-or-URL", help="the city's keys, if you have them already"
)
def verify(*, target: str, keys_from: str) -> None:
    """Check the signature of a post and its place in the public log: TARGET is its address, or its saved proof.

    The keys come from the city's own site. Once saved, give them with --keys: then even the site itself can't deceive.
    """
    proof = _read(_proof_address(target))
    source = keys_from or _keys_address(target, proof)
    document = _read(source)
    try:
        keys = keys_of(document)
        checked = check(proof, keys)
    except Forged as error:
        fail(f"{target}: not genuine: {error}")
    _tell(checked, source)
    if _is_url(source) and checked.position is not None:
        _compare_heads(source, document, checked)


def _tell(checked: Checked, source: str) -> None:
    said = checked.statement
    click.echo(f"Genuine: {said.get('title', said.get('kind', ''))}")
    author = said.get("author") or {}
    if author:
        click.echo(f"  by {author.get('name', '')}, {author.get('position', '')}".rstrip(", "))
    click.echo(f"  {said.get('change', 'stated')} at {_instant(said.get('at'))}, revision {said.get('revision', 1)}")
    if said.get("reason"):
        click.echo(f"  because: {said['reason']}")
    click.echo(f"  signed with key {checked.key_id} (keys: {source})")
    if checked.position is None:
        click.echo("  not in the public log yet: that takes a second; ask again")
    else:
        click.echo(f"  number {checked.position + 1} of {checked.size} in the public log {said.get('log')}")


def _compare_heads(source: str, document: Any, checked: Checked) -> None:
    """Hold the log that the proof shows against the one that the city shows to everybody now. Ends if it is shorter."""
    address = str(document.get("checkpoint", ""))
    if urlsplit(address).netloc != urlsplit(source).netloc:
        return
    origin = str(checked.statement.get("log", ""))
    try:
        now = head_of_note(_fetch(address).decode(), origin, keys_of(document))
    except (Forged, UnicodeDecodeError) as error:
        fail(f"{address}: the log's present head is not genuine: {error}")
    if now.size < checked.size:
        fail(f"{address}: the log shown now is shorter ({now.size}) than the one of the proof ({checked.size})")


def _proof_address(target: str) -> str:
    if not _is_url(target):
        return target
    parts = urlsplit(target)
    page = re.fullmatch(r"(/posts/[^/]+)/?", parts.path)
    return parts._replace(path=f"{page[1]}.json", query="", fragment="").geturl() if page else target


def _keys_address(target: str, proof: Any) -> str:
    statement = proof.get("statement") if isinstance(proof, dict) else None
    address = target if _is_url(target) else str((statement or {}).get("address", ""))
    if not _is_url(address):
        fail("the proof doesn't say which site it is of: give the city's keys with --keys")
    return urlsplit(address)._replace(path="/.well-known/otklik-keys.json", query="", fragment="").geturl()


def _read(source: str) -> Any:
    try:
        return json.loads(_fetch(source) if _is_url(source) else Path(source).read_bytes()[:_LARGEST])
    except OSError as error:
        fail(f"{source}: {error.strerror or error}: give the address of a post, or the file of its proof")
    except ValueError:
        fail(f"{source}: no proof can be read there: give the address of a post, or the file of its proof")


def _fetch(url: str) -> bytes:
    import httpx

    try:
        with httpx.stream("GET", url, timeout=20, follow_redirects=False) as response:
            if response.status_code != 200:
                fail(f"{url}: the site answered {response.status_code}: there is nothing to check at this address")
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > _LARGEST:
                    fail(f"{url}: this is too large for the proof of a post")
            return body
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        fail(f"{url}: the site can't be reached ({error or type(error).__name__}): check the address")


def _is_url(text: str) -> bool:
    return text.startswith(("https://", "http://"))


def _instant(text: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(text)):%Y-%m-%d %H:%M:%S %Z}"
    except ValueError:
        return "an unknown time"
