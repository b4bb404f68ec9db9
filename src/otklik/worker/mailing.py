"""Letters to residents in the worker: what has turned is noticed, what is due is sent, what is over is forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable

from otklik.common.clock import now
from otklik.residents.services import posting
from otklik.residents.services.limiting import forget_ended_counts
from otklik.residents.services.proving import forget_old_questions
from otklik.residents.services.signing_in import forget_old_sessions
from otklik.residents.services.subscribing import forget_unanswered
from otklik.residents.services.watching import note_turns

LOOK_S = 15.0
"""Between two looks at what has turned: letters wait three minutes for more anyway."""
FORGET_S = 600.0


class Mailer:
    """Remembers when it looked, and when it forgot."""

    def __init__(self, name: str, is_alive: Callable[[str], bool]) -> None:
        self._name = name
        self._is_alive = is_alive
        self._looked = 0.0
        self._forgot = 0.0

    def step(self) -> bool:
        """Notice, send and forget what is due; True if there may be more to send."""
        # This thread is between two claims: a letter still being sent in our own name was forgotten by a mistake.
        posting.doubt_mail(lambda name: name != self._name and self._is_alive(name), now=now())
        if self._looked < time.monotonic():
            self._looked = time.monotonic() + LOOK_S
            note_turns(now=now())
        if self._forgot < time.monotonic():
            self._forgot = time.monotonic() + FORGET_S
            forget_unanswered(now=now())
            forget_old_sessions(now=now())
            forget_old_questions(now=now())
            forget_ended_counts(now=now())
        claimed = posting.claim(self._name, now=now())
        for mail in claimed:
            posting.record(posting.post(mail, now=now()), now=now())
        return bool(claimed)
