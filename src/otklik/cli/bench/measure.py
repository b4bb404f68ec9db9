"""The child of a bench: `python -m otklik.cli.bench.measure NAME OPTIONS` in the environment that `places` made."""

from __future__ import annotations

import json
import logging
import sys

from otklik.cli.boot import migrate, start_django


def main() -> None:
    """Measure and print the figures as JSON on the last line."""
    name, options = sys.argv[1], json.loads(sys.argv[2])
    start_django()
    logging.getLogger().setLevel(logging.ERROR)
    migrate()
    from otklik.cli.bench import candidates, inbox, intake, pipeline, public, publishing, search

    benches = {
        one.__name__.rpartition(".")[2]: one
        for one in (candidates, inbox, intake, pipeline, public, publishing, search)
    }
    print(json.dumps(benches[name].measure(options)))  # noqa: T201 - read by the parent


if __name__ == "__main__":
    main()
