"""E-mail, whole: a letter in the mailbox, a case, an approved answer in the same conversation, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

import pytest

from otklik.cases.enums import Outcome
from otklik.cases.models import Answer, Case, CaseMessage, JournalEntry
from otklik.cases.services import answering
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Channel, Delivery, Message, Outgoing, Thread
from otklik.channels.polls import Poll
from otklik.channels.queries import undelivered
from otklik.channels.services import filing, polling
from otklik.channels.services.connecting import connect
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.simulators.mail.letters import letter, report
from otklik.simulators.mail.mailbox import SENT as SENT_FOLDER
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.mail.simulator import MailSimulator
from otklik.worker.loop import Worker
from otklik.worker.taking import take_channel
from tests.pictures import picture
from tests.stories import Town, brain, found_town

pytestmark = pytest.mark.django_db

ADDRESS = "city@yasnogorye.example"
PASSWORD = "steep-willow-42"
ASKED = "Яма на дороге, улица Садовая, дом 12, почините"


@dataclass
class Post:
    """The city with its mailbox."""

    town: Town
    channel: Channel
    box: MailboxSimulator
    smtp: MailSimulator
    worker: Worker

    def comes(self, raw: bytes, folder: str = "INBOX") -> None:
        """A letter reaches the mailbox; the worker asks for it and carries it."""
        self.box.put(raw, folder)
        self.ask()

    def ask(self) -> None:
        Poll.objects.update(due_at=now())
        for poll in polling.claim("one", now=now(), limit=8):
            polling.record(poll, polling.ask(poll, now=now()), now=now())
        while take_channel(self.channel.pk, brain()):
            pass

    def send(self) -> list[EmailMessage]:
        """Send what is due and return every letter that has left so far."""
        while self.worker.send_step():
            pass
        return list(self.smtp.taken)

    def answer(self, case: Case, text: str = "Починим в среду.") -> EmailMessage:
        Case.objects.filter(pk=case.pk, status__in=["new", "triage"]).update(status="assigned")
        case.refresh_from_db()
        answering.answer_as_head(self.town.official(Role.HEAD), case, text, Outcome.EXPLAINED, now=now())
        return self.send()[-1]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[MailboxSimulator, int, MailSimulator, int]]:
    box, smtp = MailboxSimulator(ADDRESS, PASSWORD), MailSimulator(ADDRESS, PASSWORD)
    with box.serve() as imap_port, smtp.serve() as smtp_port:
        yield box, imap_port, smtp, smtp_port


@pytest.fixture
def post(servers: tuple[MailboxSimulator, int, MailSimulator, int]) -> Post:
    box, imap_port, smtp, smtp_port = servers
    box.folders = MailboxSimulator().folders
    smtp.taken.clear()
    smtp.senders.clear()
    town = found_town()
    values = {
        "address": ADDRESS, "password": PASSWORD, "sender_name": "Город Ясногорье",
        "imap_host": "127.0.0.1", "imap_port": str(imap_port), "imap_security": "none",
        "smtp_host": "127.0.0.1", "smtp_port": str(smtp_port), "smtp_security": "none", "plus_addresses": "yes",
    }  # fmt: skip
    channel = connect(town.city, "email", "mail", "", values, now=now())
    polling.arrange(channel, polling.rounds_of(channel), now=now())
    return Post(town, channel, box, smtp, Worker())


def test_letter_becomes_a_case_and_its_answer_a_letter_in_the_same_conversation(post: Post) -> None:
    post.comes(letter(ASKED, subject="Дорога", message_id="<m1@mail.example>"))
    case = Case.objects.get(channel=post.channel)
    answer = post.answer(case)

    assert [one["Subject"] for one in post.smtp.taken] == ["Re: Дорога", "Re: Дорога"]  # acknowledged, then answered
    assert answer.get_content().strip() == "Починим в среду."
    assert (answer["To"], answer["From"]) == ("ivan@mail.example", f"Город Ясногорье <{ADDRESS}>")
    assert (answer["In-Reply-To"], answer["References"]) == ("<m1@mail.example>", "<m1@mail.example>")
    thread = Thread.objects.get()
    assert answer["Reply-To"] == f"city+{thread.key.removeprefix('mail:')}@yasnogorye.example"
    assert Answer.objects.get().state == "sent"


def test_only_what_a_machine_says_says_that_a_machine_said_it(post: Post) -> None:
    post.comes(letter(ASKED))
    post.answer(Case.objects.get())

    acknowledgement, answer = post.smtp.taken
    assert (acknowledgement["Auto-Submitted"], answer["Auto-Submitted"]) == ("auto-replied", None)
    assert post.smtp.senders == ["", ADDRESS]


def test_reply_of_the_resident_joins_the_case_without_what_it_quotes(post: Post) -> None:
    post.comes(letter(ASKED, subject="Дорога"))
    case = Case.objects.get()
    ours = post.answer(case)["Message-ID"]
    post.comes(
        letter(
            f"Не починили до сих пор, яма стала больше!\n\n2 марта 2026 г., 10:15, Город <{ADDRESS}> пишет:\n> Починим",
            subject="Re: Дорога", message_id="<m2@mail.example>", headers={"In-Reply-To": str(ours)},
        )
    )  # fmt: skip

    reply = Message.objects.get(external_id="m2@mail.example")
    assert reply.text == "Не починили до сих пор, яма стала больше!"
    assert (reply.thread, CaseMessage.objects.get(message=reply).case) == (Thread.objects.get(), case)
    case.refresh_from_db()
    assert case.status == "reopened"


def test_letter_with_the_same_subject_is_a_matter_of_its_own(post: Post) -> None:
    post.comes(letter(ASKED, subject="Дорога"))
    post.comes(
        letter(
            "Не горит фонарь, улица Лесная, дом 3, сделайте свет", subject="Re: Дорога", message_id="<m2@mail.example>"
        )
    )

    assert (Thread.objects.count(), Case.objects.count()) == (2, 2)


def test_machines_letter_is_taken_in_and_never_answered_by_a_machine(post: Post) -> None:
    post.comes(letter(ASKED, headers={"Auto-Submitted": "auto-generated"}))

    assert (Message.objects.get().is_automated, Outgoing.objects.count(), post.send()) == (True, 0, [])


def test_correspondent_who_writes_without_end_is_acknowledged_three_times_a_day(post: Post) -> None:
    for number in range(6):
        text = f"Яма на дороге, улица Садовая, дом {number + 20}, почините"
        post.box.put(letter(text, message_id=f"<loop{number}@mail.example>"))
        if number % 2:
            post.ask()

    assert (Case.objects.count(), len(post.send())) == (6, 3)


def test_letter_that_comes_back_is_not_delivered_and_no_case(post: Post) -> None:
    post.comes(letter(ASKED))
    case = Case.objects.get()
    ours = str(post.answer(case)["Message-ID"])
    post.comes(report(ours))

    row = Outgoing.objects.get(is_automated=False)
    assert (row.state, row.error) == (
        OutgoingState.FAILED, "the letter came back: it didn't arrive (550 5.1.1 no such user)",
    )  # fmt: skip
    assert [one.pk for one in undelivered(post.town.city.pk)] == [row.pk]
    assert JournalEntry.objects.filter(case=case, action="not_delivered").count() == 1
    assert (Case.objects.count(), Message.objects.filter(is_ours=False).count()) == (1, 1)
    post.comes(report(ours).replace(b"bounce-", b"bounce-again-"))
    assert JournalEntry.objects.filter(case=case, action="not_delivered").count() == 1


def test_delayed_letter_is_still_on_its_way(post: Post) -> None:
    post.comes(letter(ASKED))
    ours = str(post.answer(Case.objects.get())["Message-ID"])
    post.comes(report(ours, action="delayed"))

    assert set(Outgoing.objects.values_list("state", flat=True)) == {OutgoingState.SENT}


def test_renumbered_mailbox_doubles_nothing(post: Post) -> None:
    post.comes(letter(ASKED))
    post.box.renumber()
    post.comes(letter("Спасибо", message_id="<m2@mail.example>"))

    assert (Delivery.objects.count(), Message.objects.count(), Case.objects.count()) == (2, 2, 1)


def test_answer_that_a_colleague_wrote_in_the_mailbox_counts_as_the_cases(post: Post) -> None:
    post.comes(letter(ASKED))
    post.comes(
        letter(
            "Уже починили.", sender=ADDRESS, to="ivan@mail.example", subject="Re: Яма на дороге",
            message_id="<client1@yasnogorye.example>", headers={"In-Reply-To": "<m1@mail.example>"},
        ),
        SENT_FOLDER,
    )  # fmt: skip

    assert Answer.objects.get().text == "Уже починили."
    case = Case.objects.get()
    assert case.status == "answered"


def test_forged_sender_cannot_answer_for_the_city(post: Post) -> None:
    post.comes(letter(ASKED))
    post.comes(
        letter(
            "Уже починили.", sender=ADDRESS, subject="Re: Яма на дороге", message_id="<f1@evil.example>",
            headers={"In-Reply-To": "<m1@mail.example>"},
        )
    )  # fmt: skip

    assert Answer.objects.count() == 0
    assert not Message.objects.get(external_id="f1@evil.example").is_ours


def test_photo_of_a_letter_comes_by_the_way_of_all_files(post: Post) -> None:
    post.comes(letter(ASKED, files=[("яма.jpg", "image/jpeg", picture(64, 48))]))
    while filing.fetch_next(now=now()):
        pass

    [file] = Message.objects.get(is_ours=False).files.all()
    assert (file.state, file.kind, file.filename) == ("kept", "photo", "яма.jpg")


def test_silence_after_the_whole_letter_is_asked_about_and_never_repeated(post: Post) -> None:
    post.comes(letter(ASKED, headers={"Auto-Submitted": "auto-generated"}))
    post.smtp.faults.append("silence")
    post.answer(Case.objects.get())
    post.send()

    assert (Outgoing.objects.get().state, len(post.smtp.taken)) == (OutgoingState.UNKNOWN, 1)
    ours = str(post.smtp.taken[0]["Message-ID"])
    post.comes(
        letter(
            "Починим в среду.",
            sender=ADDRESS,
            subject="Re: x",
            message_id=ours,
            headers={"In-Reply-To": "<m1@mail.example>"},
        ),
        SENT_FOLDER,
    )
    assert (Outgoing.objects.get().state, Answer.objects.get().state) == (OutgoingState.SENT, "sent")
