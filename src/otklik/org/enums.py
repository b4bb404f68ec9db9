from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an official is here for (domain reference, Roles)."""

    OPERATOR = "operator", _("Operator")
    CURATOR = "curator", _("Curator")
    EXECUTOR = "executor", _("Executor")
    APPROVER = "approver", _("Approver")
    EDITOR = "editor", _("Editor")
    CHIEF_EDITOR = "chief_editor", _("Chief editor")
    HEAD = "head", _("Head of the city")
    AIDE = "aide", _("Head's aide")
    PRIVACY = "privacy", _("Privacy officer")
    SURVEY = "survey", _("Survey manager")
    ANALYST = "analyst", _("Analyst")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")


class Clock(models.TextChoices):
    """How a deadline counts time."""

    WORKING = "working", _("Working hours")
    AROUND = "around", _("Around the clock")
    CALENDAR = "calendar", _("Calendar days")


class DayKind(models.TextChoices):
    """What the calendar's overrides say of a day."""

    OFF = "off", _("Day off")
    WORK = "work", _("Working day")
    SHORT = "short", _("Short day")


class PlaceKind(models.TextChoices):
    """What a place is."""

    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    LANDMARK = "landmark", _("Landmark")


class AbsenceKind(models.TextChoices):
    """Why an official is away, as colleagues read it."""

    LEAVE = "leave", _("on leave")
    ILL = "ill", _("ill")
    TRIP = "trip", _("on a business trip")
    OTHER = "other", _("away")
