"""A channel's own certificates: trusted where they are named, besides the system's, and never in the way of others."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from otklik.common import ssrf
from tests.certificates import make_authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def https_url(authority: tuple[Path, Path]) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1])
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as talk:
                    talk.recv(4096)
                    talk.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            except OSError:
                plain.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


def test_network_of_another_authority_is_reached_only_with_its_certificates(
    https_url: str, authority: tuple[Path, Path]
) -> None:
    with ssrf.client(allow_loopback=True, ca_bundle=str(authority[0])) as http:
        trusted = http.get(https_url).text
    with ssrf.client(allow_loopback=True) as http, pytest.raises(httpx.ConnectError, match="certificate"):
        http.get(https_url)

    assert trusted == "ok"


def test_certificates_open_nothing_inside_our_own_network(https_url: str, authority: tuple[Path, Path]) -> None:
    with ssrf.client(ca_bundle=str(authority[0])) as http, pytest.raises(httpx.ConnectError, match="our own network"):
        http.get(https_url)


def test_changed_file_is_read_again_and_a_lost_one_is_a_network_out_of_reach(
    https_url: str, authority: tuple[Path, Path], tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(authority[0].read_bytes())
    with ssrf.client(allow_loopback=True, ca_bundle=str(bundle)) as http:
        before = http.get(https_url).text
    bundle.write_text("nothing")
    os.utime(bundle, ns=(1, 1))
    with pytest.raises(httpx.ConnectError, match="certificates"):
        ssrf.client(ca_bundle=str(bundle))
    bundle.unlink()
    with pytest.raises(httpx.ConnectError, match="certificates"):
        ssrf.client(ca_bundle=str(bundle))

    assert before == "ok"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ca.pem", b"no certificate", "no certificate in PEM form"),
        ("ca.der", b"\x30\x82\x01\x00", "no certificate in PEM form"),
        ("empty.pem", b"", "no certificate in PEM form"),
        ("none.pem", None, "No such file"),
    ],
)
def test_wrong_file_is_refused_in_words(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    place = tmp_path / name
    if content is not None:
        place.write_bytes(content)

    with pytest.raises(ValueError, match=words):
        ssrf.check_bundle(str(place))


def test_path_that_depends_on_where_we_stand_is_refused() -> None:
    with pytest.raises(ValueError, match="whole path"):
        ssrf.check_bundle("ca.pem")


def test_right_file_is_taken(authority: tuple[Path, Path]) -> None:
    ssrf.check_bundle(str(authority[0]))
