"""Open data from the command line: every column told, nobody in it, and the figures counted again from the rows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.test import Client

from otklik.cases.accountability import Row
from otklik.cases.figures import figures_of
from otklik.cases.models import Case
from otklik.cases.opendata import COLUMNS, last_day, months_of
from otklik.channels.hidings import Hiding
from otklik.channels.services.hiding import hide, show_again
from otklik.cli.main import otklik
from otklik.org.access import access_of
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    made = make_town()
    for number in range(6):
        case = made.case(
            made.say("vk", "Яма у дома Олега, +7 900 123-45-67", name="Олег"), ago_h=24 * 40 * (number % 2)
        )
        if number % 3:
            made.answer(case, "Засыпали.")
    return made


def export(kind: str, file: Path) -> str:
    done = CliRunner().invoke(otklik, ["export", kind, str(file)])
    assert done.exit_code == 0, done.output
    return done.output


def typed(line: dict[str, str]) -> Row:
    """A row of the table as it was, by what the description says of each column."""
    made: dict[str, Any] = {}
    for name, (kind, _) in COLUMNS.items():
        value = line[name]
        made[name] = {"string": str, "boolean": lambda v: v == "1", "integer": lambda v: int(v) if v else None}[kind](
            value
        )
    return Row(**made)


def test_every_column_is_described_with_its_type() -> None:
    hints = get_type_hints(Row)
    kinds = {str: "string", int: "integer", int | None: "integer", bool: "boolean"}

    assert [(field.name, kinds[hints[field.name]]) for field in fields(Row)] == [
        (name, kind) for name, (kind, _) in COLUMNS.items()
    ]
    assert all(words for _, words in COLUMNS.values())


def test_published_figures_are_counted_again_from_the_exported_rows(town: Town, tmp_path: Path) -> None:
    said = export("figures", tmp_path / "open.zip")
    package = zipfile.ZipFile(tmp_path / "open.zip")
    rows = [typed(line) for line in csv.DictReader(io.StringIO(package.read("cases.csv").decode()))]
    told = json.loads(package.read("figures.json"))["months"]

    assert said.startswith(f"{tmp_path / 'open.zip'}: 6 cases")
    assert sum(one["figures"]["registered"] for one in told.values()) == len(rows) == Case.objects.count()
    for month, one in told.items():
        mine = [row for row in rows if row.month == month]
        assert one["figures"] == json.loads(json.dumps(asdict(figures_of(mine))))
        # by hand, not with our own formula
        waits = [row.first_answer_minutes for row in mine if row.first_answer_minutes is not None]
        assert one["figures"]["median_first_answer_h"] == (round(median(waits) / 60, 1) if waits else None)


def test_page_publishes_the_same_rows_and_what_they_hold(town: Town, tmp_path: Path) -> None:
    export("cases", tmp_path / "cases.csv")
    first, last = months_of(town.city, now=town.now)
    pages, month = [], first
    while month <= last:
        pages += Client().get(f"/accountability/{month:%Y-%m}.csv").content.decode().splitlines()[1:]
        month = last_day(month) + timedelta(days=1)
    package = Client().get("/accountability/datapackage.json").json()

    assert sorted((tmp_path / "cases.csv").read_text().splitlines()[1:]) == sorted(pages)
    assert [one["name"] for one in package["resources"][0]["schema"]["fields"]] == list(COLUMNS)
    assert "/accountability/datapackage.json" in Client().get("/accountability/").content.decode()


def test_json_has_the_rows_with_their_columns(town: Town, tmp_path: Path) -> None:
    export("cases", tmp_path / "cases.json")
    told = json.loads((tmp_path / "cases.json").read_text())

    assert [one["name"] for one in told["columns"]] == list(COLUMNS)
    assert len(told["rows"]) == 6


def test_open_data_holds_nobody(town: Town, tmp_path: Path) -> None:
    export("figures", tmp_path / "open.zip")
    package = zipfile.ZipFile(tmp_path / "open.zip")
    words = "".join(package.read(name).decode() for name in package.namelist())
    codes = list(Case.objects.values_list("code", flat=True))

    assert sorted(package.namelist()) == [
        "cases.csv",
        "datapackage.json",
        "figures.json",
        "hidden.csv",
        "moderated.csv",
    ]
    assert [one for one in ("Олег", "123-45", "Яма", *codes) if one in words] == []


def test_comments_that_officials_hid_are_counted_in_the_package(town: Town, tmp_path: Path) -> None:
    post, access = town.post("Новость"), access_of(town.clearer)
    for reason in ("threats", "advertising", "advertising"):
        hide(access, town.say("vk", "Слова", name="Кто-то", post=post), reason, now=town.now)
    show_again(access, Hiding.objects.earliest("id"), now=town.now)

    export("figures", tmp_path / "open.zip")

    month = f"{town.now.astimezone(ZoneInfo(town.city.timezone)):%Y-%m}"
    assert zipfile.ZipFile(tmp_path / "open.zip").read("moderated.csv").decode().splitlines() == [
        "month,reason,count,shown_again",
        f"{month},advertising,2,0",
        f"{month},threats,1,1",
    ]


def test_city_without_cases_exports_an_empty_month(tmp_path: Path) -> None:
    town = make_town()
    export("cases", tmp_path / "cases.csv")

    assert (tmp_path / "cases.csv").read_text().splitlines() == [",".join(COLUMNS)]
    assert months_of(town.city, now=datetime.fromisoformat("2026-11-23T09:00:00+00:00"))[0].isoformat() == "2026-11-01"
