"""What letters say: charsets, quotations, HTML, threads, machines, reports, files."""

from __future__ import annotations

import base64

import pytest

from otklik.connectors.events import Draft, DraftKind, Event, EventKind, ParseStatus, Target, Visibility
from otklik.connectors.mail.charsets import header_words
from otklik.connectors.mail.lightening import HEAVY, lightened
from otklik.connectors.mail.markup import words_of
from otklik.connectors.mail.quoting import own_words
from otklik.connectors.mail.threading import own_id, reply_address
from otklik.simulators.mail.letters import letter, report
from tests.connectors.ground import RECEIVED_AT
from tests.connectors.mail import accounts

TOKEN = "0123456789abcdef01234567"
OURS = own_id(Draft("answer:1", DraftKind.DIRECT_MESSAGE, Target(thread_key=f"mail:{TOKEN}"), ""), "yasnogorye.example")


def read(raw: bytes, **changes: str) -> Event:
    [event] = accounts.connector(**changes).parse(accounts.hook_of(raw))
    return event


def test_letter_is_a_private_message_of_its_sender() -> None:
    event = read(letter("Почините дорогу.", subject="Яма на Садовой, 12", at=RECEIVED_AT.timestamp() - 600))

    assert (event.kind, event.visibility, event.text) == (
        EventKind.DIRECT_MESSAGE, Visibility.PRIVATE, "Яма на Садовой, 12\n\nПочините дорогу.",
    )  # fmt: skip
    assert event.author is not None
    assert (event.author.external_id, event.author.display_name) == ("ivan@mail.example", "Иван Заречный")
    assert (event.subject, event.external_id, event.object_key) == (
        "Яма на Садовой, 12", "m1@mail.example", "mail:m1@mail.example",
    )  # fmt: skip
    assert (RECEIVED_AT - event.occurred_at).total_seconds() == 600


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5", "cp866"])
def test_declared_charset_is_read(charset: str) -> None:
    event = read(letter("Ёлка упала на съезд.", subject="Ёлка", name="Пётр", charset=charset))

    assert (event.text, event.subject) == ("Ёлка упала на съезд.", "Ёлка")
    assert event.author is not None
    assert event.author.display_name == "Пётр"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("told", ["", "us-ascii", "iso-8859-1", "x-unknown", "utf-8", "rot13", "idna"])
def test_missing_unknown_and_lying_charsets_are_guessed(charset: str, told: str) -> None:
    words = "Не горит фонарь у остановки, темно и страшно ходить."
    shown = f"; charset={told}" if told else ""
    raw = f"From: <a@b.example>\r\nContent-Type: text/plain{shown}\r\n\r\n".encode() + words.encode(charset)

    assert read(raw).text == words


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
def test_headers_of_raw_bytes_are_read(charset: str) -> None:
    raw = "Subject: Не горит фонарь у остановки\r\nFrom: Пётр Лесной <a@b.example>\r\n\r\n".encode(charset)
    event = read(raw)

    assert event.subject == "Не горит фонарь у остановки"
    assert event.author is not None
    assert event.author.display_name == "Пётр Лесной"


def test_encoded_word_cut_in_the_middle_of_a_letter_is_joined() -> None:
    raw = "Остановка".encode()
    halves = [base64.b64encode(part).decode() for part in (raw[:7], raw[7:])]

    assert header_words(f"=?utf-8?B?{halves[0]}?=\r\n =?utf-8?B?{halves[1]}?= (2)") == "Остановка (2)"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("=?utf-8?Q?=D0=AF=D0=BC=D0=B0?=", "Яма"),
        ("=?koi8-r?b?8c3B?=", "Яма"),
        ("=?windows-1251?B?3+zg", "=?windows-1251?B?3+zg"),
        ("=?utf-8?B?not base64!?=", "not base64!"),
        ("plain =?utf-8?Q?=D0=AF?= text", "plain Я text"),
        ("line\r\n\tline\x00", "line line"),
    ],
)
def test_header_is_read_however_broken(told: str, shown: str) -> None:
    assert header_words(told) == shown


def test_html_letter_is_read_as_words() -> None:
    html = (
        "<html><head><title>t</title><style>p{color:red}</style></head><body><p>Здравствуйте!</p><div>Яма&nbsp;на "
        "<b>Садовой</b>,<br>дом&amp;12</div><script>alert(1)</script><ul><li>раз</li><li>два</li></ul>"
        '<a href="https://city.example/x">тут</a> <a href="javascript:alert(1)">там</a>'
        '<img src="https://t.example/p" alt="">'
        '<div style="display:none">hidden</div></body></html>'
    )

    assert read(letter(html, kind="text/html", subject="Re: x")).text == (
        "Здравствуйте!\n\nЯма на Садовой,\nдом&12\n\n- раз\n- два\nтут (https://city.example/x) там"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<p>Спасибо, починили</p><div class="gmail_quote">Пн, 2 мар.: <blockquote>Починим</blockquote></div>',
        '<p>Спасибо, починили</p><blockquote type="cite"><div>Починим</div></blockquote>',
        '<p>Спасибо, починили</p><div id="divRplyFwdMsg"><b>От:</b> Город</div><p>Починим</p>',
    ],
)
def test_quotation_of_html_is_left_out(html: str) -> None:
    assert read(letter(html, kind="text/html", subject="Re: x")).text == "Спасибо, починили"


def test_html_that_only_quotes_is_kept() -> None:
    assert words_of('<blockquote type="cite">Починим</blockquote>') == ""
    assert read(letter('<blockquote type="cite">Починим</blockquote>', kind="text/html", subject="Fwd")).text == (
        "Fwd\n\nПочиним"
    )


@pytest.mark.parametrize(
    "quoted",
    [
        "2 марта 2026 г., 10:15, Город <city@yasnogorye.example> пишет:\n\n> Починим в среду.\n> Город",
        "On Mon, Mar 2, 2026 at 10:15 AM City\n<city@yasnogorye.example> wrote:\n\n> Починим",
        "пн, 2 мар. 2026 г. в 10:15, Город <city@yasnogorye.example>:\n\n> Починим",
        "Понедельник, 2 марта 2026, 10:15 +03:00 от Город <city@yasnogorye.example>:\n\nПочиним в среду.",
        "-----Original Message-----\nFrom: City\nПочиним",
        "________________________________\nОт: Город <city@yasnogorye.example>\nОтправлено: 2 марта\nКому: Иван\n\nДа",
        "From: City <city@yasnogorye.example>\nSent: Monday\nTo: Ivan\nSubject: Re\n\nПочиним",
        "> Починим в среду.\n> Город",
        "02.03.2026 10:15, Город пишет:\n> Починим",
        "Город <city@yasnogorye.example> пишет 02.03.2026:\n> Починим",
    ],
)
def test_quotation_is_cut_off_for_reading(quoted: str) -> None:
    assert own_words(f"Не починили!\n\n{quoted}", is_reply=True) == "Не починили!"


@pytest.mark.parametrize(
    "text",
    [
        "On 2026-03-02 city@x.example wrote:\n> Когда?\nВ среду ждём.\n> Где?\nНа Садовой.",
        "Сосед пишет:\nу него тоже яма.",
        "Сосед пишет с 2024 года, что яма:\nи никто не чинит.",
        "Жду ответа от города до 12.03.2026:\nпотом пойду в суд.",
        "---------- Forwarded message ---------\nFrom: Дом <a@b.example>\n\nОтключение воды",
        "> одна цитата",
        "От дома 12 до дома 14\nДата ремонта?\nКому писать?",
    ],
)
def test_own_words_are_never_taken_for_a_quotation(text: str) -> None:
    assert own_words(text, is_reply=True) == text


def test_telephones_advertisement_is_left_out() -> None:
    assert own_words("Спасибо\n\nОтправлено из мобильной Почты", is_reply=False) == "Спасибо"


def test_first_letter_that_quotes_another_is_whole() -> None:
    text = "Смотрите, что мне ответили:\n-----Original Message-----\nОтказать"

    assert own_words(text, is_reply=False) == text


def test_reply_to_our_letter_finds_its_conversation() -> None:
    event = read(letter("Да", subject="Re: Яма", headers={"In-Reply-To": f"<{OURS}>", "References": f"<x@y> <{OURS}>"}))

    assert (event.thread_key, event.parent_external_id) == (f"mail:{TOKEN}", OURS)


def test_reply_by_a_program_that_names_the_whole_chain_but_us_last_finds_it() -> None:
    event = read(letter("Да", headers={"In-Reply-To": "<other@y>", "References": f"<x@y> <{OURS}> <other@y>"}))

    assert (event.thread_key, event.parent_external_id) == (f"mail:{TOKEN}", OURS)


def test_letter_to_the_tagged_address_finds_its_conversation() -> None:
    to = f"Город <{reply_address(accounts.ADDRESS, f'mail:{TOKEN}')}>"

    assert read(letter("Да", to=to)).thread_key == f"mail:{TOKEN}"


def test_second_letter_of_a_chain_without_us_is_in_the_firsts_conversation() -> None:
    first = read(letter("Яма", message_id="<one@mail.example>"))
    second = read(
        letter("Ещё", message_id="<two@mail.example>", headers={"References": "<one@mail.example>"}, subject="Re: Яма")
    )

    assert (second.thread_key, second.parent_external_id) == (first.thread_key, "one@mail.example")


def test_same_subject_alone_joins_nothing() -> None:
    first, second = (
        read(letter("Яма")),
        read(letter("Яма", message_id="<m2@mail.example>", subject="Re: Яма на дороге")),
    )

    assert first.thread_key != second.thread_key


def test_another_citys_token_is_not_ours() -> None:
    foreign = OURS.replace("yasnogorye", "zarechensk")

    assert read(letter("Да", headers={"In-Reply-To": f"<{foreign}>"})).thread_key != f"mail:{TOKEN}"


def test_letter_without_a_name_is_known_by_its_bytes() -> None:
    raw = letter("Яма", message_id="")

    assert (read(raw).external_id.startswith("sha256-"), read(raw) == read(raw)) == (True, True)
    assert read(raw).external_id != read(letter("Ямы", message_id="")).external_id


@pytest.mark.parametrize(
    "header",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; x=1"},
        {"Precedence": "bulk"},
        {"Precedence": "LIST"},
        {"List-Id": "<news.example>"},
        {"X-Auto-Response-Suppress": "All"},
        {"Return-Path": "<>"},
        {"From": f"<{accounts.ADDRESS}>"},
    ],
)
def test_machines_letter_is_taken_in_and_marked(header: dict[str, str]) -> None:
    event = read(letter("Я в отпуске до среды.", headers=header))

    assert (event.kind, event.automated, event.is_echo) == (EventKind.DIRECT_MESSAGE, True, False)


@pytest.mark.parametrize("header", [{}, {"Auto-Submitted": "no"}, {"Precedence": "normal"}])
def test_persons_letter_is_not_marked(header: dict[str, str]) -> None:
    assert not read(letter("Яма", headers=header)).automated


def test_forged_sender_does_not_speak_for_the_city() -> None:
    """Whoever writes "From: the city" into our inbox is a stranger; only the folder of sent letters is ours."""
    raw = letter("Закрыто.", sender=accounts.ADDRESS, headers={"In-Reply-To": f"<{OURS}>"})
    [there] = accounts.connector().parse(accounts.hook_of(raw, folder="sent"))
    here = read(raw)

    assert here.author is not None
    assert there.author is not None
    assert (here.is_echo, here.author.is_self) == (False, False)
    assert (there.is_echo, there.author.is_self) == (True, True)


def test_report_says_which_letter_of_ours_did_not_arrive() -> None:
    event = read(report(f"<{OURS}>"))

    assert (event.kind, event.parent_external_id, event.container) == (EventKind.UNDELIVERED, OURS, "mail")
    assert event.text == "550 5.1.1 no such user"


@pytest.mark.parametrize("raw", [report(f"<{OURS}>", action="delayed"), report("<somebody@elses.example>")])
def test_report_of_anything_else_is_no_message(raw: bytes) -> None:
    assert read(raw).kind == EventKind.SYSTEM


def test_servers_own_words_about_a_letter_of_ours_are_a_report() -> None:
    raw = letter(
        f"Sorry, no mailbox here by that name.\n\nMessage-ID: <{OURS}>", sender="mailer-daemon@mx.example",
        subject="failure notice", headers={"Return-Path": "<>"},
    )  # fmt: skip

    assert (read(raw).kind, read(raw).parent_external_id) == (EventKind.UNDELIVERED, OURS)


def test_files_are_named_by_their_place_and_not_kept_in_the_event() -> None:
    files = [("яма.jpg", "image/jpeg", b"\xff\xd8jpeg"), ("акт.pdf", "application/pdf", b"%PDF")]
    event = read(letter("Смотрите", files=files))

    assert [(one.kind, one.filename, one.source_ref) for one in event.attachments] == [
        ("photo", "яма.jpg", "1:7|1|m1@mail.example"),
        ("document", "акт.pdf", "1:7|2|m1@mail.example"),
    ]


def test_photo_without_words_is_a_message() -> None:
    event = read(letter("", subject="", files=[("a.jpg", "image/jpeg", b"\xff")]))

    assert (event.text, len(event.attachments), event.parse_status) == ("", 1, ParseStatus.OK)


def test_heavy_letter_keeps_its_words_and_the_numbers_of_its_files() -> None:
    files = [("a.jpg", "image/jpeg", b"x" * HEAVY), ("b.jpg", "image/jpeg", b"y")]
    heavy = letter("Смотрите", files=files)
    light = lightened(heavy)

    assert len(light) < 3000
    assert (read(light).text, read(light).attachments) == (read(heavy).text, read(heavy).attachments)
    assert lightened(letter("Яма")) == letter("Яма")
