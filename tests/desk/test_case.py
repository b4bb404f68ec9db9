"""The case screen: what it shows, what can be done, and that a refusal loses nothing."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.cases.enums import AnswerState, Outcome, Status
from otklik.cases.models import Answer, Case
from otklik.cases.services import answering, assigning
from otklik.channels.enums import MessageKind
from otklik.channels.models import Delivery, Message, Outgoing
from otklik.org.access import access_of
from otklik.org.models import Department, Topic
from tests.desk.office import Office

FRAGMENT = {"HX-Request": "true", "HX-Target": "open"}


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def open_case(office: Office, case: Case, who: str = "curator") -> str:
    answer = office.browser(getattr(office, who)).get(f"/desk/cases/{case.number}/")
    assert answer.status_code == 200
    return answer.content.decode()


def drafted(office: Office, *, submitted: bool = True, text: str = "Игорь, засыпали сегодня.") -> Case:
    case = office.case()
    access = access_of(office.executor)
    answering.write_draft(access, case, text, Outcome.RESOLVED, now=office.town.now)
    if submitted:
        answering.submit(access, case, now=office.town.now)
    return case


def do(client: Client, case: Case, deed: str, **said: str) -> tuple[int, str]:
    answer = client.post(f"/desk/cases/{case.number}/{deed}/", said, follow=True)
    return answer.status_code, answer.content.decode()


def test_case_goes_from_the_inbox_to_an_approved_answer(office: Office) -> None:
    case = office.case()
    executor, approver = office.browser(office.executor), office.browser(office.approver)

    listed = executor.get("/desk/").content.decode()
    taken, _ = do(executor, case, "take")
    handed, _ = do(executor, case, "draft", text="Игорь, засыпали сегодня.", outcome="resolved", then="submit")
    waiting = approver.get(f"/desk/cases/{case.number}/").content.decode()
    approved, page = do(approver, case, "approve")

    assert f'href="/desk/cases/{case.number}/' in listed
    assert [taken, handed, approved] == [200, 200, 200]
    assert "Goes to 1 conversation" in waiting
    assert "Approved: the answer is on its way." in page
    answer = Answer.objects.get(case=case)
    case.refresh_from_db()
    assert (answer.state, answer.approver, case.status) == (AnswerState.APPROVED, office.approver, Status.APPROVAL)
    assert Outgoing.objects.filter(answer_send__answer=answer).count() == 1


def test_thread_shows_what_everybody_in_it_sees(office: Office) -> None:
    town = office.town
    post = town.post("Площадка на Садовой")
    case = office.case("Когда починят яму?", post=post, attachments=[{"kind": "photo", "filename": "яма.jpg"}])
    first = Message.objects.get(case_message__case=case)
    town.say("vk", "Передали дорожникам.", to=first, post=post, by=office.executor)
    town.say("vk", "Поддерживаю", name="Денис", to=first, post=post)
    town.say("vk", "", name="Ада", to=first, post=post, deleted_at=town.now)
    office.join(case, "И у нас так же", visibility="private", kind=MessageKind.DIRECT_MESSAGE, edited_at=town.now)

    said = words_of(open_case(office, case))

    for words in (
        "Under the post Площадка на Садовой",
        "photo: яма.jpg",
        "Павел Ключников Roads department",
        "Денис beside this case",
        "The author deleted this message; its place stays.",
        "Direct message, nobody else reads it",
        "edited",
        "2 voices in all",
    ):
        assert words in said


@pytest.mark.parametrize("number", [0, 2**31, 10**30])
def test_number_that_no_case_can_have_is_not_found(office: Office, number: int) -> None:
    office.case()

    assert office.browser(office.curator).get(f"/desk/cases/{number}/").status_code == 404


def test_what_residents_typed_is_escaped(office: Office) -> None:
    case = office.case("<script>alert(1)</script><b>Яма</b>", name="<i>Игорь</i>")

    page = open_case(office, case)

    assert "<script>alert" not in page
    assert "<i>Игорь" not in page


def test_reasons_of_triage_are_one_click_away(office: Office) -> None:
    reasons = [["phrase", "яму", "topic:roads.pothole", 2.5], ["phrase", "починят", "kind:request", 1.0], "broken"]
    case = office.case(
        verdict={"topic_confidence": 0.92, "reasons": [row for row in reasons if row != "broken"] + ["broken"]}
    )

    page = open_case(office, case)

    assert "92 %" in page
    why = re.search(r'<details class="why"><summary>Why here</summary><ul>(.*?)</ul>', page)
    assert why is not None
    assert len(re.findall("<li>", why[1])) == 2


def test_nobody_at_the_desk_reads_a_residents_key_in_what_was_said(office: Office) -> None:
    case = office.case(network="site", visibility="private")
    first = Message.objects.get(case_message__case=case)
    link = f"http://testserver/case/{case.code}/"
    office.town.say(
        "site", f"Сообщение у нас. Следить: {link}", to=first, is_ours=True, is_automated=True, visibility="private"
    )
    Message.objects.update(thread=first.thread)
    Message.objects.filter(pk=first.pk).update(text=f"Моя ссылка {link}")
    Outgoing.objects.update(state="failed", text=f"Следить: {link}")

    pages = [
        open_case(office, case, "executor"),
        office.browser(office.executor).get(f"/desk/field/{case.number}/").text,
        office.browser(office.operator).get("/desk/undelivered/").text,
    ]

    assert [case.code in page for page in pages] == [False, False, False]
    assert all("/case/•••" in page for page in pages)


def test_private_code_is_shown_only_to_those_who_may(office: Office) -> None:
    case = office.case()

    assert case.code in open_case(office, case, "operator")
    assert case.code not in open_case(office, case, "executor")
    assert case.code not in open_case(office, case, "head")


@pytest.mark.parametrize("voices", [1, 3, 60])
def test_query_count_of_a_case_does_not_depend_on_its_voices(office: Office, voices: int) -> None:
    case = office.case()
    for number in range(voices - 1):
        office.join(case, f"И у нас {number}", name=f"Житель {number}")
    client = office.browser(office.executor)

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/desk/cases/{case.number}/", headers=FRAGMENT)

    assert len(asked) == 25


def test_draft_is_kept_when_the_case_has_moved_on(office: Office) -> None:
    case = drafted(office)

    code, page = do(
        office.browser(office.executor), case, "draft", text="Другой ответ, который жалко.", outcome="explained"
    )

    assert code == 409
    assert "The case is “Waits for approval” now" in page
    assert "Другой ответ, который жалко." in page


def test_empty_answer_is_refused_with_a_sentence(office: Office) -> None:
    code, page = do(office.browser(office.executor), office.case(), "draft", text="  ", outcome="explained")

    assert code == 422
    assert "The answer is empty: write a few words to the resident." in page


def test_fragment_of_a_deed_brings_the_case_its_row_and_the_word(office: Office) -> None:
    case = office.case()

    answer = office.browser(office.executor).post(f"/desk/cases/{case.number}/take/", headers=FRAGMENT)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith("<title>№")
    assert f'id="row-{case.pk}" data-id="{case.pk}" hx-swap-oob="true"' in page
    assert "It is yours now." in page
    assert "<html" not in page


def test_page_that_the_browser_goes_back_to_is_whole(office: Office) -> None:
    headers = {**FRAGMENT, "HX-History-Restore-Request": "true"}

    page = office.browser(office.curator).get(f"/desk/cases/{office.case().number}/", headers=headers)

    assert "<html" in page.content.decode()


def test_nobody_approves_the_own_draft(office: Office) -> None:
    office.executor.grants.create(municipality=office.town.city, role="approver", department=office.executor.department)
    case = drafted(office)

    shown = open_case(office, case, "executor")
    code, page = do(office.browser(office.executor), case, "approve")

    assert "You wrote it, so somebody else approves it." in shown
    assert code == 409
    assert "You wrote this answer, so somebody else approves it." in page
    assert Answer.objects.get(case=case).state == AnswerState.SUBMITTED


def test_approver_sends_back_with_a_remark_that_the_author_reads(office: Office) -> None:
    case = drafted(office)
    approver = office.browser(office.approver)

    refused, _ = do(approver, case, "decline")
    done, _ = do(approver, case, "decline", **{"decline-remark": "Назовите день."})

    assert (refused, done) == (422, 200)
    page = open_case(office, case, "executor")
    assert "Назовите день." in page
    assert "Игорь, засыпали сегодня." in page


def test_head_answers_in_the_own_name_in_one_step(office: Office) -> None:
    case = office.case()

    code, page = do(office.browser(office.head), case, "draft", text="Еду.", outcome="explained", then="as_head")

    assert code == 200
    assert "Your answer is on its way." in page
    answer = Answer.objects.get(case=case)
    assert (answer.in_heads_name, answer.state) == (True, AnswerState.APPROVED)


def test_executor_cannot_answer_as_the_head(office: Office) -> None:
    case = office.case()

    code, _ = do(office.browser(office.executor), case, "draft", text="Еду.", outcome="explained", then="as_head")

    assert code == 403
    assert Answer.objects.count() == 0


def test_curator_passes_corrects_and_moves(office: Office) -> None:
    case, curator = office.case(), office.browser(office.curator)
    utilities = Department.objects.get(municipality=office.town.city, code="utilities")
    heating = Topic.objects.get(municipality=office.town.city, code="utilities.heating")
    later = (office.town.now + timedelta(days=3)).replace(second=0, microsecond=0)

    codes = [
        do(curator, case, "assign", **{"assign-department": str(utilities.pk), "assign-reason": "трубы"})[0],
        do(curator, case, "topic", **{"topic-topic": str(heating.pk)})[0],
        do(
            curator,
            case,
            "deadline",
            **{"deadline-due_at": f"{later + timedelta(hours=3):%Y-%m-%dT%H:%M}", "deadline-reason": "ждём деталь"},
        )[0],
    ]

    case.refresh_from_db()
    assert codes == [200, 200, 200]
    assert (case.department, case.topic, case.answer_due_at) == (utilities, heating, later)
    said = words_of(open_case(office, case))
    assert "Passed to a department : Utilities department · трубы" in said
    assert "Topic corrected : " in said
    assert "ждём деталь" in said


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("return", {"return-reason": " "}),
        ("reject", {"reject-reason": ""}),
        ("redirect", {"redirect-body": ""}),
        ("deadline", {"deadline-due_at": "2020-01-01T10:00", "deadline-reason": "так"}),
        ("deadline", {"deadline-due_at": "2099-01-01T10:00", "deadline-reason": ""}),
        ("assign", {"assign-department": "999999"}),
        ("topic", {"topic-topic": ""}),
    ],
)
def test_step_without_a_reason_or_a_choice_is_refused(office: Office, deed: str, said: dict[str, str]) -> None:
    case = office.case()
    who = office.executor if deed == "return" else office.curator
    before = case.journal.count()

    code, page = do(office.browser(who), case, deed, **said)

    assert code == 422
    assert 'class="field-error"' in page
    assert case.journal.count() == before


@pytest.mark.parametrize(
    ("deed", "said", "status"),
    [("reject", {"reject-reason": "реклама"}, "rejected")],
)
def test_case_ends_without_an_answer_with_its_reason(
    office: Office, deed: str, said: dict[str, str], status: str
) -> None:
    case = office.case()

    code, page = do(office.browser(office.operator), case, deed, **said)

    case.refresh_from_db()
    assert (code, case.status) == (200, status)
    assert next(iter(said.values())) in page


def test_department_returns_what_is_not_theirs(office: Office) -> None:
    case = office.case()

    code, _ = do(office.browser(office.executor), case, "return", **{"return-reason": "это двор управляющей компании"})

    case.refresh_from_db()
    assert (code, case.status) == (200, Status.RETURNED)


def test_control_is_set_undone_and_cleared_only_by_the_head(office: Office) -> None:
    case, head = office.case(), office.browser(office.head)

    _, by_head = do(head, case, "control")
    _, cleared = do(head, case, "uncontrol")
    _, by_aide = do(office.browser(office.aide), case, "control")

    case.refresh_from_db()
    assert case.personal_control
    assert f'action="/desk/cases/{case.number}/uncontrol/"' in by_head
    assert f'action="/desk/cases/{case.number}/control/"' in cleared
    assert f'action="/desk/cases/{case.number}/uncontrol/"' not in by_aide


def test_answer_to_nobody_is_refused_with_a_sentence(office: Office) -> None:
    case = drafted(office)
    Message.objects.filter(case_message__case=case).update(deleted_at=office.town.now, text="")

    shown = open_case(office, case, "approver")
    code, _ = do(office.browser(office.approver), case, "approve")

    assert "Nobody is left to answer" in shown
    assert code == 409


def test_case_passed_out_of_sight_leads_back_to_the_list(office: Office) -> None:
    case = office.case()
    office.executor.grants.create(municipality=office.town.city, role="curator", department=office.executor.department)
    utilities = Department.objects.get(municipality=office.town.city, code="utilities")

    answer = office.browser(office.executor).post(
        f"/desk/cases/{case.number}/assign/?view=mine", {"assign-department": str(utilities.pk)}
    )

    assert answer["Location"] == "/desk/?view=mine"


def test_taking_at_the_same_moment_is_told(office: Office) -> None:
    case = office.case()
    assigning.take(access_of(office.executor), case, now=office.town.now)

    code, page = do(office.browser(office.executor), case, "take")

    assert code == 409
    assert "The case is “In progress” now" in page


def test_contact_of_the_citys_form_is_shown_to_those_who_answer_only(office: Office) -> None:
    case = office.case("Нет воды", network="site")
    message = Message.objects.get(case_message__case=case)
    body = json.dumps({"submission_id": "s1", "text": "Нет воды", "contact": "8 900 000-00-01 <вечером>"}).encode()
    delivery = Delivery.objects.create(
        municipality=office.town.city, channel=case.channel, dedup_key="s1", body=body, received_at=case.opened_at
    )
    Message.objects.filter(pk=message.pk).update(delivery=delivery)
    address = f"/desk/cases/{case.number}/"

    pages = {who: office.browser(getattr(office, who)).get(address) for who in ("executor", "operator")}
    public = Client().get(f"/case/{case.code}/")

    assert "8 900 000-00-01 &lt;вечером&gt;" in pages["executor"].content.decode()
    assert [b"000-00-01" in page.content for page in (pages["operator"], public)] == [False, False]


def test_case_whose_answer_waits_for_approval_is_taken_up_by_nobody(office: Office) -> None:
    case = drafted(office)
    page = open_case(office, case, "head")

    code, _ = do(office.browser(office.head), case, "take")

    case.refresh_from_db()
    assert (code, case.status, Answer.objects.get().state) == (409, Status.APPROVAL, AnswerState.SUBMITTED)
    assert "/take/" not in page
