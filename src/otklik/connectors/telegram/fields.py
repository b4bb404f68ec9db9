"""What an administrator enters to connect a Telegram channel."""

from __future__ import annotations

from otklik.connectors.base import SettingField
from otklik.connectors.delivery import DELIVERY_FIELD

FIELDS = (
    SettingField(
        name="bot_token",
        label_ru="Токен бота",
        label_en="Bot token",
        help_ru="Его выдаёт @BotFather, когда бот создан: 123456789:AAE…",
        help_en="@BotFather gives it when the bot is made: 123456789:AAE…",
        secret=True,
    ),
    SettingField(
        name="webhook_secret",
        label_ru="Секрет вебхука",
        label_en="Webhook secret",
        help_ru="Оставьте пустым: придумаем сами. Латинские буквы, цифры, _ и -",
        help_en="Leave it empty and one is made. Latin letters, digits, _ and -",
        secret=True,
        required=False,
    ),
    SettingField(
        name="channel_chat_id",
        label_ru="Номер канала",
        label_en="Channel's chat id",
        help_ru="Начинается с -100; его покажет getUpdates после новой записи в канале",
        help_en="Begins with -100; getUpdates shows it after a new post in the channel",
    ),
    SettingField(
        name="discussion_chat_id",
        label_ru="Номер группы обсуждений",
        label_en="Discussion group's chat id",
        help_ru="Группа, привязанная к каналу: в ней живут комментарии. Пусто, если комментариев нет",
        help_en="The group linked to the channel, where comments live. Empty if there are no comments",
        required=False,
    ),
    DELIVERY_FIELD,
    SettingField(
        name="api_base",
        label_ru="Адрес Bot API",
        label_en="Bot API address",
        help_ru="Меняют только для своего сервера Bot API",
        help_en="Changed only for a Bot API server of your own",
        required=False,
        default="https://api.telegram.org",
        rare=True,
    ),
)
