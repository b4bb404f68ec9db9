"""What can go wrong on MAX's side, to be played on the next calls."""

from __future__ import annotations

from otklik.simulators.planning import Failure


class Fault(Failure):
    """One failure. "After" means that the call was carried out all the same."""

    DENIED = "denied"
    UNAUTHORIZED = "unauthorized"
    NOT_READY = "not_ready"
    TOO_MANY = "too_many"
    TOO_MANY_BARE = "too_many_bare"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"


class Refusal(Exception):
    """A method says no."""

    def __init__(self, status: int, code: str, words: str, retry_after_s: int | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.code = code
        self.words = words
        self.retry_after_s = retry_after_s


REFUSALS = {
    Fault.DENIED: Refusal(403, "chat.denied", "chat.denied"),
    Fault.UNAUTHORIZED: Refusal(401, "verify.token", "Invalid access_token"),
    Fault.NOT_READY: Refusal(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed"),
    Fault.TOO_MANY: Refusal(429, "too.many.requests", "Too many requests", retry_after_s=7),
    Fault.TOO_MANY_BARE: Refusal(429, "too.many.requests", "Too many requests"),
    Fault.SERVER_ERROR: Refusal(500, "internal", "Internal error"),
}
