"""Who may do what: the one place where roles become permissions. Deny by default.

Doors ask `Access.require`; lists narrow by `Access.departments_for`. A role granted for a department holds for it and
the departments under it. Source of the table: the domain reference, Roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from django.db.models import Q, QuerySet

from otklik.common.clock import now
from otklik.common.prepared import Prepared
from otklik.org.absences import LENT, at_moment
from otklik.org.enums import Role
from otklik.org.models import Absence, Department, Official, RoleGrant


class Permission(StrEnum):
    """Everything that can be allowed or refused."""

    CASE_VIEW = "case.view"
    MESSAGE_SORT = "message.sort"
    CASE_ASSIGN = "case.assign"
    CASE_MERGE = "case.merge"
    CASE_DEADLINE = "case.deadline"
    CASE_DRAFT = "case.draft"
    CASE_RETURN = "case.return"
    CASE_APPROVE = "case.approve"
    CASE_PUBLISH = "case.publish"
    CASE_NOTE = "case.note"
    APPEAL_REGISTER = "appeal.register"
    RECEPTION = "reception.serve"
    PERSONAL_SHOW = "personal.show"
    PERSON_VIEW = "person.view"
    PERSON_LINK = "person.link"
    PERSON_BLOCK = "person.block"
    TALK_MODERATE = "talk.moderate"
    TEMPLATE_MANAGE = "template.manage"
    VIEW_SHARE = "view.share"
    CONTROL_SET = "control.set"
    CONTROL_CLEAR = "control.clear"
    ANSWER_AS_HEAD = "answer.as_head"
    POST_WRITE = "post.write"
    POST_PUBLISH = "post.publish"
    TROUBLE_RESOLVE = "trouble.resolve"
    TRIAGE_TEACH = "triage.teach"
    TRIAGE_MANAGE = "triage.manage"
    PEOPLE_MANAGE = "people.manage"
    CITY_MANAGE = "city.manage"
    CHANNEL_MANAGE = "channel.manage"
    AUDIT_VIEW = "audit.view"
    SURGE_HANDLE = "surge.handle"
    MOOD_VIEW = "mood.view"
    REPORT_VIEW = "report.view"
    ABSENCE_MANAGE = "absence.manage"
    CASE_ARBITRATE = "case.arbitrate"


P = Permission
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset(
        {P.CASE_VIEW, P.MESSAGE_SORT, P.CASE_ASSIGN, P.CASE_MERGE, P.CASE_PUBLISH, P.CASE_NOTE}
        | {P.TROUBLE_RESOLVE, P.SURGE_HANDLE, P.TRIAGE_TEACH, P.PERSON_VIEW, P.PERSON_LINK, P.RECEPTION}
        | {P.TALK_MODERATE}
    ),
    Role.CURATOR: frozenset(
        {P.CASE_VIEW, P.MESSAGE_SORT, P.CASE_ASSIGN, P.CASE_MERGE, P.CASE_DEADLINE, P.CASE_PUBLISH, P.TROUBLE_RESOLVE}
        | {
            P.SURGE_HANDLE,
            P.MOOD_VIEW,
            P.REPORT_VIEW,
            P.VIEW_SHARE,
            P.TRIAGE_TEACH,
            P.TRIAGE_MANAGE,
            P.CASE_NOTE,
            P.TEMPLATE_MANAGE,
            P.ABSENCE_MANAGE,
            P.CASE_ARBITRATE,
            P.PERSON_VIEW,
            P.PERSON_LINK,
            P.PERSON_BLOCK,
            P.TALK_MODERATE,
            P.RECEPTION,
        }
    ),
    Role.EXECUTOR: frozenset({P.CASE_VIEW, P.CASE_DRAFT, P.CASE_RETURN, P.CASE_NOTE, P.RECEPTION}),
    Role.APPROVER: frozenset(
        {P.CASE_VIEW, P.CASE_DRAFT, P.CASE_RETURN, P.CASE_APPROVE, P.CASE_NOTE, P.TEMPLATE_MANAGE, P.VIEW_SHARE}
        | {P.RECEPTION}
    ),
    Role.EDITOR: frozenset({P.POST_WRITE}),
    Role.CHIEF_EDITOR: frozenset({P.POST_WRITE, P.POST_PUBLISH}),
    Role.HEAD: frozenset(
        {P.CASE_VIEW, P.CASE_ASSIGN, P.CASE_ARBITRATE, P.CASE_DEADLINE, P.CASE_DRAFT, P.CASE_APPROVE}
        | {P.CONTROL_SET, P.CONTROL_CLEAR}
        | {P.ANSWER_AS_HEAD, P.POST_WRITE, P.POST_PUBLISH, P.SURGE_HANDLE, P.MOOD_VIEW, P.REPORT_VIEW, P.CASE_NOTE}
        | {P.PERSON_VIEW, P.RECEPTION}
    ),
    Role.AIDE: frozenset(
        {P.CASE_VIEW, P.CONTROL_SET, P.SURGE_HANDLE, P.MOOD_VIEW, P.REPORT_VIEW, P.CASE_NOTE, P.PERSON_VIEW}
        | {P.RECEPTION}
    ),
    Role.PRIVACY: frozenset(
        {P.CASE_VIEW, P.AUDIT_VIEW, P.APPEAL_REGISTER, P.PERSONAL_SHOW, P.PERSON_VIEW, P.RECEPTION}
    ),
    Role.SURVEY: frozenset(),
    Role.ANALYST: frozenset({P.MOOD_VIEW, P.REPORT_VIEW}),
    Role.AUDITOR: frozenset({P.AUDIT_VIEW}),
    Role.ADMIN: frozenset(
        {P.PEOPLE_MANAGE, P.ABSENCE_MANAGE, P.CITY_MANAGE, P.CHANNEL_MANAGE, P.AUDIT_VIEW, P.TRIAGE_MANAGE}
    ),
}


class Owned(Protocol):
    """A row that belongs to a municipality and to one of its departments, or to none yet; a case, above all."""

    @property
    def municipality_id(self) -> int:
        """The municipality it is a row of."""

    @property
    def department_id(self) -> int | None:
        """The department that answers for it."""


class Refused(Exception):
    """This official may not do this; the message names the permission."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A permission that a substitute has only because somebody is away."""

    permission: Permission
    where: frozenset[int] | None
    official_id: int


@dataclass(frozen=True)
class Access:
    """What one official may do, and where: None means the whole city.

    `stands_in_for` are colleagues who are away now; `own` is what needs nobody's absence, `lent` whose the rest is.
    """

    official: Official
    municipality_id: int
    roles: frozenset[Role]
    scopes: Mapping[Permission, frozenset[int] | None]
    stands_in_for: tuple[int, ...] = ()
    own: Mapping[Permission, frozenset[int] | None] = field(default_factory=dict, repr=False)
    lent: tuple[Lent, ...] = field(default=(), repr=False)

    def allows(self, permission: Permission, department_id: int | None = None) -> bool:
        """Return whether the official may do this; `department_id` is the case's, None where it has none yet."""
        return _allows(self.scopes, permission, department_id)

    def holds(self, permission: Permission) -> bool:
        """Return whether the official has the permission anywhere at all (for menus)."""
        return permission in self.scopes

    def on_behalf_of(
        self, permission: Permission, department_id: int | None = None, *, rather_not: int | None = None
    ) -> int | None:
        """Return for whom this official stands in by doing this; None where they may do it themselves.

        `rather_not` is taken only if nobody else lends it.
        """
        if not self.lent or _allows(self.own, permission, department_id):
            return None
        lenders = [
            one.official_id
            for one in self.lent
            if one.permission == permission and (one.where is None or department_id in one.where)
        ]
        return min(lenders, key=lambda one: (one == rather_not, one), default=None)

    def departments_for(self, permission: Permission) -> frozenset[int] | None:
        """Return where the permission holds: None for the whole city. Raises Refused without the permission."""
        if permission not in self.scopes:
            raise Refused(permission)
        return self.scopes[permission]

    def require(self, permission: Permission, department_id: int | None = None) -> None:
        """Raise Refused unless allowed."""
        if not self.allows(permission, department_id):
            raise Refused(permission)

    def require_on(self, permission: Permission, row: Owned) -> None:
        """Raise Refused unless allowed on a row: one of the own municipality, in a department where it is allowed.

        Services ask for it themselves, whoever calls them: a door finds only rows of its own city, others may not.
        """
        if row.municipality_id != self.municipality_id:
            raise Refused("another municipality's row")
        self.require(permission, row.department_id)


def access_of(official: Official) -> Access:
    """Return what an official may do now, also for whom they stand in (two queries). An inactive one may do nothing."""
    grants = _grants_of(official) if official.is_active else []
    children = _children(official.municipality_id) if any(grant.department_id for grant in grants) else {}
    own = [grant for grant in grants if grant.official_id == official.pk]
    theirs = [grant for grant in grants if grant.official_id != official.pk]
    scopes: dict[Permission, frozenset[int] | None] = {}
    for grant in own:
        _add(scopes, grant, children)
    mine = dict(scopes)
    lent = [
        Lent(permission, where, grant.official_id)
        for grant in theirs
        for permission, where in _of_grant(grant, children).items()
    ]
    for grant in theirs:
        _add(scopes, grant, children)
    return Access(
        official=official,
        municipality_id=official.municipality_id,
        roles=frozenset(Role(grant.role) for grant in own),
        scopes=scopes,
        stands_in_for=tuple(sorted({grant.official_id for grant in theirs})),
        own=mine,
        lent=tuple(lent),
    )


def _allows(
    scopes: Mapping[Permission, frozenset[int] | None], permission: Permission, department_id: int | None
) -> bool:
    if permission not in scopes:
        return False
    where = scopes[permission]
    return where is None or department_id in where


class _Grant(NamedTuple):
    """A role as it is read for a request: whose it is, and where it holds (None: the whole city)."""

    official_id: int
    role: str
    department_id: int | None


def _grants_of(official: Official) -> list[_Grant]:
    """Return an official's own grants, and those that colleagues who are away lend to their substitute."""
    return [_Grant(*row) for row in _GRANTS.rows(official.municipality_id, official.pk, now())]


def _held_and_lent(city: int, official: int, at: datetime) -> QuerySet[RoleGrant, tuple[int, str, int | None]]:
    away = Absence.objects.filter(at_moment(at), municipality=city, substitute=official, official__is_active=True)
    lent = Q(official__in=away.order_by().values("official"), role__in=LENT)
    rows = RoleGrant.objects.filter(Q(official=official) | lent, municipality=city).order_by("id")
    return rows.values_list("official_id", "role", "department_id")


_GRANTS = Prepared(_held_and_lent)


def _of_grant(grant: _Grant, children: Mapping[int, list[int]]) -> dict[Permission, frozenset[int] | None]:
    where = None if grant.department_id is None else _subtree(grant.department_id, children)
    return dict.fromkeys(ROLE_PERMISSIONS[Role(grant.role)], where)


def _add(scopes: dict[Permission, frozenset[int] | None], grant: _Grant, children: Mapping[int, list[int]]) -> None:
    for permission, where in _of_grant(grant, children).items():
        held = scopes.get(permission, frozenset())
        scopes[permission] = None if where is None or held is None else held | where


def _children(municipality_id: int) -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for department_id, parent_id in _DEPARTMENTS.rows(municipality_id):
        if parent_id is not None:
            children.setdefault(parent_id, []).append(department_id)
    return children


_DEPARTMENTS = Prepared(lambda city: Department.objects.filter(municipality=city).values_list("id", "parent_id"))


def _subtree(root: int, children: Mapping[int, list[int]]) -> frozenset[int]:
    found, queue = {root}, [root]
    while queue:
        for child in children.get(queue.pop(), []):
            if child not in found:
                found.add(child)
                queue.append(child)
    return frozenset(found)
