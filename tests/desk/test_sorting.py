from __future__ import annotations

import pytest

from otklik.cases.models import Case
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.org.models import Topic
from tests.builders import signed_in
from tests.desk.office import Office, make_stranger


def test_queue_shows_what_waits_for_a_person(office: Office) -> None:
    message = office.unsorted("И так сойдёт?")

    page = office.browser(office.operator).get("/desk/sort/").content.decode()

    assert f'href="/desk/sort/{message.pk}/"' in page


def test_operator_opens_a_case_and_goes_on_with_the_next(office: Office) -> None:
    older, newer = office.unsorted("Раньше"), office.unsorted("Позже")
    topic = Topic.objects.get(municipality=office.town.city, code="roads.pothole")

    answer = office.browser(office.operator).post(f"/desk/sort/{newer.pk}/open/", {"open-topic": topic.pk})

    case = Case.objects.get()
    newer.refresh_from_db()
    assert answer["Location"] == f"/desk/sort/{older.pk}/"
    assert (case.topic, case.department, newer.decision) == (topic, topic.department, Decision.OPENED)


def test_likely_topics_are_one_click(office: Office) -> None:
    message = office.unsorted()

    page = office.browser(office.operator).get(f"/desk/sort/{message.pk}/").content.decode()

    codes = ["roads.pothole", "roads.other", "improvement.trees"]
    ids = dict(Topic.objects.filter(municipality=office.town.city, code__in=codes).values_list("code", "pk"))
    assert [f'name="open-topic" value="{ids[code]}"' in page for code in codes] == [True, True, True]


def test_operator_joins_a_message_to_a_case(office: Office) -> None:
    case, message = office.case(), office.unsorted()

    answer = office.browser(office.operator).post(f"/desk/sort/{message.pk}/join/", {"join-number": case.number})

    case.refresh_from_db()
    message.refresh_from_db()
    assert answer["Location"] == "/desk/sort/"
    assert (case.message_count, message.decision) == (2, Decision.JOINED)


def test_unknown_number_is_told_and_kept(office: Office) -> None:
    message = office.unsorted()

    answer = office.browser(office.operator).post(f"/desk/sort/{message.pk}/join/", {"join-number": "777"})

    assert answer.status_code == 422
    assert "There is no case with this number." in answer.content.decode()
    assert 'value="777"' in answer.content.decode()


def test_finished_case_takes_no_more_voices(office: Office) -> None:
    case, message = office.case(), office.unsorted()
    Case.objects.filter(pk=case.pk).update(status="rejected")

    answer = office.browser(office.operator).post(f"/desk/sort/{message.pk}/join/", {"join-number": case.number})

    assert answer.status_code == 409
    assert "The case is “Rejected” now" in answer.content.decode()


def test_case_of_another_city_can_not_be_joined(office: Office) -> None:
    case = office.case()
    stranger = make_stranger()
    message = office.unsorted()
    theirs = Message.objects.get(pk=message.pk)
    client = signed_in(stranger)

    answer = client.post(f"/desk/sort/{theirs.pk}/join/", {"join-number": case.number})

    assert answer.status_code == 404


@pytest.mark.parametrize("decision", [Decision.NO_ANSWER, Decision.SPAM])
def test_operator_puts_aside_with_a_reason(office: Office, decision: Decision) -> None:
    message, client = office.unsorted(), office.browser(office.operator)

    refused = client.post(f"/desk/sort/{message.pk}/aside/", {"aside-decision": decision, "aside-reason": " "})
    client.post(f"/desk/sort/{message.pk}/aside/", {"aside-decision": decision, "aside-reason": "спор между собой"})

    message.refresh_from_db()
    assert refused.status_code == 422
    assert (message.decision, message.decision_reason) == (decision, "спор между собой")


def test_other_decisions_can_not_be_forged(office: Office) -> None:
    message = office.unsorted()

    answer = office.browser(office.operator).post(
        f"/desk/sort/{message.pk}/aside/", {"aside-decision": "own", "aside-reason": "так"}
    )

    message.refresh_from_db()
    assert (answer.status_code, message.decision) == (422, Decision.OPERATOR)


def test_message_sorted_by_a_colleague_is_told(office: Office) -> None:
    message = office.unsorted(decision=Decision.SPAM, decision_reason="реклама")

    client = office.browser(office.operator)
    shown = client.get(f"/desk/sort/{message.pk}/").content.decode()
    late = client.post(f"/desk/sort/{message.pk}/aside/", {"aside-decision": "no_answer", "aside-reason": "так"})

    assert "реклама" in shown
    assert "Open a case" not in shown
    assert late.status_code == 409
    assert "A colleague has sorted this message already." in late.content.decode()


def test_executor_sorts_nothing(office: Office) -> None:
    message = office.unsorted()
    client = office.browser(office.executor)

    codes = [client.get("/desk/sort/").status_code, client.get(f"/desk/sort/{message.pk}/").status_code]

    assert codes == [403, 403]


def test_operator_of_one_department_does_not_sort_the_whole_city(office: Office) -> None:
    office.executor.grants.create(municipality=office.town.city, role="operator", department=office.executor.department)
    message = office.unsorted()
    client = office.browser(office.executor)

    assert client.get("/desk/sort/").status_code == 403
    assert client.get(f"/desk/sort/{message.pk}/").status_code == 403
