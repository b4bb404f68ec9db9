"""E-mail: a mailbox of the city's own, read by IMAP, answered by SMTP in the same conversation.

Facts and sources: each module's own; README.md beside this file says how to set it up and what isn't certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from otklik.connectors.base import (
    Capabilities,
    ChannelConfig,
    Finding,
    Malformed,
    NotAuthentic,
    Round,
    SendFailed,
    SettingField,
    body_digest,
)
from otklik.connectors.events import Draft, DraftKind, Event, Fetched, HookReply, Polled, Receipt, Webhook
from otklik.connectors.mail import checking, files, polling, sending
from otklik.connectors.mail.account import Account, account_of
from otklik.connectors.mail.fields import FIELDS
from otklik.connectors.mail.parsing import SENT, events_of, key_of
from otklik.connectors.splitting import split_text

INBOX = "inbox"
EVERY_S = 20.0
SENT_EVERY_S = 60.0
MOST_PHOTOS = 10


@dataclass(frozen=True, slots=True)
class Mail:
    """One mailbox."""

    network: ClassVar[str] = "email"
    capabilities: ClassVar[Capabilities] = Capabilities(
        direct_messages=True,
        closes_to_people=True,
        text_limit=sending.TEXT_LIMIT,
        photos_in_messages=MOST_PHOTOS,
    )
    fields: ClassVar[tuple[SettingField, ...]] = FIELDS

    account: Account

    @classmethod
    def from_config(cls, config: ChannelConfig) -> Self:
        """Build from an administrator's settings. Raises ValueError naming the setting that is wrong."""
        return cls(account_of(config.settings, config.secrets))

    def verify(self, hook: Webhook) -> None:
        """Raise NotAuthentic always: letters come by our own asking, so nobody may bring one to our door."""
        raise NotAuthentic("mail: letters are fetched, not delivered")

    def delivery_key(self, hook: Webhook) -> str:
        """Return the letter's own Message-ID, or a digest where it has none. Never raises."""
        try:
            return key_of(hook.body)
        except Malformed:
            return body_digest(hook)

    def acknowledge(self, hook: Webhook) -> HookReply:
        """Return an empty 200: nobody hears it."""
        return HookReply()

    def rounds(self) -> tuple[Round, ...]:
        """Return that the inbox is asked, and the letters that colleagues sent from it by hand."""
        return (Round(INBOX, EVERY_S), Round(SENT, SENT_EVERY_S))

    def poll(self, name: str, cursor: str, *, now: datetime) -> Polled:
        """Return the letters behind the cursor, a few at a time; the mailbox isn't changed. Raises SendFailed."""
        folder = self.account.folder if name == INBOX else ""
        return polling.ask(self.account, folder, name, cursor, now=now)

    def parse(self, hook: Webhook) -> list[Event]:
        """Return what a letter says: a direct message, or that a letter of ours didn't arrive. Raises Malformed."""
        return events_of(hook, self.account.address)

    def split(self, text: str, *, first: int | None = None) -> list[str]:
        """Return the text in as many letters as it needs: one, unless it is a book."""
        return split_text(text, sending.TEXT_LIMIT, first=first)

    def takes_photos(self, kind: DraftKind) -> bool:
        """Return whether photos can go along: with every letter."""
        return self.capabilities.photos_in(kind) > 0

    def send(self, draft: Draft) -> Receipt:
        """Send one letter. Raises SendFailed (certainly not sent) or SendUnknown."""
        if draft.kind is not DraftKind.DIRECT_MESSAGE:
            raise SendFailed("a letter has one reader: nothing else can be sent by mail", permanent=True)
        return sending.send(self.account, draft)

    def find_sent(self, draft: Draft) -> Receipt | None:
        """Return the receipt if a copy lies in the mailbox. Raises SendUnknown otherwise: absence proves nothing."""
        return sending.find(self.account, draft)

    def takes_edits(self, kind: DraftKind, *, with_photos: bool = False) -> bool:
        """Return False: what is sent can't be changed; other words follow in a letter of their own."""
        return False

    def edit(self, draft: Draft, sent: Receipt) -> None:
        """Raise SendFailed always, as `takes_edits` says."""
        raise SendFailed("a letter can't be changed once it is sent", permanent=True)

    def find_edit(self, draft: Draft, sent: Receipt) -> bool:
        """Return False: nothing was ever changed."""
        return False

    def fetch_file(self, source_ref: str, url: str, *, most: int) -> Fetched:
        """Return a file of a letter, from the mailbox. Raises SendFailed."""
        return files.fetch(self.account, source_ref, most=most)

    def subscribe(self, hook_url: str) -> None:
        """Do nothing: a mailbox is asked, it doesn't deliver."""

    def check(self) -> list[Finding]:
        """Look at both servers and the folders as they are now."""
        return checking.findings(self.account)
