"""Forwarding to Django: what the client can't forge, and which pages are kept for whom."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from otklik.gate import forwarding
from otklik.gate.forwarding import Forwarder
from tests.servers import closed_port, serve


class Backend:
    """Stands where Django is: says what it was asked, and how long that may be kept."""

    def __init__(self) -> None:
        self.asked = 0
        self.status = 200
        self.answer_headers: list[tuple[bytes, bytes]] = []
        self.was_asked = threading.Event()
        self.hold: threading.Event | None = None
        self.received = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.asked += 1
        number = self.asked
        self.was_asked.set()
        if self.hold is not None:
            await asyncio.to_thread(self.hold.wait, 10)
        self.received = await _length(receive)
        told = {name.decode(): value.decode() for name, value in scope["headers"]}
        asked = f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}"
        body = json.dumps({"headers": told, "number": number, "asked": asked}).encode()
        await send({"type": "http.response.start", "status": self.status, "headers": self.answer_headers})
        await send({"type": "http.response.body", "body": body})


async def _length(receive: Any) -> int:
    size, more = 0, True
    while more:
        event = await receive()
        size += len(event.get("body", b""))
        more = event.get("more_body", False)
    return size


class Door:
    """The forwarder alone, as the gate holds it."""

    def __init__(self, web_url: str) -> None:
        self.forwarder = Forwarder(web_url, behind_proxy=False, mark=lambda: 0)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self.forwarder(scope, receive, send)
            return
        while (event := await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await self.forwarder.close()
        await send({"type": f"{event['type']}.complete"})


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def door(backend: Backend) -> Iterator[str]:
    with serve(backend) as web, serve(Door(web)) as url:
        yield url


KEEP = [(b"cache-control", b"public, s-maxage=30")]


def test_forwarded_headers_of_the_client_are_overwritten(door: str) -> None:
    forged = {"x-forwarded-for": "8.8.8.8", "x-forwarded-proto": "https", "x-real-ip": "8.8.8.8", "forwarded": "for=8"}
    told = httpx.get(door, headers=forged).json()["headers"]

    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert "x-real-ip" not in told
    assert "forwarded" not in told


def test_request_goes_on_as_it_came(door: str) -> None:
    address = urlsplit(door)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(
            f"GET /a/../%D0%B1%2F//c;d?q=%20+&r=%D1%8F HTTP/1.1\r\nHost: {address.netloc}\r\nX-Name: Мария\r\n"
            "Expect: 100-continue\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b""
        while part := client.recv(65_536):
            answer += part
    told = json.loads(answer[answer.index(b"{") : answer.rindex(b"}") + 1])

    assert told["asked"] == "/a/../%D0%B1%2F//c;d?q=%20+&r=%D1%8F"
    assert told["headers"] == {
        "host": address.netloc,
        "x-name": "Мария",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-proto": "http",
    }


def test_redirection_is_the_browser_s_to_follow(door: str, backend: Backend) -> None:
    backend.status, backend.answer_headers = 302, [(b"location", b"/elsewhere")]

    answer = httpx.get(door)

    assert (answer.status_code, answer.headers["location"], backend.asked) == (302, "/elsewhere", 1)


def test_answer_that_is_packed_goes_back_packed(door: str, backend: Backend) -> None:
    backend.answer_headers = [(b"content-encoding", b"x-own")]

    answer = httpx.get(door)

    assert (answer.headers["content-encoding"], answer.json()["number"]) == ("x-own", 1)


def test_answer_has_one_date_and_does_not_say_what_serves_it(door: str, backend: Backend) -> None:
    backend.answer_headers = [(b"date", b"Mon, 01 Jan 2024 00:00:00 GMT"), (b"server", b"granian")]

    answer = httpx.get(door)

    assert len(answer.headers.get_list("date")) == 1
    assert "2024" not in answer.headers["date"]
    assert "granian" not in answer.headers.get("server", "")


def test_session_of_one_browser_is_never_given_to_another(door: str, backend: Backend) -> None:
    backend.answer_headers = [(b"set-cookie", b"otklik_session=of-the-head; Path=/; HttpOnly")]
    signed_in = httpx.get(door)
    stranger = httpx.get(door, headers={"cookie": "lang=ru"})

    assert signed_in.cookies["otklik_session"] == "of-the-head"
    assert "cookie" not in httpx.get(door).json()["headers"]
    assert stranger.json()["headers"]["cookie"] == "lang=ru"


def test_anonymous_page_is_kept(door: str, backend: Backend) -> None:
    backend.answer_headers = KEEP

    assert [httpx.get(door).json()["number"] for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"accept-language": "ru"}, {"accept-language": "en"}),
        ({"accept-language": "de, ru;q=0.5"}, {"accept-language": "de, en;q=0.5"}),
        ({"cookie": "lang=ru"}, {"cookie": "lang=en"}),
        ({"host": "a.example"}, {"host": "b.example"}),
    ],
    ids=["language", "second language", "language cookie", "host"],
)
def test_pages_that_differ_are_kept_apart(
    door: str, backend: Backend, first: dict[str, str], second: dict[str, str]
) -> None:
    backend.answer_headers = KEEP

    assert [httpx.get(door, headers=one).json()["number"] for one in (first, second)] == [1, 2]


def test_headers_alone_never_become_the_page(door: str, backend: Backend) -> None:
    backend.answer_headers = KEEP

    httpx.head(door)

    assert httpx.get(door).json()["number"] == 2
    assert httpx.head(door).content == b""
    assert backend.asked == 2


@pytest.mark.parametrize(
    "headers", [{"cookie": "otklik_session=abc"}, {"authorization": "Bearer x"}], ids=["session", "authorization"]
)
def test_page_of_somebody_signed_in_is_never_kept(door: str, backend: Backend, headers: dict[str, str]) -> None:
    backend.answer_headers = KEEP

    assert [httpx.get(door, headers=headers).json()["number"] for _ in range(2)] == [1, 2]
    assert httpx.get(door).json()["number"] == 3


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"cache-control", b"private, s-maxage=30")],
        [*KEEP, (b"set-cookie", b"a=b")],
        [(b"cache-control", b"no-store")],
    ],
    ids=["unsaid", "private", "cookie", "no-store"],
)
def test_page_that_did_not_allow_it_is_not_kept(
    door: str, backend: Backend, headers: list[tuple[bytes, bytes]]
) -> None:
    backend.answer_headers = headers

    assert [httpx.get(door).json()["number"] for _ in range(2)] == [1, 2]


def test_post_is_forwarded_with_its_body_and_never_kept(door: str, backend: Backend) -> None:
    backend.answer_headers = KEEP

    assert [httpx.post(door, content=b"x=1").json()["number"] for _ in range(2)] == [1, 2]


def test_reader_who_withholds_a_body_holds_nobody_up(door: str, backend: Backend) -> None:
    backend.answer_headers = KEEP
    address = urlsplit(door)
    with socket.create_connection((address.hostname, address.port)) as withholding:
        withholding.sendall(f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 10\r\n\r\nhal".encode())
        # The same page for everybody, so the same key: asked for while the first reader still owes its body.
        assert [httpx.get(door).json()["number"] for _ in range(2)] == [1, 1]


def test_readers_of_one_page_ask_for_it_once(door: str, backend: Backend) -> None:
    backend.answer_headers, backend.hold = KEEP, threading.Event()
    with ThreadPoolExecutor(5) as readers:
        waiting = [readers.submit(httpx.get, door) for _ in range(5)]
        backend.was_asked.wait(10)
        backend.hold.set()
        numbers = [one.result().json()["number"] for one in waiting]

    assert (numbers, backend.asked) == ([1] * 5, 1)


def test_readers_of_a_page_that_nobody_may_keep_each_get_their_own(door: str, backend: Backend) -> None:
    backend.hold = threading.Event()
    with ThreadPoolExecutor(5) as readers:
        waiting = [readers.submit(httpx.get, door) for _ in range(5)]
        backend.was_asked.wait(10)
        backend.hold.set()
        numbers = sorted(one.result().json()["number"] for one in waiting)

    assert numbers == [1, 2, 3, 4, 5]


def test_request_with_too_large_a_body_is_refused_before_it_comes(door: str) -> None:
    address = urlsplit(door)
    with socket.create_connection((address.hostname, address.port)) as client:
        client.sendall(f"POST / HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 99999999\r\n\r\n".encode())
        assert client.recv(12) == b"HTTP/1.1 413"


def test_backend_that_is_away_gives_a_plain_sentence() -> None:
    with serve(Door(f"http://127.0.0.1:{closed_port()}")) as url:
        answer = httpx.get(url)

    assert answer.status_code == 502
    assert "попробуйте через минуту" in answer.text


def test_form_with_files_goes_on_whole_however_large(door: str, backend: Backend) -> None:
    files = {"photos": ("яма.jpg", b"\xff\xd8\xff" + bytes(3_000_000), "image/jpeg")}

    answer = httpx.post(f"{door}/write/", data={"text": "Яма"}, files=files).json()

    assert int(answer["headers"]["content-length"]) == backend.received > 3_000_000
    assert "transfer-encoding" not in answer["headers"]


def test_form_with_too_many_files_is_heard_out_and_told(door: str, backend: Backend, monkeypatch: Any) -> None:
    monkeypatch.setattr(forwarding, "MAX_FILES_BODY", 200_000)

    answer = httpx.post(f"{door}/write/", files={"photos": bytes(250_000)})

    assert (answer.status_code, backend.asked) == (413, 0)
    assert "Too much at once" in answer.text


def test_reader_who_has_the_page_hears_that_it_is_still_so(door: str, backend: Backend) -> None:
    backend.answer_headers = KEEP
    etag = httpx.get(door).headers["etag"]

    again = httpx.get(door, headers={"if-none-match": etag})

    assert (again.status_code, again.content, backend.asked) == (304, b"", 1)
