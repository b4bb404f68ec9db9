"""What the benches count with."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` (0..1) of the values lie; 0 for none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def milliseconds(seconds: float) -> float:
    """Return milliseconds, to two places."""
    return round(seconds * 1000, 2)


def rss_mb(pid: int) -> float:
    """Return the memory of a process in MB; 0 where the system doesn't tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return round(int(line.split()[1]) / 1024, 1)


def tell(step: str) -> None:
    """Say on a terminal what is being measured; the figures themselves go to stdout at the end."""
    if sys.stderr.isatty():
        click.echo(step, err=True)
