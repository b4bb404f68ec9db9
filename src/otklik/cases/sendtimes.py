"""When an approved answer goes out: at once, or, where a city chooses so, in the morning if approved at night."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from otklik.org.models import TenantModel


class AtNight(models.TextChoices):
    """What becomes of an answer that is approved outside working hours."""

    AT_ONCE = "at_once", _("Goes out at once")
    MORNING = "morning", _("Goes out when work begins")


class AnswerSettings(TenantModel):
    """A city's own rules for sending answers."""

    at_night = models.CharField(max_length=10, choices=AtNight.choices, default=AtNight.AT_ONCE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="answer_settings_once")]
        verbose_name_plural = "answer settings"


def settings_of(municipality_id: int) -> AnswerSettings:
    """Return a city's rules for sending; as soon as possible where it set none (one query)."""
    kept = AnswerSettings.objects.filter(municipality=municipality_id).first()
    return kept or AnswerSettings(municipality_id=municipality_id)


def waits_until(send_at: datetime | None, now: datetime) -> datetime | None:
    """Return when an answer is to go out; None where it goes at once, or went."""
    return send_at if send_at is not None and send_at > now else None
