"""Webhook bodies that no network sends: each is Malformed to every connector, and none may break it."""

from __future__ import annotations


def _nested(depth: int) -> bytes:
    return b'{"message":' * depth + b"1" + b"}" * depth


BROKEN_BODIES = {
    "empty": b"",
    "an array": b"[]",
    "null": b"null",
    "a number": b"12345678901234567890123",
    "a string": '"яма"'.encode(),
    "deep arrays": b"[" * 100_000,
    "deep objects": _nested(100_000),
    "deep and closed": b'{"object":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "cp1251": '{"text":"яма"}'.encode("cp1251"),
    "utf-16": '{"text":"яма"}'.encode("utf-16"),
    "nul bytes": b"\x00" * 100,
    "a form": b"text=1&secret=2",
}
