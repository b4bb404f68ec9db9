"""What was told before is recognised: copies join, likenesses are suggested, and different people's are not merged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseMessage, Suggestion, Trace
from otklik.cases.services import assigning, merging
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.common.clock import now
from otklik.intake.recognising import Memory, recall
from otklik.org.enums import Role
from otklik.triage.alike import describe
from tests.stories import Town, brain, found_town, store_body

pytestmark = pytest.mark.django_db

PLAYGROUND = "Когда построят площадку у пруда Зеркальный, обещали ещё весной, почините хотя бы качели"
AGAIN = "У пруда Зеркальный так и нет площадки, обещали весной! Качели сломаны, почините"
SMELL = "Второй день в подъезде воняет канализацией, горводоканал не реагирует, помогите"


@pytest.fixture
def town() -> Town:
    return found_town()


def test_the_same_words_of_the_same_person_join_wherever_they_are_written(town: Town) -> None:
    first = town.hear(SMELL, visitor="anna", post="7")

    again = town.hear(
        "второй день в подъезде воняет канализацией - горводоканал не реагирует. Помогите!!", visitor="anna"
    )

    assert town.case(first) == town.case(again)
    assert (again.decision, again.thread_id == first.thread_id) == (Decision.JOINED, False)


def test_the_same_words_of_another_person_without_a_place_are_only_suggested(town: Town) -> None:
    first = town.hear(SMELL, visitor="anna", post="7")

    other = town.hear(SMELL, visitor="boris", post="7")

    assert Case.objects.count() == 2
    suggestion = Suggestion.objects.get()
    assert (suggestion.message, suggestion.case, suggestion.candidate) == (other, town.case(other), town.case(first))
    assert describe(suggestion.reasons, "en")[0] == "word for word"


def test_what_repeats_a_case_that_ends_at_this_moment_is_left_to_a_person(town: Town) -> None:
    first = town.hear(SMELL, visitor="anna", post="7")

    def end_meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('UPDATE "channels_delivery"'):  # the batch is understood, and about to be written
            Case.objects.filter(pk=town.case(first).pk).update(status=Status.CLOSED)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end_meanwhile):
        again = town.hear(f"{SMELL}!", visitor="anna")

    assert (again.decision, again.decision_reason) == (
        Decision.OPERATOR,
        "why:case_ended",
    )
    assert CaseMessage.objects.filter(message=again).count() == 0


def test_the_same_words_about_the_same_house_join(town: Town) -> None:
    text = "Уберите наконец эту красоту от дома Лесная, 3, сил нет смотреть на такое"
    first = town.hear(text, visitor="anna", post="7")
    if first.decision == Decision.OPERATOR:
        Message.objects.filter(pk=first.pk)
    other = town.hear(text, visitor="boris", post="8")

    assert first.decision == Decision.OPENED
    assert (other.decision, town.case(other)) == (Decision.JOINED, town.case(first))


def test_a_likeness_is_suggested_with_its_reason_and_merges_nothing(town: Town) -> None:
    first = town.hear(PLAYGROUND, visitor="anna", post="7")

    other = town.hear(AGAIN, visitor="boris", post="7")

    assert town.case(first) != town.case(other)
    suggestion = Suggestion.objects.get()
    assert suggestion.candidate == town.case(first)
    assert describe(suggestion.reasons, "en")[0].startswith("the same words: ")


def test_other_houses_are_not_suggested(town: Town) -> None:
    town.hear("Не горит фонарь у дома Садовая, 12, почините пожалуйста", visitor="anna", post="7")

    town.hear("Не горит фонарь у дома Лесная, 3, почините пожалуйста", visitor="boris", post="7")

    assert (Case.objects.count(), Suggestion.objects.count()) == (2, 0)


def test_two_of_one_batch_recognise_each_other(town: Town) -> None:
    for number, visitor in enumerate(("anna", "boris", "anna")):
        body = {"submission_id": f"b{number}", "text": SMELL, "visitor": visitor, "post": str(number)}
        store_body(town.site, json.dumps(body).encode())

    town.work()

    assert [m.decision for m in Message.objects.order_by("id")] == ["opened", "opened", "joined"]
    assert Suggestion.objects.get().candidate == Case.objects.order_by("id").first()


def test_a_finished_case_is_not_suggested_and_its_keys_go_on(town: Town) -> None:
    first = town.case(town.hear(SMELL, visitor="anna", post="7"))
    keys = Trace.objects.count()
    assigning.reject(town.official(Role.OPERATOR), first, "проверка", now=now())

    second = town.hear(SMELL, visitor="boris", post="7")
    third = town.hear(SMELL, visitor="vera", post="7")

    assert Trace.objects.count() == keys
    assert set(Trace.objects.values_list("message", flat=True)) == {second.pk}
    assert Suggestion.objects.get(message=third).candidate == town.case(second)


def test_a_merged_case_is_recognised_as_the_one_it_went_to(town: Town) -> None:
    first = town.case(town.hear(SMELL, visitor="anna", post="7"))
    into = town.case(town.hear("На Школьной, 5 не вывозят мусор, вывезите наконец", visitor="boris", post="7"))
    merging.merge(town.official(Role.OPERATOR), first, into, now=now())

    other = town.hear(SMELL, visitor="vera", post="7")

    assert Suggestion.objects.get(message=other).candidate == into


def test_another_city_is_not_asked(town: Town) -> None:
    other = found_town("dalnegorye")
    town.hear(SMELL, visitor="anna", post="7")

    other.hear(SMELL, visitor="anna", post="7")

    assert Suggestion.objects.count() == 0
    assert Trace.objects.filter(municipality=town.city).count() == Trace.objects.filter(municipality=other.city).count()


@pytest.mark.parametrize("size", [1, 30])
def test_looking_up_takes_three_queries_whatever_the_number(town: Town, size: int) -> None:
    for number in range(size):
        town.hear(f"{SMELL} {number} подъезд", visitor=f"v{number}", post="7")
    texts = {str(number): f"{SMELL}, {number}" for number in range(size)}
    told = [_text(text) for text in texts.values()]
    understood = dict(zip(texts, brain().triage(town.city).classify_read(told), strict=True))
    memory = Memory()

    with CaptureQueriesContext(connection) as queries:
        found = recall(town.city.pk, understood, memory)

    assert len(queries) == 3
    assert len(found.imprints) == size


def test_a_repeated_delivery_suggests_nothing_twice(town: Town) -> None:
    town.hear(SMELL, visitor="anna", post="7")
    body = {"submission_id": "twice", "text": SMELL, "visitor": "boris", "post": "7"}
    for _ in range(2):
        store_body(town.site, json.dumps(body).encode())
        town.work()

    assert (Suggestion.objects.count(), CaseMessage.objects.count()) == (1, 2)


def _text(text: str):
    from otklik.triage import Text

    return Text(text)
