"""The one port of an installation: webhooks, live updates, cached pages; everything else goes to Django."""

from __future__ import annotations

from django.conf import settings

from otklik.gate.committing import Committer
from otklik.gate.forwarding import Forwarder
from otklik.gate.hooks import Hooks
from otklik.gate.http import Receive, Scope, Send, respond
from otklik.gate.live import Live
from otklik.gate.stillness import Stillness


class Gate:
    """The ASGI application that uvicorn serves."""

    def __init__(self) -> None:
        environment = settings.ENVIRONMENT
        self._committer = Committer()
        self._hooks = Hooks(self._committer, behind_proxy=environment.public_url.startswith("https"))
        self._live = Live()
        self._stillness = Stillness()
        self._forwarder = Forwarder(
            f"http://127.0.0.1:{environment.web_port}",
            behind_proxy=environment.public_url.startswith("https"),
            mark=self._stillness.mark,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show a request to its room."""
        if scope["type"] == "lifespan":
            return await self._live_and_die(receive, send)
        if scope["type"] != "http":
            return None
        path: str = scope["path"]
        if path.startswith("/hooks/"):
            return await self._hooks(scope, receive, send)
        if path == "/live":
            return await self._live(scope, receive, send)
        if path == "/healthz":
            return await respond(send, 200, b"ok")
        return await self._forwarder(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._committer.start()
                self._live.start()
                self._stillness.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._live.stop()
                self._stillness.stop()
                self._committer.stop()
                await self._hooks.close()
                await self._forwarder.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
