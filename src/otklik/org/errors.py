"""What administration refuses, in words for the person who asked."""

from __future__ import annotations


class NotPossible(Exception):
    """It can't be done; the message is one sentence for the screen, `field` the form's field it is about."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
