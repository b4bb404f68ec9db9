"""What officials are told of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """Why somebody is told. The desk's bell shows the words; other ways of telling take the same rows later."""

    DANGER = "danger", _("Danger to life: a resident tells of it in a case")
    HALF_USED = "half_used", _("Half of the time is used up")
    NEARLY_LATE = "nearly_late", _("A quarter of the time is left")
    LATE = "late", _("The deadline has passed")
    VERY_LATE = "very_late", _("Late by half of its time, and still nothing")
    TIME_RUNS = "time_runs", _("The deadline comes nearer")
    STILL_LATE = "still_late", _("Still late")
    RETURNED_TWICE = "returned_twice", _("Returned twice: decide whose it is")
    TASKS_LEFT = "tasks_left", _("Somebody left and their open cases wait for you to hand them over")
    NO_REPLY_YET = "no_reply_yet", _("The resident has not answered the question yet")
    CLOSED_UNANSWERED = "closed_unanswered", _("Closed: the resident did not answer the question")
    PROMISE_REVIEW = "promise_review", _("A promise to look at again")
    PROMISE_DUE = "promise_due", _("The promised day is over")
    CORRECTION = "correction", _("An answer is to be corrected: approve the new words")
    TASK = "task", _("A rule chose you for a case")
    MENTIONED = "mentioned", _("A colleague calls you to a case")
    APPEAL_UNREGISTERED = "appeal_unregistered", _("A formal appeal waits for its number")
    APPEAL_NEARS = "appeal_nears", _("The last day of a formal appeal nears")
    APPEAL_LAST_DAY = "appeal_last_day", _("Today is the last day of a formal appeal")
    APPEAL_LATE = "appeal_late", _("The last day of a formal appeal is over")
    DETAILS = "details", _("The resident added details")
    REPLIED = "replied", _("The resident answered the question")
    CONTROLLED = "controlled", _("The head keeps an eye on it")
    REPORT_DUE = "report_due", _("A report is asked for")
    CHECKPOINT = "checkpoint", _("A checkpoint: the department was asked for a report")
    REPORTED = "reported", _("The department reports")
    REPORT_MISSING = "report_missing", _("No report came")
    RELEASE_PROPOSED = "release_proposed", _("To be let go from control, if you agree")
    RELEASED = "released", _("No longer under personal control")
    CHANNEL_SILENT = "channel_silent", _("Unusually quiet: see whether the network still delivers")


class Matter(models.TextChoices):
    """What an official chooses about: kinds of notices that belong together, and what is prepared by itself."""

    DEADLINES = "deadlines", _("Deadlines and promises")
    REPLIES = "replies", _("Residents' replies to our questions")
    MENTIONS = "mentions", _("Colleagues who call me")
    CONTROL = "control", _("Personal control and reports")
    APPEALS = "appeals", _("Formal appeals")
    CHANNELS = "channels", _("How the channels do")
    DIGEST = "digest", _("Morning digest")
    WEEKLY = "weekly", _("Weekly report")


_K = NoticeKind
_MATTERS: dict[Matter, frozenset[NoticeKind]] = {
    Matter.REPLIES: frozenset({_K.NO_REPLY_YET, _K.CLOSED_UNANSWERED, _K.REPLIED, _K.DETAILS}),
    Matter.MENTIONS: frozenset({_K.MENTIONED}),
    Matter.CONTROL: frozenset(
        {_K.CONTROLLED, _K.REPORT_DUE, _K.CHECKPOINT, _K.REPORTED, _K.REPORT_MISSING}
        | {_K.RELEASE_PROPOSED, _K.RELEASED}
    ),
    Matter.CHANNELS: frozenset({_K.CHANNEL_SILENT}),
    Matter.APPEALS: frozenset({kind for kind in _K if kind.value.startswith("appeal_")}),
}


def matter_of(kind: str) -> Matter:
    """Return what a notice is about; deadlines and promises where nothing else claims it."""
    return next((matter for matter, kinds in _MATTERS.items() if kind in kinds), Matter.DEADLINES)


class Tempo(models.TextChoices):
    """When it is sent outside the desk."""

    NOW = "now", _("At once")
    DIGEST = "digest", _("Gathered, once a day")


class Way(models.TextChoices):
    """How it is sent outside the desk."""

    EMAIL = "email", _("E-mail")
    TELEGRAM = "telegram", "Telegram"
    PUSH = "push", _("On the phone")


class LetterState(models.TextChoices):
    """How far a letter got. UNKNOWN may have been sent, so only a person sends it again."""

    QUEUED = "queued", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    UNKNOWN = "unknown", _("Not certain")
    DROPPED = "dropped", _("Given up")
