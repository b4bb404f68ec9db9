"""Everything that isn't the gate's own goes to Django; anonymous public pages are kept here for a few seconds."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.cookies import CookieError, SimpleCookie

import httpx

from otklik.common.language import preferred
from otklik.gate.http import BodyTooLarge, Receive, Scope, Send, headers_of, read_body, respond

MAX_BODY = 1_100_000
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authorization"}
_OURS = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "content-length"}
"""Headers that only the gate may set: whatever the client sent under these names is dropped."""
_MAX_AGE = re.compile(r"s-maxage=(\d+)")
_PERSONAL = ("otklik_session", "sessionid", "messages")
_CACHE_ENTRIES = 512
_CACHE_BODY = 512_000

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A kept answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    until: float


class Forwarder:
    """The ASGI application behind which Django lives."""

    def __init__(self, web_url: str, *, behind_proxy: bool) -> None:
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=50)
        self._client = httpx.AsyncClient(
            base_url=web_url,
            timeout=httpx.Timeout(60.0, connect=5.0),
            limits=limits,
            trust_env=False,
            # A client keeps cookies for its next request; here the next request is somebody else's.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )
        self._behind_proxy = behind_proxy
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._fetching: dict[Key, asyncio.Lock] = {}

    async def close(self) -> None:
        """Close the connections to Django."""
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or ask Django."""
        headers = headers_of(scope)
        key = _cache_key(scope, headers)
        if key is None:
            return await self._forward(scope, headers, receive, send, None)
        page = self._kept(key)
        if page is not None:
            return await _send_page(send, page, scope["method"])
        if scope["method"] == "HEAD":
            return await self._forward(scope, headers, receive, send, None)  # has no body that others could read
        # Many readers of a page that has just expired: one asks, the others wait for its answer.
        lock = self._fetching.setdefault(key, asyncio.Lock())
        async with lock:
            page = self._kept(key)
            if page is None:
                try:
                    return await self._forward(scope, headers, receive, send, key)
                finally:
                    self._fetching.pop(key, None)
        return await _send_page(send, page, scope["method"])

    def _kept(self, key: Key) -> Page | None:
        page = self._pages.get(key)
        return page if page is not None and page.until > time.monotonic() else None

    async def _forward(
        self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send, key: Key | None
    ) -> None:
        try:
            body = await read_body(receive, MAX_BODY)
        except BodyTooLarge:
            return await respond(send, 413, "Это слишком много для одного раза. / Too much at once.".encode())
        except ConnectionError:
            return None
        path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        request = self._client.build_request(
            scope["method"],
            f"{path}?{query}" if query else path,
            headers=self._outbound_headers(scope, headers),
            content=body or None,
        )
        try:
            answer = await self._client.send(request, stream=True)
        except httpx.TransportError:
            return await respond(
                send, 502, "Сайт сейчас запускается, попробуйте через минуту. / Starting, try in a minute.".encode()
            )
        try:
            await self._pass_back(answer, send, key)
        finally:
            await answer.aclose()
        return None

    async def _pass_back(self, answer: httpx.Response, send: Send, key: Key | None) -> None:
        kept = [
            (name, value) for name, value in answer.headers.raw if name.lower().decode("latin-1") not in _HOP_BY_HOP
        ]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
        parts: list[bytes] = []
        size = 0
        seconds = _seconds_to_keep(answer) if key is not None else 0
        async for part in answer.aiter_raw():
            size += len(part)
            if seconds and size <= _CACHE_BODY:
                parts.append(part)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        if key is not None and seconds and size <= _CACHE_BODY:
            self._pages[key] = Page(answer.status_code, kept, b"".join(parts), time.monotonic() + seconds)
            self._pages.move_to_end(key)
            while len(self._pages) > _CACHE_ENTRIES:
                self._pages.popitem(last=False)

    def _outbound_headers(self, scope: Scope, headers: dict[str, str]) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in headers.items() if name not in _HOP_BY_HOP | _OURS]
        peer = scope["client"][0] if scope.get("client") else "127.0.0.1"
        proto = "http"
        if self._behind_proxy and peer in ("127.0.0.1", "::1"):
            # The proxy on this machine appends the address it saw; only that last one is proven.
            peer = headers.get("x-forwarded-for", peer).rsplit(",", maxsplit=1)[-1].strip()
            proto = headers.get("x-forwarded-proto", "https")
        return [*kept, ("x-forwarded-for", peer), ("x-forwarded-proto", proto)]


def _cache_key(scope: Scope, headers: dict[str, str]) -> Key | None:
    """Return what makes an anonymous page the same for everybody; None where it may be personal."""
    if scope["method"] not in ("GET", "HEAD") or "authorization" in headers or "range" in headers:
        return None
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    if any(name in cookies for name in _PERSONAL):
        return None
    # The same rule as the pages': "de, ru" and "de, en" read different words.
    language = preferred(cookies["lang"].value if "lang" in cookies else "", headers.get("accept-language", ""))
    path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    htmx = f"{headers.get('hx-request', '')}{headers.get('hx-target', '')}{headers.get('accept-encoding', '')}"
    return (headers.get("host", ""), path, language, htmx)


def _seconds_to_keep(answer: httpx.Response) -> int:
    control = answer.headers.get("cache-control", "")
    found = _MAX_AGE.search(control)
    if answer.status_code != 200 or found is None or "private" in control or "set-cookie" in answer.headers:
        return 0
    return int(found.group(1))


async def _send_page(send: Send, page: Page, method: str) -> None:
    await send({"type": "http.response.start", "status": page.status, "headers": page.headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else page.body})
