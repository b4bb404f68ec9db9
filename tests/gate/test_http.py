"""Reading a request's body: whole, in time, and no more than the door takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from otklik.gate.http import BodyTooLarge, BodyTooSlow, ClientGone, announces_body, read_body

GONE = {"type": "http.disconnect"}


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def read(messages: Iterable[dict[str, Any]], headers: dict[str, str] | None = None, within_s: float = 5) -> bytes:
    """Read what a client sends; after its last message it stays and says nothing."""
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        for message in waiting:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return asyncio.run(read_body(headers or {}, receive, limit=10, within_s=within_s))


def test_body_in_parts_is_put_together() -> None:
    assert read([part(b"abc", more=True), part(b"", more=True), part(b"def")]) == b"abcdef"


@pytest.mark.parametrize(
    "messages",
    [[part(b"x" * 11)], [part(b"x" * 9, more=True), part(b"xx", more=True)], [part(b"x" * 9, more=True), part(b"xx")]],
    ids=["at once", "in parts", "in the last part"],
)
def test_body_over_the_limit_is_refused(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(BodyTooLarge):
        read(messages)


def test_body_that_says_it_is_too_large_is_not_waited_for() -> None:
    with pytest.raises(BodyTooLarge):
        read([], {"content-length": "11"})


@pytest.mark.parametrize("messages", [[], [part(b"a", more=True)]], ids=["nothing", "a part"])
def test_body_that_never_comes_is_given_up(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(BodyTooSlow):
        read(messages, {"content-length": "9"}, within_s=0.01)


@pytest.mark.parametrize("messages", [[GONE], [part(b"a", more=True), GONE]], ids=["at once", "half way"])
def test_client_that_left_is_told_apart(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(ClientGone):
        read(messages)


@pytest.mark.parametrize(
    ("headers", "announced"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "10"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
def test_request_says_whether_a_body_follows(headers: dict[str, str], announced: bool) -> None:
    assert announces_body(headers) is announced
