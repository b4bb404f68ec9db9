"""How a channel does: what came and went by the hour, and what was found when it was last looked at."""

from __future__ import annotations

from django.db import models

from otklik.org.models import TenantModel


class ChannelHour(TenantModel):
    """One hour of a channel: deliveries that came in, calls to the network, and how many of those failed."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    events = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "hour"], name="channel_hour_once")]


class ChannelHealth(TenantModel):
    """What is known of a channel beside its settings. Beside the channel, not in it: taking messages holds its row."""

    channel = models.OneToOneField("channels.Channel", on_delete=models.CASCADE, related_name="health")
    counted_id = models.BigIntegerField(default=0, help_text="deliveries up to this one stand in the hours")
    check_due_at = models.DateTimeField(
        null=True, blank=True, help_text="when it is looked at next, or how long whoever looks may take"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=list, help_text="of the last look: what, whether well, and the advice")
    delivers = models.BooleanField(null=True, blank=True, help_text="does the network deliver to us; null: not told")
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="when it last said that it does")
    resubscribed_at = models.DateTimeField(null=True, blank=True, help_text="when we last asked for it by ourselves")
    token_ends_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True, help_text="quiet against its own rhythm since then")
    failed_call = models.CharField(max_length=60, blank=True, help_text="the last call that failed and not since gone")
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.JSONField(default=str, blank=True, help_text="the connector's sentence")
