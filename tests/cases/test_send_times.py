"""Answers that wait for the morning: by the city's rule, never where it hurts, sent early, stopped, and never lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.cases.enums import AnswerState, Outcome, Status
from otklik.cases.models import Answer, AnswerSend, Case, JournalEntry
from otklik.cases.sendtimes import AnswerSettings, AtNight, settings_of
from otklik.cases.services import answering, scheduling
from otklik.cases.services.moving import Overtaken
from otklik.channels.models import Message, Outgoing
from otklik.channels.services.queueing import Reply, reply_rows
from otklik.channels.services.sending import claim
from otklik.common.clock import now
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.models import AuditEntry
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")
NIGHT = datetime(2026, 9, 14, 22, 30, tzinfo=ZONE).astimezone(UTC)
MORNING = datetime(2026, 9, 15, 9, 0, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def town() -> Town:
    town = found_town()
    AnswerSettings.objects.create(municipality=town.city, at_night=AtNight.MORNING)
    return town


@pytest.fixture
def approver(town: Town) -> Access:
    return town.official(Role.APPROVER, name="Павел Строев")


@pytest.fixture
def case(town: Town) -> Case:
    case = town.case(town.hear("На улице Садовой, дом 12, огромная яма на дороге, когда почините?", visitor="ivan"))
    writer = town.official(Role.EXECUTOR)
    answering.write_draft(writer, case, "Иван, засыпали.", Outcome.RESOLVED, now=NIGHT)
    answering.submit(writer, case, now=NIGHT)
    Outgoing.objects.all().delete()  # the acknowledgement is another story
    return case


def held(case: Case, approver: Access) -> Answer:
    send_at = scheduling.send_at_for(case, now=NIGHT)
    return answering.approve(approver, case, now=NIGHT, send_at=send_at)


def test_answer_of_the_night_waits_for_the_morning_where_the_city_says_so(case: Case, approver: Access) -> None:
    answer = held(case, approver)

    row = Outgoing.objects.get()
    assert (answer.send_at, row.due_at, row.state) == (MORNING, MORNING, "queued")
    assert claim("w", now=MORNING - timedelta(seconds=1), limit=9) == []
    assert [one.pk for one in claim("w", now=MORNING, limit=9)] == [row.pk]


def test_answer_goes_at_once_by_day_in_danger_and_where_no_rule_is_set(town: Town, case: Case) -> None:
    by_day = scheduling.send_at_for(case, now=MORNING + timedelta(hours=1))
    case.urgency = 4
    in_danger = scheduling.send_at_for(case, now=NIGHT)
    case.urgency = 2
    AnswerSettings.objects.all().delete()

    assert (by_day, in_danger, scheduling.send_at_for(case, now=NIGHT)) == (None, None, None)


@pytest.mark.parametrize(("hours", "waits"), [(24, True), (10, False), (11.5, True)])
def test_answer_goes_at_once_where_the_network_would_take_none_by_then(
    case: Case, monkeypatch: pytest.MonkeyPatch, hours: float, waits: bool
) -> None:
    from otklik.channels.services import queueing

    monkeypatch.setattr(queueing, "closes_at", lambda *_, **__: NIGHT + timedelta(hours=hours))
    message = Message.objects.get(case_message__case=case)

    (row,) = reply_rows([Reply(message, "Привет", "k", send_at=MORNING)], now=NIGHT)

    assert row.due_at == (MORNING if waits else NIGHT)


def test_answer_that_waits_is_sent_early(case: Case, approver: Access) -> None:
    held(case, approver)

    scheduling.send_now(approver, case, now=NIGHT)

    assert (Outgoing.objects.get().due_at, Answer.objects.get().send_at) == (NIGHT, None)
    assert JournalEntry.objects.filter(case=case).latest("id").action == "sent_early"
    with pytest.raises(Overtaken):
        scheduling.send_now(approver, case, now=NIGHT)


def test_answer_that_waits_is_stopped_and_may_be_approved_again(case: Case, approver: Access) -> None:
    held(case, approver)

    answer = scheduling.stop(approver, case, now=NIGHT)

    case.refresh_from_db()
    assert (answer.state, answer.approver, answer.send_at, case.status) == (
        AnswerState.DRAFT,
        None,
        None,
        Status.DRAFTING,
    )
    assert (Outgoing.objects.count(), AnswerSend.objects.count()) == (0, 0)
    answering.hand_on(approver, case, now=NIGHT)
    assert held(case, approver).state == AnswerState.APPROVED
    assert Outgoing.objects.count() == 1


def test_answer_that_a_worker_holds_or_sent_is_not_stopped(case: Case, approver: Access) -> None:
    held(case, approver)
    Outgoing.objects.update(due_at=NIGHT)
    claim("w", now=NIGHT, limit=9)

    with pytest.raises(Overtaken):
        scheduling.stop(approver, case, now=NIGHT)
    with pytest.raises(Overtaken):
        scheduling.send_now(approver, case, now=NIGHT)
    assert (Answer.objects.get().state, Outgoing.objects.get().state) == (AnswerState.APPROVED, "sending")


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.OPERATOR, Role.CURATOR, Role.AIDE, Role.ADMIN])
def test_only_an_approver_stops_or_hurries_an_answer(town: Town, case: Case, approver: Access, role: Role) -> None:
    held(case, approver)
    forger = town.official(role)

    for deed in (scheduling.stop, scheduling.send_now):
        with pytest.raises(Refused):
            deed(forger, case, now=NIGHT)
    assert Answer.objects.get().state == AnswerState.APPROVED


def test_voice_that_joins_meanwhile_waits_for_the_same_morning(town: Town, case: Case, approver: Access) -> None:
    Answer.objects.update(text="Засыпали.")
    morning = now() + timedelta(hours=9)
    answering.approve(approver, case, now=now(), send_at=morning)

    town.hear("Почему на улице Садовой, дом 12, огромная яма на дороге? Когда почините?", visitor="olga")

    case.refresh_from_db()
    rows = Outgoing.objects.filter(idempotency_key__startswith="answer:")
    assert (case.message_count, list(rows.values_list("due_at", flat=True))) == (2, [morning, morning])


def test_rule_is_the_citys_to_set_and_audited(town: Town, approver: Access) -> None:
    admin, row = town.official(Role.ADMIN), settings_of(town.city.pk)
    row.at_night = AtNight.AT_ONCE

    with pytest.raises(Refused):
        scheduling.save_settings(approver, row)
    scheduling.save_settings(admin, row)

    assert (settings_of(town.city.pk).at_night, AuditEntry.objects.get().action) == (
        "at_once",
        "answer_settings.changed",
    )
