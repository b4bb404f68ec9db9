"""VK: what an administrator enters."""

from __future__ import annotations

from otklik.connectors.base import SettingField
from otklik.connectors.delivery import DELIVERY_FIELD

FIELDS = (
    SettingField(
        "group_id",
        "Номер сообщества",
        "The community's number",
        help_ru="Только цифры, как в vk.com/club123.",
        help_en="Digits only, as in vk.com/club123.",
    ),
    SettingField(
        "token",
        "Ключ доступа сообщества",
        "The community's access token",
        help_ru="Управление → Работа с API → Создать ключ; права: сообщения, стена, управление.",
        help_en="Manage → API usage → Create token; rights: messages, wall, manage.",
        secret=True,
    ),
    SettingField(
        "callback_secret",
        "Секретный ключ событий",
        "The secret of callbacks",
        help_ru="Оставьте пустым: придумаем сами. До 50 латинских букв и цифр, ВКонтакте шлёт его в каждом событии.",
        help_en="Leave it empty and one is made. Up to 50 Latin letters and digits; VK shows it in every event.",
        secret=True,
        required=False,
    ),
    SettingField(
        "confirmation_code",
        "Строка подтверждения",
        "The confirmation code",
        help_ru="Можно оставить пустой: она запрашивается при подключении.",
        help_en="May stay empty: it is asked for when connecting.",
        required=False,
    ),
    SettingField(
        "user_token",
        "Ключ доступа человека",
        "A person's access token",
        help_ru="Ключ администратора сообщества с правом «стена»: без него нельзя публиковать записи.",
        help_en="Of an administrator of the community, with the right 'wall': posts can't be published without it.",
        secret=True,
        required=False,
    ),
    DELIVERY_FIELD,
    SettingField(
        "api_base",
        "Адрес API",
        "Address of the API",
        required=False,
        default="https://api.vk.ru",
        rare=True,
    ),
)
