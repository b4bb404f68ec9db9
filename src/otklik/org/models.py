"""The city as an organisation: who works in it, what about, where and when.

Every row carries its municipality, and so does every unique constraint and list index: tenants never meet, and a
table can be split by tenant later.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from otklik.org.enums import AbsenceKind, Clock, DayKind, PlaceKind, Role


class Municipality(models.Model):
    """A tenant: one city with its head. What differs between cities is data here, never names in code."""

    slug = models.SlugField(unique=True)
    host = models.CharField(max_length=200, blank=True, help_text="the public host name, where several cities share")
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    head_name = models.CharField(max_length=200)
    head_name_en = models.CharField(max_length=200, blank=True)
    head_title = models.CharField(max_length=200)
    head_title_en = models.CharField(max_length=200, blank=True)
    motto = models.CharField(max_length=300, blank=True)
    motto_en = models.CharField(max_length=300, blank=True)
    accent = models.CharField(max_length=7, default="#1f6f5c", help_text="colour of the theme, #rrggbb")
    language = models.CharField(max_length=5, default="ru")
    timezone = models.CharField(max_length=50, default="Europe/Moscow")
    country = models.CharField(max_length=2, default="RU", help_text="whose holidays the calendar takes")
    jurisdiction = models.CharField(max_length=10, default="ru")
    emergency_phone = models.CharField(max_length=20, default="112")
    appeals_url = models.URLField(blank=True, help_text="where a formal appeal is made")
    last_case_number = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "municipalities"

    def __str__(self) -> str:
        return self.name

    def localised(self, field: str) -> str:
        """Return a field in the reader's language, in the city's own where it isn't translated."""
        translated = str(getattr(self, f"{field}_en", "")) if get_language() == "en" else ""
        return translated or str(getattr(self, field))


class TenantModel(models.Model):
    """A row that belongs to one municipality."""

    # Every list index begins with it already; an index of its own would only slow the writes.
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True


class Department(TenantModel):
    """Who answers for topics; a tree."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    contacts = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="department_code")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return self.name_en if get_language() == "en" and self.name_en else self.name


class OfficialManager(BaseUserManager["Official"]):
    """Finds officials by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Official:
        """Return the official with this address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Official:
        """Create an official. Without a password nobody can sign in until an invitation is accepted."""
        official = self.model(email=self.normalize_email(email).lower(), **fields)
        official.set_password(password)
        official.save(using=self._db)
        return official


class OutsideBody(TenantModel):
    """A body that is not the city's: what it answers for and how residents reach it."""

    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    answers_for = models.CharField(max_length=300, help_text="what residents may turn to it about")
    answers_for_en = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    site = models.URLField(blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="outside_body_name"),
            models.CheckConstraint(
                condition=~Q(phone="") | ~Q(site="") | ~Q(email=""), name="outside_body_can_be_reached"
            ),
        ]
        ordering = ["name"]
        verbose_name_plural = "outside bodies"

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" and self.name_en else self.name

    @property
    def contacts(self) -> str:
        """How to reach it, in one line."""
        return ", ".join(part for part in (self.phone, self.site, self.email) if part)


class Official(AbstractBaseUser, TenantModel):
    """A person who works for the city, with roles. Signs in with an e-mail address."""

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200)
    position = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT)
    language = models.CharField(max_length=5, default="ru")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]
    objects: ClassVar[OfficialManager] = OfficialManager()

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        """Return the name as the screens show it."""
        return self.full_name


class RoleGrant(TenantModel):
    """One role of one official; without a department it holds for the whole city."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            # Two, because a missing department is not equal to a missing department in SQL.
            models.UniqueConstraint(fields=["municipality", "official", "role", "department"], name="grant_once"),
            models.UniqueConstraint(
                fields=["municipality", "official", "role"], condition=Q(department=None), name="grant_once_citywide"
            ),
        ]


class Absence(TenantModel):
    """That an official is away, and who stands in: holds from `starts_at` until `ends_at`, and ends by itself."""

    official = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="absences", db_index=False)
    substitute = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=AbsenceKind.choices, default=AbsenceKind.LEAVE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="the first moment when they are back")
    entered_by = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=models.F("starts_at")), name="absence_forward"),
            models.CheckConstraint(condition=~Q(official=models.F("substitute")), name="absence_of_two"),
        ]
        indexes = [
            models.Index(fields=["municipality", "official", "ends_at"], name="absence_of"),
            models.Index(fields=["municipality", "substitute", "ends_at"], name="absence_stood_in"),
        ]
        ordering = ["starts_at", "id"]

    def __str__(self) -> str:
        return f"{self.official} → {self.substitute}"


class Invitation(TenantModel):
    """A way in for a new official: a link that works once, for a week. Only a hash of its token is kept."""

    email = models.EmailField()
    full_name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role.choices)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Official, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)


class ServiceLevel(TenantModel):
    """How soon we acknowledge, answer and solve; a default that an administrator may change, with its source."""

    code = models.SlugField(max_length=40)
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    clock = models.CharField(max_length=10, choices=Clock.choices, default=Clock.WORKING)
    acknowledge_minutes = models.PositiveIntegerField()
    answer_minutes = models.PositiveIntegerField()
    interim_solve_days = models.PositiveIntegerField(
        default=7, help_text="working days to solve it after an interim answer"
    )
    solve_days = models.PositiveIntegerField(null=True, blank=True, help_text="working days; empty: as promised")
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="service_level_code")]

    def __str__(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title


class Topic(TenantModel):
    """What a message is about: a group (no parent) or a topic in it. Codes are stable; titles may change."""

    code = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    includes = models.TextField(blank=True)
    includes_en = models.TextField(blank=True)
    excludes = models.TextField(blank=True)
    excludes_en = models.TextField(blank=True)
    external_code = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.SET_NULL)
    service_level = models.ForeignKey(ServiceLevel, null=True, blank=True, on_delete=models.PROTECT)
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="topic_code")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return self.title_en if get_language() == "en" and self.title_en else self.title


class Place(TenantModel):
    """A district, street or landmark the city knows, with the other names people use for it."""

    kind = models.CharField(max_length=10, choices=PlaceKind.choices)
    name = models.CharField(max_length=200)
    aliases = models.JSONField(default=list, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    owner = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.SET_NULL, help_text="who answers for everything here"
    )
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "kind", "name"], name="place_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TopicRoute(TenantModel):
    """An exception to a topic's default department: this topic in this place belongs to that department."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE)
    place = models.ForeignKey(Place, on_delete=models.CASCADE)
    department = models.ForeignKey(Department, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "topic", "place"], name="topic_route")]


class WorkingHours(TenantModel):
    """One interval of a weekday when the city works; several make a lunch break."""

    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "weekday", "starts"], name="working_hours"),
            models.CheckConstraint(condition=Q(ends__gt=models.F("starts")), name="working_hours_forward"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_hours_weekday"),
        ]
        ordering = ["weekday", "starts"]


class CalendarDay(TenantModel):
    """A day that differs from the country's calendar, with who says so."""

    date = models.DateField()
    kind = models.CharField(max_length=5, choices=DayKind.choices)
    note = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "date"], name="calendar_day")]
        ordering = ["date"]


class AuditEntry(TenantModel):
    """Who changed what in administration, and when. Append-only."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(Official, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["municipality", "-id"], name="audit_newest")]


class LiveChange(TenantModel):
    """A note for open screens that something changed: ids only, kept for an hour. Written with the change itself."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=20)
    refs = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["municipality", "id"], name="live_newest")]
        verbose_name = _("live change")
