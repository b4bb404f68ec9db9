"""One pair of keys for all these tests: making one takes a tenth of a second."""

from __future__ import annotations

from otklik.connectors.activitypub.signatures import new_key, public_of

PRIVATE = new_key()
PUBLIC = public_of(PRIVATE)
