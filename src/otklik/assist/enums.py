from django.db import models
from django.utils.translation import gettext_lazy as _


class Use(models.TextChoices):
    """What the language model may be asked for. It never sends anything: a person reads, corrects and decides."""

    DRAFT = "draft", _("Draft of an answer")
    SUMMARY = "summary", _("Summary of a long conversation")
    TRANSLATION = "translation", _("Translation")


class Wish(models.TextChoices):
    """How far a question to the model is. QUEUED is the only one that is due."""

    QUEUED = "queued", _("Waits")
    WORKING = "working", _("The machine is writing")
    DONE = "done", _("Written")
    FAILED = "failed", _("Nothing came of it")
    CANCELLED = "cancelled", _("Cancelled")


class Trouble(models.TextChoices):
    """Why nothing came of it, in plain words."""

    UNREACHABLE = "unreachable", _("The model's server does not answer. Ask your administrator, or write it yourself.")
    SLOW = "slow", _("The model took too long, so we stopped waiting.")
    REFUSED = "refused", _("The model's server refused: its key or the model's name may be wrong.")
    BROKEN = "broken", _("The model's server is in trouble. Try again later.")
    REDIRECTED = "redirected", _("The model's address sends us elsewhere, and we don't follow: ask your administrator.")
    NONSENSE = "nonsense", _("The model's server answered something we can't read.")
    TOO_LONG = "too_long", _("The model's answer was too long to take.")
    EMPTY = "empty", _("The model wrote nothing.")
    SWITCHED_OFF = "switched_off", _("The language model was switched off meanwhile.")
