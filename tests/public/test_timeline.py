"""The timeline says where a case stands in a resident's words, at every step of its life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case
from otklik.cases.queries import journal_of
from otklik.cases.services import closing
from otklik.cases.services.answering import write_draft
from otklik.cases.standing import coming_next, standing, yours_next
from otklik.public.timeline import steps_of
from tests.public.town import Town


def line(case: Case, town: Town) -> list[tuple[str, str]]:
    with translation.override("ru"):
        return [(step.state, step.title) for step in steps_of(case, journal_of(case), now=town.now)]


WROTE, GIVEN, TAKEN = ("done", "Вы написали"), ("done", "Поняли и передали"), ("done", "Взяли в работу")


def test_new_case_waits_to_be_taken_up(town: Town) -> None:
    case = town.case(town.say("site", "Яма"))

    assert line(case, town) == [
        WROTE,
        GIVEN,
        ("now", "Ждёт, когда возьмут в работу"),
        ("later", "Ответ"),
        ("later", "Вы скажете, решено ли"),
    ]


def test_taken_case_says_until_when(town: Town) -> None:
    case = town.case(town.say("site", "Яма"))
    write_draft(town.access(town.executor), case, "Черновик", Outcome.EXPLAINED, now=town.now)
    case.answer_due_at = town.now + timedelta(days=30)

    steps = steps_of(case, journal_of(case), now=town.now)

    assert [step.state for step in steps] == ["done", "done", "done", "now", "later"]
    assert steps[3].words != ""


def test_answered_case_waits_for_the_residents_word(town: Town) -> None:
    case = town.case(town.say("site", "Яма"))
    town.answer(case, "Засыпали.")

    assert line(case, town) == [WROTE, GIVEN, TAKEN, ("done", "Ответили"), ("now", "Вы скажете, решено ли")]


def test_confirmed_case_is_done(town: Town) -> None:
    case = town.case(town.say("site", "Яма"))
    town.answer(case, "Засыпали.")
    closing.confirm(case, now=town.now)

    assert line(case, town)[-1] == ("done", "Вы подтвердили: решено")


def test_reopened_case_shows_that_the_first_answer_was_not_enough(town: Town) -> None:
    case = town.case(town.say("site", "Яма"))
    town.answer(case, "Засыпали.")
    closing.reopen(case, "Снова", now=town.now)

    assert line(case, town) == [
        WROTE,
        GIVEN,
        ("done", "Мы ответили"),
        ("done", "Этого не хватило: дело открыли снова"),
        ("now", "Ждёт, когда возьмут в работу"),
        ("later", "Ответ"),
        ("later", "Вы скажете, решено ли"),
    ]


@pytest.mark.parametrize("status", [Status.DUPLICATE, Status.REJECTED, Status.REDIRECTED])
def test_ended_case_has_no_later_steps(town: Town, status: Status) -> None:
    case = town.case(town.say("site", "Яма"))
    case.status = status

    assert [state for state, _ in line(case, town)] == ["done", "done", "done"]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_status_has_words_for_residents(status: Status, language: str) -> None:
    with translation.override(language):
        icon, words, tone = standing(Case(status=status))

    assert icon
    assert words
    assert tone in ("", "info", "good", "warn", "bad")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("say", [coming_next, yours_next])
def test_every_status_says_what_happens_next(status: Status, say: Callable[..., str]) -> None:
    case = Case(status=status, answered_at=datetime(2026, 10, 20, 9, 0, tzinfo=UTC))

    assert say(case, now=datetime(2026, 10, 20, 9, 0, tzinfo=UTC))


def test_answered_case_says_until_when_its_resident_may_object() -> None:
    case = Case(status=Status.ANSWERED, answered_at=datetime(2026, 10, 20, 9, 0, tzinfo=UTC))

    with translation.override("en"):
        words = yours_next(case, now=datetime(2026, 10, 20, 9, 0, tzinfo=UTC))

    assert words == "You say whether it is solved. Without a word it is closed 27 October."
