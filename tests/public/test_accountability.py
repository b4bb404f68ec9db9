"""Promised and kept: the page's figures can be counted again from the export, and nothing in it is anybody's."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from otklik.cases.accountability import Elapsed, rows_between
from otklik.cases.enums import AnswerKind, AnswerState, CaseKind, Status, Verdict
from otklik.cases.figures import FEWEST, Share, by_department, figures_of
from otklik.cases.models import Answer, Case
from otklik.cases.services import closing
from otklik.cases.services.journaling import record
from otklik.channels.enums import Decision
from otklik.org.calendar import WorkCalendar
from otklik.org.enums import Clock
from otklik.org.models import Topic
from otklik.org.queries import calendar_of
from tests.public.town import Town

ZONE = ZoneInfo("Europe/Moscow")


@pytest.fixture
def month(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A working noon in the middle of a month, which is now."""
    from otklik.common import clock

    instant = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: instant)
    return instant


def lived(town: Town, month: datetime) -> list[Case]:
    """Thirty cases of the road department at every step of their life, and three of another one."""
    town.now = month
    heating = Topic.objects.get(municipality=town.city, code="utilities.heating")
    cases = []
    for number in range(33):
        case = town.case(town.say("vk", f"Яма {number}", name="Игорь", ago_m=60 * 24 * 6), ago_h=24 * 6)
        if number >= 30:
            Case.objects.filter(pk=case.pk).update(topic=heating, department=heating.department)
        elif number < 20:
            town.answer(case, "Засыпали.", ago_h=24 * 6 - 2 if number < 14 else 24)
            _judge(case, number, month)
        elif number == 20:
            Case.objects.filter(pk=case.pk).update(status=Status.REJECTED)
        elif number == 21:
            Case.objects.filter(pk=case.pk).update(status=Status.DUPLICATE)
        elif number < 25:
            _promise(case, month.date() + timedelta(days=number - 23), month)
        cases.append(case)
    return cases


def _judge(case: Case, number: int, now: datetime) -> None:
    if number < 9:
        closing.confirm(case, now=now)
        closing.rate(case, 5, 4, now=now)
    elif number < 12:
        Case.objects.filter(pk=case.pk).update(verdict=Verdict.NOT_SOLVED)
        record(case, "reopened", at=now)


def _promise(case: Case, day: date, now: datetime) -> None:
    Answer.objects.create(
        municipality_id=case.municipality_id,
        case=case,
        text="К пятнице",
        kind=AnswerKind.PROMISE,
        state=AnswerState.SENT,
        promised_on=day,
        created_at=now,
        sent_at=now - timedelta(days=4),
    )


def percent(part: int, whole: int) -> str:
    return f"{int(part * 100 / whole + 0.5)} %"


def shown(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", page, re.DOTALL)
    # A name that is told twice is explained the second time.
    return {name: " ".join(re.sub(r"<[^>]+>", " ", words).split()) for name, words in reversed(found)}


def test_figures_of_the_page_are_counted_again_from_the_table(town: Town, client: Client, month: datetime) -> None:
    lived(town, month)

    page = shown(client.get("/accountability/2026-10/").content.decode())
    table = list(csv.DictReader(io.StringIO(client.get("/accountability/2026-10.csv").content.decode())))

    cases = [row for row in table if row["state"] not in ("rejected", "duplicate")]
    first = [int(row["first_answer_minutes"]) for row in cases if row["first_answer_minutes"]]
    judged = [row for row in cases if row["first_answer_minutes"] or row["waits_beyond_promise"] == "1"]
    on_time = [
        row
        for row in judged
        if row["first_answer_minutes"] and int(row["first_answer_minutes"]) <= int(row["promised_minutes"])
    ]
    final = [row for row in cases if row["has_final_answer"] == "1"]
    days = [row["promised_day"] for row in cases if row["promised_day"] in ("kept", "broken")]
    assert len(table) == 33
    assert page["Дела"] == str(len(cases)) == "31"
    assert page["Получили ответ"] == f"{percent(len(first), len(cases))} {len(first)} из {len(cases)}"
    assert page["Время до первого ответа"] == f"{round(median(first) / 60, 1)} ч".replace(".", ",")
    assert page["Ответили в обещанное время"].startswith(percent(len(on_time), len(judged)))
    solved = [row for row in final if row["verdict"] == "solved"]
    assert page["Жители подтвердили: решено"] == f"{percent(len(solved), len(final))} {len(solved)} из {len(final)}"
    reopened = sum(row["was_reopened"] == "1" for row in final)
    assert page["Жители открыли снова"] == f"{percent(reopened, len(final))} {reopened} из {len(final)}"
    assert page["Просрочено сейчас"] == str(sum(row["is_overdue"] == "1" for row in cases))
    assert page["Выдержанные обещанные дни"] == f"{percent(0, len(days))} 0 из {len(days)}"
    assert (len(solved), reopened, len(days)) == (9, 3, 1)


def test_json_holds_the_same_rows_and_the_figures_of_the_page(town: Town, client: Client, month: datetime) -> None:
    lived(town, month)

    given = client.get("/accountability/2026-10.json").json()
    table = list(csv.DictReader(io.StringIO(client.get("/accountability/2026-10.csv").content.decode())))

    assert [row["department"] for row in given["rows"]] == [row["department"] for row in table]
    assert (given["figures"]["registered"], given["figures"]["rejected"], given["figures"]["duplicates"]) == (31, 1, 1)
    assert given["fewest_to_compare"] == FEWEST
    assert sorted(given["departments"]) == ["roads", "utilities"]


def test_export_says_nothing_of_anybody(town: Town, client: Client, month: datetime) -> None:
    (case, *_) = lived(town, month)

    for address in ("/accountability/2026-10.csv", "/accountability/2026-10.json"):
        text = client.get(address).content.decode()
        assert "Яма" not in text
        assert "Игорь" not in text
        assert case.code not in text
        assert str(town.city.pk + 10_000) not in text


def test_few_cases_are_counted_and_not_compared(town: Town, client: Client, month: datetime) -> None:
    lived(town, month)

    page = client.get("/accountability/2026-10/").content.decode()
    few = page[page.index('id="few-title"') :]
    compared = page[page.index('id="departments-title"') : page.index('id="few-title"')]

    roads, utilities = Case.objects.get(number=1).department, Case.objects.get(number=33).department
    assert roads is not None
    assert utilities is not None
    assert (roads.name in compared, utilities.name in compared) == (True, False)
    assert re.search(rf"{utilities.name}: 3\b", few) is not None
    assert "%" not in few[: few.index("</section>")]


def test_moving_a_deadline_makes_no_figure_better(town: Town, month: datetime) -> None:
    town.now = month
    case = town.case(town.say("vk", "Яма", ago_m=60 * 24 * 6), ago_h=24 * 6)
    Case.objects.filter(pk=case.pk).update(answer_due_at=month + timedelta(days=300), clock_minutes=99_999)

    (row,) = rows_between(town.city, date(2026, 10, 1), date(2026, 10, 31), now=month)

    assert (row.waits_beyond_promise, row.is_overdue, row.promised_minutes) == (True, False, 540)
    assert figures_of([row]).on_time == Share(0, 1)


def test_case_that_is_not_due_yet_is_neither_late_nor_on_time(town: Town, month: datetime) -> None:
    town.now = month
    town.case(town.say("vk", "Яма", ago_m=30), ago_h=0.5)

    (row,) = rows_between(town.city, date(2026, 10, 1), date(2026, 10, 31), now=month)

    assert row.waits_beyond_promise is False
    assert figures_of([row]).on_time == Share(0, 0)
    assert figures_of([row]).on_time.percent is None


def test_month_is_the_citys_own(town: Town, month: datetime) -> None:
    case = town.case(town.say("vk", "Яма"))
    Case.objects.filter(pk=case.pk).update(opened_at=datetime(2026, 9, 30, 21, 30, tzinfo=UTC))  # 00:30 in the city

    rows = list(rows_between(town.city, date(2026, 10, 1), date(2026, 10, 31), now=month))

    assert [row.month for row in rows] == ["2026-10"]
    assert list(rows_between(town.city, date(2026, 9, 1), date(2026, 9, 30), now=month)) == []


def test_cases_of_another_city_are_not_counted(town: Town, client: Client, month: datetime) -> None:
    from tests.builders import make_city

    town.now = month
    town.case(town.say("vk", "Яма"))
    other = make_city("zarechye", host="zarechye.example")

    assert list(rows_between(other, date(2026, 10, 1), date(2026, 10, 31), now=month)) == []


def test_most_punctual_department_stands_first_and_equal_ones_by_code(town: Town, month: datetime) -> None:
    from dataclasses import replace

    town.now = month
    town.case(town.say("vk", "Яма"))
    (row,) = rows_between(town.city, date(2026, 10, 1), date(2026, 10, 31), now=month)
    late = replace(row, waits_beyond_promise=True)
    good = replace(row, first_answer_minutes=1)
    rows = [
        *[replace(late, department="a")] * FEWEST,
        *[replace(good, department="c")] * FEWEST,
        *[replace(good, department="b")] * FEWEST,
        *[replace(good, department="d")] * (FEWEST - 1),
        *[replace(good, department="")] * FEWEST,
    ]

    compared, too_few = by_department(rows)

    assert [code for code, _ in compared] == ["b", "c", "a"]
    assert [code for code, _ in too_few] == ["", "d"]


def test_hidden_comments_are_counted_by_who_decided(town: Town, client: Client, month: datetime) -> None:
    town.now = month
    post = town.post("Площадка")
    for text, speech in (("Заработок", "spam"), ("Кредит", "spam"), ("Купите", "request")):
        town.say("vk", text, post=post, decision=Decision.SPAM, speech=speech)
    town.say("vk", "Личное", visibility="private", decision=Decision.SPAM, speech="spam")

    page = client.get("/accountability/2026-10/").content.decode()
    given = client.get("/accountability/2026-10.json").json()

    assert "Спам, по правилам: ссылки и реклама: 2" in page
    assert "Спам, по решению оператора: 1" in page
    assert given["hidden_comments"] == [
        {"month": "2026-10", "by": "person", "count": 1},
        {"month": "2026-10", "by": "rules", "count": 2},
    ]


def test_oldest_questions_are_named_only_where_they_were_cleared(town: Town, client: Client, month: datetime) -> None:
    town.now = month
    shown_one = town.case(town.say("vk", "Когда пустят автобус? Игорь, +7 900 123-45-67", name="Игорь"), is_public=True)
    hidden_one = town.case(town.say("vk", "Сколько стоил фонтан?"))
    Case.objects.filter(pk__in=[shown_one.pk, hidden_one.pk]).update(kind=CaseKind.QUESTION)

    page = client.get("/accountability/").content.decode()

    assert "2 вопроса ждут ответа" in page
    assert "Когда пустят автобус? •••" in page
    assert "фонтан" not in page
    assert "123-45" not in page


@pytest.mark.parametrize("address", ["2026-11", "1999-12", "2026-13", "x", "2026-1", "2026-10-01", "٢٠٢٦-10"])
def test_month_that_is_none_or_to_come_is_not_found(town: Town, client: Client, month: datetime, address: str) -> None:
    assert [client.get(f"/accountability/{address}{end}").status_code for end in ("/", ".csv", ".json")] == [404] * 3


@pytest.mark.parametrize("cases", [1, 30])
def test_page_asks_the_same_queries_for_any_number_of_cases(
    town: Town, client: Client, month: datetime, django_assert_num_queries: Any, cases: int
) -> None:
    town.now = month
    for number in range(cases):
        town.case(town.say("vk", f"Яма {number}"))

    # the city; its hours and days, levels, the cases; hours and days, hidden; departments; questions twice
    with django_assert_num_queries(13):
        client.get("/accountability/2026-10/")
    with django_assert_num_queries(4):  # the city; departments; questions twice: the rest is kept
        client.get("/accountability/2026-10/?again")


def test_city_without_cases_has_a_page(town: Town, client: Client) -> None:
    page = client.get("/accountability/").content.decode()

    assert "За этот месяц дел не было." in page


@pytest.mark.parametrize("clock", list(Clock))
def test_added_up_minutes_are_those_of_the_calendar(town: Town, clock: Clock) -> None:
    calendar = calendar_of(town.city)
    elapsed = Elapsed(calendar, date(2026, 3, 1), date(2026, 5, 20))
    start = datetime(2026, 2, 10, 5, 17, tzinfo=UTC)

    for step in range(140):
        end = start + timedelta(hours=11 * step, minutes=7 * step)
        begin = start + timedelta(hours=5 * step, minutes=13)
        span = calendar.working_between(begin, end) if clock == Clock.WORKING else end - begin
        assert elapsed.minutes(begin, end, clock) == max(0, int(span.total_seconds() // 60)), (begin, end)


def test_lunch_break_is_no_working_time() -> None:
    hours = {day: ((time(9), time(13)), (time(14), time(18))) for day in range(5)}
    calendar = WorkCalendar(timezone=ZONE, country="RU", hours=hours, overrides={})
    elapsed = Elapsed(calendar, date(2026, 10, 1), date(2026, 10, 31))
    noon = datetime(2026, 10, 20, 12, 30, tzinfo=ZONE)

    assert elapsed.minutes(noon, noon + timedelta(hours=2), Clock.WORKING) == 60
