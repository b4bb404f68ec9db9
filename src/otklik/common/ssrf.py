"""The one door for outgoing HTTP: no redirects, no addresses inside our own network, short timeouts.

An administrator's or a resident's URL must not make the server talk to itself or to its neighbours. The address is
checked when it is connected to, not when it is typed, so a name that resolves differently later is refused too.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpcore
import httpx

TIMEOUT = httpx.Timeout(20.0, connect=5.0)


def is_public(address: str) -> bool:
    """Return whether an IP address is on the open internet (IPv4 inside IPv6 is unwrapped first)."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


_METADATA = ipaddress.ip_address("fd00:ec2::254")
"""Where a cloud tells a machine its keys; the IPv4 one (169.254.169.254) is link-local."""


def is_neighbour(address: str) -> bool:
    """Return whether an IP address may be a server of the city's own: any but link-local, where clouds keep keys."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip == _METADATA)


def client_for_one(host: str, port: int, *, timeout_s: float) -> httpx.Client:
    """Return an HTTP client that reaches exactly one host and port, which may be on the city's own network.

    For an address that an administrator chose knowingly. No redirects; link-local addresses are refused all the same.
    """
    context = _tls("")
    guarded = _Guarded(allow_loopback=False, only=(host.lower(), port))
    transport = httpx.HTTPTransport(verify=context, retries=0)
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx has no public door for the network backend
        ssl_context=context, network_backend=guarded, max_connections=4
    )
    timeout = httpx.Timeout(timeout_s, connect=min(5.0, timeout_s))
    return httpx.Client(timeout=timeout, transport=transport, follow_redirects=False, trust_env=False)


def client(*, allow_loopback: bool = False, ca_bundle: str = "", proxy: str = "") -> httpx.Client:
    """Return an HTTP client that refuses private addresses.

    `allow_loopback` opens 127.0.0.0/8 and ::1 only: for the demo's and the tests' simulators. A proxy is an
    administrator's explicit choice and then does the connecting itself.
    """
    context = _tls(ca_bundle)
    if proxy:
        return httpx.Client(timeout=TIMEOUT, verify=context, proxy=proxy, follow_redirects=False, trust_env=False)
    transport = httpx.HTTPTransport(verify=context, retries=0)
    transport._pool = httpcore.ConnectionPool(  # noqa: SLF001 - httpx has no public door for the network backend
        ssl_context=context, network_backend=_Guarded(allow_loopback=allow_loopback), max_connections=20
    )
    return httpx.Client(timeout=TIMEOUT, transport=transport, follow_redirects=False, trust_env=False)


def check_bundle(path: str) -> None:
    """Raise ValueError with what is wrong with a file of trusted certificates, if anything is."""
    if not Path(path).is_absolute():
        raise ValueError(f"{path}: write the whole path, from / on")
    try:
        _loaded(path, 0)
    except OSError as error:  # an SSLError is one, of a file that holds no certificate
        why = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else f"{error.strerror}"
        raise ValueError(f"{path}: {why}") from error


def _tls(ca_bundle: str) -> ssl.SSLContext:
    """Return the TLS context of a bundle. A file that went away is a network that can't be reached now."""
    try:
        return trusting(ca_bundle)
    except OSError as error:
        raise httpx.ConnectError(f"the file of certificates {ca_bundle} can't be used") from error


def trusting(ca_bundle: str) -> ssl.SSLContext:
    """Return the TLS context that trusts a file of certificates besides what the system trusts; "": nothing besides.

    Raises OSError where the file went away or holds none.
    """
    return _loaded(ca_bundle, Path(ca_bundle).stat().st_mtime_ns if ca_bundle else 0)


@lru_cache(maxsize=16)
def _loaded(ca_bundle: str, _changed_at_ns: int) -> ssl.SSLContext:
    """Return the context, made anew when the file changes; making one takes tens of milliseconds.

    The bundle is trusted besides what the system trusts: a network's file servers often have ordinary certificates.
    """
    context = ssl.create_default_context()
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    return context


class _Guarded(httpcore.NetworkBackend):
    """Resolves once, checks every address, connects to the one that was checked."""

    def __init__(self, *, allow_loopback: bool, only: tuple[str, int] | None = None) -> None:
        self._allow_loopback = allow_loopback
        self._only = only
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if self._only is not None and (host.lower(), port) != self._only:
            raise httpcore.ConnectError(f"{host}:{port} is not the address that was allowed")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} is not found") from error
        for *_, sockaddr in found:
            address = str(sockaddr[0])
            if self._refuses(address):
                raise httpcore.ConnectError(f"{host} leads to {address}, inside our own network: not allowed")
        first = str(found[0][4][0])
        return self._inner.connect_tcp(first, port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError(f"unix sockets are not allowed: {path}")

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)

    def _refuses(self, address: str) -> bool:
        if self._only is not None:
            return not is_neighbour(address)
        if self._allow_loopback and ipaddress.ip_address(address.split("%", 1)[0]).is_loopback:
            return False
        return not is_public(address)
