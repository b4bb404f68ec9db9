"""The whole way: a resident writes in MAX, the worker carries it, the approved answer stands where it was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from otklik.cases.enums import Outcome, Status
from otklik.cases.models import Case
from otklik.cases.services import answering
from otklik.channels.enums import Decision, OutgoingState
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.simulators.max import payloads
from otklik.simulators.max.payloads import Person
from otklik.simulators.max.simulator import MaxSimulator
from otklik.worker.taking import take_channel
from tests.connectors.max.accounts import CHANNEL, TOKEN
from tests.servers import serve
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

POTHOLE = "Яма на дороге, улица Садовая, дом 12, почините"
LAMP = "Не горит фонарь, улица Лесная, дом 3, сделайте свет"


@dataclass
class Connected:
    town: Town
    simulator: MaxSimulator
    channel: Channel

    def hear(self, kind: str, said: dict[str, Any], **more: Any) -> None:
        body = payloads.encode(payloads.update(kind, said.get("timestamp", 0), **(more or {"message": said})))
        key = f"d{Message.objects.count()}{kind}"
        store([Arrival(self.channel.municipality_id, self.channel.pk, key, body, now())])
        take_channel(self.channel.pk, brain())

    def answer(self, case: Case, text: str) -> None:
        writer, approver = self.town.official(Role.EXECUTOR), self.town.official(Role.APPROVER)
        answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
        answering.submit(writer, case, now=now())
        answering.approve(approver, case, now=now())
        self.town.send()


@pytest.fixture
def connected() -> Iterator[Connected]:
    town = found_town()
    simulator = MaxSimulator(TOKEN, CHANNEL, in_background=False)
    with serve(simulator.asgi) as url:
        values = {"access_token": TOKEN, "channel_id": str(CHANNEL), "api_base": url}
        yield Connected(town, simulator, connect(town.city, "max", "max", "", values, now=now()))


def test_comment_whose_author_is_hidden_gets_a_case_and_its_answer(connected: Connected) -> None:
    simulator = connected.simulator
    simulator.town.hides_commenters = True
    post = simulator.town.publish("Дороги")
    said = simulator.town.comment(post["body"]["mid"], Person(5, "Мария"), POTHOLE)
    connected.hear("comment_created", said)
    message = Message.objects.get(channel=connected.channel)
    case = connected.town.case(message)
    connected.answer(case, "Здравствуйте! Засыпали сегодня.")

    case.refresh_from_db()
    assert (message.identity, message.visibility) == (None, "public")
    assert case.status == Status.ANSWERED
    assert [(one.text.startswith("Здравствуйте! Засыпали"), one.reply_to) for one in simulator.accepted[-1:]] == [
        (True, said["body"]["mid"])
    ]
    assert set(Outgoing.objects.values_list("state", flat=True)) == {OutgoingState.SENT}


def test_hidden_person_in_danger_is_told_whom_to_call(connected: Connected) -> None:
    simulator = connected.simulator
    simulator.town.hides_commenters = True
    post = simulator.town.publish("Дороги")["body"]["mid"]
    connected.hear(
        "comment_created", simulator.town.comment(post, Person(5, "Мария"), "Пахнет газом в подъезде, Лесная 3")
    )
    connected.town.send()

    assert ["112" in one.text for one in simulator.accepted] == [True]


def test_two_people_whom_max_hides_are_not_one(connected: Connected) -> None:
    simulator = connected.simulator
    simulator.town.hides_commenters = True
    post = simulator.town.publish("Дороги")["body"]["mid"]
    for number, text in ((5, POTHOLE), (6, LAMP)):
        connected.hear("comment_created", simulator.town.comment(post, Person(number, "Кто-то"), text))

    assert Case.objects.count() == 2
    assert [message.root_key for message in Message.objects.order_by("id")] == [
        message.object_key for message in Message.objects.order_by("id")
    ]


def test_message_is_answered_in_its_dialog(connected: Connected) -> None:
    said = connected.simulator.town.write(Person(5, "Мария", "Липкина"), LAMP)
    connected.hear("message_created", said)
    case = connected.town.case(Message.objects.get())
    connected.answer(case, "Мария, бригада выехала.")

    sent = connected.simulator.town.messages[connected.simulator.accepted[-1].mid]
    assert sent["recipient"]["chat_id"] == said["recipient"]["chat_id"]
    assert Message.objects.get(is_ours=False).identity.display_name == "Мария Липкина"


def test_removal_leaves_a_tombstone_and_an_older_edit_changes_nothing(connected: Connected) -> None:
    said = connected.simulator.town.write(Person(5, "Мария"), LAMP)
    connected.hear("message_created", said)
    changed = said | {"body": said["body"] | {"text": "Не горят два фонаря, улица Лесная, дом 3"}}
    older = said | {"body": said["body"] | {"text": "Не горят три фонаря"}}
    stamp = said["timestamp"]
    connected.hear("message_edited", changed | {"timestamp": stamp}, message=changed)
    connected.hear("message_edited", {"timestamp": stamp - 5000}, message=older)
    message = Message.objects.get(is_ours=False)
    after_edits = message.text
    gone = {"message_id": said["body"]["mid"], "chat_id": said["recipient"]["chat_id"], "user_id": 5}
    connected.hear("message_removed", {"timestamp": stamp}, **gone)
    connected.hear("message_removed", {"timestamp": stamp + 1}, **gone)

    message.refresh_from_db()
    assert after_edits == changed["body"]["text"]
    assert (message.text, message.deleted_at is not None) == ("", True)


def test_removal_of_what_was_never_seen_is_a_tombstone_that_stays(connected: Connected) -> None:
    said = connected.simulator.town.write(Person(5, "Мария"), LAMP)
    gone = {"message_id": said["body"]["mid"], "chat_id": said["recipient"]["chat_id"]}
    connected.hear("message_removed", {"timestamp": said["timestamp"]}, **gone)
    connected.hear("message_created", said)

    message = Message.objects.get()
    assert (message.text, message.decision, Case.objects.count()) == ("", Decision.NO_ANSWER, 0)


@pytest.mark.parametrize("wrong", [lambda path: path.write_text("no certificate"), lambda path: None])
def test_file_that_holds_no_certificate_is_refused(
    tmp_path: Any, wrong: Callable[[Any], object], connected: Connected
) -> None:
    from otklik.channels.services.connecting import reconfigure
    from otklik.org.errors import NotPossible

    place = tmp_path / "ca.pem"
    wrong(place)

    with pytest.raises(NotPossible) as refused:
        reconfigure(connected.channel, {"ca_bundle": str(place)})
    assert refused.value.field == "ca_bundle"
    assert "PEM" in str(refused.value)
