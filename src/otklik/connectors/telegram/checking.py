"""Looking at a Telegram account as it is now: the bot, the channel, the discussion group, the webhook."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from otklik.connectors.base import Finding, SendFailed, SendUnknown
from otklik.connectors.said import said, words_of
from otklik.connectors.telegram.account import Account
from otklik.connectors.telegram.bot_api import BotApi
from otklik.connectors.telegram.parsing import SUBSCRIBED

BOT, CHANNEL, DISCUSSION, WEBHOOK = said("Bot"), said("Channel"), said("Discussion group"), said("Webhook")


class _Me(msgspec.Struct):
    id: int
    username: str = ""
    can_read_all_group_messages: bool = False


class _FullChat(msgspec.Struct):
    id: int
    type: str = ""
    title: str = ""
    linked_chat_id: int | None = None


class _Rights(msgspec.Struct):
    status: str = ""
    can_post_messages: bool = False


class _WebhookInfo(msgspec.Struct):
    url: str = ""
    pending_update_count: int = 0
    last_error_message: str = ""
    allowed_updates: list[str] = []


def findings(api: BotApi, account: Account, *, polled: bool = False) -> list[Finding]:
    """Return what was looked at, in the order in which it should be mended. Raises nothing: a failure is a finding."""
    found: list[Finding] = []
    hears = _asked(api) if polled else _webhook(api)
    looks = (_bot(api, account), _channel(api, account), _discussion(api, account), hears)
    for what, look in zip((BOT, CHANNEL, DISCUSSION, WEBHOOK), looks, strict=True):
        try:
            found += look
        except (SendFailed, SendUnknown) as error:
            found.append(Finding(what, ok=False, advice=words_of(error)))
            if what == BOT:
                break
    return found


def is_subscribed(api: BotApi, hook_url: str) -> bool:
    """Return whether Telegram delivers all we want to hear to this address, or, "", to none.

    Raises SendFailed, SendUnknown.
    """
    info = api.call("getWebhookInfo", _WebhookInfo)
    return info.url == hook_url and (not hook_url or set(SUBSCRIBED) <= set(info.allowed_updates))


def _bot(api: BotApi, account: Account) -> Iterator[Finding]:
    me = api.call("getMe", _Me)
    ok = me.id == account.bot_id
    yield Finding(BOT, ok=ok, advice="" if ok else said("api_base answers for another bot"))


def _channel(api: BotApi, account: Account) -> Iterator[Finding]:
    chat = api.call("getChat", _FullChat, chat_id=account.channel)
    is_channel = chat.type == "channel"
    yield Finding(
        CHANNEL,
        ok=is_channel,
        advice=""
        if is_channel
        else said("channel_chat_id leads to a %(kind)s: enter the channel's number", kind=chat.type),
    )
    linked = chat.linked_chat_id or 0
    advice = ""
    if linked and not account.discussion:
        advice = said("comments are on: enter %(chat)s as discussion_chat_id to hear them", chat=linked)
    elif linked != account.discussion:
        advice = said(
            "discussion_chat_id is not the channel's group; Telegram names %(chat)s", chat=linked or said("no group")
        )
    yield Finding(said("Comments"), ok=not advice, advice=advice)
    rights = api.call("getChatMember", _Rights, chat_id=account.channel, user_id=account.bot_id)
    may_post = rights.status == "administrator" and rights.can_post_messages
    yield Finding(
        said("Rights in the channel"),
        ok=may_post,
        advice="" if may_post else said("make the bot an administrator of the channel with the right to post messages"),
    )


def _discussion(api: BotApi, account: Account) -> Iterator[Finding]:
    if not account.discussion:
        return
    rights = api.call("getChatMember", _Rights, chat_id=account.discussion, user_id=account.bot_id)
    reads_all = api.call("getMe", _Me).can_read_all_group_messages
    hears = rights.status == "administrator" or (rights.status == "member" and reads_all)
    yield Finding(
        said("Rights in the discussion group"),
        ok=hears,
        advice="" if hears else said("make the bot an administrator of the group, or it won't hear comments"),
    )


def _asked(api: BotApi) -> Iterator[Finding]:
    is_set = bool(api.call("getWebhookInfo", _WebhookInfo).url)
    advice = (
        said("a webhook is still set: connect the channel again") if is_set else said("we ask for updates ourselves")
    )
    yield Finding(WEBHOOK, ok=not is_set, advice=advice)


def _webhook(api: BotApi) -> Iterator[Finding]:
    info = api.call("getWebhookInfo", _WebhookInfo)
    advice = ""
    if not info.url:
        advice = said("no webhook is set: connect the channel again")
    elif info.pending_update_count and info.last_error_message:
        advice = said(
            "updates waiting: %(count)s; delivery to %(address)s fails: %(words)s",
            count=info.pending_update_count,
            address=info.url,
            words=info.last_error_message,
        )
    elif missing := [kind for kind in SUBSCRIBED if kind not in info.allowed_updates]:
        advice = said("Telegram doesn't deliver %(kinds)s: connect the channel again", kinds=", ".join(missing))
    yield Finding(WEBHOOK, ok=not advice, advice=advice or said("updates go to %(address)s", address=info.url))
