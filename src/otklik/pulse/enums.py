from django.db import models
from django.utils.translation import gettext_lazy as _


class SurgeKind(models.TextChoices):
    """Where many people speak at once."""

    TOPIC = "topic", _("Topic")
    PLACE = "place", _("Place")
    POST = "post", _("Post")


class SurgeDeed(models.TextChoices):
    """What can happen to a surge; the names stand in its journal."""

    RAISED = "raised", _("Noticed")
    TAKEN = "taken", _("Taken")
    DISMISSED = "dismissed", _("Taken off the screens")
    ANNOUNCED = "announced", _("Told under the post, once for everybody")
    ENDED = "ended", _("Over")
