from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otklik.connectors.base import ChannelConfig, Connector, Malformed, NotAuthentic, Polls, SendFailed, WindowClosed
from otklik.connectors.events import Draft, DraftKind, Event, ParseStatus, Receipt, Target, Webhook
from otklik.connectors.mail.connector import Mail
from otklik.simulators.mail.letters import letter, report
from otklik.simulators.mail.mailbox import MailboxSimulator
from otklik.simulators.mail.simulator import MailSimulator
from tests.connectors.contract import (
    FUTURE,
    InboundContract,
    OutboundContract,
    SettingsContract,
    SplittingContract,
    TokenContract,
    assert_storable,
)
from tests.connectors.ground import OUTCOMES, Fault, Outcome, fuzzed, shared
from tests.connectors.mail import accounts
from tests.connectors.photos_contract import PhotosContract
from tests.connectors.window_contract import WindowContract
from tests.servers import closed_port

FAULTS = {
    Fault.REFUSED: "550 5.1.1 no such user",
    Fault.TOO_MANY: "451 4.7.1 wait 7 seconds",
    Fault.TOO_MANY_BARE: "421 4.7.0 too many",
    Fault.SERVER_ERROR: "451 4.3.0 our own trouble",
    Fault.SERVER_ERROR_AFTER: "silence",
    Fault.TIMEOUT_BEFORE: "lost",
    Fault.TIMEOUT_AFTER: "mute",
    Fault.BROKEN_REPLY: "nonsense",
}
"""A refusal by 4xx says for certain that nothing was sent: in mail a server's own trouble is such a refusal."""


class Network:
    """Both servers in the contract's words."""

    def __init__(self, smtp: MailSimulator, smtp_port: int, imap: MailboxSimulator, imap_port: int) -> None:
        self.smtp, self.imap = smtp, imap
        self.smtp_port, self.imap_port = smtp_port, imap_port

    def fail_next(self, fault: Fault) -> None:
        if fault is not Fault.NONE:
            self.smtp.faults.append(FAULTS[fault])

    def fail_next_edit(self, fault: Fault) -> None:
        raise AssertionError("a letter is never edited")

    def shown(self, sent: Receipt) -> str:
        return next(
            text
            for text, one in zip(self.accepted(), self.smtp.taken, strict=True)
            if sent.external_id in one["Message-ID"]
        )

    def close_to(self, draft: Draft) -> None:
        self.smtp.closed.add(draft.target.peer)

    def open_to(self, draft: Draft) -> None:
        self.smtp.closed.discard(draft.target.peer)

    def accepted(self) -> list[str]:
        with self.smtp.lock:
            letters = list(self.smtp.taken)
        bodies = [one.get_body(("plain",)) for one in letters]
        return [body.get_content().strip() if body is not None else "" for body in bodies]

    def photos(self) -> list[tuple[bytes, ...]]:
        with self.smtp.lock:
            return [tuple(part.get_content() for part in one.iter_attachments()) for one in self.smtp.taken]


@pytest.fixture(scope="module")
def servers() -> Iterator[Network]:
    smtp = MailSimulator(user=accounts.ADDRESS, password=accounts.PASSWORD)
    imap = MailboxSimulator(user=accounts.ADDRESS, password=accounts.PASSWORD)
    with smtp.serve() as smtp_port, imap.serve() as imap_port:
        yield Network(smtp, smtp_port, imap, imap_port)


class _Mail:
    connector_class = Mail
    wait_is_told = False
    outcomes = {**OUTCOMES, Fault.SERVER_ERROR: Outcome.LATER}

    @pytest.fixture
    def network(self, servers: Network) -> Network:
        servers.smtp.taken.clear()
        servers.smtp.senders.clear()
        servers.smtp.faults.clear()
        servers.smtp.closed.clear()
        servers.smtp.refused.clear()
        return servers

    @pytest.fixture
    def config(self, network: Network) -> ChannelConfig:
        return accounts.config(network.imap_port, network.smtp_port)

    @pytest.fixture
    def connector(self, network: Network) -> Mail:
        return accounts.connector(network.imap_port, network.smtp_port)

    @pytest.fixture
    def unreachable(self) -> Mail:
        return accounts.connector(closed_port(), closed_port())


class TestMailComingIn(_Mail, InboundContract):
    """Letters are fetched: no door takes them, and a letter is any bytes under a header of a letter."""

    @pytest.fixture
    def connector(self) -> Mail:
        return accounts.connector()

    @pytest.fixture
    def hook(self) -> Webhook:
        return accounts.hook_of(letter("Когда починят?"))

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        return hook

    def hook_with_text(self, text: str) -> Webhook:
        return accounts.hook_of(letter(text, subject="Re: Яма"))

    def odd_hooks(self) -> Mapping[str, Webhook]:
        strange = {
            "Content-Type": "text/plain",
            "Content-Transfer-Encoding": "x-morse",
            "Message-ID": "<odd@x.example>",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in strange.items())
        odd = {
            "unknown kind": f"{head}\r\n.-.-\r\n".encode(),
            "missing message": letter("", subject=""),
            "null sender": letter("Яма").replace(b"From:", b"X-From:"),
            "future timestamp": letter("Яма", at=FUTURE.timestamp()),
            "empty sender": letter("Яма").replace(b"<ivan@mail.example>\r\nTo", b"<>\r\nTo"),
            "nonsense of a date": letter("Яма").replace(b"Date:", b"Date: the day after yesterday\r\nX-Date:"),
            "binary in headers": letter("Яма", headers={"Subject": "\x01\x02"}),
            "nested": b"To: x\r\nContent-Type: multipart/a; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/x\r\n",
            "endless id": letter("Яма", message_id=f"<{'x' * 900}@mail.example>"),
        }
        return {name: accounts.hook_of(raw) for name, raw in odd.items()}

    def test_authentic_webhook_is_accepted(self, connector: Connector, hook: Webhook) -> None:
        """None is: whoever could bring letters to our door could write in anybody's name."""
        with pytest.raises(NotAuthentic):
            connector.verify(hook)

    def test_truncated_body_is_malformed(self, connector: Connector, hook: Webhook) -> None:
        """A letter cut in the middle is one all the same; without its first header it is none."""
        first = hook.body.index(b":") + 1
        for length in range(0, len(hook.body), 3):
            events = _events(connector, replace(hook, body=hook.body[:length]))
            assert bool(events) == (length >= first)
            for event in events:
                assert_storable(event)

    @fuzzed
    @given(at=st.integers(min_value=0), junk=st.binary(max_size=40), taken=st.integers(min_value=0, max_value=40))
    def test_payload_with_any_wrong_values_is_parsed_or_malformed(  # type: ignore[override]  # letters are no JSON
        self, connector: Connector, hook: Webhook, at: int, junk: bytes, taken: int
    ) -> None:
        raw = letter("Когда починят?", files=[("яма.jpg", "image/jpeg", b"\xff\xd8")], headers={"References": "<a@b>"})
        start = at % len(raw)
        damaged = replace(hook, body=raw[:start] + junk + raw[start + taken :])

        assert len(connector.delivery_key(damaged)) <= 200
        for event in _events(connector, damaged):
            assert_storable(event)

    @shared
    @given(choice=st.integers(min_value=0))
    def test_payload_without_any_one_field_is_parsed_or_malformed(
        self, connector: Connector, hook: Webhook, choice: int
    ) -> None:
        lines = hook.body.split(b"\r\n")
        del lines[choice % len(lines)]

        for event in _events(connector, replace(hook, body=b"\r\n".join(lines))):
            assert_storable(event)

    @shared
    @given(
        names=st.lists(st.sampled_from(["From", "To", "Subject", "Date", "References", "Content-Type", "Message-ID"])),
        values=st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=60)),
        body=st.binary(max_size=200),
    )
    def test_any_headers_are_parsed_or_malformed(
        self, connector: Connector, hook: Webhook, names: list[str], values: list[str], body: bytes
    ) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in zip(names, values, strict=False))
        damaged = replace(hook, body=head.encode("utf-8", "surrogatepass") + b"\r\n" + body)

        for event in _events(connector, damaged):
            assert_storable(event)

    def test_odd_payloads_are_events_not_errors(self, connector: Connector) -> None:
        for name, hook in self.odd_hooks().items():
            events = connector.parse(hook)
            assert events, name
            for event in events:
                assert_storable(event)

    @pytest.mark.parametrize("name", ["unknown kind", "missing message", "future timestamp"])
    def test_what_is_not_understood_is_marked_partial(self, connector: Connector, name: str) -> None:
        [event] = connector.parse(self.odd_hooks()[name])

        assert (event.parse_status, event.note != "") == (ParseStatus.PARTIAL, True)

    @shared
    @given(at=st.integers(min_value=0), junk=st.binary(max_size=40), taken=st.integers(min_value=0, max_value=40))
    def test_damaged_report_is_read_or_malformed(
        self, connector: Connector, hook: Webhook, at: int, junk: bytes, taken: int
    ) -> None:
        raw = report(f"<otklik.{'0' * 24}.{'1' * 24}@yasnogorye.example>")
        start = at % len(raw)

        for event in _events(connector, replace(hook, body=raw[:start] + junk + raw[start + taken :])):
            assert_storable(event)

    def test_letters_nested_like_dolls_are_malformed(self, connector: Connector, hook: Webhook) -> None:
        doll = b"Subject: x\r\n" + b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(3000)
        )

        with pytest.raises(Malformed):
            connector.parse(replace(hook, body=doll))


class TestMailGoingOut(
    _Mail, SplittingContract, OutboundContract, WindowContract, PhotosContract, SettingsContract, TokenContract
):
    @pytest.fixture
    def draft(self) -> Draft:
        target = Target("mail", "mail:0123456789abcdef01234567", "", "m1@mail.example", "ivan@mail.example", "Яма")
        return Draft(str(uuid4()), DraftKind.DIRECT_MESSAGE, target, "Яму засыпят в среду.")

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_fault_gives_its_error_with_photos_too(
        self, connector: Connector, network: Network, with_photos: Draft, fault: Fault
    ) -> None:
        self.test_fault_gives_its_error(connector, network, with_photos, fault)

    @pytest.mark.parametrize(
        ("answer", "is_the_readers"),
        [
            ("550 5.1.1 no such user", True),
            ("556 5.1.10 they take no letters", True),
            ("550 5.2.2 the mailbox is full", True),
            ("550 5.1.7 bad address of the sender", False),
            ("550 5.1.8 the domain of the sender isn't there", False),
            ("550 5.7.1 you are on a list", False),
            ("550 no enhanced code", False),
        ],
    )
    def test_refusal_of_the_reader_is_told_from_one_of_us(
        self, connector: Connector, network: Network, draft: Draft, answer: str, *, is_the_readers: bool
    ) -> None:
        network.smtp.refused[draft.target.peer] = answer

        with pytest.raises(SendFailed) as failed:
            connector.send(draft)

        assert (isinstance(failed.value, WindowClosed), failed.value.permanent) == (is_the_readers, True)

    def test_nothing_of_it_is_edited(self, connector: Connector, draft: Draft) -> None:
        sent = Receipt("otklik.1.2@yasnogorye.example", container="mail")

        assert (connector.takes_edits(draft.kind), connector.find_edit(draft, sent)) == (False, False)
        with pytest.raises(SendFailed) as failed:
            connector.edit(draft, sent)
        assert failed.value.permanent

    def test_connector_is_asked(self, connector: Connector) -> None:
        assert isinstance(connector, Polls)


def _events(connector: Connector, hook: Webhook) -> list[Event]:
    try:
        return connector.parse(hook)
    except Malformed:
        return []
