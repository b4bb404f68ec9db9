"""Keeping a city's ladder of warnings: checked before anybody's bell depends on it, and audited."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.cases.ladder import HIGHEST, LOWEST, MOST_STEPS, Escalation, wrong_with
from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.services.auditing import save_audited


@transaction.atomic
def save_escalation(access: Access, row: Escalation, steps: Sequence[tuple[int, list[str]]]) -> Escalation:
    """Keep the steps (percent of the time, roles; the lowest first) and the hours of telling.

    Open cases follow from their next step on. Raises NotPossible with what is wrong, Refused.
    """
    access.require(Permission.CITY_MANAGE)
    words = _WRONG.get(wrong_with(list(steps)))
    if words is not None:
        raise NotPossible(words())
    if row.closes <= row.opens:
        raise NotPossible(_("The hours of telling have to end after they begin."), field="closes")
    row.steps = [[percent, list(roles)] for percent, roles in steps]
    return save_audited(access, row, "escalation", subject=", ".join(f"{percent} %" for percent, _roles in steps))


_WRONG = {
    "count": lambda: _("There have to be one to %(most)s steps.") % {"most": MOST_STEPS},
    "range": lambda: _("A step stands between %(low)s and %(high)s percent.") % {"low": LOWEST, "high": HIGHEST},
    "order": lambda: _("Two steps stand at the same percent: make one of them."),
    "nobody": lambda: _("On each step somebody has to be told."),
    "deadline": lambda: _("A step has to stand at 100 %: when the deadline passes, somebody must hear of it."),
}
