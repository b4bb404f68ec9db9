from django.db import models
from django.utils.translation import gettext_lazy as _


class Network(models.TextChoices):
    """The networks that this build can connect."""

    SITE = "site", _("City site")
    TELEGRAM = "telegram", "Telegram"
    VK = "vk", "VK"
    MAX = "max", "MAX"
    OK = "ok", _("Odnoklassniki")
    INSTAGRAM = "instagram", "Instagram"
    EMAIL = "email", _("E-mail")
    RECEPTION = "reception", _("Reception")
    ACTIVITYPUB = "activitypub", _("Fediverse")


OUR_FORMS = frozenset({Network.SITE, Network.RECEPTION})
"""What comes by a form of the city itself, with files that it has taken in already."""


class DeliveryState(models.TextChoices):
    """How far a raw delivery got. RECEIVED is the only one that is due."""

    RECEIVED = "received", _("Received")
    PARSED = "parsed", _("Understood")
    PARTIAL = "partial", _("Understood in part")
    FAILED = "failed", _("Not understood")


class OutgoingState(models.TextChoices):
    """The states of what we send. UNKNOWN is reconciled by reading, never blindly sent again.

    BY_HAND is no worker's: it waits until an official says that the person was told.
    """

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("Not certain")
    BY_HAND = "by_hand", _("A person tells it")


class FetchState(models.TextChoices):
    """How a message's file reaches us. DUE is the only one that is fetched."""

    DUE = "due", _("Being fetched")
    KEPT = "kept", _("With us")
    LEFT = "left", _("Only where it was written")
    FAILED = "failed", _("Could not be fetched")


class Decision(models.TextChoices):
    """What became of a message. PENDING is the only one that is due."""

    PENDING = "pending", _("Not looked at yet")
    OPENED = "opened", _("Opened a case")
    JOINED = "joined", _("Joined a case")
    OPERATOR = "operator", _("Waits for an operator")
    NO_ANSWER = "no_answer", _("Needs no answer")
    SPAM = "spam", _("Spam")
    OWN = "own", _("Ours")


class MessageKind(models.TextChoices):
    """How a message reached us."""

    COMMENT = "comment", _("Comment")
    DIRECT_MESSAGE = "direct_message", _("Direct message")
    MENTION = "mention", _("Mention")
    REVIEW = "review", _("Review")
    REPORT = "report", _("Report")
    POST = "post", _("Post")


class Visibility(models.TextChoices):
    """Who could see it where it was written."""

    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Private")


class SecurityEventKind(models.TextChoices):
    """What was refused at a door."""

    FORGED = "forged", _("Forged signature")
    OVERSIZED = "oversized", _("Too large")


class SignerState(models.TextChoices):
    """Whether we know whose a key of the fediverse is. DUE is the only one that is asked about."""

    DUE = "due", _("Being asked for")
    KNOWN = "known", _("Known")
    FAILED = "failed", _("Not given")


class ParcelState(models.TextChoices):
    """How one activity reaches one server. DUE is the only one that is carried."""

    DUE = "due", _("On its way")
    CARRIED = "carried", _("There")
    GIVEN_UP = "given_up", _("Given up")
