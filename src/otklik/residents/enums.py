"""What a resident may have besides the code of a case: letters about it, and an account that gathers own cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MailKind(models.TextChoices):
    """What a letter to a resident is for."""

    CONFIRM = "confirm", _("Asks whether letters are wanted")
    WORD = "word", _("Says that a case has moved")
    CODE = "code", _("Brings a code to sign in")
    PHONE = "phone", _("Brings a code to sign in, to a phone")


class MailState(models.TextChoices):
    """How far a letter got. UNKNOWN may have arrived: it is never sent again."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("Not certain")
    DROPPED = "dropped", _("Not needed any more")


class Method(models.TextChoices):
    """How a resident may sign in; a jurisdiction's pack says which are allowed (data/methods.toml)."""

    EMAIL = "email", _("A code by e-mail")
    PHONE = "phone", _("A code to a phone")
    PASSKEY = "passkey", _("Passkey")


class Proof(models.TextChoices):
    """By what something is known to be a person's own. A name never is a proof."""

    CODE = "code", _("The case's code was entered")
    WORD = "word", _("A one-time word came from that account")
