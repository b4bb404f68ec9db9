"""VK: telling it where to deliver, and looking whether it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.said import said, words_of
from otklik.connectors.vk.account import Account
from otklik.connectors.vk.answers import (
    AddedServer,
    Code,
    Communities,
    LongPollSettings,
    Permissions,
    Person,
    Server,
    Servers,
    Settings,
)
from otklik.connectors.vk.api import VERSION, Refused

TITLE = "Otklik"
"""VK takes at most 14 characters."""

EVENTS = (
    *(f"wall_reply_{verb}" for verb in ("new", "edit", "delete", "restore")),
    *(f"photo_comment_{verb}" for verb in ("new", "edit", "delete", "restore")),
    *(f"video_comment_{verb}" for verb in ("new", "edit", "delete", "restore")),
    *(f"market_comment_{verb}" for verb in ("new", "edit", "delete", "restore")),
    *(f"board_post_{verb}" for verb in ("new", "edit", "delete", "restore")),
    "wall_post_new", "wall_repost", "message_new", "message_reply", "message_edit", "message_allow", "message_deny",
    "message_reaction_event", "like_add", "like_remove", "group_join", "group_leave", "group_officers_edit",
    "user_block", "user_unblock",
)  # fmt: skip
"""What we ask to hear. Not whether a person is typing or has read: nobody needs it, and it is theirs."""

RIGHTS = ("messages", "wall", "manage")
SETTINGS_WITHOUT_NEWS_OF = frozenset({"like_add", "like_remove"})
"""Events that can be switched on, but that VK's schema doesn't list among the settings it shows."""


def fetch_confirmation_code(account: Account) -> str:
    """Return the code that VK wants to hear now; it changes from time to time. Raises SendFailed, SendUnknown."""
    return account.call("groups.getCallbackConfirmationCode", _group(account), Code).code


def subscribe(account: Account, hook_url: str, *, secret: str, confirmation_code: str) -> None:
    """Have VK deliver to `hook_url`. Safe to repeat: a server of ours is corrected, never doubled.

    VK asks our address for the code at once, so a code that is not the current one is refused here, before VK
    refuses it. Raises SendFailed with what to do.
    """
    current = fetch_confirmation_code(account)
    if current != confirmation_code:
        raise SendFailed(
            said("the confirmation code is now %(code)s: save it in the channel's settings", code=current),
            permanent=True,
        )
    server = next((one for one in _servers(account) if hook_url == one.url or one.title == TITLE), None)
    described = {"title": TITLE, "url": hook_url, "secret_key": secret}
    if server is None:
        server_id = account.call("groups.addCallbackServer", {**_group(account), **described}, AddedServer).server_id
    else:
        server_id = server.id
        if (server.url, server.secret_key, server.status) != (hook_url, secret, "ok"):
            named = {**_group(account), "server_id": str(server_id), **described}
            account.call("groups.editCallbackServer", named, int)
    events = dict.fromkeys(EVENTS, "1")
    settings = {**_group(account), "server_id": str(server_id), "api_version": VERSION, **events}
    account.call("groups.setCallbackSettings", settings, int)


def let_us_ask(account: Account) -> None:
    """Have VK keep events for our long poll, and deliver them to us no more. Safe to repeat. Raises SendFailed."""
    events = dict.fromkeys(EVENTS, "1")
    settings = {**_group(account), "enabled": "1", "api_version": VERSION, **events}
    account.call("groups.setLongPollSettings", settings, int)
    for server in _servers(account):
        if server.title == TITLE:
            account.call("groups.deleteCallbackServer", {**_group(account), "server_id": str(server.id)}, int)


def check_polled(account: Account) -> list[Finding]:
    """Return what VK says of an account whose events we ask for; never raises."""
    return [
        _finding(said("community"), lambda: _check_community(account)),
        _finding(said("rights of the community's token"), lambda: _check_rights(account)),
        _finding(said("events for our asking"), lambda: _check_long_poll(account)),
        _finding(said("publishing posts"), lambda: _check_user_token(account)),
    ]


def _check_long_poll(account: Account) -> str:
    found = account.call("groups.getLongPollSettings", _group(account), LongPollSettings)
    if not found.is_enabled:
        return said("VK keeps no events for us yet: subscribe")
    return _all_on(found.events)


def _all_on(events: Mapping[str, int | bool | None]) -> str:
    off = [name for name in EVENTS if not events.get(name) and name not in SETTINGS_WITHOUT_NEWS_OF]
    return said("these events are off: %(events)s; subscribe again", events=", ".join(off)) if off else ""


def is_subscribed(account: Account, hook_url: str, *, secret: str) -> bool:
    """Return whether VK delivers all we want to hear to this address. Raises SendFailed, SendUnknown."""
    server = next((one for one in _servers(account) if one.url == hook_url), None)
    if server is None or (server.secret_key, server.status) != (secret, "ok"):
        return False
    return not _check_events(account, server)


def keeps_events(account: Account) -> bool:
    """Return whether VK keeps all we want to hear for our asking. Raises SendFailed, SendUnknown."""
    return not _check_long_poll(account)


def check(account: Account, *, secret: str, confirmation_code: str) -> list[Finding]:
    """Return what VK says of the account now; never raises."""
    return [
        _finding(said("community"), lambda: _check_community(account)),
        _finding(said("rights of the community's token"), lambda: _check_rights(account)),
        _finding(said("confirmation code"), lambda: _check_code(account, confirmation_code)),
        _finding(said("delivery of events"), lambda: _check_server(account, secret)),
        _finding(said("publishing posts"), lambda: _check_user_token(account)),
    ]


ACCESS_DENIED = 15
_FOREIGN = said(
    "VK doesn't let this token manage the community: its administrator makes the token, in this community's settings"
)


def _finding(what: str, look: Callable[[], str]) -> Finding:
    """`look` returns advice, or nothing if all is well."""
    try:
        advice = look()
    except (SendFailed, SendUnknown) as error:
        is_foreign = isinstance(error, Refused) and error.code == ACCESS_DENIED
        advice = _FOREIGN if is_foreign else words_of(error)
    return Finding(what, ok=not advice, advice=advice)


def _check_community(account: Account) -> str:
    found = account.call("groups.getById", _group(account), Communities).groups
    return (
        ""
        if any(one.id == account.group_id for one in found)
        else said("there is no community with this number: correct group_id")
    )


def _check_rights(account: Account) -> str:
    has = {right.name for right in account.call("groups.getTokenPermissions", {}, Permissions).permissions}
    lacking = [right for right in RIGHTS if right not in has]
    return said("make a token that also has: %(rights)s", rights=", ".join(lacking)) if lacking else ""


def _check_code(account: Account, confirmation_code: str) -> str:
    return "" if fetch_confirmation_code(account) == confirmation_code else said("it has changed: subscribe again")


def _check_server(account: Account, secret: str) -> str:
    server = next((one for one in _servers(account) if one.title == TITLE), None)
    if server is None:
        return said("VK doesn't deliver here yet: subscribe")
    if server.secret_key != secret:
        return said("VK signs with another secret: subscribe again")
    if server.status != "ok":
        return said(
            "VK says '%(status)s' of our address: check that it is reachable from outside, subscribe again",
            status=server.status,
        )
    return _check_events(account, server)


def _check_events(account: Account, server: Server) -> str:
    named = {**_group(account), "server_id": str(server.id)}
    return _all_on(account.call("groups.getCallbackSettings", named, Settings).events)


def _check_user_token(account: Account) -> str:
    if not account.user_token:
        return said("without a person's token answers work, but posts must be published by hand")
    account.call_as_person("users.get", {}, list[Person])
    return ""


def _servers(account: Account) -> list[Server]:
    return account.call("groups.getCallbackServers", _group(account), Servers).items


def _group(account: Account) -> dict[str, str]:
    return {"group_id": str(account.group_id)}
