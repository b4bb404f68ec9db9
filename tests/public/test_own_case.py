"""One's own case: details, ratings, one's word about publicity; and codes that are guessed at."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseMessage, JournalEntry
from otklik.cases.openness import Appraisal
from otklik.cases.services import closing, replying
from otklik.cases.services.answering import approve, targets_of
from otklik.channels.models import Channel, Message
from otklik.common import clock
from otklik.notices.models import Notice
from otklik.public import limits, urls
from tests.public.town import Town

STRANGER = "203.0.113.9"


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.say("vk", "Яма на Мельничной", name="Игорь"))


def form_of(page: str) -> dict[str, str]:
    found = re.search(r'name="submission_id" value="([0-9a-f]{32})"', page)
    assert found is not None
    return {"submission_id": found[1]}


def add(client: Client, case: Case, text: str, **more: str) -> int:
    fields = form_of(client.get(f"/case/{case.code}/").content.decode())
    return client.post(f"/case/{case.code}/add/", {**fields, "text": text, **more}).status_code


def test_details_join_the_case_and_only_the_city_reads_them(town: Town, client: Client, case: Case) -> None:
    town.show(case)

    assert add(client, case, "Это у самого подъезда, кв. 5") == 302

    own = client.get(f"/case/{case.code}/").content.decode()
    public = client.get(f"/cases/{case.number}/").content.decode()
    assert "Это у самого подъезда, кв. 5" in own
    assert "у самого подъезда" not in public
    added = Message.objects.get(text__startswith="Это у самого")
    assert (added.visibility, added.channel.network, added.identity.display_name) == ("private", "site", "Игорь")
    assert CaseMessage.objects.filter(case=case).count() == 2
    assert JournalEntry.objects.filter(case=case, action="details_added").count() == 1


def test_details_sent_twice_are_one_message(town: Town, client: Client, case: Case) -> None:
    fields = form_of(client.get(f"/case/{case.code}/").content.decode())

    codes = [
        client.post(f"/case/{case.code}/add/", {**fields, "text": "Ещё и люк", "website": ""}).status_code
        for _ in range(2)
    ]

    assert codes == [302, 302]
    assert Message.objects.filter(text="Ещё и люк").count() == 1
    case.refresh_from_db()
    assert case.message_count == 2


def test_answer_still_goes_to_the_network_and_greets_by_name(town: Town, client: Client, case: Case) -> None:
    add(client, case, "Ещё и люк")

    town.answer(case, "Игорь, засыпали.")

    assert {target.channel.network for target in targets_of(case)} == {"vk", "site"}
    case.refresh_from_db()
    assert case.status == Status.ANSWERED


def test_details_answer_the_question_that_the_city_asked(town: Town, client: Client, case: Case) -> None:
    executor = town.access(town.executor)
    from otklik.cases.services.assigning import take

    take(executor, case, now=town.now)
    replying.ask(executor, case, "У какого подъезда?", now=town.now)
    approve(town.access(town.approver), case, now=town.now)
    from otklik.cases.models import Answer
    from otklik.cases.services import clocks

    clocks.start_waiting(case, Answer.objects.get(), now=town.now)

    add(client, case, "У второго")

    case.refresh_from_db()
    assert case.status == Status.IN_PROGRESS
    assert list(Notice.objects.values_list("official", "kind")) == [(town.executor.pk, "replied")]


def test_executor_is_told_of_details(town: Town, client: Client, case: Case) -> None:
    from otklik.cases.services.assigning import take

    take(town.access(town.executor), case, now=town.now)

    add(client, case, "Ещё и люк")

    assert list(Notice.objects.values_list("official", "kind")) == [(town.executor.pk, "details")]


def test_case_that_is_over_takes_no_details(town: Town, client: Client, case: Case) -> None:
    fields = form_of(client.get(f"/case/{case.code}/").content.decode())
    town.answer(case, "Засыпали.")

    answer = client.post(f"/case/{case.code}/add/", {**fields, "text": "Ещё"})

    assert answer.status_code == 409
    assert not Message.objects.filter(text="Ещё").exists()
    assert f'action="/case/{case.code}/add/"' not in client.get(f"/case/{case.code}/").content.decode()


@pytest.mark.parametrize(
    ("said", "status"),
    [({"text": " "}, 422), ({"text": "x" * 8001}, 422), ({"text": "да", "website": "x"}, 422)],
)
def test_details_without_sense_are_refused_with_a_word(
    town: Town, client: Client, case: Case, said: dict[str, str], status: int
) -> None:
    text = said.pop("text")

    assert add(client, case, text, **said) == status
    assert CaseMessage.objects.filter(case=case).count() == 1


def test_city_without_a_site_takes_no_details(town: Town, client: Client, case: Case) -> None:
    Channel.objects.filter(network="site").update(is_enabled=False)

    assert add(client, case, "Ещё") == 409


def test_flood_of_details_is_slowed_down_and_no_word_is_lost(town: Town, case: Case) -> None:
    client = Client(REMOTE_ADDR=STRANGER)
    fields = form_of(client.get(f"/case/{case.code}/").content.decode())

    answers = [
        client.post(f"/case/{case.code}/add/", {**fields, "text": f"Слово {number}"})
        for number in range(limits.WRITES + 1)
    ]

    assert [answer.status_code for answer in answers] == [302] * limits.WRITES + [429]
    assert f"Слово {limits.WRITES}</textarea>" in answers[-1].content.decode().replace("\n", "")


def test_rating_may_be_changed_for_a_day_and_no_longer(town: Town, case: Case) -> None:
    town.answer(case, "Засыпали.")
    first = town.now

    closing.rate(case, 2, 1, now=first)
    closing.rate(case, 4, 3, now=first + timedelta(hours=24))
    with pytest.raises(ValueError, match="в течение суток"):
        closing.rate(case, 1, 1, now=first + timedelta(hours=24, seconds=1))

    kept = Appraisal.objects.get()
    assert (kept.attitude, kept.result, kept.given_at, kept.changed_at) == (4, 3, first, first + timedelta(hours=24))


def test_new_answer_may_be_rated_anew(town: Town, case: Case) -> None:
    town.answer(case, "Засыпали.")
    closing.rate(case, 2, 1, now=town.now)
    later = town.now + timedelta(days=5)
    Case.objects.update(answered_at=later - timedelta(hours=1))
    case.refresh_from_db()

    closing.rate(case, 5, 5, now=later)

    assert list(Appraisal.objects.values_list("attitude", "result", "given_at")) == [(5, 5, later)]


def test_rating_that_is_too_old_to_change_is_shown(town: Town, client: Client, case: Case) -> None:
    town.answer(case, "Засыпали.", ago_h=60)
    closing.rate(case, 4, 3, now=clock.now() - timedelta(hours=30))

    page = client.get(f"/case/{case.code}/").content.decode()

    assert "Ваша оценка: отношение 4 из 5, результат 3 из 5." in page
    assert client.post(f"/case/{case.code}/rate/", {"attitude": "1", "result": "1"}).status_code == 409


def test_resident_lets_private_words_be_shown_and_takes_that_back(town: Town, client: Client) -> None:
    case = town.case(town.say("site", "Яма", visibility="private"))

    offered = client.get(f"/case/{case.code}/").content.decode()
    client.post(f"/case/{case.code}/public/", {"agree": "1"})
    case.refresh_from_db()
    agreed = case.resident_agreed
    town.show(case)
    client.post(f"/case/{case.code}/public/", {"disagree": "1"})
    case.refresh_from_db()

    assert "Разрешить показать" in offered
    assert (agreed, case.resident_agreed, case.is_public) == (True, False, False)
    assert client.get(f"/cases/{case.number}/").status_code == 410


@pytest.mark.parametrize("action", ["add", "public", "rate", "confirm", "reopen"])
def test_deed_on_the_own_page_needs_the_token_of_the_form(town: Town, case: Case, action: str) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"/case/{case.code}/{action}/", {"text": "x", "agree": "1"}).status_code == 403
    assert client_sees_nothing_changed(case)


def client_sees_nothing_changed(case: Case) -> bool:
    return set(JournalEntry.objects.filter(case=case).values_list("action", flat=True)) == {"opened", "assigned"}


def wrong(case: Case, number: int) -> str:
    letters = "23456789abcdefghjkmn"
    return f"{case.code[:-2]}{letters[number // 20]}{letters[number % 20]}"


def test_guesser_is_stopped_and_a_right_code_opens_nothing_then(town: Town, case: Case) -> None:
    guesser = Client(REMOTE_ADDR=STRANGER)
    guesses = [code for number in range(40) if (code := wrong(case, number)) != case.code][: limits.GUESSES]

    codes = [guesser.get(f"/case/{code}/").status_code for code in guesses]
    stopped = guesser.get(f"/case/{case.code}/")
    by_form = guesser.get("/case/", {"code": case.code})
    acting = guesser.post(f"/case/{case.code}/public/", {"agree": "1"})

    assert codes == [404] * limits.GUESSES
    assert (stopped.status_code, by_form.status_code, acting.status_code) == (429, 429, 429)
    assert "Retry" not in stopped.content.decode()
    assert case.code not in stopped.content.decode()
    assert Client(REMOTE_ADDR="198.51.100.4").get(f"/case/{case.code}/").status_code == 200


DOORS = [str(one.pattern) for one in urls.urlpatterns if "<str:code>" in str(one.pattern)]
"""Every address with a code in it, also one that is made tomorrow."""


@pytest.mark.parametrize("route", DOORS)
def test_no_door_opens_by_a_right_code_after_too_many_guesses(town: Town, case: Case, route: str) -> None:
    guesser = Client(REMOTE_ADDR=STRANGER)
    for number in range(limits.GUESSES + 1):
        guesser.get(f"/case/{wrong(case, number)}/")
    address = route.replace("<str:code>", case.code).replace("<slug:key>", "k").replace("<slug:look>", "whole")

    answers = {guesser.get(f"/{address}").status_code, guesser.post(f"/{address}").status_code}

    assert 429 in answers
    assert answers <= {429, 405}


def test_right_code_counts_as_no_guess(town: Town, case: Case) -> None:
    reader = Client(REMOTE_ADDR=STRANGER)

    codes = {reader.get(f"/case/{case.code}/").status_code for _ in range(limits.GUESSES + 5)}

    assert codes == {200}


def test_right_first_half_opens_nothing(town: Town, client: Client, case: Case) -> None:
    other = town.case(town.say("vk", "Фонарь"))
    mixed = f"{case.code[:10]}{other.code[10:]}"

    assert client.get(f"/case/{mixed}/").status_code == 404
    assert client.get(f"/case/{case.code[:10]}/").status_code == 404
    assert client.get(f"/case/{case.code[:10]}%25/").status_code == 404


def test_code_is_found_by_an_index(town: Town, case: Case) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from otklik.cases.queries import case_by_code

    with CaptureQueriesContext(connection) as asked:
        case_by_code(town.city.pk, case.code)

    assert len(asked) == 1
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "cases_case USING INDEX" in plan
        assert "SCAN" not in plan
