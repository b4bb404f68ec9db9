"""Reads of the language model's settings and of what it wrote."""

from __future__ import annotations

from otklik.assist.enums import Use, Wish
from otklik.assist.models import MachineText, ModelSettings
from otklik.cases.models import Case
from otklik.common.prepared import PreparedObjects


def settings_of(municipality_id: int) -> ModelSettings:
    """Return a city's settings; off where it never set any."""
    kept = _SETTINGS.list(municipality_id)
    return kept[0] if kept else ModelSettings(municipality_id=municipality_id)


_SETTINGS = PreparedObjects(lambda city: ModelSettings.objects.filter(municipality=city))


def newest_of(case: Case) -> dict[tuple[Use, int | None], MachineText]:
    """Return the newest question of each kind about a case and its messages, those that were cancelled aside."""
    rows = MachineText.objects.filter(municipality=case.municipality_id, case=case).exclude(state=Wish.CANCELLED)
    return {(Use(row.use), row.message_id): row for row in rows.order_by("id")}
