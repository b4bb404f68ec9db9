"""Notes never leave the desk and call only who may see; templates fit, are filled, and send nothing."""

from __future__ import annotations

import pytest

from otklik.cases.models import Answer, Case
from otklik.cases.services.noting import MENTIONED, colleagues_for, notes_of, write_note
from otklik.cases.services.wording import delete_template, offered_for, restore_template, save_template
from otklik.channels.models import Outgoing
from otklik.notices.models import Notice
from otklik.org.access import Refused, access_of
from otklik.org.models import Department, Topic
from tests.desk.office import Office, make_office, make_stranger


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def test_note_is_read_by_colleagues_and_tells_whom_it_calls(office: Office) -> None:
    case = office.case()
    sent = Outgoing.objects.count()

    note = write_note(access_of(office.curator), case, " Проверьте смету ", [office.executor.pk], now=office.town.now)

    assert [one.text for one in notes_of(access_of(office.executor), case)] == ["Проверьте смету"]
    assert list(Notice.objects.values_list("official", "kind", "case_number")) == [
        (office.executor.pk, "mentioned", case.number)
    ]
    assert (note.mentioned, Outgoing.objects.count()) == ([office.executor.pk], sent)


def test_whoever_may_not_see_the_case_is_not_told_of_it(office: Office) -> None:
    case = office.case(topic="utilities.heating")

    note = write_note(
        access_of(office.curator), case, "x", [office.executor.pk, make_stranger().pk, 987654], now=office.town.now
    )

    assert (note.mentioned, Notice.objects.count()) == ([], 0)
    assert office.executor not in colleagues_for(case)
    assert office.operator in colleagues_for(case)


def test_note_is_refused_without_permission_words_or_measure(office: Office) -> None:
    case, heating = office.case(), office.case(topic="utilities.heating")
    curator = access_of(office.curator)

    with pytest.raises(Refused):
        write_note(access_of(office.executor), heating, "x", [], now=office.town.now)
    with pytest.raises(Refused):
        notes_of(access_of(office.executor), heating)
    for text, mentioned in ((" ", []), ("я" * 4001, []), ("x", range(1, MENTIONED + 2))):
        with pytest.raises(ValueError, match=r"note|colleagues|заметк|коллег"):
            write_note(curator, case, text, mentioned, now=office.town.now)


def test_template_is_filled_and_offered_where_it_fits(office: Office) -> None:
    curator = access_of(office.curator)
    case = office.case(place="ул. Садовая, 12")
    topic = Topic.objects.get(municipality=office.town.city, code="roads.pothole")
    words = "{name}, яму на {address} засыплем до {promised}. {department}, дело {number}."
    save_template(curator, name="Яма", text=words, department=None, topic=topic.parent, status="")
    save_template(curator, name="Тепло", text="x", department=_utilities(office), topic=None, status="")
    save_template(curator, name="В работе", text="x", department=None, topic=None, status="in_progress")

    offered = offered_for(
        access_of(office.executor), Case.objects.select_related("topic").get(pk=case.pk), "Игорь Ветров"
    )

    assert [one.template.name for one in offered] == ["Яма"]
    assert offered[0].text.startswith("Игорь, яму на ул. Садовая, 12 засыплем до ")
    assert offered[0].text.endswith(f"{case.department.title}, дело {case.number}.")
    assert Answer.objects.count() == 0


def test_what_is_not_known_stays_for_the_writer_to_see(office: Office) -> None:
    save_template(access_of(office.curator), name="x", text="{name}: {address}", department=None, topic=None, status="")

    (offered,) = offered_for(access_of(office.executor), office.case(), "")

    assert offered.text in ("[имя]: [адрес]", "[name]: [address]")


def test_unknown_placeholder_and_empty_words_are_refused(office: Office) -> None:
    curator = access_of(office.curator)

    for name, text in (("x", "{phone}"), ("", "x"), ("x", " "), ("x", "я" * 4001)):
        with pytest.raises(ValueError, match=r"."):
            save_template(curator, name=name, text=text, department=None, topic=None, status="")


def test_department_keeps_its_own_templates_only(office: Office) -> None:
    approver = access_of(office.approver)
    own = save_template(approver, name="x", text="x", department=office.town.roads, topic=None, status="")
    city = save_template(access_of(office.curator), name="y", text="y", department=None, topic=None, status="")

    for refused in (
        lambda: save_template(approver, name="z", text="z", department=None, topic=None, status=""),
        lambda: save_template(
            approver, name="z", text="z", department=office.town.roads, topic=None, status="", template=city
        ),
        lambda: delete_template(approver, city, now=office.town.now),
        lambda: delete_template(access_of(make_stranger()), own, now=office.town.now),
        lambda: save_template(access_of(office.executor), name="z", text="z", department=None, topic=None, status=""),
    ):
        with pytest.raises(Refused):
            refused()
    delete_template(approver, own, now=office.town.now)
    restore_template(approver, own)


def _utilities(office: Office) -> Department:
    return Department.objects.get(municipality=office.town.city, code="utilities")
