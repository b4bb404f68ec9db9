"""The sections of administration: what each is called, who may open it, and its place in the rail."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.org.access import Access, Permission

P = Permission


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the rail."""

    code: str
    title: str | Promise
    about: str | Promise
    sign: str
    permission: Permission

    @property
    def url(self) -> str:
        """Where it is."""
        return reverse(f"desk:administration:{self.code}")


SECTIONS = (
    Section("people", _("People"), _("Invitations, roles, second factors"), "users", P.PEOPLE_MANAGE),
    Section("channels", _("Channels"), _("Networks, their state, security events"), "plug", P.CHANNEL_MANAGE),
    Section("deliveries", _("Deliveries"), _("What came and was not understood"), "alert-triangle", P.CHANNEL_MANAGE),
    Section("departments", _("Departments"), _("Who answers"), "building-community", P.CITY_MANAGE),
    Section("bodies", _("Outside bodies"), _("Who answers for what isn't the city's"), "building", P.CITY_MANAGE),
    Section("topics", _("Topics"), _("What residents write about"), "tag", P.CITY_MANAGE),
    Section("levels", _("Service levels"), _("How soon we answer"), "clock", P.CITY_MANAGE),
    Section("answers", _("Answers"), _("When an approved answer goes out"), "send", P.CITY_MANAGE),
    Section("appeals", _("Formal appeals"), _("What the law gives, and where"), "rubber-stamp", P.CITY_MANAGE),
    Section("calendar", _("Calendar"), _("Working hours, days off, short days"), "calendar", P.CITY_MANAGE),
    Section("places", _("Places"), _("Districts, streets, other names"), "map-pin", P.CITY_MANAGE),
    Section("routes", _("Routes"), _("Which topic goes elsewhere in which place"), "corner-down-right", P.CITY_MANAGE),
    Section(
        "rules", _("Assignment rules"), _("Who gets what, and when not the usual one"), "user-check", P.CITY_MANAGE
    ),
    Section("shifts", _("Shifts"), _("Who is on duty when"), "calendar", P.CITY_MANAGE),
    Section("ladder", _("Warnings"), _("Who is told when a deadline nears"), "alarm", P.CITY_MANAGE),
    Section("surges", _("Surges"), _("When many voices are an alarm"), "users-group", P.CITY_MANAGE),
    Section("carriers", _("Letters to officials"), _("Mail server, bot, the hour of digests"), "mail", P.CITY_MANAGE),
    Section(
        "machine", _("Language model"), _("The city's own, if it has one; off by default"), "sparkles", P.CITY_MANAGE
    ),
    Section(
        "understanding",
        _("Understanding texts"),
        _("What triage learnt, and how good it is"),
        "chart-bar",
        P.TRIAGE_MANAGE,
    ),
    Section("audit", _("Audit log"), _("Who changed what, and when"), "history", P.AUDIT_VIEW),
)


def sections_for(access: Access) -> list[Section]:
    """Return the sections that this official may open."""
    return [section for section in SECTIONS if access.allows(section.permission)]
