"""Words of the city that came back from a network: echoes of our own, and answers typed in the network's app."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Answer, Case
from otklik.cases.services import answering
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.simulators.vk import payloads
from otklik.worker.taking import take_channel
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

COMMUNITY = 77


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def vk(town: Town) -> Channel:
    values = {"group_id": str(COMMUNITY), "token": "vk1.community", "callback_secret": "secret77", "user_token": ""}
    return connect(town.city, "vk", "vk", "", values, now=now())


def say(vk: Channel, number: int, who: int, text: str, answers: int | None = None) -> Message:
    """A comment under the post, through VK's own callback."""
    comment = payloads.comment_thing(
        owner_id=-COMMUNITY,
        post_id=5,
        comment_id=number,
        from_id=who,
        text=text,
        date=int(now().timestamp()) - 60,
        answers=(answers, 9) if answers else None,
    )
    body = payloads.callback("wall_reply_new", comment, event_id=f"e{number}", group_id=COMMUNITY, secret="secret77")
    store([Arrival(vk.municipality_id, vk.pk, f"e{number}", body, now())])
    take_channel(vk.pk, brain())
    return Message.objects.get(channel=vk, external_id=str(number))


def asked(vk: Channel) -> Case:
    return Case.objects.get(case_messages__message=say(vk, 1, 9, "Яма на дороге, улица Садовая, дом 12, почините"))


def test_answer_typed_in_the_networks_app_counts_as_the_cases_answer(vk: Channel) -> None:
    case = asked(vk)
    typed = say(vk, 2, -COMMUNITY, "Здравствуйте! Завтра засыпем.", answers=1)

    case.refresh_from_db()
    answer = Answer.objects.get()
    assert (typed.is_ours, typed.decision) == (True, "own")
    assert (case.status, answer.text, answer.source_message) == (Status.ANSWERED, typed.text, typed)
    assert case.journal.filter(action="answered_in_network").exists()


def test_words_of_the_city_that_answer_nobody_change_no_case(vk: Channel) -> None:
    case = asked(vk)
    say(vk, 2, -COMMUNITY, "Друзья, спасибо за вопросы!")

    case.refresh_from_db()
    assert case.status == Status.ASSIGNED
    assert not Answer.objects.exists()


def test_echo_settles_a_row_that_nobody_was_certain_of(town: Town, vk: Channel) -> None:
    case = asked(vk)
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, "Засыпали", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    row = Outgoing.objects.get(is_automated=False)
    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.UNKNOWN, due_at=now() + timedelta(hours=1))
    say(vk, 2, -COMMUNITY, "Засыпали", answers=1)

    row.refresh_from_db()
    case.refresh_from_db()
    assert (row.state, case.status) == (OutgoingState.SENT, Status.ANSWERED)
    assert Answer.objects.count() == 1
    assert Message.objects.filter(is_ours=True, text="Засыпали").count() == 1


def test_echo_of_a_row_that_is_just_being_sent_is_not_a_second_answer(town: Town, vk: Channel) -> None:
    case = asked(vk)
    writer, approver = town.official(Role.EXECUTOR), town.official(Role.APPROVER)
    answering.write_draft(writer, case, "Засыпали", Outcome.RESOLVED, now=now())
    answering.submit(writer, case, now=now())
    answering.approve(approver, case, now=now())
    Outgoing.objects.filter(is_automated=False).update(state=OutgoingState.SENDING, claimed_by="me")
    say(vk, 2, -COMMUNITY, "Засыпали", answers=1)

    assert Answer.objects.count() == 1
    case.refresh_from_db()
    assert case.status == Status.APPROVAL


def test_edit_of_a_message_is_in_its_cases_history(vk: Channel) -> None:
    case = asked(vk)
    comment = payloads.comment_thing(
        owner_id=-COMMUNITY, post_id=5, comment_id=1, from_id=9, text="Яма, Садовая 12, уже две!", date=1_763_800_000
    )
    body = payloads.callback("wall_reply_edit", comment, event_id="e9", group_id=COMMUNITY, secret="secret77")
    store([Arrival(vk.municipality_id, vk.pk, "e9", body, now())])
    take_channel(vk.pk, brain())

    message = Message.objects.get(is_ours=False)
    assert message.text == "Яма, Садовая 12, уже две!"
    assert [version.text for version in message.versions.all()] == ["Яма на дороге, улица Садовая, дом 12, почините"]
    assert case.journal.last().action == "message_edited"


def test_deleted_message_leaves_a_tombstone_even_when_it_comes_twice_or_first(vk: Channel) -> None:
    gone = {"owner_id": -COMMUNITY, "id": 1, "deleter_id": 9, "post_id": 5}
    for event_id in ("d1", "d2"):
        body = payloads.callback("wall_reply_delete", gone, event_id=event_id, group_id=COMMUNITY, secret="secret77")
        store([Arrival(vk.municipality_id, vk.pk, event_id, body, now())])
        take_channel(vk.pk, brain())
    message = say(vk, 1, 9, "Яма на дороге, улица Садовая, дом 12, почините")

    assert message.deleted_at is not None
    assert (message.text, Message.objects.count()) == ("", 1)
    assert not Case.objects.exists()
