"""Odnoklassniki: telling it where to deliver, and looking whether it does."""

from __future__ import annotations

from collections.abc import Callable

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.ok.account import Account
from otklik.connectors.ok.answers import Counters, Done, Subscriptions
from otklik.connectors.said import said, words_of


def subscribe(account: Account, hook_url: str) -> None:
    """Have messages delivered to `hook_url`. Safe to repeat. Raises SendFailed, SendUnknown."""
    done = account.graph.call("POST", "me/subscribe", Done, {"url": hook_url})
    if not done.success:
        raise SendFailed(said("Odnoklassniki refused, without saying why"), permanent=True)


def is_subscribed(account: Account, hook_url: str) -> bool:
    """Return whether messages are delivered there. Raises SendFailed, SendUnknown."""
    found = account.graph.call("GET", "me/subscriptions", Subscriptions)
    return any(one.url == hook_url for one in found.subscriptions)


def check(account: Account) -> list[Finding]:
    """Return what Odnoklassniki says of the group and its keys now; never raises."""
    return [
        _finding(said("delivery of messages"), lambda: _check_delivery(account)),
        _finding(said("posts and comments"), lambda: _check_rest(account)),
        _finding(said("answers to comments"), lambda: _check_answers(account)),
    ]


def _finding(what: str, look: Callable[[], str]) -> Finding:
    """`look` returns advice, or nothing if all is well."""
    try:
        advice = look()
    except (SendFailed, SendUnknown) as error:
        advice = words_of(error)
    return Finding(what, ok=not advice, advice=advice)


def _check_delivery(account: Account) -> str:
    if is_subscribed(account, account.hook_url):
        return ""
    return said(
        "Odnoklassniki doesn't deliver here: it forgets an address that was silent for eight hours; subscribe again"
    )


def _check_rest(account: Account) -> str:
    if account.rest is None:
        return said("without a person's access token only messages work: comments aren't heard, posts aren't published")
    account.rest.call("group.getCounters", Counters, group_id=account.group_id, counterTypes="MEMBERS")
    return ""


def _check_answers(account: Account) -> str:
    if account.answers_comments:
        return ""
    return said("switched off: whether Odnoklassniki lets comments be answered is to be tried with this account")
