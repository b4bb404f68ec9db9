"""Rows inserted the quick way are what bulk_create would have written."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from otklik.channels.models import Channel, Identity, Message, Resident, Thread
from otklik.common.inserting import insert, insert_new
from tests.builders import make_city

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 9, 30, 15, 250, tzinfo=UTC)


@pytest.fixture
def channel():
    return Channel.objects.create(municipality=make_city(), name="site", network="site", hook_token="token")


def message(channel, thread, number):
    return Message(
        municipality_id=channel.municipality_id,
        channel=channel,
        thread=thread,
        object_key=f"c:{number}",
        external_id=str(number),
        root_key=f"c:{number}",
        kind="comment",
        visibility="public",
        is_ours=number % 2 == 0,
        text="Яма у дома «8» ' \" \\ %s\nвторая строка 😡",
        attachments=[{"kind": "photo", "url": "https://town.example/?a=1&b=ё"}],
        occurred_at=AT,
        received_at=AT,
        verdict={"reasons": [["words", "яма", "roads", 0.5]]},
    )


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}


def test_inserted_rows_are_what_bulk_create_writes(channel):
    thread = Thread.objects.create(
        municipality_id=channel.municipality_id, channel=channel, key="t", visibility="public"
    )
    ours, theirs = [message(channel, thread, n) for n in range(90)], [message(channel, thread, n) for n in range(90)]

    insert(ours)
    written = {row.object_key: values(row) for row in Message.objects.all()}
    ids = {row.object_key: row.pk for row in Message.objects.all()}
    Message.objects.all().delete()
    Message.objects.bulk_create(theirs)

    assert written == {row.object_key: values(row) for row in Message.objects.all()}
    assert {row.object_key: row.pk for row in ours} == ids
    assert not any(row._state.adding for row in ours)


def test_nothing_to_insert_is_nothing(channel, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert([])
        assert insert_new([])


def test_repeated_unique_value_is_refused(channel):
    resident = Resident.objects.create(municipality_id=channel.municipality_id, created_at=AT)
    rows = [identity(channel, resident, "1"), identity(channel, resident, "1")]

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(rows)

    assert Identity.objects.count() == 0


def test_insert_new_tells_whether_all_were_new(channel):
    resident = Resident.objects.create(municipality_id=channel.municipality_id, created_at=AT)

    first = insert_new([identity(channel, resident, name) for name in "ab"])
    second = insert_new([identity(channel, resident, name) for name in "bc"])

    assert (first, second) == (True, False)
    assert sorted(Identity.objects.values_list("external_id", flat=True)) == ["a", "b", "c"]


def identity(channel, resident, name):
    return Identity(
        municipality_id=channel.municipality_id,
        network="site",
        external_id=name,
        resident=resident,
        first_seen_at=AT,
    )
