"""What can go wrong on Telegram's side, to be played on the next calls."""

from __future__ import annotations

from otklik.simulators.planning import Failure


class Fault(Failure):
    """One failure. "After" means that the call was carried out all the same."""

    TOO_MANY = "too_many"
    TOO_MANY_BARE = "too_many_bare"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    BROKEN_REPLY = "broken_reply"
    BLOCKED = "blocked"
    UNAUTHORIZED = "unauthorized"
    MIGRATED = "migrated"


class ApiError(Exception):
    """A refusal in Telegram's own words."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


REFUSALS = {
    Fault.TOO_MANY: ApiError(429, "Too Many Requests: retry after 7", retry_after=7),
    Fault.TOO_MANY_BARE: ApiError(429, "Too Many Requests"),
    Fault.SERVER_ERROR: ApiError(500, "Internal Server Error"),
    Fault.BLOCKED: ApiError(403, "Forbidden: bot was blocked by the user"),
    Fault.UNAUTHORIZED: ApiError(401, "Unauthorized"),
    Fault.MIGRATED: ApiError(400, "Bad Request: group was upgraded", migrate_to_chat_id=-1009999999999),
}
