"""Details that a resident adds on the case's page: understood like any message."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.models import Case
from otklik.cases.services.adding import add_details
from otklik.channels.models import Message, Outgoing
from otklik.common.clock import now
from otklik.intake.added import understand_added
from otklik.notices.models import Notice
from otklik.org.enums import Role
from otklik.pulse.models import Tally
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.hear("Нет холодной воды, улица Садовая, дом 12. Когда включат воду?"))


def add(case: Case, text: str, key: str = "k1") -> Message:
    message = add_details(case, text, key, now=now())
    understand_added(brain(), now=now())
    return Message.objects.get(pk=message.pk)


def test_danger_in_details_raises_the_case(town: Town, case: Case) -> None:
    curator = town.official(Role.CURATOR).official

    said = add(case, "А теперь ещё и газом пахнет сильно!")

    assert (said.urgency, said.verdict["emergency"]) == (4, "gas")
    raised = Case.objects.get(pk=case.pk)
    assert (raised.urgency, raised.answer_due_at < case.answer_due_at) == (4, True)
    assert [entry.action for entry in raised.journal.order_by("id")][-2:] == ["details_added", "danger_found"]
    assert list(Notice.objects.filter(official=curator).values_list("kind", flat=True)) == ["danger"]
    assert Outgoing.objects.filter(idempotency_key=f"danger:{case.pk}").count() == 1


def test_personal_data_in_details_is_found(town: Town, case: Case) -> None:
    said = add(case, "Звоните 8 903 000-00-12, кв. 5")

    pieces = [(kind, said.text[start:end]) for kind, start, end in said.verdict["personal_data"]]
    assert pieces == [("phone", "8 903 000-00-12"), ("flat", "кв. 5")]


def test_details_are_read_with_the_first_words_and_counted_once(town: Town, case: Case) -> None:
    said = add(case, "И у нас тоже")
    understand_added(brain(), now=now())

    assert (said.speech, said.topic_code) == ("request", "utilities.water")
    assert Tally.objects.get(topic_code="utilities.water", street="", messages__gt=0).messages == 2


def test_nothing_added_costs_one_query(town: Town, case: Case) -> None:
    mind = brain()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert understand_added(mind, now=now()) == 0

    assert len(queries) == 1


def test_worker_reads_what_was_added(town: Town, case: Case) -> None:
    from otklik.worker.loop import Worker

    message = add_details(case, "Ещё и провод оборванный искрит", "k1", now=now())

    Worker().take_step()

    message.refresh_from_db()
    assert (message.urgency, message.verdict["emergency"]) == (4, "live_wire")
