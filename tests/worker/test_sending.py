"""What becomes of outgoing rows when a network refuses, stalls or dies: through the simulators, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from otklik.cases.enums import Outcome, Status
from otklik.cases.services import answering
from otklik.channels.enums import OutgoingState
from otklik.channels.health import ChannelHealth, ChannelHour
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services import sending
from otklik.channels.services.counting import know_all_channels
from otklik.common.clock import now
from otklik.intake import resolving
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.simulators.telegram.faults import Fault as TelegramFault
from otklik.simulators.vk.faults import Fault as VkFault
from tests.stories import found_town
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db


def row_of(channel: Channel) -> Outgoing:
    return Outgoing.objects.get(channel=channel)


def test_acknowledgement_lands_under_the_residents_comment(networks: Networks) -> None:
    case = networks.ask_in_vk()
    networks.send()

    row = row_of(networks.vk_channel)
    assert row.state == OutgoingState.SENT
    assert networks.vk.accepted[-1] == row.text
    assert f"№ {case.number}" in row.text
    ours = Message.objects.get(is_ours=True, thread=row.thread)
    assert (ours.parent_key, ours.is_automated) == (row.reply_to.object_key, True)


def test_refusal_for_good_is_shown_to_people_and_not_repeated(networks: Networks) -> None:
    networks.ask_in_telegram()
    networks.telegram.fail_next(TelegramFault.BLOCKED)
    networks.send()
    networks.later()

    row = row_of(networks.tg_channel)
    assert (row.state, row.attempts) == (OutgoingState.FAILED, 1)
    assert row.error
    assert networks.telegram.accepted == []


def test_person_who_takes_no_messages_is_no_failed_call_of_the_channel(networks: Networks) -> None:
    know_all_channels(now=now())
    networks.ask_in_telegram()
    networks.telegram.fail_next(TelegramFault.BLOCKED)
    networks.send()

    counted = ChannelHour.objects.get(channel=networks.tg_channel)
    assert row_of(networks.tg_channel).state == OutgoingState.FAILED
    assert (counted.calls, counted.failures) == (1, 0)
    assert ChannelHealth.objects.get(channel=networks.tg_channel).failed_call == ""


def test_too_many_requests_waits_as_long_as_the_network_says(networks: Networks) -> None:
    networks.ask_in_telegram()
    networks.telegram.fail_next(TelegramFault.TOO_MANY)
    networks.send()

    row = row_of(networks.tg_channel)
    assert (row.state, row.attempts) == (OutgoingState.QUEUED, 1)
    assert row.due_at > now()
    networks.later()
    assert row_of(networks.tg_channel).state == OutgoingState.SENT
    assert len(networks.telegram.accepted) == 1


def test_telegram_that_took_it_but_did_not_say_so_is_never_sent_again(networks: Networks) -> None:
    networks.ask_in_telegram()
    networks.telegram.fail_next(TelegramFault.SERVER_ERROR_AFTER)
    networks.send()
    networks.later()
    networks.later()

    assert row_of(networks.tg_channel).state == OutgoingState.UNKNOWN
    assert len(networks.telegram.accepted) == 1


def test_vk_that_took_it_but_did_not_say_so_is_read_up(networks: Networks) -> None:
    networks.ask_in_vk()
    before = len(networks.vk.accepted)
    networks.vk.fail_next(VkFault.HTTP_ERROR_AFTER)
    networks.send()
    assert row_of(networks.vk_channel).state == OutgoingState.UNKNOWN
    networks.later()

    assert row_of(networks.vk_channel).state == OutgoingState.SENT
    assert len(networks.vk.accepted) == before + 1


def test_row_of_a_dead_worker_becomes_unknown_and_is_settled_by_reading(networks: Networks) -> None:
    networks.ask_in_vk()
    before = len(networks.vk.accepted)
    Outgoing.objects.update(state=OutgoingState.SENDING, claimed_by="host:1:1", claimed_at=now())
    networks.send()
    assert row_of(networks.vk_channel).state == OutgoingState.UNKNOWN
    networks.later()

    assert row_of(networks.vk_channel).state == OutgoingState.SENT
    assert len(networks.vk.accepted) == before + 1


def test_answer_that_was_not_delivered_is_in_the_cases_history(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    networks.send()
    writer, approver = networks.town.official(Role.EXECUTOR), networks.town.official(Role.APPROVER)
    answering.write_draft(writer, case, "Починили", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    networks.telegram.fail_next(TelegramFault.BLOCKED)
    networks.send()

    case.refresh_from_db()
    assert case.status == Status.APPROVAL
    assert case.journal.last().action == "not_delivered"


def test_closed_window_is_not_tried(networks: Networks) -> None:
    networks.ask_in_telegram()
    Outgoing.objects.update(window_expires_at=now() - timedelta(minutes=1))
    networks.send()

    row = row_of(networks.tg_channel)
    assert (row.state, row.error) == (OutgoingState.FAILED, "the network's time for an answer here has passed")
    assert networks.telegram.accepted == []


def _unknown(networks: Networks) -> Outgoing:
    networks.ask_in_telegram()
    Outgoing.objects.update(state=OutgoingState.UNKNOWN, due_at=now() + timedelta(hours=1))
    return row_of(networks.tg_channel)


def test_person_who_saw_it_there_settles_the_doubt(networks: Networks) -> None:
    row = _unknown(networks)
    resolving.mark_sent(networks.town.official(Role.OPERATOR), row, now=now())

    assert row_of(networks.tg_channel).state == OutgoingState.SENT
    with pytest.raises(resolving.NotInDoubt):
        resolving.mark_sent(networks.town.official(Role.OPERATOR), row, now=now())


def test_person_who_saw_it_is_not_there_sends_it_again(networks: Networks) -> None:
    resolving.send_again(networks.town.official(Role.OPERATOR), _unknown(networks), now=now())
    networks.send()

    assert row_of(networks.tg_channel).state == OutgoingState.SENT
    assert len(networks.telegram.accepted) == 1


def _mark_sent(networks: Networks, row: Outgoing, role: Role) -> None:
    resolving.mark_sent(networks.town.official(role), row, now=now())


def _send_again(networks: Networks, row: Outgoing, role: Role) -> None:
    resolving.send_again(networks.town.official(role), row, now=now())


def _give_up(networks: Networks, row: Outgoing, role: Role) -> None:
    resolving.give_up(networks.town.official(role), row, "не нужно", now=now())


@pytest.mark.parametrize("resolve", [_mark_sent, _send_again, _give_up])
def test_executor_settles_no_doubts(networks: Networks, resolve: Callable[[Networks, Outgoing, Role], None]) -> None:
    row = _unknown(networks)
    with pytest.raises(Refused):
        resolve(networks, row, Role.EXECUTOR)
    assert row_of(networks.tg_channel).state == OutgoingState.UNKNOWN


def test_official_of_another_city_settles_no_doubts(networks: Networks) -> None:
    row = _unknown(networks)
    with pytest.raises(resolving.NotInDoubt):
        resolving.mark_sent(found_town("zarechensk").official(Role.OPERATOR), row, now=now())


def test_row_that_a_network_breaks_at_each_time_is_shown_to_people_in_the_end(networks: Networks) -> None:
    networks.ask_in_vk()
    networks.vk.fail_next(VkFault.HTTP_ERROR, times=20, code=500)
    for _ in range(30):
        networks.later()

    row = row_of(networks.vk_channel)
    assert (row.state, row.attempts) == (OutgoingState.FAILED, sending.MAX_ATTEMPTS)
    assert (row.error, networks.vk.accepted) == ("VK answered 500", [])


@pytest.mark.parametrize(("attempts", "wait_s"), [(1, 0), (2, 5), (3, 15), (7, 1800)])
def test_row_that_was_not_sent_waits_longer_each_time(networks: Networks, attempts: int, wait_s: int) -> None:
    networks.ask_in_vk()
    at, row = now(), row_of(networks.vk_channel)
    row.attempts = attempts
    sending.queue_again([row], now=at)

    assert row_of(networks.vk_channel).due_at == at + timedelta(seconds=wait_s)
