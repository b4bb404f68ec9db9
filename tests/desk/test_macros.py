"""Macros: all of their steps or none, on one case and on many, with a preview, and taken back."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, connection

from otklik.cases.enums import Status
from otklik.cases.jottings import AnswerTemplate
from otklik.cases.macros import Macro
from otklik.cases.models import Answer, Case
from otklik.cases.services import answering, macros
from otklik.cases.snoozes import Snooze
from otklik.org.access import Refused, access_of
from otklik.org.models import Department, Topic
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import words_of


def macro(office: Office, **does: object) -> Macro:
    return Macro.objects.create(municipality=office.town.city, **{"name": "Ямы на дороги", **does})


def topic(office: Office, code: str) -> Topic:
    return Topic.objects.get(municipality=office.town.city, code=code)


def housing(office: Office) -> Department:
    return Department.objects.get(municipality=office.town.city, code="housing")


def template(office: Office) -> AnswerTemplate:
    text = "{name}, передали в работу. Дело № {number}."
    return AnswerTemplate.objects.create(municipality=office.town.city, name="Приняли", text=text)


def press(office: Office, who: str, one: Macro, *cases: Case) -> str:
    said = {"case": [str(case.pk) for case in cases]}
    answer = office.browser(getattr(office, who)).post(f"/desk/macros/{one.pk}/run/", said, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_press_corrects_the_topic_and_passes_the_case_on_and_is_taken_back(office: Office) -> None:
    one = macro(office, topic=topic(office, "utilities.heating"), department=housing(office))
    case = office.case()
    before = (case.topic_id, case.department_id, case.status)

    page = press(office, "curator", one, case)
    case.refresh_from_db()
    after = (case.topic.code, case.department.code, case.status)
    lines = list(case.journal.order_by("id").values_list("action", flat=True))[-2:]
    undo = re.search(r"/desk/bulk/\d+/undo/", page)
    office.browser(office.curator).post(undo.group())

    case.refresh_from_db()
    assert after == ("utilities.heating", "housing", Status.ASSIGNED)
    assert lines == ["topic_changed", "assigned"]
    assert (case.topic_id, case.department_id, case.status) == before


def test_draft_of_a_template_waits_for_a_person_and_goes_with_the_undo(office: Office) -> None:
    one = macro(office, template=template(office))
    case = office.case()

    macros.run_macro(access_of(office.executor), one, [case.pk], now=office.town.now)
    draft = Answer.objects.get(case=case)
    case.refresh_from_db()
    began = (draft.text, draft.state, case.status)
    action = macros.BulkAction.objects.get()
    macros.undo_macro(access_of(office.executor), action, now=office.town.now)

    case.refresh_from_db()
    assert began == (f"Игорь, передали в работу. Дело № {case.number}.", "draft", Status.DRAFTING)
    assert (case.status, Answer.objects.count()) == (Status.ASSIGNED, 0)


def test_draft_that_somebody_went_on_with_is_not_taken_back(office: Office) -> None:
    one = macro(office, template=template(office))
    case = office.case()
    access = access_of(office.executor)
    macros.run_macro(access, one, [case.pk], now=office.town.now)
    case.refresh_from_db()
    answering.write_draft(access, case, "Игорь, сделаем завтра.", "explained", now=office.town.now)

    outcome = macros.undo_macro(access, macros.BulkAction.objects.get(), now=office.town.now)

    assert (outcome.done, outcome.refused) == ([], {"moved": [case.number]})
    assert Answer.objects.get().text == "Игорь, сделаем завтра."


def test_case_gets_all_or_nothing_and_the_others_are_named_with_why(office: Office) -> None:
    one = macro(office, department=housing(office), control=True)
    fits, over = office.case(), office.case()
    Case.objects.filter(pk=over.pk).update(status=Status.CLOSED)
    outcome = macros.run_macro(access_of(office.head), one, [fits.pk, over.pk], now=office.town.now)

    fits.refresh_from_db()
    over.refresh_from_db()
    assert (outcome.done, outcome.refused) == ([fits.number], {"status": [over.number]})
    assert (fits.department.code, fits.personal_control) == ("housing", True)
    assert (over.department.code, over.personal_control) == ("roads", False)


@pytest.mark.parametrize("who", ["executor", "curator", "aide"])
def test_step_that_is_not_allowed_refuses_the_whole_macro(office: Office, who: str) -> None:
    one = macro(office, topic=topic(office, "utilities.heating"), control=True)  # to assign, and to control
    case = office.case()

    page = press(office, who, one, case)

    case.refresh_from_db()
    assert (case.topic.code, case.personal_control) == ("roads.pothole", False)
    assert "Not yours to change" in words_of(page)


def test_preview_says_what_would_be_done_and_changes_nothing(office: Office) -> None:
    one = macro(office, topic=topic(office, "utilities.heating"), department=housing(office), for_status="assigned")
    fits, over = office.case(), office.case()
    Case.objects.filter(pk=over.pk).update(status=Status.CLOSED)
    curator = office.browser(office.curator)

    many = words_of(curator.post("/desk/macros/choose/", {"case": [str(fits.pk), str(over.pk)]}).content.decode())
    single = curator.get(f"/desk/macros/choose/?case={fits.number}").content.decode()
    unfit = curator.get(f"/desk/macros/choose/?case={over.number}").content.decode()

    assert f"topic “{one.topic.name}” · to {one.department.title}" in many
    assert "Do it with 1 case" in many
    assert f"The macro is for another topic or status. 1 case stays as it is: № {over.number}" in many
    assert f'action="/desk/macros/{one.pk}/run/"' in single
    assert "Ямы на дороги" not in unfit
    fits.refresh_from_db()
    assert fits.topic.code == "roads.pothole"


def test_case_with_an_answer_under_way_keeps_it(office: Office) -> None:
    one = macro(office, template=template(office))
    case = office.case()
    access = access_of(office.executor)
    answering.write_draft(access, case, "Свои слова.", "explained", now=office.town.now)

    outcome = macros.run_macro(access, one, [case.pk], now=office.town.now)

    assert (outcome.done, outcome.refused) == ([], {"draft": [case.number]})
    assert Answer.objects.get().text == "Свои слова."


def test_case_is_put_out_of_sight_and_comes_back_with_the_undo(office: Office) -> None:
    one = macro(office, topic=topic(office, "roads.other"), snooze="tomorrow")
    calm, urgent = office.case(), office.case(urgency=4)
    access = access_of(office.curator)

    outcome = macros.run_macro(access, one, [calm.pk, urgent.pk], now=office.town.now)
    away = list(Snooze.objects.values_list("case", flat=True))
    macros.undo_macro(access, outcome.action, now=office.town.now)

    assert (outcome.refused, away) == ({"hot": [urgent.number]}, [calm.pk])
    assert Snooze.objects.count() == 0


def test_macros_are_kept_by_those_who_keep_templates(office: Office) -> None:
    curator = office.browser(office.curator)
    said = {"name": "Тепло в ЖКХ", "department": str(housing(office).pk)}

    kept = curator.post("/desk/macros/", said, follow=True).content.decode()
    nothing = curator.post("/desk/macros/", {"name": "Пусто"})
    both = curator.post("/desk/macros/", {"name": "Оба", "control": "on", "snooze": "tomorrow"})
    refused = office.browser(office.executor).post("/desk/macros/", said)
    one = Macro.objects.get()
    curator.post(f"/desk/macros/{one.pk}/", {**said, "name": "Батареи"})
    curator.post(f"/desk/macros/{one.pk}/delete/")
    gone = list(macros.macros_of(access_of(office.curator)))
    curator.post(f"/desk/macros/{one.pk}/restore/")

    assert "The macro is kept." in kept
    assert [nothing.status_code, both.status_code, refused.status_code] == [422, 422, 403]
    assert (gone, [row.name for row in macros.macros_of(access_of(office.curator))]) == ([], ["Батареи"])


def test_macro_of_another_city_is_not_there(office: Office) -> None:
    one = macro(office, control=True)
    stranger = make_stranger()

    assert office.browser(stranger).post(f"/desk/macros/{one.pk}/run/").status_code == 404
    with pytest.raises(Refused):
        macros.run_macro(access_of(stranger), one, [], now=office.town.now)
    with pytest.raises(Refused):
        macros.save_macro(access_of(stranger), one)


def test_what_was_done_and_what_was_not_stands_in_one_place_with_the_undo(office: Office) -> None:
    one = macro(office, department=housing(office))
    first, second, over = office.case(), office.case(), office.case()
    Case.objects.filter(pk=over.pk).update(status=Status.CLOSED)

    page = press(office, "curator", one, first, second, over)

    told = words_of(page)
    assert f"Done: № {first.number} № {second.number}" in told
    assert f"Not possible from where they stand. 1 case stays as it was: № {over.number}" in told
    assert "Undo what was done" in told


def test_macro_that_breaks_at_one_case_changes_none(office: Office) -> None:
    text = "Передали в работу."
    words = AnswerTemplate.objects.create(municipality=office.town.city, name="Приняли", text=text)
    one = macro(office, template=words, topic=topic(office, "roads.other"))
    cases = [office.case(), office.case()]
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX no_second_draft ON cases_answer (text)")

    with pytest.raises(IntegrityError):
        macros.run_macro(access_of(office.head), one, [case.pk for case in cases], now=office.town.now)

    assert [one.topic.code for one in Case.objects.all()] == ["roads.pothole", "roads.pothole"]
    assert (Answer.objects.count(), macros.BulkAction.objects.count()) == (0, 0)
