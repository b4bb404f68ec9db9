"""Small builders that several test modules share: a city, a person with roles, a signed-in browser."""

from __future__ import annotations

from collections.abc import Sequence

from django.test import Client

from otklik.cases.models import CaseMessage
from otklik.channels.models import Channel
from otklik.org.access import Access, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, Municipality, Official, RoleGrant

PASSWORD = "steep-willow-42"


def make_city(slug: str = "yasnogorye", **fields: object) -> Municipality:
    """A bare city, without departments, topics or hours."""
    defaults = {"name": "Ясногорье", "head_name": "Анна Берестова", "head_title": "Глава города"}
    return Municipality.objects.create(slug=slug, **{**defaults, **fields})


def make_official(
    city: Municipality,
    *roles: Role | tuple[Role, Department],
    email: str = "",
    full_name: str = "Вера Лугова",
    password: str | None = None,
    **fields: object,
) -> Official:
    """A person with roles, each for the whole city or for one department."""
    address = email or f"official{Official.objects.count() + 1}@{city.slug}.example"
    official = Official.objects.create_user(address, password, municipality=city, full_name=full_name, **fields)
    for grant in roles:
        role, department = grant if isinstance(grant, tuple) else (grant, None)
        RoleGrant.objects.create(municipality=city, official=official, role=role, department=department)
    return official


def make_access(city: Municipality, *roles: Role | tuple[Role, Department]) -> Access:
    """What a new person with these roles may do."""
    return access_of(make_official(city, *roles))


def make_department(city: Municipality, code: str, parent: Department | None = None, **fields: object) -> Department:
    """A department."""
    return Department.objects.create(municipality=city, code=code, parent=parent, **{"name": code.title(), **fields})


def acknowledged(channel: Channel) -> Channel:
    """A channel in which an administrator has turned on whatever the law restricts."""
    channel.accepted = ["comments", "direct_messages", "publish"]
    channel.save(update_fields=["accepted"])
    return channel


def signed_in(official: Official) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(official)
    return client


def cases_of_messages(message_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """Return the case of each of these messages, and its department; those without a case are missing. One query."""
    rows = CaseMessage.objects.filter(message__in=message_ids).values_list(
        "message_id", "case_id", "case__department_id"
    )
    return {message: (case, department) for message, case, department in rows}
