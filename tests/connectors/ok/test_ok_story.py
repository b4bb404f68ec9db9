"""The whole way: messages by webhook, comments by asking; what can't be answered is said, not tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case
from otklik.cases.reaching import why_shut
from otklik.cases.services import answering
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.polls import Poll
from otklik.channels.services import polling
from otklik.channels.services.connecting import connect, reconfigure
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.simulators.ok import payloads
from otklik.simulators.ok.simulator import OkSimulator
from otklik.worker.taking import take_channel
from tests.connectors.ok import accounts
from tests.servers import serve
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

POTHOLE = "Яма на дороге, улица Садовая, дом 12, почините"
LAMP = "Не горит фонарь, улица Лесная, дом 3, сделайте свет"


@dataclass
class Connected:
    town: Town
    simulator: OkSimulator
    channel: Channel

    def ask(self) -> None:
        polling.arrange(self.channel, polling.rounds_of(self.channel), now=now())
        for poll in polling.claim("one", now=now(), limit=8):
            polling.record(poll, polling.ask(poll, now=now()), now=now())
        take_channel(self.channel.pk, brain())

    def answer(self, case: Case, text: str) -> None:
        writer, approver = self.town.official(Role.EXECUTOR), self.town.official(Role.APPROVER)
        answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
        answering.submit(writer, case, now=now())
        answering.approve(approver, case, now=now())
        self.town.send()


@pytest.fixture
def connected() -> Iterator[Connected]:
    town, simulator = found_town(), accounts.simulator()
    with serve(simulator.asgi) as url:
        config = accounts.config(url, answers="off")
        channel = connect(town.city, "ok", "ok", "", {**config.settings, **config.secrets}, now=now())
        yield Connected(town, simulator, channel)


def test_message_is_answered_in_its_conversation(connected: Connected) -> None:
    hook = connected.simulator.town.write(accounts.RESIDENT, LAMP)
    store([Arrival(connected.channel.municipality_id, connected.channel.pk, "d1", payloads.encode(hook), now())])
    take_channel(connected.channel.pk, brain())
    case = connected.town.case(Message.objects.get())
    connected.answer(case, "Иван, бригада выехала.")

    case.refresh_from_db()
    sent = connected.simulator.accepted
    assert case.status == Status.ANSWERED
    assert [one.place for one in sent] == [accounts.RESIDENT.chat] * 2
    assert sent[-1].text.startswith("Иван, бригада выехала.")


def test_comment_that_asking_brought_is_a_case_and_says_that_it_can_not_be_answered(connected: Connected) -> None:
    topic = connected.simulator.town.publish("Дороги")
    connected.simulator.town.comment(topic, accounts.RESIDENT, POTHOLE)
    connected.ask()
    connected.ask()
    message = Message.objects.get(is_ours=False)

    assert Case.objects.get().case_messages.get().message == message
    assert (message.thread.post_external_id, message.visibility) == (topic, "public")
    assert why_shut(message, now=now())
    assert Outgoing.objects.count() == 0


def test_comment_is_answered_where_an_administrator_switched_it_on(connected: Connected) -> None:
    reconfigure(connected.channel, {"answers_comments": "on"})
    topic = connected.simulator.town.publish("Дороги")
    said = connected.simulator.town.comment(topic, accounts.RESIDENT, POTHOLE)
    connected.ask()
    message = Message.objects.get(is_ours=False)
    connected.answer(connected.town.case(message), "Засыпали.")

    assert why_shut(message, now=now()) == ""
    assert {one.answers for one in connected.simulator.accepted} == {said["id"]}


def test_changed_comment_is_an_edit_and_our_own_is_no_case(connected: Connected) -> None:
    topic = connected.simulator.town.publish("Дороги")
    said = connected.simulator.town.comment(topic, accounts.RESIDENT, POTHOLE)
    connected.simulator.town.comment(topic, connected.simulator.town.group, "Друзья, спасибо за вопросы!")
    connected.ask()
    said["text"] = f"{POTHOLE}. Вчера упал ребёнок"
    Poll.objects.update(due_at=now())
    connected.ask()

    message = Message.objects.get(is_ours=False)
    assert (message.text, message.versions.count()) == (said["text"], 1)
    assert Case.objects.count() == 1
