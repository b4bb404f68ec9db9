"""The city's structure: departments as a tree, topics in groups, and how soon we answer."""

from __future__ import annotations

import secrets
from datetime import date

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from otklik.org.access import Access, Permission
from otklik.org.errors import NotPossible
from otklik.org.models import Department, Municipality, ServiceLevel, Topic, TopicRoute
from otklik.org.services.auditing import audit, ours, save_audited

_MEANING = ("title", "title_en", "includes", "includes_en", "excludes", "excludes_en")


@transaction.atomic
def save_department(access: Access, department: Department) -> Department:
    """Save a new, renamed or moved department; without a code it gets one. Raises NotPossible on a circle, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, department, department.parent)
    department.code = department.code or _code(department.name_en or department.name, "department")
    if department.pk and department.parent_id:
        _refuse_circle(access, department)
    return save_audited(access, department, "department", taken="code")


@transaction.atomic
def close_department(access: Access, department: Department) -> None:
    """Take a department out of use; its past stays. Raises NotPossible while something still leads to it, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, department)
    if department.children.filter(is_active=True).exists():
        raise NotPossible(_("There are departments under it: move or close them first."))
    topics = Topic.objects.filter(department=department, valid_to=None).count()
    if topics or TopicRoute.objects.filter(department=department).exists():
        raise NotPossible(_("Topics still lead to it: give them to another department first."))
    department.is_active = False
    save_audited(access, department, "department")


def reopen_department(access: Access, department: Department) -> None:
    """Bring a closed department back. Raises NotPossible under a closed one, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, department)
    if department.parent and not department.parent.is_active:
        raise NotPossible(_("The department above it is closed: open that one first."))
    department.is_active = True
    save_audited(access, department, "department")


@transaction.atomic
def save_topic(access: Access, topic: Topic) -> Topic:
    """Save a group or a topic. A change of what it means makes a new version. Raises NotPossible, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, topic, topic.parent, topic.department, topic.service_level)
    if topic.parent_id and topic.parent and topic.parent.parent_id:
        raise NotPossible(_("Topics stand in groups, and groups in nothing: choose a group."), field="parent")
    if not topic.pk:
        own = topic.code or _code(topic.title_en or topic.title, "topic")
        topic.code = f"{topic.parent.code}.{own}" if topic.parent else own
    else:
        before = Topic.objects.get(pk=topic.pk)
        if any(getattr(before, name) != getattr(topic, name) for name in _MEANING):
            topic.version = before.version + 1
    return save_audited(access, topic, "topic", taken="code")


@transaction.atomic
def retire_topic(access: Access, topic: Topic, *, today: date) -> None:
    """Take a topic (or a group with all its topics) out of use from today; cases keep it. Safe to repeat."""
    access.require(Permission.CITY_MANAGE)
    ours(access, topic)
    retired = Topic.objects.filter(municipality=access.municipality_id, valid_to=None)
    family = retired.filter(pk=topic.pk) | retired.filter(parent=topic)
    if family.update(valid_to=today):
        audit(access, "topic.retired", str(topic), code=topic.code)


@transaction.atomic
def restore_topic(access: Access, topic: Topic) -> None:
    """Bring a retired topic back. Raises NotPossible in a retired group, Refused."""
    access.require(Permission.CITY_MANAGE)
    ours(access, topic)
    if topic.parent and topic.parent.valid_to:
        raise NotPossible(_("Its group is retired: bring the group back first."))
    if Topic.objects.filter(pk=topic.pk).exclude(valid_to=None).update(valid_to=None):
        audit(access, "topic.restored", str(topic), code=topic.code)


@transaction.atomic
def save_service_level(access: Access, level: ServiceLevel) -> ServiceLevel:
    """Save how soon we answer. Cases that are open keep the deadline they were given. Raises NotPossible, Refused."""
    access.require(Permission.CITY_MANAGE)
    level.code = level.code or _code(level.title_en or level.title, "level")
    if level.acknowledge_minutes > level.answer_minutes:
        raise NotPossible(_("We acknowledge before we answer: make this the shorter one."), field="acknowledge_minutes")
    return save_audited(access, level, "service_level", taken="code")


def _refuse_circle(access: Access, department: Department) -> None:
    """Raise NotPossible if the department would stand under itself."""
    # The city's row is the queue: two moves that make a circle only together come one after the other.
    Municipality.objects.select_for_update().get(pk=access.municipality_id)
    parents = dict(Department.objects.filter(municipality=access.municipality_id).values_list("id", "parent_id"))
    above, seen = department.parent_id, set[int]()
    while above is not None and above not in seen:
        if above == department.pk:
            raise NotPossible(_("A department can't stand under itself: choose another one."), field="parent")
        seen.add(above)
        above = parents.get(above)


def _code(title: str, noun: str) -> str:
    """Return a code made of a Latin title, or one that says nothing."""
    return slugify(title)[:40].strip("-") or f"{noun}-{secrets.token_hex(3)}"
