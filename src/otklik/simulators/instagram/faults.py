"""What can go wrong on Instagram's side, to be played on the next calls."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.simulators.planning import Failure


class Fault(Failure):
    """One failure. "After" means that the call was carried out all the same."""

    REFUSED = "refused"
    HTTP_ERROR = "http_error"
    HTTP_ERROR_AFTER = "http_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault and how it shows. `code` is Meta's own, or the HTTP status."""

    fault: Fault
    code: int
    subcode: int
    retry_after_s: int | None


class Refusal(Exception):
    """A call is refused, with Meta's code, subcode and words."""

    def __init__(self, code: int, words: str, subcode: int = 0, status: int = 400) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.subcode = subcode
        self.status = status
