"""Visitors of the city's own site: what they write is signed and posted to the channel's webhook, until it is taken."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from random import Random

import httpx

from otklik.simulators.site.payloads import headers
from otklik.simulators.town.library import Resident


@dataclass(slots=True)
class Visitors:
    """The site's side of the town: posts that can be commented on, and submissions that nobody has taken yet."""

    secret: str
    url: str = ""
    posts: dict[str, str] = field(default_factory=dict)
    """The site's posts, newest last: id → title."""
    pending: deque[bytes] = field(default_factory=deque)

    def submit(self, who: Resident, text: str, rng: Random, *, post: str = "", parent: str = "") -> None:
        """Write under a post, or to the city without one; one in two reports may be shown to everybody."""
        submission = {
            "submission_id": f"town-{rng.getrandbits(80):020x}",
            "visitor": f"resident-{who.number}",
            "name": who.name,
            "text": text,
            "post": post,
            "parent": parent,
            "may_publish": not post and rng.random() < 0.5,
        }
        self.pending.append(json.dumps(submission, ensure_ascii=False).encode())

    def headers(self, body: bytes) -> dict[str, str]:
        """Return what a submission is posted with: the signature over its bytes."""
        return headers(self.secret, body)

    async def deliver(self, client: httpx.AsyncClient) -> int:
        """Try every waiting submission once, in order; stops at the first that isn't taken. Returns how many were."""
        taken = 0
        while self.pending:
            body = self.pending[0]
            try:
                answer = await client.post(self.url, content=body, headers=self.headers(body))
            except httpx.HTTPError:
                break
            if not answer.is_success:
                break
            self.pending.popleft()
            taken += 1
        return taken
