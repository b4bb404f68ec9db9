"""Running a mail server of the simulators on a free loopback port, plainly or with TLS from the first byte."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LineServer(socketserver.ThreadingTCPServer):
    """A server that speaks in lines, a thread for each caller."""

    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def served(server: LineServer, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve, and give the port to the block; stopped on the way out. Who doesn't trust `tls` isn't served."""
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
