"""What an administrator enters to connect a mailbox."""

from __future__ import annotations

from otklik.connectors.base import NO, YES, Choice, SettingField

SECURITIES = (
    Choice("tls", "TLS", "TLS"),
    Choice("starttls", "STARTTLS", "STARTTLS"),
    Choice("none", "нет (только 127.0.0.1)", "none (127.0.0.1 only)"),
)

FIELDS = (
    SettingField(
        "address",
        "Адрес ящика",
        "The mailbox's address",
        help_ru="На него пишут жители, с него уходят ответы: city@example.org",
        help_en="Residents write to it, answers leave from it: city@example.org",
    ),
    SettingField(
        "password",
        "Пароль ящика",
        "The mailbox's password",
        help_ru="Обычно это отдельный «пароль для приложений»: его создают в настройках почты.",
        help_en="Usually a separate password for applications, made in the mailbox's settings.",
        secret=True,
    ),
    SettingField(
        "imap_host",
        "Сервер входящей почты (IMAP)",
        "Server of incoming mail (IMAP)",
        help_ru="Например, imap.example.org",
        help_en="Such as imap.example.org",
    ),
    SettingField(
        "smtp_host",
        "Сервер исходящей почты (SMTP)",
        "Server of outgoing mail (SMTP)",
        help_ru="Например, smtp.example.org",
        help_en="Such as smtp.example.org",
    ),
    SettingField(
        "user",
        "Имя для входа",
        "Name to sign in with",
        help_ru="Если это не сам адрес.",
        help_en="If it isn't the address itself.",
        required=False,
    ),
    SettingField(
        "sender_name",
        "Имя отправителя",
        "The sender's name",
        help_ru="Так жители увидят, от кого ответ: «Администрация Ясногорья».",
        help_en="How residents see whom the answer is from.",
        required=False,
    ),
    SettingField("imap_port", "Порт IMAP", "IMAP port", required=False, default="993", rare=True),
    SettingField(
        "imap_security",
        "Защита IMAP",
        "IMAP security",
        required=False,
        default="tls",
        choices=SECURITIES,
        rare=True,
    ),
    SettingField("smtp_port", "Порт SMTP", "SMTP port", required=False, default="465", rare=True),
    SettingField(
        "smtp_security",
        "Защита SMTP",
        "SMTP security",
        required=False,
        default="tls",
        choices=SECURITIES,
        rare=True,
    ),
    SettingField(
        "folder",
        "Папка с письмами",
        "Folder of the letters",
        help_ru="Имя папки на сервере; обычно INBOX.",
        help_en="The folder's name on the server; usually INBOX.",
        required=False,
        default="INBOX",
        rare=True,
    ),
    SettingField(
        "plus_addresses",
        "Адреса с плюсом",
        "Addresses with a plus",
        help_ru="Получает ли ящик письма и на city+что-угодно@…: тогда ответы жителей узнаём и по адресу.",
        help_en="Whether the mailbox gets letters to city+anything@… too: replies are then known by their address too.",
        required=False,
        default="no",
        choices=(NO, YES),
        rare=True,
    ),
    SettingField(
        "first_days",
        "Сколько дней взять сначала",
        "Days to take at first",
        help_ru="При подключении читаем письма за столько последних дней; 0 — только новые.",
        help_en="When connected, letters of so many days are read; 0: only new ones.",
        required=False,
        default="1",
        rare=True,
    ),
    SettingField(
        "ca_bundle",
        "Файл сертификатов",
        "File of certificates",
        help_ru="Полный путь к файлу PEM: его сертификатам верим в придачу к системным, на обоих серверах.",
        help_en="Whole path of a PEM file: its certificates are trusted besides the system's, for both servers.",
        required=False,
        rare=True,
    ),
)
