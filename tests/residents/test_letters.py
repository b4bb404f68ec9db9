"""Letters to residents: asked for and confirmed, each turn told once, merged, ended by one press, never sent twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case
from otklik.cases.services import closing, correcting
from otklik.cases.services.answering import approve, note_finished, submit, write_draft
from otklik.cases.services.correcting import NewWords
from otklik.cases.services.merging import merge
from otklik.cases.services.showing import make_private
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Outgoing
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.notices.services.carrying import vault
from otklik.residents.enums import MailKind, MailState
from otklik.residents.models import ResidentMail, Subscription
from otklik.residents.services import posting
from otklik.residents.services.subscribing import (
    ANSWER_WITHIN,
    ask_for_letters,
    can_write,
    end_letters,
    forget_unanswered,
    subscription_by,
)
from otklik.residents.services.watching import GATHERS, note_turns
from otklik.simulators.mail.simulator import MailSimulator
from tests.builders import make_city
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db
PASSWORD = "steep-willow-42"
ADDRESS = "nina@mail.example"


@pytest.fixture
def town() -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    yield make_town()
    cache.clear()


@pytest.fixture
def mail(town: Town) -> Iterator[MailSimulator]:
    simulator = MailSimulator(user="city", password=PASSWORD)
    with simulator.serve() as port:
        Carrier.objects.create(
            municipality=town.city,
            way=Way.EMAIL,
            is_on=True,
            host="127.0.0.1",
            port=port,
            security="none",
            user="city",
            sender="desk@city.example",
            sealed_secret=vault().seal({"password": PASSWORD}),
        )
        yield simulator


@pytest.fixture
def case(town: Town) -> Case:
    return town.case(town.say("site", "Не горит фонарь на Фонтанной", name="Нина", visibility="private"))


def carry(now: datetime, worker: str = "w1") -> list[str]:
    """Do what the worker does; returns the states of all letters."""
    note_turns(now=now)
    for one in posting.claim(worker, now=now):
        posting.record(posting.post(one, now=now), now=now)
    return list(ResidentMail.objects.order_by("id").values_list("state", flat=True))


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_content())


def links_in(letter: EmailMessage) -> list[str]:
    return re.findall(r"http\S+?(/(?:letters|case|cases)/\S*)", text_of(letter))


def follow(case: Case, mail: MailSimulator, *, is_own: bool = True, now: datetime) -> str:
    """Ask, confirm by the link in the letter, and return the letters' token."""
    ask_for_letters(case, ADDRESS, "en", is_own=is_own, now=now)
    carry(now)
    (link,) = links_in(mail.taken[-1])
    assert Client().post(link).status_code == 200
    mail.taken.clear()
    return link.strip("/").rpartition("/")[2]


def take_up(town: Town, case: Case, at: datetime) -> None:
    write_draft(town.access(town.executor), case, "Черновик", "explained", now=at)


def test_form_is_offered_only_where_the_city_has_a_mail_server(town: Town, case: Case) -> None:
    page = Client().get(f"/case/{case.code}/").content.decode()

    assert can_write(town.city.pk) is False
    assert "/letters/" not in page
    assert Client().get(f"/case/{case.code}/letters/").status_code == 404


def test_nothing_but_the_question_is_sent_before_the_owner_says_yes(
    town: Town, mail: MailSimulator, case: Case
) -> None:
    page = Client().post(f"/case/{case.code}/letters/", {"email": " Nina@Mail.Example "})
    carry(town.now)
    town.answer(case, "Починили.", ago_h=0)
    carry(town.now + timedelta(hours=1))

    assert page.status_code == 200
    assert [letter["To"] for letter in mail.taken] == [ADDRESS]
    assert len(links_in(mail.taken[0])) == 1
    assert "Фонтанной" not in text_of(mail.taken[0])
    assert case.code not in text_of(mail.taken[0])


def test_opening_the_link_is_not_saying_yes_pressing_is(town: Town, mail: MailSimulator, case: Case) -> None:
    ask_for_letters(case, ADDRESS, "ru", is_own=True, now=town.now)
    carry(town.now)
    (link,) = links_in(mail.taken[0])

    Client().get(link)
    before = Subscription.objects.get().confirmed_at
    Client().post(link)

    assert before is None
    assert Subscription.objects.get().confirmed_at is not None


def test_turn_of_the_case_is_told_once_with_its_link_and_nothing_personal(
    town: Town, mail: MailSimulator, case: Case
) -> None:
    follow(case, mail, now=town.now)
    town.answer(case, "Нина, лампу на Фонтанной, 3 заменили.", ago_h=0)
    carry(town.now)
    states = carry(town.now + GATHERS)
    again = carry(town.now + 2 * GATHERS)

    (letter,) = mail.taken
    assert letter["Subject"] == f"Yasnogorye: № {case.number} – Answered"
    assert f"/case/{case.code}/" in links_in(letter)
    assert not [word for word in ("Нина", "Фонтанн", "лампу") if word in text_of(letter)]
    assert states == again == [MailState.SENT, MailState.SENT]


def test_turns_of_a_few_minutes_are_one_letter_that_says_the_last(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    take_up(town, case, town.now)
    carry(town.now)
    case.refresh_from_db()
    town.answer(case, "Заменили.", ago_h=-0.01)
    carry(town.now + timedelta(minutes=1))
    carry(town.now + GATHERS)

    assert [letter["Subject"] for letter in mail.taken] == [f"Yasnogorye: № {case.number} – Answered"]


def test_every_turn_a_resident_cares_about_is_told(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    at = town.now
    take_up(town, case, at)
    for turn in ("take", "answer", "reopen", "answer", "confirm"):
        if turn == "answer":
            case.refresh_from_db()
            other = town.access(town.head)
            if not case.answers.filter(state="draft").exists():
                write_draft(town.access(town.executor), case, "Сделали.", "resolved", now=at)
            submit(town.access(town.executor), case, now=at)
            approve(other, case, now=at)
            rows = list(Outgoing.objects.filter(idempotency_key__startswith="answer:", state="queued"))
            for row in rows:
                row.state = OutgoingState.SENT
                row.save(update_fields=["state"])
            note_finished(rows, now=at)
        elif turn == "reopen":
            case.refresh_from_db()
            closing.reopen(case, "Всё так же темно", now=at)
        elif turn == "confirm":
            case.refresh_from_db()
            closing.confirm(case, now=at)
        carry(at)
        at += GATHERS
        carry(at)
        at += timedelta(minutes=1)

    assert [letter["Subject"].rpartition(" – ")[2] for letter in mail.taken] == [
        "Being solved",
        "Answered",
        "Opened again",
        "Answered",
        "Solved, the resident confirmed",
    ]


def test_corrected_answer_is_told_once_and_not_while_it_waits_for_approval(
    town: Town, mail: MailSimulator, case: Case
) -> None:
    town.answer(case, "Лампу заменим в среду.")
    follow(case, mail, now=town.now)
    words = NewWords("Лампу заменим в четверг.", "не тот день")
    correcting.propose(town.access(town.executor), case, case.answers.get().pk, words, now=town.now)
    carry(town.now + timedelta(hours=1))
    before = list(mail.taken)
    correcting.approve_correction(town.access(town.approver), case, now=town.now + timedelta(hours=2))
    for minutes in (121, 130, 150):
        carry(town.now + timedelta(minutes=minutes))

    assert before == []
    (letter,) = mail.taken
    with translation.override("en"):
        day = date_format((town.now + timedelta(hours=2)).astimezone(ZoneInfo(town.city.timezone)), "j E")
    assert f"The city corrected its answer on {day}. What it says now is on the page:" in text_of(letter)
    assert f"/case/{case.code}/" in links_in(letter)
    assert not [word for word in ("среду", "четверг", "день") if word in text_of(letter)]


def test_rating_or_details_send_no_letter(town: Town, mail: MailSimulator, case: Case) -> None:
    town.answer(case, "Заменили.")
    follow(case, mail, now=town.now)
    closing.rate(case, 5, 5, now=town.now)

    assert carry(town.now + timedelta(hours=1)) == [MailState.SENT]
    assert mail.taken == []


def test_letter_ends_by_one_press_of_the_mail_program(town: Town, mail: MailSimulator, case: Case) -> None:
    token = follow(case, mail, now=town.now)
    town.answer(case, "Заменили.", ago_h=0)
    carry(town.now)
    carry(town.now + GATHERS)
    header = mail.taken[0]["List-Unsubscribe"]

    forged = Client(enforce_csrf_checks=True)  # a mail provider has no cookie of ours
    path = header.strip("<>").partition("://")[2].partition("/")[2]
    answers = [forged.post(f"/{path}", {"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)]

    assert mail.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path == f"letters/{token}/stop/"
    assert answers == [200, 200]
    assert (Subscription.objects.count(), ResidentMail.objects.count()) == (0, 0)


def test_opening_the_stop_page_ends_nothing(town: Town, mail: MailSimulator, case: Case) -> None:
    token = follow(case, mail, now=town.now)

    assert Client().get(f"/letters/{token}/stop/").status_code == 200
    assert Subscription.objects.count() == 1


def test_address_is_kept_sealed_and_the_links_token_as_a_digest(town: Town, mail: MailSimulator, case: Case) -> None:
    token = follow(case, mail, now=town.now)
    row = Subscription.objects.get()
    kept = [bytes(row.sealed), row.address_digest.encode(), row.token_digest.encode()]

    assert not [value for value in kept if ADDRESS.encode() in value or token.encode() in value]


def test_one_address_is_asked_three_times_a_day_whoever_asks(town: Town, mail: MailSimulator) -> None:
    cases = [town.case(town.say("site", f"Яма {n}", visibility="private")) for n in range(5)]
    for one in cases:
        ask_for_letters(one, ADDRESS, "ru", is_own=True, now=town.now)
    carry(town.now)

    assert len(mail.taken) == 3


def test_visitor_asks_ten_times_an_hour(town: Town, mail: MailSimulator, case: Case, settings: object) -> None:
    visitor = Client(headers={"X-Forwarded-For": "203.0.113.9"})
    asked = [
        visitor.post(f"/case/{case.code}/letters/", {"email": f"n{n}@mail.example"}).status_code for n in range(11)
    ]

    assert asked == [200] * 10 + [429]


def test_question_unanswered_in_two_days_is_forgotten(town: Town, mail: MailSimulator, case: Case) -> None:
    ask_for_letters(case, ADDRESS, "ru", is_own=True, now=town.now - ANSWER_WITHIN - timedelta(minutes=1))
    token = "x" * 32

    assert Client().get(f"/letters/{token}/").status_code == 404
    assert forget_unanswered(now=town.now) == 2
    assert Subscription.objects.count() == 0


def test_letter_that_may_have_arrived_is_never_sent_again(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    mail.faults.append("silence")
    town.answer(case, "Заменили.", ago_h=0)
    carry(town.now)
    carry(town.now + GATHERS)
    closing.rate(case, 5, 5, now=town.now + GATHERS)
    states = carry(town.now + timedelta(days=1))

    assert states == [MailState.SENT, MailState.UNKNOWN]
    assert len(mail.taken) == 1


def test_letter_of_a_killed_worker_is_unknown_and_stays_so(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    town.answer(case, "Заменили.", ago_h=0)
    note_turns(now=town.now)
    posting.claim("dead", now=town.now + GATHERS)

    doubted = posting.doubt_mail(lambda name: name == "alive", now=town.now + GATHERS)
    states = carry(town.now + timedelta(days=1))

    assert (doubted, states, mail.taken) == (1, [MailState.SENT, MailState.UNKNOWN], [])


def test_refused_for_now_is_tried_again_and_sent_once(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    mail.faults.append("451 later")
    town.answer(case, "Заменили.", ago_h=0)
    carry(town.now)
    first = carry(town.now + GATHERS)
    second = carry(town.now + GATHERS + timedelta(minutes=2))

    assert (first[-1], second[-1], len(mail.taken)) == (MailState.QUEUED, MailState.SENT, 1)


def test_two_workers_send_a_letter_once(town: Town, mail: MailSimulator, case: Case) -> None:
    follow(case, mail, now=town.now)
    town.answer(case, "Заменили.", ago_h=0)
    note_turns(now=town.now)

    claimed = [len(posting.claim(name, now=town.now + GATHERS)) for name in ("w1", "w2")]

    assert claimed == [1, 0]


def test_follower_of_a_public_case_reads_its_public_words_alone(town: Town, mail: MailSimulator) -> None:
    case = town.case(
        town.say("site", "Яма на Мельничной. Мой телефон +7 900 123-45-67", name="Игорь", visibility="private"),
        is_public=True,
    )
    follow(case, mail, is_own=False, now=town.now)
    town.answer(case, "Игорь, засыпали.", ago_h=-0.01)
    carry(town.now)
    carry(town.now + GATHERS)

    (letter,) = mail.taken
    assert f"/cases/{case.number}/" in links_in(letter)
    assert "Яма на Мельничной" in text_of(letter)
    assert not [word for word in ("Игорь", "123-45", case.code) if word in text_of(letter)]


def test_case_taken_off_the_public_pages_says_no_more_to_strangers(town: Town, mail: MailSimulator) -> None:
    case = town.case(town.say("vk", "Яма на Мельничной"), is_public=True)
    follow(case, mail, is_own=False, now=town.now)
    make_private(town.access(town.clearer), case, Withdrawal.PERSONAL, now=town.now)
    town.answer(case, "Засыпали.", ago_h=-0.01)
    carry(town.now)
    states = carry(town.now + GATHERS)

    assert (states[-1], mail.taken) == (MailState.DROPPED, [])


def test_follower_goes_along_when_the_case_is_joined_with_another(town: Town, mail: MailSimulator, case: Case) -> None:
    other = town.case(town.say("vk", "Фонтанная без света"))
    follow(case, mail, now=town.now)
    merge(town.access(town.clearer), case, other, now=town.now + timedelta(seconds=1))
    carry(town.now)
    other.refresh_from_db()
    town.answer(other, "Заменили.", ago_h=-0.01)
    carry(town.now + GATHERS)
    carry(town.now + 2 * GATHERS)

    assert Subscription.objects.get().watched_id == other.pk
    assert [letter["Subject"] for letter in mail.taken][-1] == f"Yasnogorye: № {case.number} – Answered"


def test_another_citys_link_opens_nothing(town: Town, mail: MailSimulator, case: Case) -> None:
    token = follow(case, mail, now=town.now)
    other = make_city("dalnee", host="dalnee.example")

    assert subscription_by(other.pk, token, now=town.now) is None
    assert end_letters(other.pk, token) is False
    assert Subscription.objects.count() == 1


def test_looking_for_turns_asks_once_for_those_that_stand_still(
    town: Town, mail: MailSimulator, django_assert_num_queries: object
) -> None:
    counts = []
    for many in (1, 30):
        for n in range(many):
            one = town.case(town.say("site", f"Яма {n}", visibility="private"))
            Subscription.objects.create(
                municipality=town.city,
                case=one,
                watched=one,
                is_own=True,
                address_digest=f"{many}:{n}",
                token_digest=f"{many}:{n}",
                sealed=b"",
                language="ru",
                asked_at=town.now,
                confirmed_at=town.now,
                seen_updated_at=Case.objects.get(pk=one.pk).updated_at,
                case_seen_at=Case.objects.get(pk=one.pk).updated_at,
            )
        with django_assert_num_queries(1):
            counts.append(note_turns(now=town.now))

    assert counts == [0, 0]
    assert ResidentMail.objects.filter(kind=MailKind.WORD).count() == 0
