"""What an answer to many may not hold: data of one person, which all the others would read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from otklik.cases.models import Case
from otklik.channels.models import Message
from otklik.common.masking import masked
from otklik.common.names import named_in
from otklik.common.text import folded
from otklik.org.models import Department
from otklik.triage import Span
from otklik.triage.personal import find, mask

_NOT_DIGITS = re.compile(r"\D+")


class HoldsPersonalData(ValueError):
    """An answer for many threads names or identifies one of the people; the message says what to take out."""


def check_for_many(case: Case, text: str, targets: Sequence[Message]) -> None:
    """Raise HoldsPersonalData if an answer to several people holds data of one of them.

    The contacts of the city's departments are nobody's secret. A greeting by name is fine where all share the name.
    """
    people = {message.identity_id for message in targets}
    if len(people) < 2:
        return
    found = _identifying(case, text) or _name_of_one(text, targets)
    if found:
        raise HoldsPersonalData(
            _("The answer goes to %(count)s people and holds “%(what)s”: take it out, or answer them one by one.")
            % {"count": len(people), "what": found}
        )


def _identifying(case: Case, text: str) -> str:
    contacts = " ".join(
        Department.objects.filter(municipality=case.municipality_id)
        .exclude(contacts="")
        .values_list("contacts", flat=True)
    )
    known, known_digits = folded(contacts), _NOT_DIGITS.sub("", contacts)
    for span in find(text):
        piece = text[span.start : span.end]
        digits = _NOT_DIGITS.sub("", piece)
        # Ten digits tell a number apart, whether it begins with 8 or +7.
        is_ours = digits[-10:] in known_digits if span.kind == "phone" else folded(piece) in known
        if not (known and is_ours):
            return piece
    return ""


def _name_of_one(text: str, targets: Sequence[Message]) -> str:
    """Return a first name in the text, in whatever case, that isn't everybody's."""
    names = [message.identity.display_name.split(" ")[0] if message.identity is not None else "" for message in targets]
    if len({folded(name) for name in names}) == 1:
        return ""
    return next((name for name in sorted(set(names)) if named_in(text, [name])), "")


_MOMENT = re.compile(r"(\b\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}\b)")


def without_people(text: str, names: Iterable[str]) -> str:
    """Return a text without personal data and without these people's names, in any of their Russian cases.

    For whoever may not see personal data: contacts, flats, documents, links and network names are hidden too. A name
    that belongs to nobody of the case stays: a person who hands the text on reads it first.
    """
    pieces = _MOMENT.split(mask(text, find(text)))  # a day with its hour has as many digits as a phone
    hidden = "".join(piece if place % 2 else masked(piece) for place, piece in enumerate(pieces))
    return mask(hidden, [Span("name", start, end) for start, end in named_in(hidden, names)])
