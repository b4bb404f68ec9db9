"""The fediverse's rows: whose keys we know, what waits for its proof, who follows us, what is on its way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.channels.enums import ParcelState, SignerState
from otklik.org.models import TenantModel


class Signer(TenantModel):
    """A key that somebody signs by, and its owner as the owner's own document says. DUE: the document is asked for."""

    key_id = models.CharField(max_length=500)
    host = models.CharField(max_length=260)
    actor = models.CharField(max_length=500)
    external_id = models.CharField(max_length=120, help_text="the actor as an identity's external id")
    pem = models.TextField(blank=True)
    inbox = models.CharField(max_length=500, blank=True)
    shared_inbox = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True)
    handle = models.CharField(max_length=120, blank=True)
    url = models.CharField(max_length=500, blank=True)
    is_bot = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=SignerState.choices, default=SignerState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="when it is asked for next; of a failed one, when it may be again")
    asked_at = models.DateTimeField(null=True, blank=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "key_id"], name="signer_once")]
        indexes = [
            models.Index(fields=["municipality", "external_id"], name="signer_of_identity"),
            models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="signer_due"),
            models.Index(fields=["asked_at"], name="signer_asked"),
        ]


class Unproven(TenantModel):
    """A signed request whose key is still to be checked. Proven, it becomes a delivery; otherwise it goes."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64, help_text="of the body and its signature")
    key_id = models.CharField(max_length=500)
    speaker = models.CharField(max_length=500)
    signed = models.JSONField(help_text="each reading of what was signed")
    signature = models.BinaryField()
    body = models.BinaryField()
    remote = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "digest"], name="unproven_once")]
        indexes = [
            models.Index(fields=["channel", "id"], name="unproven_in_order"),
            models.Index(fields=["municipality", "key_id"], name="unproven_by_key"),
        ]
        verbose_name_plural = "unproven"


class Follower(TenantModel):
    """Somebody who asked for our posts. `lost_at`: their server was given up; whatever they do next ends that."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="followers", db_index=False)
    actor = models.CharField(max_length=500)
    external_id = models.CharField(max_length=120)
    inbox = models.CharField(max_length=500)
    shared_inbox = models.CharField(max_length=500, blank=True)
    request = models.CharField(max_length=500, blank=True, help_text="the id of the activity that asked")
    followed_at = models.DateTimeField()
    lost_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "external_id"], name="follower_once")]
        indexes = [models.Index(fields=["municipality", "channel", "-id"], name="follower_newest")]


class Dispatch(TenantModel):
    """One activity of ours as it is handed over, the same bytes to everybody."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    activity = models.CharField(max_length=600)
    body = models.BinaryField()
    outgoing = models.ForeignKey(
        "channels.Outgoing", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "activity"], name="dispatch_once")]
        verbose_name_plural = "dispatches"


class Parcel(TenantModel):
    """One activity on its way to one inbox; never a second one of the same to the same."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="parcels", db_index=False)
    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    inbox = models.CharField(max_length=500)
    host = models.CharField(max_length=260)
    state = models.CharField(max_length=10, choices=ParcelState.choices, default=ParcelState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    carried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "dispatch", "inbox"], name="parcel_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="parcel_due"),
            models.Index(fields=["host", "due_at"], condition=Q(state="due"), name="parcel_of_host"),
        ]
