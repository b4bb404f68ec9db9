"""Short messages through the city's own gateway: one HTTP request, so that any provider fits behind a small adapter.

`POST` of `{"to": "+79001234567", "text": "…", "id": "resident-7-1"}` with `Authorization: Bearer TOKEN`. Any 2xx: it
has the message. 429 and 5xx: not taken, ask again. Any other answer: not taken, and asking again can't help. The same
`id` twice is the same message. Our own protocol (docs/how-to/let-residents-follow.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from otklik.common import ssrf
from otklik.notices.carriers.outcome import NotSent, PerhapsSent

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """The city's gateway; an administrator named it, so it may be in the city's own network."""

    url: str
    token: str = field(default="", repr=False)
    allow_loopback: bool = False

    def send(self, number: str, text: str, key: str) -> None:
        """Send one message. Raises NotSent, PerhapsSent: what may have arrived is never sent again by itself."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            with self._client() as http:
                answer = http.post(self.url, json={"to": number, "text": text, "id": key}, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(f"the SMS gateway can't be reached: {error}", permanent=False) from error
        except httpx.HTTPError as error:
            raise PerhapsSent("the SMS gateway fell silent") from error
        if answer.is_success:
            return
        again = answer.status_code == 429 or answer.status_code >= 500
        raise NotSent(f"the SMS gateway answered {answer.status_code}", permanent=not again)

    def _client(self) -> httpx.Client:
        if self.allow_loopback:
            return ssrf.client(allow_loopback=True)
        parts = urlsplit(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return ssrf.client_for_one(parts.hostname or "", port, timeout_s=TIMEOUT_S)
