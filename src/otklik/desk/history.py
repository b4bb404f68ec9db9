"""A case's journal in people's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import TextChoices
from django.utils import dateformat, timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from otklik.assist.enums import Use
from otklik.cases.enums import Withdrawal
from otklik.cases.models import JournalEntry
from otklik.cases.offering import sentence
from otklik.channels.blocks import BlockReason
from otklik.channels.whys import is_code, told
from otklik.common import human

DEEDS = {
    "opened": ("sparkles", gettext_lazy("Case opened")),
    "assigned": ("user-check", gettext_lazy("Passed to a department")),
    "joined": ("users", gettext_lazy("One more voice joined")),
    "danger_found": ("alert-triangle", gettext_lazy("A resident tells of danger to life: it goes first now")),
    "message_edited": ("pencil", gettext_lazy("The resident rewrote a message")),
    "merged": ("copy", gettext_lazy("Joined with another case as its duplicate")),
    "took_over": ("users", gettext_lazy("A duplicate was joined, with its voices")),
    "split": ("rotate", gettext_lazy("Taken apart again")),
    "gave_back": ("rotate", gettext_lazy("A duplicate was taken out again")),
    "message_split": ("rotate", gettext_lazy("A message became a case of its own")),
    "taken": ("tool", gettext_lazy("Taken into work")),
    "drafting": ("pencil", gettext_lazy("An answer is being written")),
    "submitted": ("rubber-stamp", gettext_lazy("Sent for approval")),
    "declined": ("arrow-back-up", gettext_lazy("Sent back to the author")),
    "approved": ("check", gettext_lazy("Answer approved")),
    "answered": ("message-circle", gettext_lazy("The answer reached the resident")),
    "answered_in_network": ("message-circle", gettext_lazy("Answered in the network's own app")),
    "not_delivered": ("alert-triangle", gettext_lazy("The answer was not delivered")),
    "draft_replaced": ("pencil", gettext_lazy("A colleague's draft was replaced")),
    "repeat_marked": ("rotate", gettext_lazy("Tied to an earlier case")),
    "repeat_cleared": ("rotate", gettext_lazy("No longer a repeat of an earlier case")),
    "asked_resident": ("message-circle", gettext_lazy("The resident was asked; the clock stands still")),
    "resident_replied": ("message-circle", gettext_lazy("The resident replied; the clock runs again")),
    "resumed": ("clock", gettext_lazy("Gone on without waiting")),
    "closed_unanswered": ("checks", gettext_lazy("Closed: the resident did not answer the question")),
    "interim_answered": ("message-circle", gettext_lazy("An interim answer reached the resident")),
    "promised": ("calendar", gettext_lazy("A day was promised to the resident")),
    "appeal_received": ("rubber-stamp", gettext_lazy("A formal appeal came")),
    "appeal_registered": ("rubber-stamp", gettext_lazy("Formal appeal registered")),
    "appeal_extended": ("clock", gettext_lazy("Formal appeal: the term was extended")),
    "appeal_forwarded": ("arrow-forward-up", gettext_lazy("Formal appeal passed on by law")),
    "appeal_answered": ("checks", gettext_lazy("Formal appeal answered")),
    "appeal_struck": ("ban", gettext_lazy("Formal appeal struck out")),
    "copy_masked": ("download", gettext_lazy("A copy on paper was taken, without personal data")),
    "copy_full": ("download", gettext_lazy("A copy on paper was taken, with personal data")),
    "snoozed": ("moon", gettext_lazy("Put out of everybody's sight for a while")),
    "snooze_ended": ("eye", gettext_lazy("Brought back into everybody's sight")),
    "sent_early": ("send", gettext_lazy("The answer was sent without waiting for the morning")),
    "sending_stopped": ("ban", gettext_lazy("Stopped before it went out")),
    "machine_asked": ("sparkles", gettext_lazy("The language model was asked")),
    "handed_over": ("users", gettext_lazy("Handed over to a colleague")),
    "returned": ("arrow-back-up", gettext_lazy("Returned: not theirs")),
    "topic_changed": ("tag", gettext_lazy("Topic corrected")),
    "place_changed": ("map-pin", gettext_lazy("Place corrected")),
    "deadline_moved": ("clock", gettext_lazy("Deadline moved")),
    "control_set": ("flag", gettext_lazy("Taken under personal control")),
    "control_cleared": ("flag", gettext_lazy("Personal control ended")),
    "control_kept": ("flag", gettext_lazy("Stays under personal control")),
    "release_proposed": ("flag", gettext_lazy("Proposed to be let go from control")),
    "report_asked": ("help-circle", gettext_lazy("A report was asked for")),
    "control_reported": ("news", gettext_lazy("Reported to the head")),
    "rejected": ("ban", gettext_lazy("Rejected")),
    "redirected": ("arrow-forward-up", gettext_lazy("Passed on to another body")),
    "confirmed": ("checks", gettext_lazy("The resident says it is solved")),
    "reopened": ("rotate", gettext_lazy("The resident opened it again")),
    "rated": ("star", gettext_lazy("The resident rated the answer")),
    "closed_by_silence": ("checks", gettext_lazy("Closed after seven silent days")),
    "photo_added": ("photo", gettext_lazy("A photo was added")),
    "photo_removed": ("trash", gettext_lazy("A photo was taken away")),
    "sides_marked": ("photo", gettext_lazy("Photos were marked as before and after")),
    "photo_shown": ("eye", gettext_lazy("A photo of it is shown on the public page")),
    "photo_taken_off": ("eye-off", gettext_lazy("A photo of it is no longer shown on the public page")),
    "made_public": ("eye", gettext_lazy("Shown on the public page")),
    "shown_words_changed": ("eye", gettext_lazy("Other words of it are shown on the public page")),
    "resident_agreed": ("eye", gettext_lazy("The resident lets it be shown")),
    "resident_disagreed": ("eye-off", gettext_lazy("The resident no longer lets it be shown")),
    "person_linked": ("link", gettext_lazy("Who came is taken for one person with another case's")),
    "person_unlinked": ("rotate", gettext_lazy("Two people again, not one")),
    "person_blocked": ("ban", gettext_lazy("Whoever came was blocked for a time")),
    "person_unblocked": ("rotate", gettext_lazy("The block was taken back")),
    "code_changed": ("key", gettext_lazy("The private link was changed: an account was taken out of somebody's own")),
    "words_erased": ("trash", gettext_lazy("The author erased their words")),
    "details_added": ("message-circle", gettext_lazy("The resident added details on the case's page")),
    "bulk_undone": ("arrow-back-up", gettext_lazy("Taken back: done to many cases at once")),
    "correction_proposed": ("pencil", gettext_lazy("Other words for the answer were handed on for approval")),
    "correction_declined": ("arrow-back-up", gettext_lazy("The correction was sent back to its author")),
    "correction_withdrawn": ("ban", gettext_lazy("The correction was taken back")),
    "corrected": ("pencil", gettext_lazy("The answer was corrected; it said before")),
    "correction_not_delivered": ("alert-triangle", gettext_lazy("The correction did not reach a conversation")),
    "linked": ("link", gettext_lazy("Tied to another case: see also")),
    "unlinked": ("link", gettext_lazy("No longer tied to another case")),
    "told_by_hand": ("user-check", gettext_lazy("Somebody told the resident the answer")),
    "not_reached": ("alert-triangle", gettext_lazy("The resident could not be told the answer")),
    "told_otherwise": ("user-check", gettext_lazy("A person told the resident the answer")),
    "written_anew": ("arrow-back-up", gettext_lazy("Refused everywhere: the answer is a draft again")),
    "sent_elsewhere": ("send", gettext_lazy("The answer was sent another way, where the same person wrote too")),
    "made_private": ("eye-off", gettext_lazy("Taken off the public page")),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history as it is read."""

    icon: str
    title: str
    who: str
    at: datetime
    words: str


def history(entries: Iterable[JournalEntry], departments: Mapping[int, str], topics: Mapping[str, str]) -> list[Step]:
    """Return the journal in words, the newest first; names of departments by id and of topics by code."""
    steps = [_step(entry, departments, topics) for entry in entries]
    return steps[::-1]


def _step(entry: JournalEntry, departments: Mapping[int, str], topics: Mapping[str, str]) -> Step:
    icon, title = DEEDS.get(entry.action, ("point", entry.action))
    return Step(
        icon=icon,
        title=str(title),
        who=entry.actor.full_name if entry.actor is not None else "",
        at=entry.at,
        words=_words(entry, departments, topics),
    )


def _words(entry: JournalEntry, departments: Mapping[int, str], topics: Mapping[str, str]) -> str:
    detail = entry.detail
    said: list[str] = []
    if entry.action == "assigned":
        said += [departments.get(detail.get("department", 0), ""), _why(detail.get("why", {}), topics)]
    said += _of_people(detail)
    if entry.action == "returned" and detail.get("proposed") in departments:
        said.append(_("it belongs to “%(department)s”") % {"department": departments[detail["proposed"]]})
    said += _labels(detail)
    if entry.action in ("repeat_marked", "repeat_cleared", "person_linked", "person_unlinked"):
        said.append(f"№ {detail.get('number', '')}")
    if entry.action in ("promised", "snoozed", "person_blocked"):
        said.append(_day(str(detail.get("until", ""))))
    if entry.action == "topic_changed":
        said.append(topics.get(detail.get("to", ""), detail.get("to", "")))
    if entry.action in ("deadline_moved", "interim_answered"):
        said.append(_new_deadline(str(detail.get("to", ""))))
    if entry.action == "rated":
        said.append(_("%(stars)s of 5") % {"stars": detail.get("stars", "")})
    if entry.action == "approved" and detail.get("as_head"):
        said.append(_("in the head's own name"))
    said += _of_appeal(detail)
    number = next(
        (detail[name] for name in ("into", "case", "from_case", "to_case", "linked_number") if detail.get(name)), None
    )
    if number is not None:
        said.append(f"№ {number}")
    if entry.action == "joined" and is_code(str(detail.get("reason", ""))):
        said.append(told(detail["reason"]))
    elif entry.action not in ("opened", "joined"):  # there the reason is triage's code, shown under “why here”
        told_as_is = ("place", "reason", "remark", "body", "contacts", "text", "error")
        said += [str(detail[name]) for name in told_as_is if detail.get(name)]
    return " · ".join(part for part in said if part)


def _of_people(detail: Mapping[str, Any]) -> list[str]:
    """Return for whom it was done, whose cases went to whom, and that a curator decided."""
    person, to = str(detail.get("person", "")), str(detail.get("to_person", "")) or _("whoever takes it")
    return [
        _("on behalf of %(who)s") % {"who": detail["behalf_name"]} if detail.get("behalf_name") else "",
        f"{person} → {to}" if person else "",
        _("decided for good") if detail.get("decided") else "",
    ]


def _of_appeal(detail: Mapping[str, Any]) -> list[str]:
    if "appeal" not in detail:
        return []
    number, until, late = str(detail["appeal"]), _day(str(detail.get("until", ""))), int(detail.get("late_days", 0))
    return [
        f"№ {number}" if number else "",
        _("until %(day)s") % {"day": until} if until else "",
        ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late} if late else "",
    ]


def _labels(detail: Mapping[str, Any]) -> list[str]:
    """Return what is kept as a code, in words."""
    enums: tuple[tuple[str, type[TextChoices]], ...] = (
        ("use", Use),
        ("withdrawal", Withdrawal),
        ("block", BlockReason),
    )
    return [str(enum(detail[name]).label).lower() for name, enum in enums if detail.get(name) in enum.values]


def _why(told: Mapping[str, Any], topics: Mapping[str, str]) -> str:
    code = str(told.get("topic", ""))
    return sentence(
        str(told.get("by", "")),
        topics.get(code, code),
        str(told.get("place", "")),
        float(told.get("chance", 0)),
        rule=str(told.get("rule", "")),
    )


def _day(text: str) -> str:
    day = parse_date(text)
    return dateformat.format(day, "j E Y") if day is not None else ""


def _new_deadline(text: str) -> str:
    moment = parse_datetime(text)
    return human.exact(timezone.localtime(moment)) if moment is not None else ""
