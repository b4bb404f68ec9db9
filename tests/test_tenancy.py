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


WORKERS_QUEUES = set(
    "letter_due letter_on_its_way notice_unrouted stored_file_due stored_file_age message_due message_not_read "
    "message_file_due outgoing_due outgoing_in_doubt voice_to_forget surge_going_on learning_due refit_due "
    "checkpoint_wakes appeal_wakes case_silent case_wakes machine_text_due subscription_unconfirmed resident_mail_due "
    "resident_mail_on_its_way resident_mail_finished account_session_expires sign_in_code_expires "
    "passkey_question_expires link_question_age poll_due look_up_due signer_due "
    "signer_asked deed_count_ends parcel_due parcel_of_host".split()
)
"""What the worker looks for in all cities at once, the longest due first: by time or age, so no city can come first."""
REFERENCES = {"search_of_case": "case_ref"}
"""A row's number that is no foreign key: what it points to belongs to one city."""


@pytest.mark.parametrize("model", TENANTS, ids=lambda model: model.__name__)
def test_index_begins_with_the_municipality_or_with_a_row_of_it(model: type[models.Model]) -> None:
    for index in model._meta.indexes:
        head = index.fields_orders[0][0] if index.fields_orders else ""
        is_reference = isinstance(model._meta.get_field(head), models.ForeignKey) or REFERENCES.get(index.name) == head
        assert head == "municipality" or is_reference or index.name in WORKERS_QUEUES, index.name


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
