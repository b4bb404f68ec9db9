from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from otklik.cases.lists import COUNT_CAP
from otklik.cases.models import Case
from otklik.cases.queries import PAGE
from otklik.cases.services import assigning
from otklik.common import clock
from otklik.desk import words
from otklik.org.access import access_of
from otklik.org.models import Department
from otklik.org.services.announcing import announce
from tests.desk.office import Office


def numbers(page: str) -> list[int]:
    """The cases of a list, in its order."""
    return [int(number) for number in re.findall(r'class="row-title" href="/desk/cases/(\d+)/', page)]


def read(office: Office, address: str, who: str = "curator", **headers: str) -> str:
    answer = office.browser(getattr(office, who)).get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_inbox_lists_open_cases_newest_first(office: Office) -> None:
    first, second = office.case("Первая"), office.case("Вторая")

    assert numbers(read(office, "/desk/")) == [second.number, first.number]


def test_row_says_what_is_owed_where_and_by_when(office: Office) -> None:
    case = office.case("Яма во дворе", place="ул. Садовая, 12", urgency=4)
    office.join(case, "И я")

    row = re.search(r'<li class="row".*?</li>', read(office, "/desk/"), re.DOTALL)

    assert row is not None
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row[0])).strip()
    assert said.startswith("danger to life Яма во дворе 1 h VK ул. Садовая, 12 2 voices Assigned ")
    assert "by" in said


@pytest.mark.parametrize(
    ("late", "says", "tone"),
    [(timedelta(hours=-2, minutes=-5), "overdue by 2 h", "bad"), (timedelta(hours=1), "by", "warn")],
)
def test_deadline_says_how_late_or_how_soon(office: Office, late: timedelta, says: str, tone: str) -> None:
    case = office.case()
    case.answer_due_at = office.town.now + late

    with translation.override("en"):
        found = words.deadline(case, now=office.town.now)

    assert found is not None
    assert says in found.words
    assert found.tone == tone


def test_finished_case_has_no_deadline(office: Office) -> None:
    case = office.case()
    case.status = "answered"

    assert words.deadline(case, now=office.town.now) is None


def test_executor_sees_only_the_own_department(office: Office) -> None:
    ours = office.case()
    office.case(topic="utilities.heating")

    assert numbers(read(office, "/desk/", "executor")) == [ours.number]


def test_views_show_what_they_promise(office: Office) -> None:
    urgent, taken, late = office.case(urgency=3), office.case(), office.case()
    assigning.take(access_of(office.executor), taken, now=office.town.now)
    Case.objects.filter(pk=late.pk).update(answer_due_at=office.town.now - timedelta(hours=1), personal_control=True)

    shown = {
        view: numbers(read(office, f"/desk/?view={view}", "executor"))
        for view in ("urgent", "mine", "overdue", "control", "answered")
    }

    assert shown == {
        "urgent": [urgent.number],
        "mine": [taken.number],
        "overdue": [late.number],
        "control": [late.number],
        "answered": [],
    }


def test_filters_narrow_and_wrong_ones_do_not(office: Office) -> None:
    roads, heat = office.case(network="vk"), office.case(topic="utilities.heating", network="telegram")
    department = Department.objects.get(municipality=office.town.city, code="utilities")
    telegram = office.town.channels["telegram"]

    assert numbers(read(office, f"/desk/?department={department.pk}")) == [heat.number]
    assert numbers(read(office, f"/desk/?channel={telegram.pk}")) == [heat.number]
    assert numbers(read(office, f"/desk/?topic={roads.topic_id}")) == [roads.number]
    assert numbers(read(office, "/desk/?status=assigned")) == [heat.number, roads.number]
    assert numbers(read(office, "/desk/?due=overdue")) == []
    assert numbers(read(office, "/desk/?due=week")) == [heat.number, roads.number]
    assert numbers(read(office, "/desk/?control=on")) == []
    assert numbers(read(office, "/desk/?mine=on", "executor")) == []
    assert numbers(read(office, "/desk/?status=no&department=x&topic=-1&view=no&before=x")) == [
        heat.number,
        roads.number,
    ]


def test_chip_takes_one_condition_away(office: Office) -> None:
    page = read(office, "/desk/?view=all&status=assigned&control=on")

    assert re.findall(r'<a class="chip on" href="([^"]+)">', page) == [
        "/desk/?view=all&amp;control=on",
        "/desk/?view=all&amp;status=assigned",
    ]


def test_pages_follow_one_another_without_gaps(office: Office) -> None:
    made = [office.case(f"Случай {number}").number for number in range(PAGE + 3)]

    first = read(office, "/desk/")
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link is not None
    second = read(office, link[1].replace("&amp;", "&"))

    assert numbers(first) + numbers(second) == made[::-1]
    assert 'rel="next"' not in second


@pytest.mark.parametrize("count", [1, 3, 60])
def test_query_count_of_the_list_does_not_depend_on_it(office: Office, count: int) -> None:
    for number in range(count):
        office.case(f"Случай {number}")
    client = office.browser(office.curator)

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/")

    assert len(asked) == 13


def test_number_opens_its_case(office: Office) -> None:
    case = office.case()
    client = office.browser(office.curator)

    assert client.get(f"/desk/?number=№{case.number}")["Location"] == f"/desk/cases/{case.number}/"
    assert client.get("/desk/?number=999").status_code == 404


@pytest.mark.parametrize(("cases", "shown"), [(COUNT_CAP - 1, "999"), (COUNT_CAP, "999+"), (COUNT_CAP + 1, "999+")])
def test_counts_stop_at_the_cap(office: Office, cases: int, shown: str) -> None:
    first = office.case()
    rows = [field.attname for field in Case._meta.concrete_fields if field.attname not in ("id", "number", "code")]
    copied = {name: getattr(first, name) for name in rows}
    Case.objects.bulk_create(
        Case(**copied, number=first.number + place, code=f"code-of-{place:08}") for place in range(1, cases)
    )

    rail = re.search(r'<nav class="rail".*?</nav>', read(office, "/desk/"), re.DOTALL)

    assert rail is not None
    assert re.findall(r'<span>In work</span><span class="count">([^<]+)<', rail[0]) == [shown]


def test_pulse_counts_what_came_above_the_list(office: Office) -> None:
    seen = office.case()
    office.case(topic="utilities.heating")
    office.case(urgency=4)

    pulse = read(office, f"/desk/pulse/?view=open&since={seen.pk}")
    urgent = read(office, f"/desk/pulse/?view=urgent&since={seen.pk}")
    theirs = read(office, f"/desk/pulse/?since={seen.pk}", "executor")

    assert [re.findall(r"(\d+ new ones?)", page) for page in (pulse, urgent, theirs)] == [
        ["2 new ones"],
        ["1 new one"],
        ["1 new one"],
    ]
    assert 'id="rail-items" hx-swap-oob="true"' in pulse


def test_pulse_counts_once_for_all_who_see_the_same_until_the_next_change(office: Office) -> None:
    seen = office.case()
    address = f"/desk/pulse/?view=open&since={seen.pk}"
    announce(office.town.city.pk, "case", [seen.pk], at=clock.now())
    clients = [office.browser(official) for official in (office.curator, office.operator, office.curator)]
    asked = []
    for client in clients[:2]:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked.append(sum("cases_casetally" in query["sql"] for query in queries))

    silently = office.case()  # nobody has heard of it: what was counted still stands
    before = clients[0].get(address).content.decode()
    announce(office.town.city.pk, "case", [silently.pk], at=clock.now())
    after = [client.get(address).content.decode() for client in clients]

    assert asked == [1, 0]
    assert [re.findall(r"(\d+ new ones?)", page) for page in (before, *after)] == [[], *[["1 new one"]] * 3]


def test_pulse_of_another_department_is_counted_apart(office: Office) -> None:
    seen = office.case()
    office.case(topic="utilities.heating")
    announce(office.town.city.pk, "case", [seen.pk], at=clock.now())
    address = f"/desk/pulse/?view=open&since={seen.pk - 1}"

    pages = [read(office, address, who) for who in ("curator", "executor", "curator")]

    assert [re.findall(r"(\d+ new ones?)", page) for page in pages] == [["2 new ones"], ["1 new one"], ["2 new ones"]]


def test_pulse_refuses_nonsense_and_the_queue_of_others(office: Office) -> None:
    executor = office.browser(office.executor)

    assert executor.get("/desk/pulse/").status_code == 404
    assert executor.get("/desk/pulse/?since=x").status_code == 404
    assert executor.get("/desk/pulse/?since=0&at=sort").status_code == 403


def test_deadline_of_next_week_names_the_date(office: Office) -> None:
    case = office.case()
    case.answer_due_at = clock.now() + timedelta(days=20)

    found = words.deadline(case, now=clock.now())

    assert found is not None
    assert re.fullmatch(r"до \d+ \w+ \d\d:\d\d", found.words)
