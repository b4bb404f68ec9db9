from __future__ import annotations

import re
from typing import Any

from otklik.cases.reaching import ways_around
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Delivery, Outgoing
from otklik.channels.queries import undelivered
from otklik.org.enums import Role
from otklik.org.models import Official
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_reaching import elsewhere, refused


def test_stuck_rows_and_riddles_are_shown(office: Office) -> None:
    row = office.stuck(office.case(), error="VK: комментарии закрыты")
    Delivery.objects.create(
        municipality=office.town.city,
        channel=office.town.channels["vk"],
        dedup_key="broken",
        body=b"{",
        received_at=office.town.now,
        state="failed",
        note="vk: not an event",
    )

    page = office.browser(office.operator).get("/desk/undelivered/").content.decode()

    assert f'id="outgoing-{row.pk}"' in page
    assert "VK: комментарии закрыты" in page
    assert "vk: not an event" in page


def test_operator_says_what_was_seen(office: Office) -> None:
    case, client = office.case(), office.browser(office.operator)
    seen, lost, left = office.stuck(case), office.stuck(case), office.stuck(case)

    client.post(f"/desk/undelivered/{seen.pk}/sent/")
    client.post(f"/desk/undelivered/{lost.pk}/again/")
    client.post(f"/desk/undelivered/{left.pk}/stop/", {f"stop-{left.pk}-reason": "человек удалил страницу"})

    for row in (seen, lost, left):
        row.refresh_from_db()
    assert [row.state for row in (seen, lost, left)] == [
        OutgoingState.SENT,
        OutgoingState.QUEUED,
        OutgoingState.FAILED,
    ]
    assert left.error == "человек удалил страницу"


def test_giving_up_needs_a_reason(office: Office) -> None:
    row = office.stuck(office.case())

    answer = office.browser(office.operator).post(f"/desk/undelivered/{row.pk}/stop/", {})

    row.refresh_from_db()
    assert (answer.status_code, row.state) == (422, OutgoingState.UNKNOWN)
    assert "Say why it will not be sent." in answer.content.decode()


def test_row_settled_in_the_meantime_is_told(office: Office) -> None:
    row = office.stuck(office.case(), state=OutgoingState.SENT)

    answer = office.browser(office.operator).post(f"/desk/undelivered/{row.pk}/again/")

    assert answer.status_code == 409
    assert "This was settled in the meantime." in answer.content.decode()


def test_rows_of_another_city_do_not_exist(office: Office) -> None:
    row = office.stuck(office.case())

    assert signed_in(make_stranger()).post(f"/desk/undelivered/{row.pk}/sent/").status_code == 404


def both(office: Office) -> Official:
    """Somebody who decides about what isn't delivered, and approves."""
    return make_official(office.town.city, Role.OPERATOR, Role.APPROVER, full_name="Тамара Осинина")


def test_refused_answer_goes_another_way_with_one_tap(office: Office) -> None:
    case, row = refused(office)
    way = elsewhere(office, case)
    client = office.browser(both(office))

    page = client.get("/desk/undelivered/").content.decode()
    (form,) = re.findall(r'<form method="post" action="([^"]*send_elsewhere[^"]*)">(.*?)</form>', page, re.DOTALL)
    said = dict(re.findall(r'name="(send_elsewhere-\w+)" value="(\d+)"', form[1]))
    client.post(form[0], said)

    assert said == {"send_elsewhere-outgoing": str(row.pk), "send_elsewhere-message": str(way.pk)}
    sent = Outgoing.objects.get(answer_send__answer__case=case, state=OutgoingState.QUEUED)
    assert (sent.reply_to, sent.text) == (way, row.text)


def test_ways_are_shown_without_the_button_to_whoever_does_not_approve(office: Office) -> None:
    case, _ = refused(office)
    elsewhere(office, case)

    page = office.browser(office.operator).get("/desk/undelivered/").content.decode()

    assert "Other ways to the same person:" in page
    assert "send_elsewhere" not in page


def test_words_for_one_person_are_offered_no_public_way(office: Office) -> None:
    case, _ = refused(office)
    elsewhere(office, case, visibility="public")

    page = office.browser(both(office)).get("/desk/undelivered/").content.decode()

    assert "They wrote nowhere else." in page
    assert "send_elsewhere" not in page


def test_ways_of_another_person_are_not_offered(office: Office) -> None:
    refused(office)
    office.case("Другое", network="vk", name="Ольга", visibility="private")

    assert "send_elsewhere" not in office.browser(both(office)).get("/desk/undelivered/").content.decode()


def test_ways_around_many_rows_ask_twice(office: Office, django_assert_num_queries: Any) -> None:
    now = office.town.now
    for amount in (1, 30):
        for _n in range(amount - Outgoing.objects.filter(state=OutgoingState.FAILED).count()):
            case, _ = refused(office)
            elsewhere(office, case)
        rows = list(undelivered(office.town.city.pk))
        with django_assert_num_queries(2):
            around = ways_around(rows, now=now)
        assert [len(around[row.pk].ways) > 0 for row in rows] == [True] * amount
