"""The city's signing keys and its append-only log of statements; one log a city."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from otklik.org.models import TenantModel


class Key(TenantModel):
    """A public key of the city; the private one is a file of its fingerprint's name in the folder of keys."""

    fingerprint = models.CharField(max_length=32)
    public = models.BinaryField(max_length=32)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text="nothing is signed with it after this")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "fingerprint"], name="key_once"),
            models.UniqueConstraint(fields=["municipality"], condition=Q(until=None), name="one_key_at_a_time"),
        ]


class Entry(TenantModel):
    """One signed statement. Its leaf is a salted hash: payload and salt can be erased, and the log stays whole."""

    payload = models.BinaryField(null=True, help_text="the signed bytes; null: erased")
    salt = models.BinaryField(null=True, max_length=16)
    leaf = models.BinaryField(max_length=32, help_text="SHA-256 of salt and payload: what the log holds")
    key = models.ForeignKey(Key, on_delete=models.PROTECT)
    signature = models.BinaryField(max_length=64)
    position = models.BigIntegerField(null=True, blank=True, help_text="in the log, from 0; null: not in it yet")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "position"], condition=Q(position__isnull=False), name="entry_position"
            )
        ]
        indexes = [
            models.Index(fields=["municipality", "id"], condition=Q(position=None), name="entry_waits"),
        ]


class Log(TenantModel):
    """How long a city's log is, and its newest signed head."""

    origin = models.CharField(max_length=200, help_text="the log's name for ever: host and city")
    size = models.BigIntegerField(default=0)
    head = models.TextField(blank=True, help_text="the newest signed note")
    signed_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True, help_text="why nothing is signed any more")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality"], name="log_once")]


class TreeNode(TenantModel):
    """The hash of a perfect subtree of a log; never changed once it is there."""

    level = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "level", "position"], name="tree_node")]
