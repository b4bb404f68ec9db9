"""A city's own thresholds for surges."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.services.auditing import save_audited
from otklik.pulse.models import SurgeSettings

LIMITS = {"voices": (3, 1000), "times_usual": (1, 50), "post_voices": (3, 5000), "quiet_minutes": (60, 1440)}
"""From and to. Quieter than the hour in which voices are counted, or what ended would be raised again by the same."""


@transaction.atomic
def save_surge_settings(access: Access, row: SurgeSettings) -> SurgeSettings:
    """Keep when many voices are a surge; audited. Raises Refused, NotPossible about the field that makes no sense."""
    access.require(Permission.CITY_MANAGE)
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(row, name) <= most:
            raise NotPossible(_("Choose a number from %(from)s to %(to)s.") % {"from": least, "to": most}, field=name)
    return save_audited(access, row, "surge_settings", subject=f"{row.voices}, × {row.times_usual}")
