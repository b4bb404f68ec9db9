"""Asking a language model by the OpenAI-compatible protocol: one question, one answer, within limits.

Source: https://platform.openai.com/docs/api-reference/chat (POST /chat/completions). What comes back is a stranger's
text: it is cut, cleaned of control characters, and never believed.
"""

from __future__ import annotations

import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import msgspec

from otklik.assist.enums import Trouble
from otklik.common import ssrf
from otklik.common.text import storable

MAX_BYTES = 256_000
"""A body larger than this is no answer to us."""
MAX_CHARS = 6_000
MAX_TOKENS = 900


class ChatFailed(Exception):
    """Nothing usable came back; `trouble` says why, for people."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model's server, as its administrator set it."""

    base_url: str
    model: str
    key: str
    timeout_s: float

    @property
    def host(self) -> str:
        """The one host that is reached."""
        return (urlsplit(self.base_url).hostname or "").lower()

    @property
    def port(self) -> int:
        """The one port that is reached."""
        address = urlsplit(self.base_url)
        return address.port or (443 if address.scheme == "https" else 80)


class _Said(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Said


class _Reply(msgspec.Struct):
    choices: list[_Choice]


def ask(endpoint: Endpoint, system: str, user: str) -> str:
    """Return what the model writes, at most MAX_CHARS. Raises ChatFailed. Never call it in a transaction."""
    body = {
        "model": endpoint.model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "temperature": 0.2,
        "max_tokens": MAX_TOKENS,
        "stream": False,
    }
    raw = _post(endpoint, body)
    try:
        reply = msgspec.json.decode(raw, type=_Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ChatFailed(Trouble.NONSENSE) from error
    text = clean(reply.choices[0].message.content or "") if reply.choices else ""
    if not text:
        raise ChatFailed(Trouble.EMPTY)
    return text


def clean(text: str) -> str:
    """Return a text without characters that draw nothing or turn the reading direction, cut to MAX_CHARS."""
    kept = "".join(
        char for char in storable(text) if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs")
    )
    return kept.strip()[:MAX_CHARS]


def _post(endpoint: Endpoint, body: dict[str, object]) -> bytes:
    until = time.monotonic() + endpoint.timeout_s
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
    try:
        with (
            ssrf.client_for_one(endpoint.host, endpoint.port, timeout_s=endpoint.timeout_s) as http,
            http.stream("POST", url, json=body, headers=headers) as answer,
        ):
            _check_status(answer.status_code)
            return _read(answer, until)
    except httpx.TimeoutException as error:
        raise ChatFailed(Trouble.SLOW) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ChatFailed(Trouble.UNREACHABLE) from error


def _check_status(status: int) -> None:
    if 300 <= status < 400:
        raise ChatFailed(Trouble.REDIRECTED)
    if 400 <= status < 500:
        raise ChatFailed(Trouble.REFUSED)
    if status != 200:
        raise ChatFailed(Trouble.BROKEN)


def _read(answer: httpx.Response, until: float) -> bytes:
    """Read a body; one that drips is stopped at the same moment as one that is silent."""
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) > MAX_BYTES:
            raise ChatFailed(Trouble.TOO_LONG)
        if time.monotonic() > until:
            raise ChatFailed(Trouble.SLOW)
    return bytes(found)
