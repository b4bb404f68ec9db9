"""Setting a city up: its row and what every city starts with (departments, service levels, topics, hours)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, time
from importlib import resources
from typing import Any

from django.db import transaction

from otklik.org.enums import Role
from otklik.org.models import (
    Department,
    Municipality,
    Official,
    RoleGrant,
    ServiceLevel,
    Topic,
    WorkingHours,
)


class AlreadyFounded(Exception):
    """A city with this slug is there already."""


@dataclass(frozen=True, slots=True)
class CityPlan:
    """What must be known of a city to found it; everything else has a default."""

    slug: str
    name: str
    head_name: str
    head_title: str = "Глава города"
    name_en: str = ""
    head_name_en: str = ""
    head_title_en: str = "Head of the city"
    motto: str = ""
    motto_en: str = ""
    timezone: str = "Europe/Moscow"
    country: str = "RU"
    language: str = "ru"
    accent: str = "#1f6f5c"
    is_demo: bool = False


@transaction.atomic
def found_city(plan: CityPlan) -> Municipality:
    """Create a city with its departments, service levels, taxonomy and working hours. Raises AlreadyFounded."""
    if Municipality.objects.filter(slug=plan.slug).exists():
        raise AlreadyFounded(f"a city '{plan.slug}' is set up already")
    city = Municipality.objects.create(**{name: getattr(plan, name) for name in CityPlan.__dataclass_fields__})
    defaults = _data("defaults.toml")
    departments = {row["code"]: Department.objects.create(municipality=city, **row) for row in defaults["departments"]}
    levels = {row["code"]: ServiceLevel.objects.create(municipality=city, **row) for row in defaults["service_levels"]}
    hours = defaults["working_hours"]
    WorkingHours.objects.bulk_create(
        WorkingHours(municipality=city, weekday=day, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))
        for day in hours["weekdays"]
        for starts, ends in hours["intervals"]
    )
    _create_topics(city, departments, levels)
    return city


def _create_topics(city: Municipality, departments: dict[str, Department], levels: dict[str, ServiceLevel]) -> None:
    taxonomy = _data("taxonomy.toml")
    shared = {"municipality": city, "version": taxonomy["version"], "valid_from": _day(taxonomy["valid_from"])}
    groups = {
        row["code"]: Topic.objects.create(code=row["code"], title=row["title_ru"], title_en=row["title_en"], **shared)
        for row in taxonomy["groups"]
    }
    Topic.objects.bulk_create(
        Topic(
            code=row["code"],
            parent=groups[row["code"].split(".")[0]],
            title=row["title_ru"],
            title_en=row["title_en"],
            includes=row.get("includes_ru", ""),
            includes_en=row.get("includes_en", ""),
            excludes=row.get("excludes_ru", ""),
            excludes_en=row.get("excludes_en", ""),
            department=departments.get(row["department"]),
            service_level=levels[row["service_level"]],
            **shared,
        )
        for row in taxonomy["topics"]
    )


def add_official(
    city: Municipality,
    *,
    email: str,
    full_name: str,
    roles: list[tuple[Role, Department | None]],
    password: str | None = None,
    position: str = "",
    department: Department | None = None,
    is_demo: bool = False,
) -> Official:
    """Create an official with roles. Without a password the account waits for an invitation."""
    with transaction.atomic():
        official = Official.objects.create_user(
            email,
            password,
            municipality=city,
            full_name=full_name,
            position=position,
            department=department,
            language=city.language,
            is_demo=is_demo,
        )
        RoleGrant.objects.bulk_create(
            RoleGrant(municipality=city, official=official, role=role, department=where) for role, where in roles
        )
    return official


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("otklik.org").joinpath("data", name).read_text(encoding="utf-8"))


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
