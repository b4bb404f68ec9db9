from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.cases.briefing import thanked_of
from otklik.cases.control import Checkpoint
from otklik.cases.enums import PhotoSide, PhotoUse
from otklik.cases.models import Case
from otklik.cases.services import controlling, picturing
from otklik.common.clock import now
from otklik.desk.head import greeting
from otklik.org.access import access_of
from otklik.pulse.growing import hot_topics
from otklik.pulse.models import Tally
from tests.cases.picturing import put_one
from tests.desk.office import Office
from tests.desk.test_files import with_photo
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own


def cards(page: str) -> list[list[int]]:
    """The cases of each part of the page."""
    parts = re.findall(r'<section class="cards".*?</section>', page, re.DOTALL)
    return [[int(number) for number in re.findall(r'href="/desk/cases/(\d+)/', part)] for part in parts]


def test_head_sees_late_cases_under_control_first_and_each_case_once(office: Office) -> None:
    later, late, urgent, overdue, waiting, _calm = (office.case(urgency=n) for n in (4, 2, 4, 2, 2, 2))
    now = office.town.now
    Case.objects.filter(pk=later.pk).update(personal_control=True)
    Case.objects.filter(pk=late.pk).update(personal_control=True, answer_due_at=now - timedelta(hours=3))
    Case.objects.filter(pk=overdue.pk).update(answer_due_at=now - timedelta(hours=1))
    Case.objects.filter(pk=waiting.pk).update(status="approval")

    page = office.browser(office.head).get("/desk/head/").content.decode()

    assert cards(page) == [[late.number, later.number], [urgent.number, overdue.number], [waiting.number], [], []]


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_of_the_morning_does_not_depend_on_it(office: Office, count: int) -> None:
    for _ in range(count):
        office.case(urgency=3)
        controlling.set_control(access_of(office.head), office.case(), now=office.town.now)
        solved = {"status": "closed", "verdict": "solved", "closed_at": office.town.now, "executor": office.executor}
        Case.objects.filter(pk=office.case().pk).update(**solved)
    client = office.browser(office.head)

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/head/")

    assert len(asked) == 24  # one for the photos of what is under control


def test_aide_sees_the_morning_and_an_operator_does_not(office: Office) -> None:
    assert office.browser(office.aide).get("/desk/head/").status_code == 200
    assert office.browser(office.operator).get("/desk/head/").status_code == 403


@pytest.mark.parametrize(("hour", "words"), [(5, "Good morning"), (12, "Good afternoon"), (23, "Good evening")])
def test_greeting_knows_the_hour(hour: int, words: str) -> None:
    from django.utils import translation

    with translation.override("en"):
        assert greeting(hour) == words


def numbers(page: str) -> dict[str, str]:
    """The number of each tile, by the view it opens."""
    found = re.findall(r'<a class="stat" href="/desk/\?view=(\w+)"><span class="stat-value">([^<]+)<', page)
    return dict(found)


def rows(page: str) -> int:
    """The rows of a list."""
    return len(re.findall(r'<li class="row[ "]', page))


def test_every_number_opens_a_list_of_as_many(office: Office) -> None:
    now = office.town.now
    made = [office.case() for _ in range(9)]
    ids = [case.pk for case in made]
    Case.objects.filter(pk__in=ids[:3]).update(personal_control=True)
    Case.objects.filter(pk=ids[2]).update(status="duplicate")
    Case.objects.filter(pk__in=ids[3:5]).update(answer_due_at=now - timedelta(hours=1))
    Case.objects.filter(pk=ids[5]).update(status="approval")
    Case.objects.filter(pk=ids[6]).update(kind="question")
    Case.objects.filter(pk=ids[7]).update(status="closed", verdict="solved", closed_at=now - timedelta(days=6))
    Case.objects.filter(pk=ids[8]).update(status="closed", verdict="solved", closed_at=now - timedelta(days=8))
    client = office.browser(office.head)

    found = numbers(client.get("/desk/head/").content.decode())

    assert found == {"control": "2", "overdue": "2", "approval": "1", "questions": "1", "solved": "1"}
    for view, number in found.items():
        assert rows(client.get(f"/desk/?view={view}").content.decode()) == int(number), view


def test_one_tap_asks_how_it_goes_and_stays_on_the_page(office: Office) -> None:
    case = office.case()
    controlling.set_control(access_of(office.head), case, now=office.town.now)

    answer = office.browser(office.head).post(f"/desk/cases/{case.number}/ask_report/", {"back": "head"})

    assert (answer.status_code, answer.url) == (302, "/desk/head/")
    assert Checkpoint.objects.filter(control__case=case, percent=None).count() == 1


def test_head_lets_go_of_what_is_answered_and_an_aide_is_not_offered_it(office: Office) -> None:
    case = office.case()
    controlling.set_control(access_of(office.head), case, now=office.town.now)
    Case.objects.filter(pk=case.pk).update(status="answered")

    offered = [
        f'action="/desk/cases/{case.number}/uncontrol/"' in office.browser(who).get("/desk/head/").content.decode()
        for who in (office.head, office.aide)
    ]

    assert offered == [True, False]


def test_whom_to_thank_names_the_department_that_residents_confirmed(office: Office) -> None:
    done = [office.case(), office.case(), office.case(topic="utilities.heating")]
    for case in done:
        Case.objects.filter(pk=case.pk).update(
            status="closed",
            verdict="solved",
            rating=5,
            closed_at=office.town.now - timedelta(days=1),
            executor=office.executor,
        )

    found = thanked_of(access_of(office.head), now=office.town.now)

    assert [(one.department.code, one.confirmed, one.stars, one.people) for one in found] == [
        ("roads", 2, 5.0, (office.executor.full_name,)),
        (done[2].department.code, 1, 5.0, (office.executor.full_name,)),
    ]


def test_what_hurts_is_what_is_spoken_of_most_beside_the_day_before(office: Office) -> None:
    now = office.town.now
    for hours, topic, told in ((2, "roads.pothole", 4), (26, "roads.pothole", 1), (3, "utilities.heating", 2)):
        hour = (now - timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)
        Tally.objects.create(
            municipality=office.town.city, hour=hour, day=hour.date(), topic_code=topic, messages=told, requests=told
        )

    found = hot_topics(office.town.city.pk, now - timedelta(days=1), now)

    assert [(one.topic.code, one.messages, one.before) for one in found] == [
        ("roads.pothole", 4, 1),
        ("utilities.heating", 2, 0),
    ]


def test_list_shows_what_is_most_urgent_and_folds_the_rest(office: Office) -> None:
    cases = [office.case(f"Горит {number}", urgency=4) for number in range(5)]

    page = office.browser(office.head).get("/desk/head/").content.decode()

    burning = re.search(r'<section class="cards" aria-label="Urgent and overdue">(.*?)</section>', page, re.DOTALL)[1]
    shown, folded = burning.split('<details class="fold cards-rest"><summary class="button">2 more</summary>')
    assert (shown.count("case-card"), folded.count("case-card")) == (3, 2)
    assert len(cases) == 5


def test_case_under_control_shows_its_photos_before_and_after(office: Office, data_folder: Path) -> None:  # noqa: F811
    case, plain = office.case(), office.case()
    row = with_photo(office, case)
    for one in (case, plain):
        controlling.set_control(access_of(office.head), one, now=office.town.now)
        one.refresh_from_db()
    who = access_of(office.executor)
    after = put_one(who, case, use=PhotoUse.REPORT, side=PhotoSide.AFTER)
    picturing.mark_resident_photo(who, case, row.pk, PhotoSide.BEFORE, now=now())

    page = office.browser(office.head).get("/desk/head/").content.decode()

    found = re.findall(r'<div class="watched-sides">.*?</div>', page, re.DOTALL)
    assert [re.findall(r"/desk/files/(\w+)/thumb/", one) for one in found] == [[row.file.key, after.file.key]]
