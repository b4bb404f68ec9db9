"""Notes beside a case and the templates' page, through the desk's own forms."""

from __future__ import annotations

from django.test import Client

from otklik.cases.jottings import AnswerTemplate, Note
from tests.desk.office import Office
from tests.desk.test_inbox import read


def test_note_stands_beside_the_case_and_on_no_public_page(office: Office) -> None:
    case = office.case()

    office.browser(office.curator).post(f"/desk/cases/{case.number}/note/", {"note": "Смета <b>завышена</b>"})

    page = read(office, f"/desk/cases/{case.number}/", "executor")
    public = Client().get(f"/case/{case.code}/")
    assert "Смета &lt;b&gt;завышена&lt;/b&gt;" in page
    assert "завышена" not in public.content.decode()


def test_empty_note_is_refused_with_a_sentence(office: Office) -> None:
    case = office.case()

    answer = office.browser(office.curator).post(f"/desk/cases/{case.number}/note/", {"note": " "})

    assert (answer.status_code, Note.objects.count()) == (422, 0)


def test_note_on_another_departments_case_does_not_exist(office: Office) -> None:
    case = office.case(topic="utilities.heating")

    answer = office.browser(office.executor).post(f"/desk/cases/{case.number}/note/", {"note": "x"})

    assert (answer.status_code, Note.objects.count()) == (404, 0)


def test_templates_are_made_changed_deleted_and_brought_back(office: Office) -> None:
    client = office.browser(office.curator)
    client.post("/desk/templates/", {"name": "Яма", "text": "{name}, засыплем."})
    one = AnswerTemplate.objects.get()

    client.post(f"/desk/templates/{one.pk}/", {"name": "Ямы", "text": "{name}, засыпали."})
    client.post(f"/desk/templates/{one.pk}/delete/")
    page = client.get("/desk/templates/").content.decode()
    client.post(f"/desk/templates/{one.pk}/restore/")

    one.refresh_from_db()
    assert (one.name, one.text, one.deleted_at) == ("Ямы", "{name}, засыпали.", None)
    assert f"/desk/templates/{one.pk}/restore/" in page


def test_wrong_placeholder_is_named_and_nothing_is_kept(office: Office) -> None:
    answer = office.browser(office.curator).post("/desk/templates/", {"name": "x", "text": "{phone}"})

    assert (answer.status_code, AnswerTemplate.objects.count()) == (422, 0)
    assert "{phone}" in answer.content.decode()


def test_executor_is_offered_templates_but_keeps_none(office: Office) -> None:
    case = office.case()
    office.browser(office.curator).post("/desk/templates/", {"name": "Яма", "text": "{name}, засыплем."})

    page = read(office, f"/desk/cases/{case.number}/", "executor")

    assert 'data-insert="Игорь, засыплем."' in page
    assert office.browser(office.executor).get("/desk/templates/").status_code == 403
