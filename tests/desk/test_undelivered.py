from __future__ import annotations

from otklik.channels.enums import OutgoingState
from otklik.channels.models import Delivery
from tests.builders import signed_in
from tests.desk.office import Office, make_stranger


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
