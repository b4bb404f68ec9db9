"""Asking a mailbox: each letter once and in order, whatever the server does with its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.events import Draft, DraftKind, ParseStatus, Polled, Target
from otklik.connectors.mail import polling
from otklik.connectors.mail.connector import INBOX, Mail
from otklik.connectors.mail.parsing import FOLDER_HEADER, PLACE_HEADER, SENT, SIZE_HEADER
from otklik.connectors.mail.threading import own_id
from otklik.simulators.mail import mailbox
from otklik.simulators.mail.letters import letter
from otklik.simulators.mail.mailbox import MailboxSimulator
from tests.connectors.ground import RECEIVED_AT as NOW
from tests.connectors.mail import accounts
from tests.connectors.polls_contract import PollsContract
from tests.servers import closed_port


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[MailboxSimulator, int]]:
    simulator = MailboxSimulator(user=accounts.ADDRESS, password=accounts.PASSWORD)
    with simulator.serve() as port:
        yield simulator, port


@pytest.fixture
def box(server: tuple[MailboxSimulator, int]) -> MailboxSimulator:
    simulator, _ = server
    for name in simulator.folders:
        simulator.folders[name] = mailbox.Folder()
    simulator.faults.clear()
    simulator.fetched.clear()
    return simulator


@pytest.fixture
def mail(box: MailboxSimulator, server: tuple[MailboxSimulator, int]) -> Mail:
    return accounts.connector(imap_port=server[1])


class TestMailboxIsAsked(PollsContract):
    round_name = INBOX

    @pytest.fixture
    def polled(self, mail: Mail, box: MailboxSimulator) -> Mail:
        self.box = box
        return mail

    @pytest.fixture
    def unreachable_polled(self) -> Mail:
        return accounts.connector(imap_port=closed_port())

    def happen(self, polled: Connector, number: int) -> None:
        self.box.put(written(number), at=NOW)


def written(number: int) -> bytes:
    return letter(f"Яма {number}", message_id=f"<m{number}@mail.example>")


def asked(mail: Mail, cursor: str = "") -> Polled:
    return mail.poll(INBOX, cursor, now=NOW)


def texts(mail: Mail, polled: Polled) -> list[str]:
    return [event.text.rpartition("\n")[2] for hook in polled.hooks for event in mail.parse(hook)]


def test_letters_come_once_in_order_and_a_few_at_a_time(
    box: MailboxSimulator, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "AT_ONCE", 2)
    for number in range(5):
        box.put(written(number), at=NOW)

    cursor, found, more = "", [], []
    for _ in range(4):
        polled = asked(mail, cursor)
        found.append(texts(mail, polled))
        more.append(polled.more)
        cursor = polled.cursor

    assert found == [["Яма 0", "Яма 1"], ["Яма 2", "Яма 3"], ["Яма 4"], []]
    assert (more, box.fetched) == ([True, True, False, False], [1, 2, 3, 4, 5])


def test_letter_too_large_to_be_fetched_leaves_who_wrote_and_about_what(
    box: MailboxSimulator, mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "LARGEST", 2_000_000)
    video = ("яма.mp4", "video/mp4", b"x" * 2_100_000)
    box.put(letter("Смотрите сами", subject="Re: Яма на Садовой", files=[video]), at=NOW)
    box.put(written(2), at=NOW)

    polled = asked(mail)

    [event], _ = [mail.parse(hook) for hook in polled.hooks]
    assert (event.text, event.author and event.author.external_id) == ("Re: Яма на Садовой", "ivan@mail.example")
    assert [(file.filename, file.may_store) for file in event.attachments] == [("letter.eml, 2 MB", False)]
    assert (event.parse_status, event.note) == (ParseStatus.PARTIAL, "too large to be fetched: 2 MB")
    assert (SIZE_HEADER in polled.hooks[0].headers, len(polled.hooks[0].body) < 2000) == (True, True)
    assert box.fetched == [2]


def test_same_question_brings_the_same_again(box: MailboxSimulator, mail: Mail) -> None:
    box.put(written(1), at=NOW)

    assert asked(mail) == asked(mail)


def test_letter_says_where_it_lies_and_when_it_came(box: MailboxSimulator, mail: Mail) -> None:
    box.put(written(1), at=NOW - timedelta(hours=2))
    [hook] = asked(mail).hooks

    assert hook.headers == {PLACE_HEADER: "1:1", FOLDER_HEADER: INBOX}
    assert hook.received_at == NOW - timedelta(hours=2)


def test_new_mailbox_begins_with_the_last_days(box: MailboxSimulator, server: tuple[MailboxSimulator, int]) -> None:
    box.put(written(1), at=NOW - timedelta(days=40))
    box.put(written(2), at=NOW - timedelta(hours=3))
    for days, expected in (("1", ["Яма 2"]), ("0", []), ("60", ["Яма 1", "Яма 2"])):
        mail = accounts.connector(imap_port=server[1], first_days=days)
        first = asked(mail)
        assert texts(mail, first) == expected
    box.put(written(3), at=NOW)

    assert texts(mail, asked(mail, first.cursor)) == ["Яма 3"]


def test_mailbox_begun_with_new_letters_only_takes_the_next(
    box: MailboxSimulator, server: tuple[MailboxSimulator, int]
) -> None:
    mail = accounts.connector(imap_port=server[1], first_days="0")
    box.put(written(1), at=NOW)
    cursor = asked(mail).cursor
    box.put(written(2), at=NOW)

    assert texts(mail, asked(mail, cursor)) == ["Яма 2"]


def test_renumbered_mailbox_is_read_again_by_day_and_known_by_name(box: MailboxSimulator, mail: Mail) -> None:
    box.put(written(1), at=NOW - timedelta(days=40))
    box.put(written(2), at=NOW)
    before = asked(mail)
    box.renumber()
    box.put(written(3), at=NOW)
    after = asked(mail, before.cursor)

    assert (texts(mail, before), texts(mail, after)) == (["Яма 2"], ["Яма 2", "Яма 3"])
    assert mail.delivery_key(before.hooks[0]) == mail.delivery_key(after.hooks[0])
    assert asked(mail, after.cursor).hooks == ()


def test_letter_moved_away_meanwhile_stops_nobody(box: MailboxSimulator, mail: Mail) -> None:
    for number in range(3):
        box.put(written(number), at=NOW)
    box.remove(2)

    assert texts(mail, asked(mail)) == ["Яма 0", "Яма 2"]


def test_broken_letter_comes_as_it_is(box: MailboxSimulator, mail: Mail) -> None:
    box.put(b"\x00\xff nothing of a letter", at=NOW)

    assert [hook.body for hook in asked(mail).hooks] == [b"\x00\xff nothing of a letter"]


def test_letters_sent_by_hand_come_from_their_own_folder(box: MailboxSimulator, mail: Mail) -> None:
    box.put(letter("Починили.", sender=accounts.ADDRESS), folder=mailbox.SENT, at=NOW)
    [hook] = mail.poll(SENT, "", now=NOW).hooks

    [event] = mail.parse(hook)
    assert (event.is_echo, asked(mail).hooks) == (True, ())


def test_mailbox_without_a_folder_of_sent_letters_is_no_error(box: MailboxSimulator, mail: Mail) -> None:
    kept = box.folders.pop(mailbox.SENT)
    try:
        assert mail.poll(SENT, "as it was", now=NOW) == Polled((), "as it was")
    finally:
        box.folders[mailbox.SENT] = kept


@pytest.mark.parametrize(
    ("fault", "permanent"), [("deaf", False), ("mute", False), ("nonsense", False), ("drop", False), ("refuse", True)]
)
def test_fault_of_the_server_is_one_error_and_moves_nothing(
    box: MailboxSimulator, mail: Mail, fault: str, permanent: bool
) -> None:
    box.put(written(1), at=NOW)
    box.faults.append(fault)
    with pytest.raises(SendFailed) as failed:
        asked(mail)

    assert (failed.value.permanent, accounts.PASSWORD in str(failed.value)) == (permanent, False)
    assert texts(mail, asked(mail)) == ["Яма 1"]


def test_server_that_is_not_there_is_asked_again(box: MailboxSimulator) -> None:
    with pytest.raises(SendFailed) as failed:
        asked(accounts.connector(imap_port=closed_port()))

    assert not failed.value.permanent


def test_address_where_clouds_keep_their_keys_is_never_asked() -> None:
    mail = accounts.connector(
        imap_host="169.254.169.254", imap_security="tls", smtp_host="169.254.169.254", smtp_security="tls"
    )
    with pytest.raises(SendFailed) as failed:
        asked(mail)

    assert failed.value.permanent
    assert [(finding.ok, "no mail server is there" in finding.advice) for finding in mail.check()] == [
        (False, True)
    ] * 2


def test_file_is_fetched_from_where_it_lies(box: MailboxSimulator, mail: Mail) -> None:
    box.put(letter("Смотрите", files=[("яма.jpg", "image/jpeg", b"\xff\xd8jpeg")]), at=NOW)
    [event] = mail.parse(asked(mail).hooks[0])
    reference = event.attachments[0].source_ref
    box.renumber()
    box.put(written(2), at=NOW)

    assert mail.fetch_file(reference, "", most=100).content == b"\xff\xd8jpeg"
    with pytest.raises(SendFailed) as too_large:
        mail.fetch_file(reference, "", most=5)
    box.remove(1)
    with pytest.raises(SendFailed) as gone:
        mail.fetch_file(reference, "", most=100)
    assert (too_large.value.permanent, gone.value.permanent) == (True, True)


def test_doubtful_letter_is_sent_for_certain_if_a_copy_lies_in_the_mailbox(box: MailboxSimulator, mail: Mail) -> None:
    target = Target(thread_key=f"mail:{'a' * 24}", peer="ivan@mail.example")
    draft = Draft("answer:1", DraftKind.DIRECT_MESSAGE, target, "Починим.")
    with pytest.raises(SendUnknown):
        mail.find_sent(draft)
    ours = own_id(draft, "yasnogorye.example")
    box.put(letter("Починим.", message_id=f"<{ours}>"), folder=mailbox.SENT, at=NOW)

    found = mail.find_sent(draft)
    assert found is not None
    assert (found.external_id, found.container) == (ours, "mail")


def test_check_says_what_to_mend(box: MailboxSimulator, server: tuple[MailboxSimulator, int]) -> None:
    mail = accounts.connector(imap_port=server[1], smtp_port=closed_port(), folder="Обращения")

    assert [(one.what, one.ok, one.advice != "") for one in mail.check()] == [
        ("incoming mail", False, True),
        ("outgoing mail", False, True),
    ]
