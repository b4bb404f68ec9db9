"""The words of letters to residents: numbers, public words and links, nothing that names a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import dateformat, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.cases.models import Case
from otklik.cases.standing import coming_next, meaning, standing, yours_next
from otklik.org.models import Municipality
from otklik.residents.models import Subscription
from otklik.residents.queries import corrected_at


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent."""

    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


def question(row: Subscription, token: str) -> Letter:
    """Return the letter that asks whether letters are wanted."""
    with translation.override(row.language):
        number = {"number": row.case.number, "city": row.municipality.localised("name")}
        subject = _("%(city)s: letters about case № %(number)s?") % number
        parts = [
            _("Somebody, we hope it was you, asked for letters to this address when case № %(number)s moves.") % number,
            _("Yes, write to me:"),
            _link(f"/letters/{token}/"),
            _("If it wasn't you, do nothing: without your yes no letter comes, and in two days we forget the address."),
        ]
        return Letter(subject, _joined(parts), _ending(token))


def word(row: Subscription, watched: Case, token: str, *, now: datetime) -> Letter:
    """Return the letter that says where a case stands: its number, its public words if it has any, and the link."""
    with translation.override(row.language), timezone.override(ZoneInfo(row.municipality.timezone)):
        label = standing(watched)[1]
        subject = f"{row.municipality.localised('name')}: № {row.case.number} – {label}"
        said = [meaning(watched), yours_next(watched, now=now)] if row.is_own else [coming_next(watched, now=now)]
        parts = [
            f"№ {row.case.number}. {_public_title(row.case)}".rstrip(". "),
            f"{label}. {' '.join(said)}",
            *_corrected(watched),
            _link(f"/case/{row.case.code}/" if row.is_own else f"/cases/{row.case.number}/"),
        ]
        if row.is_own:
            parts.append(_("The link is yours alone: with it one can confirm that it is solved, or open it again."))
        no_more = _("No more letters about this case:")
        parts.append(f"{no_more}\n{_link(_stop(token))}")
        return Letter(subject, _joined(parts), _ending(token))


def code_letter(city: Municipality, language: str, code: str, minutes: int) -> Letter:
    """Return the letter that brings a code to sign in."""
    with translation.override(language):
        subject = _("%(city)s: your code") % {"city": city.localised("name")}
        parts = [
            _("Your code to see your cases:"),
            code,
            _("It is good for %(minutes)s minutes, once, in the browser where you asked for it.")
            % {"minutes": minutes},
            _("If you asked for nothing, do nothing. Tell the code to nobody: the city never asks for it."),
        ]
        return Letter(subject, _joined(parts))


def link_question(language: str, account: str, cases: int, code: str) -> str:
    """Return what is asked of whoever sent a one-time word: what would be seen, by whom, and how to say yes."""
    with translation.override(language):
        parts = [
            _("A word came from you that links your messages with the account %(account)s on the city's site.")
            % {"account": account},
            ngettext(
                "Whoever signs in there would see your %(n)s case and all you write from here, with our answers.",
                "Whoever signs in there would see your %(n)s cases and all you write from here, with our answers.",
                cases,
            )
            % {"n": cases},
            _("They could also say for you that a case is solved. Nothing is linked yet."),
            _("If this account is yours, answer: link %(code)s") % {"code": code},
            _("If somebody asked you to send the word, do nothing: nobody will see anything."),
        ]
        return "\n".join(parts)


def linked(language: str, account: str) -> str:
    """Return that it is done, with what was tied to what, and how to take it back."""
    with translation.override(language):
        done = _("Linked: the account %(account)s now shows your cases from here.") % {"account": account}
        undo = _("To take it back at any time, answer: unlink")
        return f"{done} {undo}"


def unlinked(language: str, account: str) -> str:
    """Return that it is taken back."""
    with translation.override(language):
        return _("Taken back: the account %(account)s shows nothing of what you write here any more.") % {
            "account": account
        }


def code_message(city: Municipality, language: str, code: str) -> str:
    """Return the message that brings a code to a phone: short, so that it is one message."""
    with translation.override(language):
        told = {"code": code.replace(" ", ""), "city": city.localised("name")}
        return _("%(code)s: your code for the site of %(city)s. Tell it to nobody.") % told


def _public_title(case: Case) -> str:
    shown = getattr(case, "showing", None)
    return shown.title if case.is_public and shown is not None and shown.withdrawn_at is None else ""


def _corrected(case: Case) -> list[str]:
    """Say that an answer has other words now, and on which day that was; nothing of what it says."""
    at = corrected_at(case)
    if at is None:
        return []
    day = {"day": dateformat.format(timezone.localtime(at), "j E")}
    return [_("The city corrected its answer on %(day)s. What it says now is on the page:") % day]


def _ending(token: str) -> Mapping[str, str]:
    """Return what lets a mail program end the letters with one press (RFC 2369, RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{_link(_stop(token))}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _stop(token: str) -> str:
    return f"/letters/{token}/stop/"


def _link(path: str) -> str:
    return f"{settings.ENVIRONMENT.public_url}{path}"


def _joined(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
