"""The whole way through the screens: inbox → case → draft → approval."""

from __future__ import annotations

from tests.desk.office import Office

from otklik.cases.enums import AnswerState, Status
from otklik.cases.models import Answer


def test_case_goes_from_the_inbox_to_an_approved_answer(office: Office) -> None:
    case = office.case()
    executor, approver = office.browser(office.executor), office.browser(office.approver)

    listed = executor.get("/desk/").content.decode()
    opened = executor.get(f"/desk/cases/{case.number}/").content.decode()
    taken = executor.post(f"/desk/cases/{case.number}/take/", follow=True)
    handed = executor.post(
        f"/desk/cases/{case.number}/draft/",
        {"text": "Игорь, засыпали сегодня.", "outcome": "resolved", "then": "submit"},
        follow=True,
    )
    waiting = approver.get(f"/desk/cases/{case.number}/").content.decode()
    approved = approver.post(f"/desk/cases/{case.number}/approve/", follow=True)

    assert f'href="/desk/cases/{case.number}/' in listed
    assert "Игорь Ветров" in opened
    assert [response.status_code for response in (taken, handed, approved)] == [200, 200, 200]
    assert "Goes to 1 conversation" in waiting
    answer = Answer.objects.get(case=case)
    case.refresh_from_db()
    assert (answer.state, answer.approver, case.status) == (AnswerState.APPROVED, office.approver, Status.APPROVAL)
