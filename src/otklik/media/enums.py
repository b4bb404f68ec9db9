"""What files are, and how far each got before anybody may see it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """What a file is, by its content."""

    PICTURE = "picture", _("Photo")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Recording")
    DOCUMENT = "document", _("Document")


class FileState(models.TextChoices):
    """Only READY is shown or sent. WAITING is the only one that is due."""

    WAITING = "waiting", _("Being checked")
    READY = "ready", _("Ready")
    QUARANTINED = "quarantined", _("Holds a virus")
    UNREADABLE = "unreadable", _("Can't be read")


class Look(models.TextChoices):
    """The forms in which a file is kept. RAW is as it came, with all it tells of its author: never shown.

    The last three are drawn only of what may come on a page for everybody (`StoredFile.for_page`).
    """

    RAW = "raw", _("As it came")
    WHOLE = "whole", _("Whole")
    SCREEN = "screen", _("For a screen")
    THUMB = "thumb", _("Small")
    CARD = "card", _("For a card")
    CARD_AVIF = "card_avif", _("For a card, AVIF")
    SCREEN_AVIF = "screen_avif", _("For a screen, AVIF")


class Trouble(models.TextChoices):
    """Why a file isn't ready."""

    NONE = "", ""
    SCANNER = "scanner", _("the virus scanner doesn't answer; the file waits and is looked at again by itself")
    BROKEN = "broken", _("the picture is broken")
    TOO_MANY_PIXELS = "too_many_pixels", _("the picture has more points than we can open")
    TOO_HEAVY = "too_heavy", _("the picture takes too long to open")
