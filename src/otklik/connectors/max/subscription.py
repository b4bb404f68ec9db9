"""MAX: telling it where to deliver, and looking whether it does.

MAX forgets an address that answered nothing for eight hours; `connectors.keeping` looks for that and mends it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.max.account import Account
from otklik.connectors.max.answers import Chat, Done, Me, Membership, Subscription, Subscriptions
from otklik.connectors.max.api import GONE
from otklik.connectors.said import said, words_of

EVENTS = (
    "message_created", "message_edited", "message_removed", "comment_created", "comment_edited", "comment_removed",
    "bot_started", "bot_stopped", "bot_added", "bot_removed",
)  # fmt: skip
"""What we ask to hear."""

RIGHTS = ("read_all_messages", "write", "edit", "delete")


def subscribe(account: Account, hook_url: str, *, secret: str) -> None:
    """Have MAX deliver to `hook_url`; the same channel's older address is taken away. Safe to repeat.

    Raises SendFailed, SendUnknown.
    """
    for old in _subscriptions(account):
        if old.url != hook_url and urlsplit(old.url).path == urlsplit(hook_url).path:
            account.api.call("DELETE", "/subscriptions", Done, query={"url": old.url})
    wanted = {"url": hook_url, "update_types": list(EVENTS), "secret": secret}
    done = account.api.call("POST", "/subscriptions", Done, body=wanted)
    if not done.success:
        raise SendFailed(said("MAX refused: %(words)s", words=(done.message or "")[:200]), permanent=True)


def is_subscribed(account: Account, hook_url: str) -> bool:
    """Return whether MAX delivers all we want to hear to this address. Raises SendFailed, SendUnknown."""
    found = next((one for one in _subscriptions(account) if one.url == hook_url), None)
    return found is not None and not _lacking(found)


def check(account: Account) -> list[Finding]:
    """Return what MAX says of the bot and its channel now; never raises."""
    return [
        _finding(said("bot"), lambda: _check_bot(account)),
        _finding(said("delivery of events"), lambda: _check_delivery(account)),
        _finding(said("channel"), lambda: _check_channel(account)),
    ]


def _finding(what: str, look: Callable[[], str]) -> Finding:
    """`look` returns advice, or nothing if all is well."""
    try:
        advice = look()
    except (SendFailed, SendUnknown) as error:
        advice = words_of(error)
    return Finding(what, ok=not advice, advice=advice)


def _check_bot(account: Account) -> str:
    account.api.call("GET", "/me", Me)
    return ""


def _check_delivery(account: Account) -> str:
    ours = next((one for one in _subscriptions(account) if one.url == account.hook_url), None)
    if ours is None:
        return said("MAX doesn't deliver here: it forgets an address that was silent for eight hours; subscribe again")
    lacking = _lacking(ours)
    return said("these events are off: %(events)s; subscribe again", events=", ".join(lacking)) if lacking else ""


def _check_channel(account: Account) -> str:
    if not account.channel_id:
        return said("no channel is set: answers work, posts can't be published here")
    try:
        chat = account.api.call("GET", f"/chats/{account.channel_id}", Chat)
    except SendFailed as error:
        if words_of(error) != GONE:
            raise
        return said("MAX finds no chat with this number, or the bot isn't in it: correct channel_id, or add the bot")
    if chat.type and chat.type != "channel":
        return said("this number is no channel's")
    member = account.api.call("GET", f"/chats/{account.channel_id}/members/me", Membership)
    if not (member.is_admin or member.is_owner):
        return said("make the bot an administrator of the channel")
    lacking = [right for right in RIGHTS if member.permissions is not None and right not in member.permissions]
    return said("give the bot these rights in the channel: %(rights)s", rights=", ".join(lacking)) if lacking else ""


def _subscriptions(account: Account) -> list[Subscription]:
    return account.api.call("GET", "/subscriptions", Subscriptions).subscriptions


def _lacking(one: Subscription) -> list[str]:
    """No list means every kind."""
    return [] if one.update_types is None else [kind for kind in EVENTS if kind not in one.update_types]
