"""Telegram's Unix seconds as instants that can be trusted to sort by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=5)
"""Clocks differ a little; a time ahead of ours by less is not worth a note."""


def moment(seconds: int | None, received_at: datetime) -> tuple[datetime, str]:
    """Return when it happened, never later than it reached us, and a note if what Telegram said can't be so."""
    if seconds is None or seconds <= 0:
        return received_at, "no time was given"
    try:
        said = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return received_at, f"the time {seconds} is out of range"
    if said > received_at + SKEW:
        return received_at, f"the time {said.isoformat()} is in the future"
    return min(said, received_at), ""
