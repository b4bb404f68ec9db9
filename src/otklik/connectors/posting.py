"""What more a connector may do for the city's posts, where its network lets it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from otklik.connectors.events import Receipt


@runtime_checkable
class DeletesPosts(Protocol):
    """A connector whose network lets a program take the city's own posts away. Its capabilities say `deletes_posts`."""

    def takes_deletion(self) -> bool:
        """Return whether this account may, as it is set up now."""
        ...

    def delete(self, sent: Receipt) -> None:
        """Take one part of a post away, with its photos; what is gone already is no error, so a repeat is safe.

        Raises SendFailed (it stands there still) or SendUnknown.
        """
        ...

    def find_deletion(self, sent: Receipt) -> bool:
        """Read whether it is gone. Raises SendUnknown where it can't be told."""
        ...
