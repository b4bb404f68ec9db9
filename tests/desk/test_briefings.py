"""The pages of the digest and of the week's report: whose they are, what they compare, what is downloaded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.insights.digest import Content, Told
from otklik.insights.models import Digest, WeeklyReport
from otklik.org.enums import Role
from otklik.org.models import Department, Official
from tests.builders import make_official
from tests.desk.office import Office, make_stranger

MONDAY = date(2026, 9, 14)


def keep(office: Office, who: Official, day: date = MONDAY, **said: object) -> Digest:
    values: dict[str, object] = {
        "counts": {"control": 1, "overdue": 3, "approval": 0, "questions": 2, "solved": 4},
        "surges": [],
        "hurts": [],
        "grew": [],
        "late": [],
        "unreported": [],
        "thanked": [],
        "since": office.town.now.isoformat(),
    }
    content = Content(**{**values, **said})  # type: ignore[arg-type]
    return Digest.objects.create(
        municipality=who.municipality, official=who, day=day, content=content.to_json(), prepared_at=office.town.now
    )


def report(office: Office, name: str = "") -> WeeklyReport:
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    if name:
        Department.objects.filter(pk=roads.pk).update(name=name, name_en="")
    figures = {"asked": 9, "answered": 8, "late": 1, "confirmed": 7, "reopened": 0}
    content = {"now": {str(roads.pk): figures}, "before": {str(roads.pk): {**figures, "asked": 5}}}
    return WeeklyReport.objects.create(
        municipality=office.town.city, monday=MONDAY, content=content, prepared_at=office.town.now
    )


def test_digest_shows_its_numbers_beside_the_morning_before_and_is_marked_read(office: Office) -> None:
    keep(office, office.head, MONDAY - timedelta(days=3), counts={"overdue": 5})
    row = keep(office, office.head, hurts=[Told("roads.pothole", 7, 2)], late=[office.case().number])

    html = office.browser(office.head).get("/desk/digest/").content.decode()

    row.refresh_from_db()
    assert row.seen_at is not None
    assert 'href="/desk/?view=overdue"><span class="stat-value">3</span>' in html
    assert "was 5" in html
    assert ("7 messages" in html, "the day before: 2" in html) == (True, True)
    assert 'href="/desk/cases/1/?view=overdue"' in html
    assert 'href="/desk/digest/2026-09-11/"' in html


def test_digest_is_its_officials_own(office: Office) -> None:
    keep(office, office.head)
    client = office.browser(office.aide)

    assert client.get("/desk/digest/2026-09-14/").status_code == 404
    assert "No digest yet" in client.get("/desk/digest/").content.decode()


def test_digest_does_not_name_a_case_of_another_city(office: Office) -> None:
    stranger = make_stranger()
    case = office.case("Тайна Ясногорья")
    keep(office, stranger, late=[case.number])

    assert "Тайна" not in office.browser(stranger).get("/desk/digest/").content.decode()


@pytest.mark.parametrize("address", ["/desk/digest/nonsense/", "/desk/digest/2026-02-31/", "/desk/weekly/2026-99-99/"])
def test_day_that_never_was_is_not_there(office: Office, address: str) -> None:
    assert office.browser(office.head).get(address).status_code == 404


def test_report_shows_each_figure_beside_the_week_before(office: Office) -> None:
    report(office)

    html = office.browser(office.curator).get("/desk/weekly/").content.decode()

    assert '<td class="number" data-name="Asked">9 <span class="quiet small">5</span></td>' in html


def test_report_is_downloaded_as_a_table_without_formulas(office: Office) -> None:
    report(office, name="=HYPERLINK(1)")

    answer = office.browser(office.head).get("/desk/weekly/2026-09-14/csv/")

    assert answer["Content-Disposition"] == 'attachment; filename="week-2026-09-14.csv"'
    assert answer.content.decode("utf-8-sig").splitlines()[1:] == [
        "'=HYPERLINK(1),9,5,8,8,1,1,7,7,0,0",
        "The whole city,9,5,8,8,1,1,7,7,0,0",
    ]


@pytest.mark.parametrize(
    ("role", "codes"),
    [(Role.ANALYST, [403, 200]), (Role.CURATOR, [403, 200]), (Role.AIDE, [200, 200]), (Role.OPERATOR, [403, 403])],
)
def test_who_reads_what(office: Office, role: Role, codes: list[int]) -> None:
    client = office.browser(make_official(office.town.city, role))

    assert [client.get(address).status_code for address in ("/desk/digest/", "/desk/weekly/")] == codes


def test_report_of_another_city_is_not_there(office: Office) -> None:
    report(office)

    assert office.browser(make_stranger()).get("/desk/weekly/2026-09-14/csv/").status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_query_count_of_a_digest_does_not_depend_on_its_history(office: Office, count: int) -> None:
    for back in range(count):
        keep(office, office.head, MONDAY - timedelta(days=back), late=[office.case().number])
    client = office.browser(office.head)

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/digest/")

    assert len(asked) == 13
