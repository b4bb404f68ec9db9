"""Getting a file from a network: no larger than we want, and every failure says whether trying again can help."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from otklik.connectors.base import SendFailed

_PATIENCE = 3
_GONE = frozenset({400, 401, 403, 404, 410})


def download(http: Callable[[], httpx.Client], url: str, *, most: int) -> bytes:
    """Return what an address gives, at most `most` bytes. Reading harms nobody, so only refusals are final.

    Raises SendFailed; its words hold no address, which may hold a token.
    """
    parts: list[bytes] = []
    size = 0
    try:
        with http() as client, client.stream("GET", url) as answer:
            _check(answer)
            for part in answer.iter_bytes():
                size += len(part)
                if size > most:
                    raise SendFailed(f"the file is larger than {most // 1_000_000} MB", permanent=True)
                parts.append(part)
    except httpx.HTTPError as error:
        raise SendFailed(f"the file can't be reached now ({type(error).__name__})", permanent=False) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise SendFailed("the file's address can't be used", permanent=True) from error
    return b"".join(parts)


def patient(timeout: httpx.Timeout) -> httpx.Timeout:
    """Return the times for a request that carries files: as long to connect, three times as long for the rest."""
    read_s, write_s = timeout.read, timeout.write
    return httpx.Timeout(
        timeout.connect,
        connect=timeout.connect,
        pool=timeout.pool,
        read=None if read_s is None else read_s * _PATIENCE,
        write=None if write_s is None else write_s * _PATIENCE,
    )


def _check(answer: httpx.Response) -> None:
    status = answer.status_code
    if status == httpx.codes.OK:
        return
    if status in _GONE or answer.is_redirect:
        raise SendFailed("the network no longer gives the file", permanent=True)
    raise SendFailed(f"the network answered {status}", permanent=False)
