"""What an administrator enters to connect MAX."""

from __future__ import annotations

from otklik.connectors.base import SettingField

FIELDS = (
    SettingField(
        "access_token",
        "Токен бота",
        "Bot token",
        help_ru="business.max.ru → Чат-боты → ваш бот → Расширенные настройки. Организация должна быть подтверждена.",
        help_en="business.max.ru → Chat-bots → your bot → Advanced settings. The organisation must be verified.",
        secret=True,
    ),
    SettingField(
        "webhook_secret",
        "Секрет вебхука",
        "Webhook secret",
        help_ru="Оставьте пустым: придумаем сами. От 5 до 256 латинских букв, цифр и дефисов.",
        help_en="Leave it empty and one is made. 5 to 256 Latin letters, digits and hyphens.",
        secret=True,
        required=False,
    ),
    SettingField(
        "channel_id",
        "Номер канала",
        "Channel's number",
        help_ru="Отрицательное число. Бот — администратор канала: читать все сообщения, писать, менять, удалять.",
        help_en="A negative number. The bot is its administrator: read all messages, write, edit, delete.",
        required=False,
    ),
    SettingField(
        "ca_bundle",
        "Файл сертификатов",
        "File of certificates",
        help_ru="Путь к файлу PEM с корневым сертификатом Минцифры: без него к MAX не подключиться.",
        help_en="Path of a PEM file with the root certificate of Mincifry: MAX can't be reached without it.",
        required=False,
    ),
    SettingField(
        "api_base",
        "Адрес API",
        "Address of the API",
        help_ru="Меняют, только если MAX объявит о переезде.",
        help_en="Changed only if MAX announces a move.",
        required=False,
        default="https://platform-api2.max.ru",
        rare=True,
    ),
)
