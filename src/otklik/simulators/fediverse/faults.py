"""What can go wrong on a remote server's side, to be played on the next activities that come to it."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """One failure. "After" means that the activity was taken all the same."""

    GONE = "gone"
    TOO_MANY = "too_many"
    TOO_MANY_BARE = "too_many_bare"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"

    @property
    def is_taken(self) -> bool:
        """Whether the activity is taken before the failure shows."""
        return self in {Fault.SERVER_ERROR_AFTER, Fault.TIMEOUT_AFTER, Fault.BROKEN_REPLY}

    @property
    def is_silence(self) -> bool:
        """Whether the caller hears nothing until it hangs up."""
        return self in {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER}


STATUS = {
    Fault.GONE: 410,
    Fault.TOO_MANY: 429,
    Fault.TOO_MANY_BARE: 429,
    Fault.SERVER_ERROR: 502,
    Fault.SERVER_ERROR_AFTER: 502,
    Fault.BROKEN_REPLY: 202,
}
WAIT_S = 7
