"""Personal control on a case's screen: who sees what, and what a forged deed gets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from otklik.cases.control import Checkpoint, ControlReport, PersonalControl
from otklik.cases.models import Case
from otklik.cases.services import controlling
from otklik.cases.services.checkpointing import wake_checkpoints
from otklik.org.access import access_of
from otklik.org.models import Official
from tests.desk.office import Office, make_stranger


@pytest.fixture
def case(office: Office) -> Case:
    found = office.case()
    controlling.set_control(access_of(office.aide), found, now=office.town.now)
    return found


def page(office: Office, who: Official, case: Case) -> str:
    html = office.browser(who).get(f"/desk/cases/{case.number}/").content.decode()
    found = re.search(r'<section class="turn control.*?</section>', html, re.DOTALL)
    return found[0] if found else ""


def do(office: Office, who: Official, case: Case, deed: str, **said: str) -> int:
    values = {f"{deed}-{name}": value for name, value in said.items()}
    return office.browser(who).post(reverse(f"desk:do_{deed}", args=[case.number]), values).status_code


def deeds(html: str) -> set[str]:
    return set(re.findall(r'action="/desk/cases/\d+/(\w+)/"', html))


def test_panel_offers_each_what_is_theirs(office: Office, case: Case) -> None:
    found = {who: deeds(page(office, getattr(office, who), case)) for who in ("head", "aide", "executor", "operator")}

    assert found == {
        "head": {"ask_report", "uncontrol"},
        "aide": {"ask_report", "release"},
        "executor": {"report"},
        "operator": set(),
    }


def test_case_without_control_has_no_panel(office: Office) -> None:
    assert page(office, office.head, office.case()) == ""


def test_executor_reports_and_the_head_reads_it(office: Office, case: Case) -> None:
    assert do(office, office.executor, case, "report", text="Бригада на месте, закончим к трём") == 302

    assert "Бригада на месте, закончим к трём" in page(office, office.head, case)


def test_report_without_words_is_asked_for_again(office: Office, case: Case) -> None:
    assert do(office, office.executor, case, "report", text=" ") == 422
    assert ControlReport.objects.count() == 0


def test_head_asks_and_the_executors_form_stands_open(office: Office, case: Case) -> None:
    assert do(office, office.head, case, "ask_report", text="Когда закатаете?") == 302
    moment = Checkpoint.objects.get(percent=None).at
    wake_checkpoints(now=moment + timedelta(minutes=1))

    html = page(office, office.executor, case)

    assert "Когда закатаете?" in html
    assert re.search(r'<details class="fold" name="control" open>.*?/report/"', html, re.DOTALL)


def test_proposal_reaches_the_head_who_keeps_or_lets_go(office: Office, case: Case) -> None:
    assert do(office, office.aide, case, "release", reason="Сделано, есть фото") == 302
    html = page(office, office.head, case)
    assert "Сделано, есть фото" in html
    assert deeds(html) == {"ask_report", "keep", "uncontrol"}

    assert do(office, office.head, case, "keep") == 302
    assert PersonalControl.objects.get().proposed_at is None
    assert do(office, office.head, case, "uncontrol") == 302
    assert page(office, office.head, case) == ""


@pytest.mark.parametrize("deed", ["report", "ask_report", "release", "keep", "uncontrol"])
def test_forged_deed_of_another_city_finds_nothing(office: Office, case: Case, deed: str) -> None:
    stranger = make_stranger()

    assert do(office, stranger, case, deed, text="Сделано", reason="Сделано") == 404
    assert (ControlReport.objects.count(), PersonalControl.objects.get().ended_at) == (0, None)


def test_aide_and_executor_cannot_let_go_by_a_forged_address(office: Office, case: Case) -> None:
    codes = [do(office, who, case, deed) for who in (office.aide, office.executor) for deed in ("uncontrol", "keep")]

    assert codes == [403, 403, 403, 403]
    case.refresh_from_db()
    assert case.personal_control
