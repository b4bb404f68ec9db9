"""Answers of the night on the screens: what the approver sees, sends early and stops; the city's rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from otklik.cases.models import Answer
from otklik.cases.sendtimes import AnswerSettings, AtNight
from otklik.common import clock
from otklik.org.enums import Role
from tests.builders import make_official
from tests.desk.office import Office
from tests.desk.test_case import do, drafted, open_case

NIGHT = datetime(2099, 9, 14, 19, 30, tzinfo=UTC)
"""A Monday evening in Moscow."""


@pytest.fixture
def night(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    AnswerSettings.objects.create(municipality=office.town.city, at_night=AtNight.MORNING)
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    return office


def test_approver_sees_when_it_goes_and_stops_it(night: Office) -> None:
    case = drafted(night)
    before = open_case(night, case, "approver")

    code, page = do(night.browser(night.approver), case, "approve")
    seen = open_case(night, case, "executor")
    stopped, _ = do(night.browser(night.approver), case, "stop_sending")

    assert "Approve, to go out 15 September, 09:00" in before
    assert "Approve and send at once" in before
    assert code == 200
    assert "Approved: the answer goes out when work begins." in page
    assert "Goes out 15 September, 09:00, when work begins" in seen
    assert "stop_sending" not in seen
    assert (stopped, Answer.objects.get(case=case).state) == (200, "draft")


def test_approver_may_send_at_once_all_the_same(night: Office) -> None:
    case = drafted(night)

    _, page = do(night.browser(night.approver), case, "approve", **{"approve-then": "now"})

    assert "Approved: the answer is on its way." in page
    assert Answer.objects.get(case=case).send_at is None


def test_answer_that_waits_is_hurried_by_a_button(night: Office) -> None:
    case = drafted(night)
    do(night.browser(night.approver), case, "approve")

    code, page = do(night.browser(night.approver), case, "send_now")

    assert (code, "The answer is on its way." in page) == (200, True)


def test_administrator_sets_the_rule(office: Office) -> None:
    client = office.browser(make_official(office.town.city, Role.ADMIN))

    shown = client.get("/desk/administration/answers/").content.decode()
    saved = client.post("/desk/administration/answers/", {"at_night": "morning"})
    refused = client.post("/desk/administration/answers/", {"at_night": "never"})

    assert "Goes out when work begins" in shown
    assert (saved.status_code, refused.status_code) == (302, 422)
    assert AnswerSettings.objects.get().at_night == "morning"
