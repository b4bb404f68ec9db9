"""Photos that a form on the desk brings, as the services take them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.datastructures import MultiValueDict

from otklik.cases.enums import PhotoSide, PhotoUse
from otklik.cases.services import picturing

_DEED = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)


def uploads_of(files: MultiValueDict[str, Any], alts: Sequence[str]) -> list[picturing.Upload]:
    """Return the photos of a form with what is said of each; one sentence alone is said of all."""
    chosen = files.getlist("photos")
    words = list(alts) if len(alts) == len(chosen) else (list(alts) or [""])[:1] * len(chosen)
    return [picturing.Upload(one.name or "", one.chunks(), alt) for one, alt in zip(chosen, words, strict=True)]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a form says of photos, and those that it brings."""

    data: Any
    files: Any


def sent_by(brought: Brought) -> picturing.Sent:
    """Return the photos of a form as the service takes them. A press that comes twice has the same `deed`."""
    deed, use, side = (brought.data.get(name, "") for name in ("deed", "use", "side"))
    return picturing.Sent(
        uploads_of(brought.files, brought.data.getlist("alt")),
        use=PhotoUse(use) if use in PhotoUse else PhotoUse.ANSWER,
        side=PhotoSide(side) if side in PhotoSide else PhotoSide.NONE,
        deed=deed if _DEED.fullmatch(deed) else "",
    )
