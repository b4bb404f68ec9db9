"""What an administrator enters to give the head of the city an address in the fediverse."""

from __future__ import annotations

from otklik.connectors.activitypub.signatures import new_key
from otklik.connectors.base import Choice, SettingField

FIELDS = (
    SettingField(
        "username",
        "Имя в федиверсе",
        "Name in the fediverse",
        help_ru="Латинские буквы, цифры и _, например mayor: людей найдут по @mayor@адрес-сайта. Потом его не меняют.",
        help_en="Latin letters, digits and _, such as mayor: people find it by @mayor@your-site. It never changes.",
    ),
    SettingField(
        "display_name",
        "Как зовут",
        "Displayed name",
        help_ru="Имя, которое видят люди, например «Глава города Анна Берестова».",
        help_en="The name that people see, such as 'Anna Berestova, head of the city'.",
        required=False,
    ),
    SettingField(
        "about",
        "О себе",
        "About",
        help_ru="Одно-два предложения для страницы в федиверсе.",
        help_en="One or two sentences for the page in the fediverse.",
        required=False,
    ),
    SettingField(
        "kind",
        "Кто это",
        "Who it is",
        required=False,
        default="person",
        choices=(Choice("person", "человек", "a person"), Choice("organisation", "учреждение", "an organisation")),
        rare=True,
    ),
    SettingField(
        "private_key",
        "Ключ подписи",
        "Signing key",
        help_ru="RSA, в виде PEM. Оставьте пустым: ключ сделается сам.",
        help_en="RSA, in PEM form. Leave it empty: a key is made for you.",
        secret=True,
        make=new_key,
    ),
)
