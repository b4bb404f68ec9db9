"""What can go wrong on Instagram's side, to be played on the next calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One failure. "After" means that the call was carried out all the same."""

    REFUSED = "refused"
    HTTP_ERROR = "http_error"
    HTTP_ERROR_AFTER = "http_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"

    @property
    def is_carried_out(self) -> bool:
        """Whether the call is done before the failure shows."""
        return self in {Fault.HTTP_ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.BROKEN_REPLY}

    @property
    def is_silence(self) -> bool:
        """Whether the caller hears nothing until it hangs up."""
        return self in {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER}


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault that waits for a call of one of its edges. `code` is Meta's own, or the HTTP status."""

    fault: Fault
    edges: Collection[str]
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
