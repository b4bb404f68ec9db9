"""Who else is here, through the desk's own addresses."""

from __future__ import annotations

import pytest

from otklik.cases.presences import Presence
from otklik.desk.attending import words
from tests.builders import signed_in
from tests.desk.office import Office, make_stranger


def test_two_hear_of_each_other_in_words(office: Office) -> None:
    case = office.case()
    said = {"at": "case", "ref": case.pk}
    first, second = office.browser(office.executor), office.browser(office.approver)

    alone = first.post("/desk/here/", {**said, "state": "typing"}).json()
    meets = second.post("/desk/here/", {**said, "state": "looking"}).json()
    row = second.get(f"/desk/here/others/?at=case&ref={case.pk}&ref=999").json()
    first.post("/desk/here/", {**said, "state": "gone"})
    after = second.get(f"/desk/here/others/?at=case&ref={case.pk}").json()

    assert alone == {}
    assert meets[str(case.pk)]["words"] == "Павел Ключников is writing here"
    assert (meets[str(case.pk)]["typing"], 1 <= meets[str(case.pk)]["for_s"] <= 13) == (True, True)
    assert (list(row), after) == ([str(case.pk)], {})


@pytest.mark.parametrize(
    "said",
    [
        {"at": "case", "ref": "x", "state": "looking"},
        {"at": "case", "ref": "9" * 30, "state": "looking"},
        {"at": "post", "ref": "1", "state": "looking"},
        {"at": "case", "ref": "1", "state": "dancing"},
        {"at": "case", "ref": "1", "state": "looking"},
        {},
    ],
)
def test_nonsense_is_nowhere(office: Office, said: dict[str, str]) -> None:
    assert office.browser(office.executor).post("/desk/here/", said).status_code == 404
    assert not Presence.objects.exists()


def test_stranger_is_not_there_and_sees_nobody(office: Office) -> None:
    case = office.case()
    office.browser(office.executor).post("/desk/here/", {"at": "case", "ref": case.pk, "state": "looking"})
    stranger = signed_in(make_stranger())

    assert stranger.post("/desk/here/", {"at": "case", "ref": case.pk, "state": "typing"}).status_code == 404
    assert stranger.get(f"/desk/here/others/?at=case&ref={case.pk}").json() == {}


def test_many_are_named_by_two_and_a_number() -> None:
    from datetime import UTC, datetime

    from django.utils import translation

    from otklik.cases.services.attending import There

    people = [There(name, is_typing=False, until=datetime(2026, 9, 14, tzinfo=UTC)) for name in ("А", "Б", "В", "Г")]

    with translation.override("ru"):
        assert words(people) == "Смотрят А, Б и ещё 2"
        assert words([*people[:1], There("Д", is_typing=True, until=people[0].until)]) == "Здесь пишет Д"
