"""What can go wrong on Odnoklassniki's side, to be played on the next calls."""

from __future__ import annotations

from otklik.simulators.planning import Failure


class Fault(Failure):
    """One failure. "After" means that the call was carried out all the same."""

    DENIED = "denied"
    UNAUTHORIZED = "unauthorized"
    SESSION_EXPIRED = "session_expired"
    TOO_MANY = "too_many"
    TOO_MANY_BARE = "too_many_bare"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    SYSTEM = "system"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"


class Refusal(Exception):
    """A method says no; REST says so with the status 200."""

    def __init__(self, code: int, words: str, *, status: int = 200, retry_after_s: int | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status
        self.retry_after_s = retry_after_s


REFUSALS = {
    Fault.DENIED: Refusal(10, "PERMISSION_DENIED : No permission"),
    Fault.UNAUTHORIZED: Refusal(0, "errors.access.token", status=401),
    Fault.SESSION_EXPIRED: Refusal(102, "PARAM_SESSION_EXPIRED : Session expired"),
    Fault.TOO_MANY: Refusal(0, "Too many requests", status=429, retry_after_s=7),
    Fault.TOO_MANY_BARE: Refusal(0, "Too many requests", status=429),
    Fault.SERVER_ERROR: Refusal(0, "Internal error", status=500),
    Fault.SYSTEM: Refusal(9999, "SYSTEM : Critical system error"),
}
