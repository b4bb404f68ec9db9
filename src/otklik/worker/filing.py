"""What is fetched in the worker: words by their number, files by their address, scanned and drawn; and the sweeping."""

from __future__ import annotations

import time

from django.db import transaction

from otklik.cases.files import cases_with
from otklik.channels.services.filing import fetch_next, let_go_of_deleted
from otklik.channels.services.looking_up import look_up_next
from otklik.common import bell
from otklik.common.clock import now
from otklik.media.models import StoredFile
from otklik.media.services.preparing import prepare_next
from otklik.media.services.sweeping import sweep
from otklik.org.services.announcing import announce

SWEEP_S = 600.0


class Filer:
    """Remembers when it swept, and which shelf comes next."""

    def __init__(self) -> None:
        self._swept = 0.0
        self._shelf = 0

    def step(self) -> bool:
        """Do one thing that is due; True if there may be more."""
        if self._swept < time.monotonic():
            self._swept = time.monotonic() + SWEEP_S
            let_go_of_deleted()
            sweep(now=now(), shelf=self._shelf)
            self._shelf += 1
        fetched = look_up_next(now=now()) or fetch_next(now=now())
        prepared = prepare_next(now=now())
        if prepared is not None:
            _announce(prepared)
        return fetched or prepared is not None


@transaction.atomic
def _announce(file: StoredFile) -> None:
    """Tell open screens of the cases whose file is ready, or never will be."""
    cases = cases_with(file)
    if cases:
        announce(file.municipality_id, "case", cases, at=now())
        bell.ring("live")
