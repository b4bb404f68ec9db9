"""The words of learning: what a label says, where it came from, how a refit and a version stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class About(models.TextChoices):
    """What a label says of a message."""

    TOPIC = "topic", _("Topic")
    DEPARTMENT = "department", _("Department")
    KIND = "kind", _("Kind")
    PLACE = "place", _("Place")


class Source(models.TextChoices):
    """What a person was doing when a label came of it."""

    SORTING = "sorting", _("Sorted in the queue")
    CORRECTION = "correction", _("Topic corrected")
    ASSIGNMENT = "assignment", _("Passed to a department")
    RETURN = "return", _("Returned as not ours, then passed on")
    JOIN = "join", _("Joined to a case")
    REJECTION = "rejection", _("Rejected")
    PLACING = "placing", _("Place said")
    LABELLING = "labelling", _("Taught")


class RefitState(models.TextChoices):
    """How a refit stands. QUEUED and RUNNING are the ones that are due: one for each city at a time."""

    QUEUED = "queued", _("Waits for its turn")
    RUNNING = "running", _("Runs now")
    DONE = "done", _("Done")
    FAILED = "failed", _("Broke off")


class Stage(models.TextChoices):
    """What a running refit is at, in order."""

    READING = "reading", _("Reads what people decided")
    LEARNING = "learning", _("Learns")
    CHECKING = "checking", _("Checks itself on messages it has not seen")
    STORING = "storing", _("Writes down")


class VersionState(models.TextChoices):
    """What became of what was learnt."""

    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
