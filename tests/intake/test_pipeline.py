from __future__ import annotations

import json

import pytest

from otklik.cases.enums import CaseKind, Status
from otklik.cases.models import Case, JournalEntry
from otklik.channels.enums import Decision, DeliveryState
from otklik.channels.models import Delivery, Identity, Message, Outgoing, Resident
from otklik.org.models import Department, LiveChange, Place, TopicRoute
from otklik.pulse.models import SurgeSettings
from tests.stories import Town, brain, found_town, store_body

pytestmark = pytest.mark.django_db

POTHOLE = "На улице Садовой, дом 12, огромная яма на дороге, когда почините?"


@pytest.fixture
def town() -> Town:
    return found_town()


def test_request_opens_a_case_in_the_right_department_with_a_deadline(town: Town) -> None:
    message = town.hear(POTHOLE)

    case = town.case(message)
    assert message.decision == Decision.OPENED
    assert (case.number, case.status, case.department.code, case.topic.code) == (
        1,
        Status.ASSIGNED,
        "roads",
        "roads.pothole",
    )
    assert case.answer_due_at > message.received_at
    assert list(JournalEntry.objects.filter(case=case).values_list("action", flat=True)) == ["opened", "assigned"]


def test_request_is_acknowledged_once_for_person_and_thread(town: Town) -> None:
    town.hear(POTHOLE, visitor="ivan", post="7")
    town.hear("И на улице Лесной, дом 3, не горит фонарь, почините свет", visitor="ivan", post="7")
    town.hear("На улице Кленовой, дом 5, не вывозят мусор, уберите", visitor="pyotr", post="7")

    assert Case.objects.count() == 3
    assert [row.reply_to.identity.external_id for row in Outgoing.objects.order_by("id")] == [
        "visitor:ivan",
        "visitor:pyotr",
    ]


def test_acknowledgement_in_public_names_the_number_and_never_the_private_code(town: Town) -> None:
    case = town.case(town.hear(POTHOLE, post="7"))

    text = Outgoing.objects.get().text
    assert f"№ {case.number}" in text
    assert case.code not in text


def test_acknowledgement_of_a_private_report_carries_the_private_link(town: Town) -> None:
    case = town.case(town.hear(POTHOLE))

    assert f"/case/{case.code}/" in Outgoing.objects.get().text


def test_danger_to_life_is_acknowledged_with_the_emergency_number(town: Town) -> None:
    case = town.case(town.hear("Сильно пахнет газом в подъезде, Липовая 4", post="7"))

    assert case.urgency == 4
    assert "112" in Outgoing.objects.get().text


def test_thanks_opens_nothing_and_says_why(town: Town) -> None:
    message = town.hear("Спасибо большое за новую площадку, дети счастливы!", post="7")

    assert (message.decision, message.decision_reason) == (Decision.NO_ANSWER, "why:not_owed?kind=thanks")
    assert not Case.objects.exists()
    assert not Outgoing.objects.exists()


def test_message_that_triage_is_not_sure_of_waits_for_an_operator(town: Town) -> None:
    message = town.hear("Сделайте уже что-нибудь с этим, пожалуйста")

    assert message.decision == Decision.OPERATOR
    assert message.decision_reason == "why:not_sure"


def test_same_problem_at_the_same_house_joins_one_case(town: Town) -> None:
    first, second = town.hear(POTHOLE), town.hear("яма на дороге! Садовая 12. Почините")

    assert town.case(first) == town.case(second)
    assert second.decision == Decision.JOINED
    assert town.case(first).message_count == 2


def test_same_problem_at_another_house_is_another_case(town: Town) -> None:
    first, second = town.hear(POTHOLE), town.hear("яма на дороге! Садовая 14. Почините")

    assert town.case(first) != town.case(second)


def test_two_reports_of_one_problem_in_one_batch_join(town: Town) -> None:
    for number in (1, 2):
        body = {"submission_id": f"b{number}", "text": POTHOLE, "visitor": f"w{number}"}
        store_body(town.site, json.dumps(body).encode())
    town.work()

    assert Case.objects.count() == 1
    assert Case.objects.get().message_count == 2


def test_person_who_goes_on_in_the_same_conversation_joins_the_case(town: Town) -> None:
    first = town.hear(POTHOLE, visitor="ivan", post="7")
    second = town.hear("ну когда же?", visitor="ivan", post="7", parent=first.external_id)

    assert town.case(second) == town.case(first)


def test_place_owner_answers_instead_of_the_topics_department(town: Town) -> None:
    owner = Department.objects.get(code="property")
    Place.objects.create(municipality=town.city, kind="street", name="Садовая", owner=owner)

    assert town.case(town.hear(POTHOLE)).department == owner


def test_route_of_topic_and_district_beats_everything(town: Town) -> None:
    district = Place.objects.create(municipality=town.city, kind="district", name="Заречье")
    Place.objects.create(municipality=town.city, kind="street", name="Садовая", parent=district)
    pothole = brain().directory(town.city).topics["roads.pothole"]
    ecology = Department.objects.get(code="ecology")
    TopicRoute.objects.create(municipality=town.city, topic=pothole, place=district, department=ecology)

    assert town.case(town.hear(POTHOLE)).department == ecology


def test_repeated_delivery_changes_nothing(town: Town) -> None:
    body = json.dumps({"submission_id": "once", "text": POTHOLE, "visitor": "v"}).encode()
    for _ in range(3):
        town.deliver(body)

    assert (Delivery.objects.count(), Message.objects.filter(is_ours=False).count(), Case.objects.count()) == (1, 1, 1)


def test_broken_json_is_stored_marked_and_does_not_stop_the_others(town: Town) -> None:
    store_body(town.site, b'{"submission_id": "x", "text')
    message = town.hear(POTHOLE)

    failed = Delivery.objects.get(state=DeliveryState.FAILED)
    assert (bytes(failed.body), failed.note) == (b'{"submission_id": "x", "text', "site: not a submission")
    assert town.case(message).number == 1


def test_text_with_nul_and_lone_surrogate_is_stored_without_them(town: Town) -> None:
    town.deliver(b'{"submission_id": "nul", "text": "a\\u0000b", "visitor": "v"}')

    assert Message.objects.get(external_id="nul").text == "ab"


def test_five_megabyte_text_is_cut_and_marked_partial(town: Town) -> None:
    message = town.hear("яма " * 1_300_000)

    assert len(message.text) == 20_000
    assert message.delivery.state == DeliveryState.PARTIAL


def test_person_is_one_identity_and_one_resident(town: Town) -> None:
    town.hear(POTHOLE, visitor="ivan")
    town.hear("Спасибо", visitor="ivan")

    assert (Identity.objects.count(), Resident.objects.count()) == (1, 1)


def test_everything_of_a_city_stays_in_that_city(town: Town) -> None:
    other = found_town("zarechensk")
    message = other.hear(POTHOLE)
    town.hear(POTHOLE)

    case = other.case(message)
    assert case.number == 1
    assert {case.municipality_id, case.topic.municipality_id, case.department.municipality_id} == {other.city.pk}
    assert set(LiveChange.objects.values_list("municipality_id", flat=True)) == {town.city.pk, other.city.pk}


def test_query_count_does_not_grow_with_the_batch(town: Town) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from otklik.worker.taking import take_channel

    SurgeSettings.objects.create(municipality=town.city, is_on=False)  # its own test counts what a surge costs
    town.hear("Яма на дороге, улица Садовая, дом 99, почините", post="7")
    counts = []
    for size in (1, 3, 30):
        for number in range(size):
            text = f"Яма на дороге, улица Садовая, дом {size}{number}, почините"
            body = {"submission_id": f"q{size}-{number}", "text": text, "visitor": f"q{size}-{number}", "post": "7"}
            store_body(town.site, json.dumps(body).encode())
        with CaptureQueriesContext(connection) as queries:
            take_channel(town.site.pk, brain())
        told = [query["sql"] for query in queries]
        # SQLite takes 999 values in a statement: the rows of one table go in as many as they need, and count as one.
        inserts = {sql.partition(" (")[0] for sql in told if sql.startswith("INSERT")}
        counts.append(len(inserts) + sum(not sql.startswith("INSERT") for sql in told))

    assert Case.objects.count() == 35
    assert counts[0] == counts[1] == counts[2]


def test_kinds_of_cases_follow_what_was_said(town: Town) -> None:
    idea = town.hear("Предлагаю поставить новые фонари в парке", post="7")

    assert town.case(idea).kind == CaseKind.IDEA
