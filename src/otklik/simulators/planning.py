"""Faults that are planned for the next calls, and what a caller hears of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from otklik.simulators.answering import BAD_GATEWAY, Receive, Send, respond, stay_silent

AnyPlanned = TypeVar("AnyPlanned")
_CARRIED_OUT = frozenset({"server_error_after", "http_error_after", "timeout_after", "broken_reply"})
_SILENCE = frozenset({"timeout_before", "timeout_after"})


class Failure(StrEnum):
    """One failure of a network: its own enumeration subclasses this. "After" means: carried out all the same."""

    @property
    def is_carried_out(self) -> bool:
        """Whether the call is done before the failure shows."""
        return self.value in _CARRIED_OUT

    @property
    def is_silence(self) -> bool:
        """Whether the caller hears nothing until it hangs up."""
        return self.value in _SILENCE


@dataclass(slots=True)
class Plan(Generic[AnyPlanned]):
    """What goes wrong with the next calls, in its order; `fits` says which calls a fault waits for."""

    _waiting: deque[tuple[Callable[[str], bool], AnyPlanned]] = field(default_factory=deque)

    def add(self, planned: AnyPlanned, fits: Callable[[str], bool], times: int = 1) -> None:
        """Play it on the next calls that fit."""
        self._waiting.extend([(fits, planned)] * times)

    def take(self, call: str) -> AnyPlanned | None:
        """Return what is planned for this call, if anything is: it is played once."""
        for one in self._waiting:
            if one[0](call):
                self._waiting.remove(one)
                return one[1]
        return None

    def forget(self) -> None:
        """Play no more of them."""
        self._waiting.clear()


async def show(
    failure: Failure | None,
    answer: bytes,
    receive: Receive,
    send: Send,
    *,
    status: int = 502,
    wait_s: int | None = None,
) -> None:
    """Let the caller hear the answer, or what the failure makes of it: silence, nonsense, or an error's `status`."""
    if failure is None:
        await respond(send, 200, answer)
    elif failure.is_silence:
        await stay_silent(receive)
    elif failure.value == "broken_reply":
        await respond(send, 200, b"<html>", kind=b"text/html")
    else:
        await respond(send, status, BAD_GATEWAY, kind=b"text/html", retry_after_s=wait_s)
