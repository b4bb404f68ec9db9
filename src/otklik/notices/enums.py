"""What officials are told of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    """Why somebody is told. The desk's bell shows the words; other ways of telling take the same rows later."""

    HALF_USED = "half_used", _("Half of the time is used up")
    NEARLY_LATE = "nearly_late", _("A quarter of the time is left")
    LATE = "late", _("The deadline has passed")
    VERY_LATE = "very_late", _("Late by half of its time, and still nothing")
    NO_REPLY_YET = "no_reply_yet", _("The resident has not answered the question yet")
    CLOSED_UNANSWERED = "closed_unanswered", _("Closed: the resident did not answer the question")
    PROMISE_REVIEW = "promise_review", _("A promise to look at again")
    PROMISE_DUE = "promise_due", _("The promised day is over")
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
