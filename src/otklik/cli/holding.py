"""How much memory an installation holds: by proportional shares (PSS), so that pages that several share count once."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")


def held_mb(root: int, *, without: int = 0) -> float | None:
    """Return what a process and all below it hold, in MB; `without` and what is below that are left out.

    None where the system doesn't tell (not Linux, or somebody else's processes).
    """
    children: dict[int, list[int]] = defaultdict(list)
    for stat in _PROC.glob("[0-9]*/stat"):
        if (parent := _parent(stat)) is not None:
            children[parent].append(int(stat.parent.name))
    held, family = 0, [root]
    while family:
        pid = family.pop()
        if pid == without:
            continue
        if (share := _pss_kb(pid)) is None:
            return None
        held += share
        family += children[pid]
    return round(held / 1024, 1)


def _parent(stat: Path) -> int | None:
    try:
        after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    except OSError:  # it ended while we looked
        return None
    return int(after_name.split()[1])


def _pss_kb(pid: int) -> int | None:
    try:
        rollup = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) if found else None
