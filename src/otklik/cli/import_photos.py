"""The photos of posts that are brought in: taken in, scanned and drawn anew as every photo, one at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.connectors.instagram.archive import Archive, OldPost
    from otklik.media.models import StoredFile
    from otklik.org.models import Municipality
    from otklik.posts.services.picturing import Picture

_PATIENCE_S = 60.0
_LOOK_S = 0.2


def photos_of(city: Municipality, archive: Archive, post: OldPost, trouble: list[str]) -> list[Picture]:
    """Return a post's photos, ready to be shown; a sentence in `trouble` for each that can't be.

    The archive describes no photo, and each says so in place of its words, until somebody does.
    """
    from otklik.common.clock import now
    from otklik.connectors.instagram.box import NotReadable
    from otklik.media.enums import FileKind
    from otklik.media.services.keeping import NotTaken, keep
    from otklik.posts.services.picturing import MOST_PHOTOS, Picture

    waived = (
        "из архива аккаунта, без описания" if city.language == "ru" else "from the account's archive, not described"
    )
    found = []
    for name in post.pictures[:MOST_PHOTOS]:
        try:
            kept = keep(city.pk, name, archive.chunks(name), now=now(), kinds=(FileKind.PICTURE,), for_page=True)
        except (NotTaken, NotReadable) as error:
            trouble.append(str(error))
            continue
        if _is_ready(kept):
            found.append(Picture(kept, alt_waived=waived))
        else:
            trouble.append(f"{name} could not be drawn or scanned: the post comes without it")
    return found


def _is_ready(file: StoredFile) -> bool:
    """Draw what is due until this file is ready, or let a worker do it that is faster; False where it never will be."""
    from otklik.common.clock import now
    from otklik.media.enums import FileState
    from otklik.media.services.preparing import prepare_next

    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        file.refresh_from_db()
        if file.state != FileState.WAITING:
            return file.is_ready
        if prepare_next(now=now()) is None:
            time.sleep(_LOOK_S)
    return False
