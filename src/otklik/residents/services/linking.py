"""One person in several networks, in an official's eyes: said with a reason, taken back in one step, for the desk only.

A network's account, a case's resident and what an account shows stay as they were: the guess opens nothing to anybody.
So from a network only the identity that reported may confirm or reopen, and nobody reads another's case by it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from otklik.cases.models import Case, CaseMessage
from otklik.cases.queries import visible_cases
from otklik.cases.services.journaling import behalf, record
from otklik.channels.enums import Network
from otklik.channels.models import Identity
from otklik.org.access import Access, Permission
from otklik.residents.links import IdentityLink

LONGEST_REASON = 300


def reporter_of(case: Case) -> Identity | None:
    """Return the account from which a case was opened; None for a nameless one, or a case whose words went on."""
    if case.resident_id is None:
        return None
    rows = CaseMessage.objects.filter(case=case, message__identity__resident=case.resident_id)
    first = rows.select_related("message__identity").order_by("message_id").first()
    return first.message.identity if first is not None else None


def is_nobody(identity: Identity) -> bool:
    """Whether somebody wrote on our own site without a name: maybe asked to be nobody, and stays it."""
    return identity.network == Network.SITE and not identity.display_name


def link(access: Access, case: Case, number: int, reason: str, *, now: datetime) -> IdentityLink:
    """Note that who opened this case and who opened the one with that number are one person; both journals say so.

    Raises Refused, ValueError with the sentence to show.
    """
    access.require_on(Permission.PERSON_LINK, case)
    other = visible_cases(access).filter(number=number).first()
    if other is None:
        raise ValueError(_("there is no case with this number that you may see"))
    access.require_on(Permission.PERSON_LINK, other)
    if not reason.strip():
        raise ValueError(_("say how you know it: the reason stays in the history"))
    here, there = _to_link(case), _to_link(other)
    if here.pk == there.pk:
        raise ValueError(_("both came from the same account: there is nothing to link"))
    if here.resident_id == there.resident_id:
        raise ValueError(_("this person has shown by themselves that both are theirs"))
    one, another = sorted((here, there), key=lambda identity: identity.pk)
    try:
        with transaction.atomic():
            made = IdentityLink.objects.create(
                municipality_id=case.municipality_id,
                one=one,
                other=another,
                case=case,
                with_case=other,
                reason=reason.strip()[:LONGEST_REASON],
                linked_by=access.official,
                linked_at=now,
            )
            _journal(access, made, "person_linked", reason=made.reason, now=now)
    except IntegrityError as error:  # the constraint says it, also when two do it at once
        raise ValueError(_("these two are linked already")) from error
    return made


@transaction.atomic
def unlink(access: Access, row: IdentityLink, *, now: datetime) -> None:
    """Take a link back: everything is as it was, the row and both journals stay. Safe to repeat. Raises Refused."""
    cases = (row.case, row.with_case)
    if not any(access.allows(Permission.PERSON_LINK, case.department_id) for case in cases):
        access.require_on(Permission.PERSON_LINK, row.case)
    undone = IdentityLink.objects.filter(pk=row.pk, unlinked_at=None)
    if undone.update(unlinked_at=now, unlinked_by=access.official) == 1:
        _journal(access, row, "person_unlinked", reason="", now=now)


def _to_link(case: Case) -> Identity:
    found = reporter_of(case)
    if found is None:
        raise ValueError(_("who came with № %(number)s is not known") % {"number": case.number})
    if is_nobody(found):
        raise ValueError(
            _("whoever wrote № %(number)s on our site gave no name and is nobody's to find out")
            % {"number": case.number}
        )
    return found


def _journal(access: Access, row: IdentityLink, action: str, *, reason: str, now: datetime) -> None:
    pairs = ((row.case, row.with_case), (row.with_case, row.case))
    for case, other in pairs:
        detail = {"number": other.number} | ({"reason": reason} if reason else {})
        told = behalf(access, Permission.PERSON_LINK, case)
        record(case, action, at=now, actor=access.official, detail=detail | told)
