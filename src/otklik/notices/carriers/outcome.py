"""What a carrier may say of a letter instead of taking it. Libraries without a row: they send and raise."""

from __future__ import annotations


class NotSent(Exception):
    """It certainly was not sent. `permanent`: another try can't help."""

    def __init__(self, words: str, *, permanent: bool, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.permanent = permanent
        self.wait_s = wait_s


class PerhapsSent(Exception):
    """The other side fell silent after it had everything: only a person may send it again."""
