"""What is known beside a case of the person who opened it, as far as this official may know it. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from otklik.cases.models import Case, CaseMessage
from otklik.cases.queries import visible_cases
from otklik.channels.models import Identity, Message
from otklik.org.access import Access, Permission
from otklik.residents.links import IdentityLink

MOST = 20
"""Accounts of one person that are looked for; a chain of guesses is no longer."""

_MESSAGES, _CASES = 400, 8


@dataclass(frozen=True, slots=True)
class Account:
    """Another account of the same person: by their own proof, or by an official's link."""

    identity: Identity
    link: IdentityLink | None
    may_unlink: bool


@dataclass(frozen=True, slots=True)
class Person:
    """The person of a case: the account it was opened from, their other ones, and their other cases."""

    identity: Identity
    others: list[Account]
    cases: list[Case]


def person_of(access: Access, case: Case, identity: Identity) -> Person | None:
    """Return what this official may know of them; None without the permission where the case is. Three queries.

    Of other cases only those that the official may see anyway; a private one only where `person.view` holds too.
    """
    if not access.allows(Permission.PERSON_VIEW, case.department_id):
        return None
    others = _others_of(access, identity)
    known = [identity.pk, *(one.identity.pk for one in others)]
    return Person(identity, others, _cases_of(access, case, known))


def _others_of(access: Access, identity: Identity) -> list[Account]:
    found: dict[int, Account] = {}
    own = Identity.objects.filter(resident=identity.resident_id).exclude(pk=identity.pk).order_by("pk")[:MOST]
    found |= {one.pk: Account(one, None, may_unlink=False) for one in own}
    edge = {identity.pk, *found}
    seen = set(edge)
    while edge and len(found) < MOST:
        rows = IdentityLink.objects.filter(Q(one__in=edge) | Q(other__in=edge), unlinked_at=None)
        rows = rows.filter(municipality=identity.municipality_id)
        edge = set()
        for row in rows.select_related("one", "other", "linked_by", "case", "with_case").order_by("pk"):
            for end in (row.one, row.other):
                if end.pk not in seen:
                    found[end.pk] = Account(end, row, may_unlink=_may_unlink(access, row))
                    edge.add(end.pk)
                    seen.add(end.pk)
    return list(found.values())[:MOST]


def _may_unlink(access: Access, row: IdentityLink) -> bool:
    cases = (row.case, row.with_case)
    return any(access.allows(Permission.PERSON_LINK, case.department_id) for case in cases)


def _cases_of(access: Access, case: Case, identities: list[int]) -> list[Case]:
    newest = Message.objects.filter(identity__in=identities).order_by("-id").values_list("id", flat=True)[:_MESSAGES]
    told = CaseMessage.objects.filter(message__in=list(newest)).values("case")
    rows = visible_cases(access).filter(pk__in=told).exclude(pk=case.pk)
    where = access.departments_for(Permission.PERSON_VIEW)
    if where is not None:
        rows = rows.filter(Q(is_public=True) | Q(department__in=where))
    return list(rows.select_related("channel").order_by("-id")[:_CASES])
