"""Instagram's whole way: signed webhooks over HTTP through the gate, a case, an approved answer in the same place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from otklik.cases.enums import Outcome
from otklik.cases.models import Case
from otklik.cases.reaching import why_shut
from otklik.cases.services import answering, rerouting
from otklik.cases.services.moving import Overtaken
from otklik.channels.connections import connector_of
from otklik.channels.enums import FetchState, OutgoingState
from otklik.channels.lookups import LookUp
from otklik.channels.models import Channel, Delivery, Message, Outgoing
from otklik.channels.services import looking_up
from otklik.channels.services.connecting import connect, subscribe
from otklik.channels.services.naming import Namer
from otklik.channels.services.queueing import takes_private_reply
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.connectors.events import Webhook
from otklik.gate.app import Gate
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.simulators.instagram.faults import Fault
from otklik.simulators.instagram.simulator import InstagramSimulator
from otklik.simulators.instagram.town import Person
from otklik.worker.loop import Worker
from otklik.worker.taking import take_channel
from tests.builders import acknowledged
from tests.servers import Stage, serve
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

ACCOUNT, TOKEN, SECRET, WORD = "17841400000000001", "IGAA-of-the-tests", "0123456789abcdef", "a word of ours"
RESIDENT = Person("34000000000000034", "ivan.zarechny", "Иван Заречный")
HOLE = "Яма на дороге, улица Садовая, дом 12, почините"


@dataclass
class Insta:
    """A city whose account is connected, with its other side."""

    town: Town
    channel: Channel
    there: InstagramSimulator
    worker: Worker

    def hear(self) -> None:
        """Verify and store what happened as the gate does, and let the worker take it."""
        connector, pending = connector_of(self.channel), self.there.deliveries.pending
        while pending:
            body = (pending.pop() if self.there.deliveries.backwards else pending.popleft()).body
            headers = {name.lower(): one for name, one in self.there.deliveries.headers(body).items()}
            hook = Webhook(headers, body, now())
            connector.verify(hook)
            store([Arrival(self.channel.municipality_id, self.channel.pk, connector.delivery_key(hook), body, now())])
        self.take()

    def take(self) -> None:
        while take_channel(self.channel.pk, brain()):
            pass

    def send(self) -> None:
        while self.worker.send_step():
            pass

    def answer(self, case: Case, text: str) -> None:
        writer, approver = self.town.official(Role.EXECUTOR), self.town.official(Role.APPROVER, name="Павел Строев")
        answering.write_draft(writer, case, text, Outcome.RESOLVED, now=now())
        answering.submit(writer, case, now=now())
        answering.approve(approver, case, now=now())
        self.send()


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serve(stage) as base_url:
        yield stage, base_url


@pytest.fixture
def insta(stage: tuple[Stage, str]) -> Insta:
    made = connected(*stage)
    made.there.deliveries.url = "https://city.example/hooks/t"
    subscribe(made.channel)
    return made


def connected(stage: Stage, api: str) -> Insta:
    town = found_town()
    there = InstagramSimulator(ACCOUNT, TOKEN, SECRET, username="gorod", in_background=False, pause_s=0)
    stage.play = there.asgi
    values = {"account_id": ACCOUNT, "token": TOKEN, "app_secret": SECRET, "verify_token": WORD, "api_base": api}
    channel = acknowledged(connect(town.city, "instagram", "ig", "", values, now=now()))
    return Insta(town, channel, there, Worker())


@pytest.mark.django_db(transaction=True)
def test_whole_way_through_the_gate(stage: tuple[Stage, str]) -> None:
    insta = connected(*stage)
    deliveries = insta.there.deliveries
    with serve(Gate()) as gate:
        wrong = asyncio.run(deliveries.confirm(f"{gate}/hooks/{insta.channel.hook_token}", "another word"))
        right = asyncio.run(deliveries.confirm(f"{gate}/hooks/{insta.channel.hook_token}", WORD))
        subscribe(insta.channel)
        post = insta.there.town.publish("Дороги")
        insta.there.town.comment(post.id, RESIDENT, HOLE)
        taken = asyncio.run(insta.there.deliver())
    insta.take()

    assert (wrong, right, taken, Case.objects.get().channel_id) == (False, True, 1, insta.channel.pk)


def test_comment_becomes_a_case_whose_answer_stands_under_it(insta: Insta) -> None:
    post = insta.there.town.publish("Дороги")
    asked = insta.there.town.comment(post.id, RESIDENT, HOLE)
    insta.hear()
    case = Case.objects.get(channel=insta.channel)

    insta.answer(case, "Здравствуйте! Яму засыпали сегодня утром.")
    insta.hear()

    said = [(one.parent, one.user) for one in insta.there.town.comments.values() if "засыпали" in one.text]
    assert said == [(asked.id, ACCOUNT)]
    assert [one.is_ours for one in Message.objects.filter(text__contains="засыпали")] == [True]
    assert Message.objects.get(text=HOLE).identity.display_name == "@ivan.zarechny"


def test_what_comes_twice_and_backwards_is_one_conversation(insta: Insta) -> None:
    insta.there.deliveries.repeats, insta.there.deliveries.backwards = 2, True
    first = insta.there.town.write(RESIDENT, HOLE)
    insta.there.town.edit(first, f"{HOLE}!")
    second = insta.there.town.write(RESIDENT, "Ой, не туда")
    insta.there.town.unsend(second)
    insta.hear()

    rows = Message.objects.filter(channel=insta.channel, is_ours=False).order_by("occurred_at", "id")
    assert sorted((row.text, row.deleted_at is not None) for row in rows) == [("", True), (f"{HOLE}!", False)]


def test_person_is_named_once_asked_and_answered_in_private(insta: Insta) -> None:
    insta.there.town.write(RESIDENT, HOLE)
    insta.hear()
    Namer().name_strangers()
    case = Case.objects.get(channel=insta.channel)

    insta.answer(case, "Здравствуйте! Яму засыпали сегодня утром.")

    assert Message.objects.get(text=HOLE).identity.display_name == "Иван Заречный"
    assert [one.text for one in insta.there.town.conversations[RESIDENT.id] if one.ours][-1].endswith("сегодня утром.")


def test_window_counts_from_the_persons_last_words_and_for_private_ones_only(insta: Insta) -> None:
    post = insta.there.town.publish("Дороги")
    insta.there.town.comment(post.id, RESIDENT, HOLE)
    insta.there.town.write(RESIDENT, "Нет света на Лесной, дом 3")
    insta.hear()
    Message.objects.update(occurred_at=now() - timedelta(days=2))
    public, private = Message.objects.order_by("kind").select_related("channel", "thread", "identity")[:2]
    before = [bool(why_shut(one, now=now())) for one in (public, private)]
    insta.there.town.write(RESIDENT, "Ну что там?")
    insta.hear()

    after = [bool(why_shut(one, now=now())) for one in (public, private)]

    assert (before, after) == ([False, True], [False, False])


def test_human_agent_keeps_the_way_open_for_a_week(insta: Insta) -> None:
    insta.there.town.write(RESIDENT, HOLE)
    insta.hear()
    Message.objects.update(occurred_at=now() - timedelta(days=6))
    insta.channel.settings["human_agent"] = "yes"
    insta.channel.save()
    message = Message.objects.select_related("channel", "thread").get(text=HOLE)

    assert (why_shut(message, now=now()), bool(why_shut(message, now=now() + timedelta(days=2)))) == ("", True)


def test_mention_is_read_by_its_number_and_becomes_a_case(insta: Insta) -> None:
    insta.there.town.mention(RESIDENT, f"@gorod {HOLE}")
    insta.hear()
    nothing_yet = Message.objects.count()
    assert looking_up.look_up_next(now=now())
    insta.take()

    [message] = Message.objects.filter(is_ours=False)
    assert (nothing_yet, message.kind, message.text) == (0, "mention", f"@gorod {HOLE}")
    assert Case.objects.get().case_messages.get().message == message
    assert (LookUp.objects.get().state, looking_up.look_up_next(now=now())) == (FetchState.KEPT, False)


def test_mention_told_twice_is_read_once_and_answered_beside_the_words(insta: Insta) -> None:
    insta.there.deliveries.repeats = 2
    post = insta.there.town.mention(Person("7", "zhurnal"), "Двор")
    LookUp.objects.all().delete()
    insta.there.deliveries.pending.clear()
    insta.there.town.mention_in_comment(RESIDENT, post.id, f"@gorod {HOLE}")
    insta.hear()
    while looking_up.look_up_next(now=now()):
        insta.take()

    insta.answer(Case.objects.get(), "Здравствуйте! Яму засыпали сегодня утром.")

    [ours] = [one for one in insta.there.town.comments.values() if "засыпали" in one.text]
    assert (ours.media, LookUp.objects.count()) == (post.id, 1)


def test_mention_that_is_gone_is_shown_to_a_person_without_its_words(insta: Insta) -> None:
    post = insta.there.town.mention(RESIDENT, "@gorod")
    del insta.there.town.posts[post.id]
    insta.hear()
    looking_up.look_up_next(now=now())
    insta.take()

    message = Message.objects.get()
    assert (message.kind, message.text, LookUp.objects.get().state) == ("mention", "", FetchState.FAILED)
    assert "can't be read" in Delivery.objects.get(state="partial").note


def test_network_that_fails_is_asked_again_later(insta: Insta) -> None:
    insta.there.town.mention(RESIDENT, f"@gorod {HOLE}")
    insta.hear()
    insta.there.fail_next(Fault.HTTP_ERROR, edges={"read"}, code=503)
    looking_up.look_up_next(now=now())
    too_early = looking_up.look_up_next(now=now())
    later = looking_up.look_up_next(now=now() + timedelta(minutes=1))
    insta.take()

    assert (too_early, later, Message.objects.get().text) == (False, True, f"@gorod {HOLE}")


def test_worker_that_died_while_reading_leaves_it_to_the_next(insta: Insta) -> None:
    insta.there.town.mention(RESIDENT, f"@gorod {HOLE}")
    insta.hear()
    looking_up._claim(now())

    assert not looking_up.look_up_next(now=now())
    assert looking_up.look_up_next(now=now() + looking_up.LEASE)
    insta.take()
    assert Message.objects.get().text == f"@gorod {HOLE}"


def test_doubt_about_an_answer_is_settled_by_reading(insta: Insta) -> None:
    insta.there.town.write(RESIDENT, HOLE)
    insta.hear()
    insta.there.fail_next(Fault.HTTP_ERROR_AFTER)
    insta.send()
    state = Outgoing.objects.get().state
    Outgoing.objects.update(due_at=now() - timedelta(hours=1))
    insta.send()

    assert (state, Outgoing.objects.get().state) == (OutgoingState.UNKNOWN, OutgoingState.SENT)
    assert len(insta.there.accepted) == 1


def refused_comment(insta: Insta) -> Outgoing:
    """An answer under a comment that Instagram doesn't take, because the comment is hidden."""
    post = insta.there.town.publish("Дороги")
    asked = insta.there.town.comment(post.id, RESIDENT, HOLE)
    insta.hear()
    insta.send()
    asked.hidden = True
    insta.answer(Case.objects.get(channel=insta.channel), "Здравствуйте! Яму засыпали сегодня утром.")
    return Outgoing.objects.get(state=OutgoingState.FAILED)


def test_answer_that_a_hidden_comment_does_not_take_goes_to_its_author_alone_once(insta: Insta) -> None:
    row, approver = refused_comment(insta), insta.town.official(Role.APPROVER, name="Павел Строев")
    case = Case.objects.get(channel=insta.channel)

    sent = rerouting.send_privately(approver, case, row.pk, now=now())
    with pytest.raises(Overtaken):
        rerouting.send_privately(approver, case, row.pk, now=now())
    insta.send()
    insta.hear()

    [private] = insta.there.town.conversations[RESIDENT.id]
    sent.refresh_from_db()
    assert (private.text, private.ours, sent.state, sent.thread) == (row.text, True, OutgoingState.SENT, None)
    [ours] = Message.objects.filter(text=row.text)
    assert (ours.is_ours, ours.visibility, ours.thread.key) == (True, "private", f"dm:{RESIDENT.id}")
    assert [one.user for one in insta.there.town.comments.values() if "засыпали" in one.text] == []


@pytest.mark.parametrize(
    ("days", "words", "goes"), [(6, "Выехали", True), (8, "Выехали", False), (0, "ы" * 501, False)]
)
def test_private_answer_is_offered_for_a_week_and_for_words_that_fit_into_one(
    insta: Insta, days: int, words: str, goes: bool
) -> None:
    row = refused_comment(insta)
    message = Message.objects.select_related("channel").get(pk=row.reply_to_id)
    at = message.occurred_at + timedelta(days=days)

    assert takes_private_reply(message, words, now=at) == goes


def test_private_answer_that_may_have_arrived_is_read_up(insta: Insta) -> None:
    row, approver = refused_comment(insta), insta.town.official(Role.APPROVER, name="Павел Строев")
    rerouting.send_privately(approver, Case.objects.get(channel=insta.channel), row.pk, now=now())
    insta.there.fail_next(Fault.HTTP_ERROR_AFTER)
    insta.send()
    Outgoing.objects.filter(state=OutgoingState.UNKNOWN).update(due_at=now() - timedelta(hours=1))
    insta.send()

    assert [one.text for one in insta.there.town.conversations[RESIDENT.id]] == [row.text]
    assert Outgoing.objects.filter(text=row.text).order_by("id").last().state == OutgoingState.SENT


def test_message_to_one_person_is_no_comment_to_answer_privately(insta: Insta) -> None:
    insta.there.town.write(RESIDENT, HOLE)
    insta.hear()

    assert not takes_private_reply(Message.objects.select_related("channel").get(), "Выехали", now=now())


def test_executor_may_not_send_a_refused_answer_privately(insta: Insta) -> None:
    row = refused_comment(insta)

    with pytest.raises(Refused):
        rerouting.send_privately(
            insta.town.official(Role.EXECUTOR), Case.objects.get(channel=insta.channel), row.pk, now=now()
        )
