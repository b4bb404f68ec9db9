"""Instagram: what an administrator enters."""

from __future__ import annotations

from otklik.connectors.base import NO, YES, Choice, SettingField

VERSION = "v24.0"

FIELDS = (
    SettingField(
        "account_id",
        "Номер аккаунта",
        "The account's number",
        help_ru="Только цифры, начинается с 17841: его показывает кабинет Meta и поле user_id.",
        help_en="Digits only, begins with 17841: Meta's dashboard shows it, and the field user_id.",
    ),
    SettingField(
        "token",
        "Ключ доступа",
        "Access token",
        help_ru="Долгий (60 дней): дальше он продлевается сам. Права перечислены в руководстве.",
        help_en="A long-lived one (60 days): from then on it is renewed by itself. The guide lists the rights.",
        secret=True,
    ),
    SettingField(
        "app_secret",
        "Секрет приложения",
        "The app's secret",
        help_ru="Из кабинета Meta: им подписано каждое событие.",
        help_en="From Meta's dashboard: every event is signed with it.",
        secret=True,
    ),
    SettingField(
        "verify_token",
        "Слово для проверки адреса",
        "The word that proves the address",
        help_ru="Придумайте сами (от 8 знаков) и впишите такое же в кабинете Meta, в поле Verify token.",
        help_en="Make one up (8 characters or more) and enter the same in Meta's dashboard as the verify token.",
        secret=True,
    ),
    SettingField(
        "login",
        "Вход",
        "Login",
        required=False,
        default="instagram",
        choices=(
            Choice("instagram", "Instagram: аккаунт сам по себе", "Instagram: the account by itself"),
            Choice("facebook", "Facebook: через страницу", "Facebook: through a page"),
        ),
    ),
    SettingField(
        "human_agent",
        "Ответы в течение семи дней",
        "Answers within seven days",
        help_ru="Только если Meta разрешила приложению Human Agent: тогда ответы людей уходят и после суток.",
        help_en="Only if Meta allowed the app Human Agent: then answers by people go out after the day as well.",
        required=False,
        default="no",
        choices=(NO, YES),
    ),
    SettingField(
        "token_ends_at",
        "Когда кончится ключ",
        "When the token ends",
        help_ru="Заполняется само при продлении. Время в виде 2026-12-31T10:00:00+00:00.",
        help_en="Filled in by itself when the token is renewed. An instant such as 2026-12-31T10:00:00+00:00.",
        required=False,
        about="token",
        rare=True,
    ),
    SettingField(
        "api_version",
        "Версия API",
        "Version of the API",
        help_ru="Как в адресах Meta, например v24.0.",
        help_en="As in Meta's addresses, such as v24.0.",
        required=False,
        default=VERSION,
        rare=True,
    ),
    SettingField(
        "api_base",
        "Адрес API",
        "Address of the API",
        help_ru="Пусто: graph.instagram.com или graph.facebook.com, смотря по входу. Начинается с https://.",
        help_en="Empty: graph.instagram.com or graph.facebook.com, as the login wants. Begins with https://.",
        required=False,
        rare=True,
    ),
)
