"""Instagram: having Meta deliver the account's events, and looking whether all is as it should be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.events import RenewedToken
from otklik.connectors.instagram import answers
from otklik.connectors.instagram.account import RIGHTS, Account, Login
from otklik.connectors.instagram.answers import Me, SubscribedApps, Success
from otklik.connectors.instagram.reading import number_of
from otklik.connectors.said import said, words_of

FIELDS = {
    Login.INSTAGRAM: ("comments", "live_comments", "mentions", "messages", "message_edit", "message_reactions"),
    Login.FACEBOOK: ("comments", "live_comments", "mentions", "messages", "message_edit", "message_reactions"),
}
"""What we ask to hear; not who has read what: nobody needs it, and it is theirs."""

MENTIONS_OF_ITS_OWN_LOGIN = frozenset({"mentions"})
"""Documented for the login through Facebook; an overview promises it for both: asked for, never insisted on."""

ENDS_SOON_DAYS = 10
LONGEST_LIFE_S = 10 * 365 * 24 * 3600


def subscribe(account: Account) -> None:
    """Have Meta deliver this account's events to the address that its app knows. Safe to repeat. Raises SendFailed."""
    wanted = FIELDS[account.login]
    try:
        _ask_for(account, wanted)
    except SendFailed:
        if account.login is not Login.INSTAGRAM:
            raise
        _ask_for(account, tuple(name for name in wanted if name not in MENTIONS_OF_ITS_OWN_LOGIN))


def is_subscribed(account: Account) -> bool:
    """Return whether Meta delivers all that we insist on. Raises SendFailed, SendUnknown."""
    found = account.graph.get("me/subscribed_apps", {}, SubscribedApps).data
    return not _off(account, {name for app in found for name in app.subscribed_fields})


def check(account: Account, *, ends_at: datetime | None, now: datetime) -> list[Finding]:
    """Return what Meta says of the account now; never raises."""
    return [
        _finding(said("account"), lambda: _check_account(account)),
        _token_finding(account, ends_at, now),
        _finding(said("delivery of events"), lambda: _check_subscription(account)),
    ]


def renew_token(account: Account, *, now: datetime) -> RenewedToken:
    """Return the account's token with a later end. Raises SendFailed, SendUnknown."""
    renewed = account.graph.get_bare("refresh_access_token", {"grant_type": "ig_refresh_token"}, answers.RenewedToken)
    if not renewed.access_token or not 0 < renewed.expires_in < LONGEST_LIFE_S:
        raise SendUnknown(said("Instagram's answer can't be read"))
    return RenewedToken(renewed.access_token, now + timedelta(seconds=renewed.expires_in))


def _ask_for(account: Account, fields: tuple[str, ...]) -> None:
    done = account.graph.post("me/subscribed_apps", {"subscribed_fields": ",".join(fields)}, Success)
    if not done.success:
        raise SendFailed(said("Instagram didn't switch the delivery on"), permanent=True)


def _finding(what: str, look: Callable[[], str]) -> Finding:
    """`look` returns advice, or nothing if all is well."""
    try:
        advice = look()
    except (SendFailed, SendUnknown) as error:
        advice = words_of(error)
    return Finding(what, ok=not advice, advice=advice)


def _check_account(account: Account) -> str:
    if account.login is Login.FACEBOOK:
        me = account.graph.get(account.id, {"fields": "id,username"}, Me)
        there = number_of(me.id)
    else:
        me = account.graph.get("me", {"fields": "id,user_id,username"}, Me)
        there = number_of(me.user_id) or number_of(me.id)
    if there == account.id:
        return ""
    return said("the token belongs to the account %(there)s: enter that as account_id", there=there)


def _token_finding(account: Account, ends_at: datetime | None, now: datetime) -> Finding:
    what = said("access token")
    if account.login is Login.FACEBOOK:
        return Finding(what, ok=True)  # the account's own line says it where the token isn't accepted
    if ends_at is None:
        unknown = said("when it ends isn't known yet: the worker renews it once it is a day old, and then knows")
        return Finding(what, ok=True, advice=unknown)
    if ends_at <= now:
        return Finding(what, ok=False, advice=said("it has ended: make a new one and save it here"))
    days = (ends_at - now).days
    if days < ENDS_SOON_DAYS:
        return Finding(what, ok=False, advice=said("it ends in %(days)s days and could not be renewed", days=days))
    return Finding(what, ok=True, advice=said("it ends in %(days)s days and is renewed before", days=days))


def _check_subscription(account: Account) -> str:
    found = account.graph.get("me/subscribed_apps", {}, SubscribedApps).data
    if not found:
        return said("Instagram doesn't deliver here yet: subscribe")
    off = _off(account, {name for app in found for name in app.subscribed_fields})
    if not off:
        return ""
    return said(
        "these events are off: %(events)s; subscribe again, and see that the token has %(rights)s",
        events=", ".join(off),
        rights=", ".join(RIGHTS[account.login]),
    )


def _off(account: Account, on: set[str]) -> list[str]:
    wanted = [name for name in FIELDS[account.login] if name not in on]
    return [name for name in wanted if account.login is Login.FACEBOOK or name not in MENTIONS_OF_ITS_OWN_LOGIN]
