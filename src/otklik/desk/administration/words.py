"""What the audit's codes are called on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from otklik.org.enums import Clock, DayKind, PlaceKind, Role
from otklik.org.models import AuditEntry

ACTIONS: dict[str, str | Promise] = {
    "person.invited": _("invited"),
    "person.new_link": _("made a new sign-in link for"),
    "person.invitation_revoked": _("revoked the invitation of"),
    "person.changed": _("changed the person"),
    "person.switched_off": _("switched off"),
    "person.switched_on": _("let in again"),
    "person.second_factor_reset": _("reset the second factor of"),
    "role.granted": _("gave a role to"),
    "role.withdrawn": _("took a role from"),
    "department.added": _("added the department"),
    "department.changed": _("changed the department"),
    "body.added": _("added the outside body"),
    "body.changed": _("changed the outside body"),
    "topic.added": _("added the topic"),
    "topic.changed": _("changed the topic"),
    "topic.retired": _("retired the topic"),
    "topic.restored": _("brought back the topic"),
    "service_level.added": _("added the service level"),
    "service_level.changed": _("changed the service level"),
    "hours.changed": _("changed the working hours"),
    "surge_settings.added": _("set when many voices are a surge"),
    "surge_settings.changed": _("changed when many voices are a surge"),
    "language_model.changed": _("changed the language model's settings"),
    "day.added": _("set the day"),
    "day.changed": _("changed the day"),
    "day.cleared": _("cleared the day"),
    "place.added": _("added the place"),
    "place.changed": _("changed the place"),
    "place.removed": _("removed the place"),
    "places.imported": _("imported places"),
    "rule.added": _("added the rule"),
    "rule.changed": _("changed the rule"),
    "rule.moved": _("moved in the order the rule"),
    "rule.switched_on": _("switched on the rule"),
    "rule.switched_off": _("switched off the rule"),
    "rule.removed": _("removed the rule"),
    "shift.added": _("added the shift"),
    "shift.changed": _("changed the shift"),
    "shift.removed": _("removed the shift"),
    "escalation.added": _("set who is warned"),
    "escalation.changed": _("changed who is warned"),
    "absence.entered": _("entered the absence of"),
    "absence.ended": _("ended the absence of"),
    "route.added": _("added the route"),
    "route.changed": _("changed the route"),
    "route.removed": _("removed the route"),
    "channel.connected": _("connected the channel"),
    "channel.changed": _("changed the channel"),
    "channel.subscribed": _("asked the network to deliver to"),
    "channel.switched_off": _("switched off the channel"),
    "channel.switched_on": _("switched on the channel"),
    "learning.asked": _("asked triage to learn anew"),
    "learning.accepted": _("let triage learn: it took the new version"),
    "learning.refused": _("let triage learn: the new version was refused"),
    "learning.version": _("put in use the triage version"),
    "learning.precision": _("changed how sure triage must be"),
    "mail.changed": _("changed how letters to officials go, by"),
    "bot.changed": _("changed the bot that writes to officials"),
    "push.changed": _("changed whether officials are told on their phones"),
    "digest.hour_changed": _("changed when digests are prepared"),
    "letter.sent_again": _("sent again the letter"),
    "letter.given_up": _("gave up the letters"),
    "city.changed": _("changed the city"),
    "delivery.read": _("read the raw delivery"),
    "delivery.tried_again": _("tried again the delivery"),
}

DETAILS: dict[str, str | Promise] = {
    "added": _("added"),
    "after": _("now"),
    "aliases": _("other names"),
    "answer_minutes": _("answer, minutes"),
    "answers_for": _("answers for"),
    "answers_for_en": _("answers for, in English"),
    "interim_solve_days": _("to solve after an interim answer, days"),
    "phone": _("phone"),
    "port": _("port"),
    "security": _("protection of the connection"),
    "user": _("signs in as"),
    "appeals_url": _("address of the form for appeals"),
    "site": _("site"),
    "acknowledge_minutes": _("acknowledgement, minutes"),
    "before": _("before"),
    "changed": _("changed"),
    "clock": _("clock"),
    "code": _("code"),
    "contacts": _("contacts"),
    "date": _("day"),
    "department": _("department"),
    "department_id": _("department"),
    "excludes": _("what doesn't belong"),
    "first": _("first day"),
    "frozen": _("messages checked on"),
    "full_name": pgettext_lazy("person", "name"),
    "group": _("group of topics, of 100"),
    "includes": _("what belongs"),
    "is_active": _("open"),
    "is_on": _("switched on"),
    "kind": _("kind"),
    "labels": _("messages learnt from"),
    "language": _("language"),
    "last": _("last day"),
    "name": _("name"),
    "network": _("network"),
    "note": _("why"),
    "number": _("number"),
    "owner_id": _("who answers"),
    "parent_id": _("stands under"),
    "position": _("position"),
    "role": _("role"),
    "service_level_id": _("service level"),
    "settings": _("settings"),
    "solve_days": _("to solve, days"),
    "source": _("source"),
    "steps": _("steps"),
    "substitute": _("stands in"),
    "title": _("title"),
    "to": _("goes to"),
    "topic": _("topic, of 100"),
    "version": _("version"),
    "was": _("went to"),
}
"""What the fields of a change are called; one without a word of its own is shown by its name."""

VALUES: dict[str, dict[str, str | Promise]] = {
    "role": dict(Role.choices),
    "kind": {**dict(DayKind.choices), **dict(PlaceKind.choices)},
    "clock": dict(Clock.choices),
}
"""What the codes in some fields are called."""

_YES, _NO = _("yes"), _("no")


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the log in words."""

    entry: AuditEntry
    verb: str | Promise
    details: tuple[str, ...]


def told(entry: AuditEntry) -> Told:
    """Return an entry in words; an action without words of its own is shown by its code."""
    return Told(entry, ACTIONS.get(entry.action, entry.action), tuple(_details(entry)))


def _details(entry: AuditEntry) -> Iterator[str]:
    for name, value in sorted(entry.detail.items()):
        label = DETAILS.get(name, name)
        if isinstance(value, list) and len(value) == 2:
            yield f"{label}: {_short(name, value[0])} → {_short(name, value[1])}"
        elif value not in (None, "", []):
            yield f"{label}: {_short(name, value)}"


def _short(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(_YES if value else _NO)
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(VALUES.get(name, {}).get(str(value), value))
    return (text if len(text) <= 120 else text[:119] + "…") or "—"
