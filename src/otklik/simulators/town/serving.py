"""The networks behind one loopback port: /telegram/…, /vk/…, /max/… and /instagram/… are their APIs, /mail/ and /sms/
show what came there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import uvicorn

from otklik.simulators.answering import Receive, Scope, Send
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.mail.showing import Mailbox
from otklik.simulators.mail.simulator import MailSimulator
from otklik.simulators.max.simulator import MaxSimulator
from otklik.simulators.sms.showing import Phones
from otklik.simulators.sms.simulator import SmsSimulator
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.vk.simulator import VkSimulator


class Networks:
    """The ASGI application; the simulators deliver by tasks of their own, so it has no lifespan."""

    def __init__(
        self,
        telegram: TelegramSimulator,
        vk: VkSimulator,
        mail: MailSimulator | None = None,
        sms: SmsSimulator | None = None,
        instagram: InstagramSimulator | None = None,
        *,
        max_: MaxSimulator | None = None,
    ) -> None:
        self._rooms: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            "telegram": telegram.asgi,
            "vk": vk.asgi,
        }
        if mail is not None:
            self._rooms["mail"] = Mailbox(mail)
        if sms is not None:
            self._rooms["sms"] = Phones(sms)
        if instagram is not None:
            self._rooms["instagram"] = instagram.asgi
        if max_ is not None:
            self._rooms["max"] = max_.asgi

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show a request to its network."""
        name, _, rest = scope["path"].lstrip("/").partition("/")
        room = self._rooms.get(name)
        if room is not None:
            await room({**scope, "path": f"/{rest}", "root_path": f"/{name}"}, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def server(
    telegram: TelegramSimulator,
    vk: VkSimulator,
    port: int,
    mail: MailSimulator | None = None,
    sms: SmsSimulator | None = None,
    *,
    instagram: InstagramSimulator | None = None,
    max_: MaxSimulator | None = None,
) -> uvicorn.Server:
    """Return a server that isn't started yet, on 127.0.0.1."""
    config = uvicorn.Config(
        Networks(telegram, vk, mail, sms, instagram, max_=max_),
        host="127.0.0.1",
        port=port,
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
