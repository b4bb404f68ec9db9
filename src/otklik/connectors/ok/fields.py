"""What an administrator enters to connect a group of Odnoklassniki."""

from __future__ import annotations

from otklik.connectors.base import Choice, SettingField

FIELDS = (
    SettingField(
        "group_id",
        "Номер группы",
        "Group's number",
        help_ru="Только цифры, из адреса ok.ru/group/…",
        help_en="Digits only, from the address ok.ru/group/…",
    ),
    SettingField(
        "group_key",
        "Ключ доступа группы",
        "The group's access key",
        help_ru="Группа → Настройки → Сообщения → «Получить ключ доступа». Новый ключ отменяет прежний.",
        help_en="Group → Settings → Messages → 'Get an access key'. A new key voids the old one.",
        secret=True,
    ),
    SettingField(
        "source_networks",
        "Откуда приходят события",
        "Where events come from",
        help_ru="Сети Одноклассников через запятую; off — откуда угодно (тогда адрес вебхука — единственная защита).",
        help_en="Odnoklassniki's networks, by commas; off: from anywhere (only the webhook's address is a guard then).",
        required=False,
        default="217.20.145.192/28, 217.20.151.160/28, 217.20.153.48/28",
        rare=True,
    ),
    SettingField(
        "application_key",
        "Публичный ключ приложения",
        "The application's public key",
        help_ru="apiok.ru → Мои приложения. Нужен для записей и комментариев, вместе с двумя следующими.",
        help_en="apiok.ru → My applications. Needed for posts and comments, with the next two.",
        required=False,
    ),
    SettingField(
        "application_secret",
        "Секретный ключ приложения",
        "The application's secret key",
        help_ru="Там же, рядом с публичным.",
        help_en="Beside the public one.",
        secret=True,
        required=False,
    ),
    SettingField(
        "access_token",
        "Токен человека",
        "A person's access token",
        help_ru="Вечный токен того, кто ведёт группу, с правом GROUP_CONTENT.",
        help_en="An eternal token of somebody who runs the group, with the right GROUP_CONTENT.",
        secret=True,
        required=False,
    ),
    SettingField(
        "answers_comments",
        "Отвечать на комментарии",
        "Answer comments",
        help_ru="Включите, когда проверите на своей группе: метод Одноклассниками не описан.",
        help_en="Switch on once tried with your own group: Odnoklassniki don't describe the method.",
        required=False,
        default="off",
        choices=(Choice("off", "нет", "no"), Choice("on", "да", "yes")),
    ),
    SettingField(
        "statistics",
        "Спрашивать статистику",
        "Ask for statistics",
        help_ru="Охват и цифры записей. Включите, когда проверите на своей группе: методы описаны не полностью.",
        help_en="Reach and posts' figures. Switch on once tried with your own group: the methods are hardly described.",
        required=False,
        default="off",
        choices=(Choice("off", "нет", "no"), Choice("on", "да", "yes")),
    ),
    SettingField(
        "api_base",
        "Адрес API",
        "Address of the API",
        required=False,
        default="https://api.ok.ru",
        rare=True,
    ),
)
