"""The letters that go out: what a resident's own letter may not make of them."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from otklik.connectors.events import Draft, DraftKind, Target
from otklik.connectors.mail.sending import letter_of
from tests.connectors.mail import accounts


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\x85", "\u2028"])
def test_subject_with_a_line_s_end_begins_no_header_of_ours(line_end: str) -> None:
    subject = f"Яма{line_end}Bcc: everybody@town.example"
    target = Target(peer="zoya@mail.example", thread_key="t", subject=subject)
    draft = Draft("key", DraftKind.DIRECT_MESSAGE, target, "Заделали.")

    letter = message_from_bytes(letter_of(accounts.connector().account, draft), policy=default)

    assert "Bcc" not in letter
    assert letter["Subject"].split() == ["Re:", "Яма", "Bcc:", "everybody@town.example"]
