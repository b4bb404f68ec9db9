"""What networks tell in numbers, kept with the time at which it was told; and how many reactions words have.

Nothing here is of a single person but `ReactionMark`, a keyed digest by which a repeated sign counts once.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from otklik.org.models import TenantModel


class Figure(models.TextChoices):
    """connectors.figures.Figure, as people call them."""

    VIEWS = "views", _("Times seen")
    REACH = "reach", _("Reach")
    LIKES = "likes", _("Likes")
    REACTIONS = "reactions", _("Reactions")
    SHARES = "shares", _("Shares")
    COMMENTS = "comments", _("Comments")
    SAVES = "saves", _("Saves")
    FOLLOWERS = "followers", _("Followers")


class Trait(models.TextChoices):
    """connectors.figures.Trait, as people call them."""

    AGE = "age", _("Age")
    SEX = "sex", _("Sex")
    CITY = "city", _("Town")


class AccountFigure(TenantModel):
    """One figure of an account on one day of its city: what was told last on that day."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    figure = models.CharField(max_length=12, choices=Figure.choices)
    value = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "channel", "day", "figure"], name="account_figure_once")
        ]


class Audience(TenantModel):
    """Whom an account reaches, in shares: the newest that was told."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    shares = models.JSONField(default=list, help_text="trait, name, percent; the largest of each trait first")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel"], name="audience_once")]


class PostFigure(TenantModel):
    """One figure of a post in one network on one day: what was told last on that day."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    post_external_id = models.CharField(max_length=200)
    day = models.DateField()
    figure = models.CharField(max_length=12, choices=Figure.choices)
    value = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "channel", "post_external_id", "day", "figure"], name="post_figure_once"
            )
        ]


class MeasuredPost(TenantModel):
    """A post whose figures are asked for: often while it is young, rarely later, never once it is gone."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    post_external_id = models.CharField(max_length=200)
    published_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="when it is asked for next; null: not any more")
    asked_at = models.DateTimeField(null=True, blank=True)
    missing = models.PositiveSmallIntegerField(
        default=0, help_text="times in a row that the network knew nothing of it"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "channel", "post_external_id"], name="measured_post_once")
        ]
        indexes = [
            models.Index(fields=["channel", "due_at"], condition=Q(due_at__isnull=False), name="measured_post_due")
        ]


class Measuring(TenantModel):
    """When a channel is asked for figures next. Beside the channel: taking its messages holds its row."""

    channel = models.OneToOneField("channels.Channel", on_delete=models.CASCADE, related_name="measuring")
    due_at = models.DateTimeField(help_text="when something may be asked next, or how long whoever asks may take")
    account_due_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0, help_text="in a row")


class Reaction(TenantModel):
    """How often one sort of reaction was given to words, or to a post. `object_key` is the message's own.

    `told` is the network's own total; where it tells none, `counted` is how many signs reached us.
    """

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=240)
    name = models.CharField(max_length=60)
    told = models.PositiveBigIntegerField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    counted = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "channel", "object_key", "name"], name="reaction_once")
        ]

    @property
    def count(self) -> int:
        """How many there are, as far as anybody tells."""
        return self.counted if self.told is None else self.told


class ReactionMark(TenantModel):
    """One sign of somebody, so that a repeat counts once and a withdrawal is known. Whose it is, it doesn't hold."""

    channel = models.ForeignKey("channels.Channel", on_delete=models.CASCADE, related_name="+", db_index=False)
    mark = models.CharField(max_length=32, help_text="keyed digest of who gave it to what")
    object_key = models.CharField(max_length=240)
    names = models.CharField(max_length=200, blank=True, help_text="what was given; empty: it was taken back")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "channel", "mark"], name="reaction_mark_once")]
        indexes = [models.Index(fields=["municipality", "channel", "object_key"], name="reaction_marks_of_words")]
