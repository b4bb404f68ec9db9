"""The turns of a case on its screen: forms, what the screen says, and that a refusal keeps what was typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.cases import timing
from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Answer, Case, CaseReturn
from otklik.cases.services import answering, assigning, postponing
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.notices.services.telling import tell
from otklik.org.access import access_of
from otklik.org.models import Department, OutsideBody
from tests.desk.office import Office
from tests.desk.test_case import do, open_case, words_of


def returned(office: Office) -> Case:
    case = office.case()
    housing = Department.objects.get(code="housing")
    assigning.give_back(access_of(office.executor), case, "Двор дома", now=office.town.now, proposed=housing)
    return case


def test_executor_returns_with_a_proposal_and_the_curator_accepts_with_one_key(office: Office) -> None:
    case = office.case()
    housing = Department.objects.get(code="housing")

    code, _ = do(
        office.browser(office.executor),
        case,
        "return",
        **{"return-reason": "Двор дома", "return-proposed": str(housing.pk)},
    )
    page = open_case(office, case)
    accepted, after = do(office.browser(office.curator), case, "accept")

    case.refresh_from_db()
    assert [code, accepted] == [200, 200]
    assert "Roads department: not ours, it belongs to “Housing department”" in words_of(page)
    assert 'data-key-target="accept"' in page
    assert (case.department, CaseReturn.objects.get().accepted) == (housing, True)
    assert "Passed to the department that was proposed." in after


def test_proposal_is_shown_to_others_without_the_button(office: Office) -> None:
    case = returned(office)

    page = open_case(office, case, "head")

    assert "Двор дома" in page
    assert 'data-key-target="accept"' in page  # the head assigns too
    assert 'data-key-target="accept"' not in open_case(office, case, "aide")


@pytest.mark.parametrize(
    ("deed", "said", "kind"),
    [
        ("ask", {"ask-text": "Игорь, с какой стороны дома?"}, "question"),
        ("interim", {"interim-text": "Игорь, бригада выехала."}, "interim"),
        (
            "promise",
            {"promise-text": "Игорь, в мае.", "promise-until": "2099-05-01", "promise-reason": "Зимой нельзя"},
            "promise",
        ),
    ],
)
def test_words_that_are_no_final_answer_wait_for_approval_by_name(
    office: Office, deed: str, said: dict[str, str], kind: str
) -> None:
    case = office.case()

    code, page = do(office.browser(office.executor), case, deed, **said)

    case.refresh_from_db()
    answer = Answer.objects.get(case=case)
    assert (code, case.status, answer.kind, answer.state) == (200, Status.APPROVAL, kind, "submitted")
    assert said[f"{deed}-text"] in page
    assert "Handed on for approval." in page


@pytest.mark.parametrize(
    ("deed", "said", "words"),
    [
        ("ask", {"ask-text": " "}, "Write what you ask."),
        ("promise", {"promise-text": "В мае", "promise-until": "2099-05-01"}, "Say why it takes so long"),
        (
            "promise",
            {"promise-text": "В мае", "promise-until": "2020-05-01", "promise-reason": "Зима"},
            "a promise is for a day to come",
        ),
        ("return", {"return-reason": ""}, "Say why this case is not yours."),
    ],
)
def test_refusal_says_why_and_keeps_what_was_typed(office: Office, deed: str, said: dict[str, str], words: str) -> None:
    case = office.case()

    code, page = do(office.browser(office.executor), case, deed, **said)

    case.refresh_from_db()
    assert code in (409, 422)
    assert words in words_of(page)
    assert all(value in page for value in said.values() if value.strip())
    assert case.status == Status.ASSIGNED


def test_refusal_is_in_the_readers_language(office: Office) -> None:
    case = office.case()
    said = {"promise-text": "В мае", "promise-until": "2020-05-01", "promise-reason": "Зима"}

    page = office.browser(office.executor, "ru").post(f"/desk/cases/{case.number}/promise/", said).content.decode()

    assert "обещают на день, который ещё впереди" in page


def test_redirect_fills_in_the_text_and_then_hands_it_on(office: Office) -> None:
    case = office.case()
    body = OutsideBody.objects.create(
        municipality=office.town.city, name="Районная больница", answers_for="приём врачей", phone="5-12-12"
    )
    client = office.browser(office.curator)

    filled, page = do(client, case, "redirect", **{"redirect-body": str(body.pk)})
    handed, _ = do(client, case, "redirect", **{"redirect-body": str(body.pk), "redirect-text": "Звоните: 5-12-12"})

    assert (filled, handed) == (422, 200)
    assert "Обратиться можно так: 5-12-12" in page
    assert Answer.objects.get(case=case).body == body


def test_redirect_to_a_body_of_another_city_is_no_choice(office: Office) -> None:
    from tests.desk.office import make_stranger

    case = office.case()
    foreign = OutsideBody.objects.create(
        municipality=make_stranger().municipality, name="Чужая", answers_for="х", phone="1"
    )

    code, _ = do(
        office.browser(office.curator),
        case,
        "redirect",
        **{"redirect-body": str(foreign.pk), "redirect-text": "Звоните: 1"},
    )

    assert (code, Answer.objects.count()) == (422, 0)


def test_waiting_case_says_until_when_and_may_be_gone_on_with(office: Office) -> None:
    case = office.case()
    changes = timing.paused(case, now=office.town.now)
    Case.objects.filter(pk=case.pk).update(status=Status.WAITING_RESIDENT, **changes)

    page = open_case(office, case, "executor")
    code, _ = do(office.browser(office.executor), case, "resume", **{"resume-reason": "Позвонил"})

    case.refresh_from_db()
    assert "The question is with the resident, and the clock stands still" in page
    assert (code, case.status) == (200, Status.IN_PROGRESS)


def test_colleagues_draft_wins_and_the_other_keeps_the_text(office: Office) -> None:
    case = office.case()
    answering.write_draft(access_of(office.approver), case, "Первый черновик", Outcome.EXPLAINED, now=office.town.now)
    client = office.browser(office.executor)

    refused, page = do(client, case, "draft", text="Второй черновик", outcome="explained", then="save", seen="")
    kept = Answer.objects.get(case=case).text
    again, _ = do(
        client, case, "draft", text="Второй черновик", outcome="explained", then="save", seen="Первый черновик"
    )

    assert (refused, kept, again) == (409, "Первый черновик", 200)
    assert "Первый черновик" in page
    assert ">\nВторой черновик</textarea>" in page
    assert 'name="seen" value="Первый черновик"' in page
    assert Answer.objects.get(case=case).text == "Второй черновик"


def test_bell_lists_what_one_was_told_and_forgets_the_count(office: Office, django_assert_num_queries) -> None:
    case = office.case()
    client = office.browser(office.executor)
    people = [office.executor.pk, office.approver.pk]
    costs = []
    for count in (1, 30):
        for number in range(count):
            key = f"{count}:{number}"
            tell(case.municipality_id, people, NoticeKind.LATE, key=key, case_number=case.number, at=office.town.now)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            page = client.get("/desk/notices/").content.decode()
        costs.append(len(queries))

    newest = Notice.objects.filter(official=office.executor).first()
    client.post(f"/desk/notices/{newest.pk}/seen/")

    assert costs[0] == costs[1]
    assert f"№ {case.number}: The deadline has passed" in page
    assert Notice.objects.filter(seen_at=None).values_list("official", flat=True).distinct().get() == office.approver.pk
    assert "I have seen it all" not in client.get("/desk/notices/").content.decode()


def test_overdue_promises_are_a_list_of_their_own(office: Office) -> None:
    late, kept = office.case("Промах"), office.case("Впереди")
    for case, days in ((late, -1), (kept, 5)):
        Case.objects.filter(pk=case.pk).update(
            status=Status.POSTPONED, answer_due_at=office.town.now + timedelta(days=days)
        )

    page = office.browser(office.curator).get("/desk/?view=promises").content.decode()

    assert f'href="/desk/cases/{late.number}/' in page
    assert f'href="/desk/cases/{kept.number}/' not in page


def test_repeat_is_linked_both_ways(office: Office) -> None:
    earlier, case = office.case("Яма на Мельничной"), office.case("Снова яма на Мельничной")
    client = office.browser(office.curator)

    tied, page = do(client, case, "repeat", **{"repeat-number": str(earlier.number)})
    unknown, refused = do(client, earlier, "repeat", **{"repeat-number": "999"})

    assert (tied, unknown) == (200, 409)
    assert f'<a href="/desk/cases/{earlier.number}/">№ {earlier.number}</a>' in page
    assert f'<a href="/desk/cases/{case.number}/">№ {case.number}</a>' in open_case(office, earlier)
    assert "there is no case with this number" in refused


def moved(office: Office, case: Case, *, days: int = 3) -> datetime:
    """A curator gives a case so many days more than it has."""
    due_at = case.answer_due_at + timedelta(days=days)
    postponing.move_deadline(access_of(office.curator), case, due_at, "нет асфальта", now=office.town.now)
    return due_at


def test_moved_deadline_offers_whoever_writes_words_that_tell_the_resident(office: Office) -> None:
    case = office.case()
    executor = office.browser(office.executor)
    before = open_case(office, case, "executor")
    due_at = moved(office, case)

    page = executor.get(f"/desk/cases/{case.number}/")
    curators = open_case(office, case, "curator")
    life = page.context["screen"].life
    offered = life.forms["interim"].initial["text"]

    assert "resident doesn't know it yet" not in before
    assert "resident doesn't know it yet" in page.text
    assert (life.open_fold, Outgoing.objects.count(), Answer.objects.count()) == ("interim", 1, 0)  # the receipt alone
    assert offered.startswith("Игорь, здравствуйте! Занимаемся вашим вопросом")
    assert f"{due_at.astimezone(ZoneInfo('Europe/Moscow')):%d.%m, %H:%M}" in offered
    assert "нет асфальта" not in offered
    assert "Whoever writes to the resident is offered words that tell it." in curators


def test_resident_who_has_read_of_it_is_not_told_again_and_the_day_they_read_holds(office: Office) -> None:
    case = office.case()
    due_at = moved(office, case, days=20)
    words = office.browser(office.executor).get(f"/desk/cases/{case.number}/").context["screen"].life.forms["interim"]

    do(office.browser(office.executor), case, "interim", **{"interim-text": words.initial["text"]})
    answer = answering.approve(access_of(office.approver), case, now=office.town.now)
    rows = list(Outgoing.objects.filter(answer_send__answer=answer))
    Outgoing.objects.filter(pk__in=[row.pk for row in rows]).update(state=OutgoingState.SENT)
    for row in rows:
        row.refresh_from_db()
    answering.note_finished(rows, now=office.town.now)

    case.refresh_from_db()
    life = office.browser(office.executor).get(f"/desk/cases/{case.number}/").context["screen"].life
    assert (case.status, case.answer_due_at, case.solve_due_at) == (Status.IN_PROGRESS, due_at, due_at)
    assert (life.untold, life.open_fold) == (None, "")


def test_second_move_offers_a_promise_of_that_day(office: Office) -> None:
    case = office.case()
    Case.objects.filter(pk=case.pk).update(interim_answered_at=office.town.now)
    case.refresh_from_db()
    due_at = moved(office, case, days=5)

    life = office.browser(office.executor).get(f"/desk/cases/{case.number}/").context["screen"].life

    said = life.forms["promise"].initial
    assert (life.open_fold, said["until"], said["reason"]) == (
        "promise",
        due_at.astimezone(ZoneInfo("Europe/Moscow")).date(),
        "нет асфальта",
    )


def test_deadline_moved_forward_or_a_draft_begun_fills_in_nothing(office: Office) -> None:
    sooner, begun = office.case(), office.case("Фонарь не горит на Речной, 5")
    soon = sooner.answer_due_at - timedelta(minutes=30)
    postponing.move_deadline(access_of(office.curator), sooner, soon, "обещали", now=office.town.now)
    answering.write_draft(access_of(office.executor), begun, "Игорь, едем", Outcome.RESOLVED, now=office.town.now)
    moved(office, begun)
    executor = office.browser(office.executor)

    lives = [executor.get(f"/desk/cases/{one.number}/").context["screen"].life for one in (sooner, begun)]

    assert [(life.untold is not None, life.offers, life.open_fold) for life in lives] == [
        (False, False, ""),
        (True, False, ""),
    ]
