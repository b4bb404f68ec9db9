"""Every row belongs to one city, and no row refers to another city's: walked over all models."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from otklik.cases.enums import Outcome
from otklik.cases.services import answering
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.org.models import Municipality, TenantModel
from otklik.posts.services.publishing import Words, publish
from tests.stories import Town, found_town

OURS = [model for model in apps.get_models() if model.__module__.startswith("otklik.")]
TENANTS = [model for model in OURS if model is not Municipality]
GLOBAL_SECRETS = {("channels_channel", ("hook_token",)), ("cases_case", ("code",)), ("org_official", ("email",))}
"""Unique over all cities by nature: unguessable tokens, and the address one signs in with."""


@pytest.mark.parametrize("model", TENANTS, ids=lambda model: model.__name__)
def test_model_belongs_to_a_municipality(model: type[models.Model]) -> None:
    assert issubclass(model, TenantModel)


@pytest.mark.parametrize("model", TENANTS, ids=lambda model: model.__name__)
def test_unique_constraint_holds_the_municipality(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            assert constraint.fields[0] == "municipality", constraint.name


def live_a_little(town: Town) -> None:
    """A post, a comment, a case, an answer, a closed case: rows in as many tables as a day makes."""
    head, writer, approver = (town.official(role) for role in (Role.HEAD, Role.EXECUTOR, Role.APPROVER))
    post = publish(head, Words("Дороги", "Спрашивайте"), now=now())
    message = town.hear("Яма на дороге, улица Садовая, дом 12, почините", visitor="ivan", post=str(post.pk))
    case = town.case(message)
    answering.write_draft(writer, case, "Починили", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    town.send()
    town.hear("Спасибо!", visitor="ivan", post=str(post.pk), parent=message.external_id)


@pytest.mark.django_db
def test_no_row_refers_to_another_city() -> None:
    for slug in ("yasnogorye", "zarechensk"):
        live_a_little(found_town(slug))

    crossings = []
    for model in TENANTS:
        for field in model._meta.get_fields():
            target = field.related_model if isinstance(field, models.ForeignKey) else None
            if target is None or target is Municipality or not issubclass(target, TenantModel):
                continue
            rows = model._default_manager.exclude(**{field.name: None}).exclude(
                municipality=models.F(f"{field.name}__municipality")
            )
            crossings += [f"{model.__name__}.{field.name}"] * rows.count()
    assert crossings == []
