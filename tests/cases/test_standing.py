"""Every status and outcome has a plain sentence for its resident, in Russian and English, with what comes next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.utils import translation

from otklik.cases.enums import Outcome, Status, Verdict
from otklik.cases.models import Case
from otklik.cases.standing import coming_next, meaning, standing, yours_next

NOW = datetime(2026, 5, 18, 9, 0, tzinfo=UTC)
OFFICIAL_WORDS = ("обращение", "зарегистрировано", "рассмотрено", "исполнител")


def case_at(status: Status, **fields: object) -> Case:
    return Case(status=status, answer_due_at=NOW + timedelta(days=2), answered_at=NOW, **fields)


@pytest.mark.parametrize(("status", "outcome"), list(product(Status, ["", *Outcome])))
def test_every_status_and_outcome_is_said_plainly_in_both_languages(status: Status, outcome: str) -> None:
    said = {}
    for language in ("ru", "en"):
        with translation.override(language):
            case = case_at(status, outcome=outcome, postponed_until=date(2026, 6, 1))
            said[language] = [meaning(case), yours_next(case, now=NOW), coming_next(case, now=NOW), standing(case)[1]]

    assert all(words.strip() and "%(" not in words for words in said["ru"] + said["en"])
    assert [a == b for a, b in zip(said["ru"], said["en"], strict=True)] == [False] * 4
    assert not [word for word in OFFICIAL_WORDS for words in said["ru"] if word in words.lower()]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": Status.APPROVAL}, "Ответ написан; прежде чем уйти к вам, его прочитает другой человек."),
        ({"status": Status.IN_PROGRESS}, "Над этим работают."),
        ({"status": Status.IN_PROGRESS, "interim_answered_at": NOW}, "Первое слово от нас у вас есть, работа идёт."),
        ({"status": Status.ANSWERED, "outcome": Outcome.REFUSED}, "Мы отказали; почему – сказано в ответе."),
        ({"status": Status.CLOSED, "verdict": Verdict.SOLVED, "outcome": Outcome.RESOLVED}, "Вы сказали, что решено."),
        (
            {"status": Status.CLOSED, "outcome": Outcome.NO_REPLY},
            "Мы задали вам вопрос, ответа не дождались и остановились.",
        ),
        ({"status": Status.REDIRECTED}, "За это отвечает не город. Мы передали вас тому, кто отвечает."),
    ],
)
def test_meaning_says_what_it_came_to(fields: dict[str, object], words: str) -> None:
    with translation.override("ru"):
        assert meaning(Case(**fields)) == words


def test_next_step_names_the_day_and_owns_up_to_being_late() -> None:
    with translation.override("en"):
        promised = yours_next(case_at(Status.POSTPONED, postponed_until=date(2026, 6, 1)), now=NOW)
        late = yours_next(Case(status=Status.DRAFTING, answer_due_at=NOW - timedelta(hours=3)), now=NOW)

    assert promised == "It is promised for 1 June 2026; until then the city looks at it again every 30 days."
    assert late == "We are late with the answer: it was due today at 06:00."
