from __future__ import annotations

import pytest

from otklik.triage import Kind, Text

KINDS = [
    ("Почините фонарь у дома 5 по Лесной", Kind.REQUEST),
    ("Когда уберут снег во дворе?", Kind.REQUEST),
    ("Третий день не вывозят мусор", Kind.REQUEST),
    ("почему не горит освещение на набережной?", Kind.REQUEST),
    ("Please fix the broken swings", Kind.REQUEST),
    ("Спасибо за площадку, но качели уже сломаны, почините", Kind.REQUEST),
    ("Сделайте пандус в аптеке, заранее спасибо", Kind.REQUEST),
    ("До скольки работает библиотека?", Kind.QUESTION),
    ("Подскажите, где взять справку?", Kind.QUESTION),
    ("What time does the museum open?", Kind.QUESTION),
    ("Предлагаю сделать велодорожку вдоль реки", Kind.IDEA),
    ("Было бы здорово поставить сцену в сквере", Kind.IDEA),
    ("It would be great to have a skate park here", Kind.IDEA),
    ("Спасибо, что починили фонарь!", Kind.THANKS),
    ("Молодцы, красиво стало в парке", Kind.THANKS),
    ("Thank you so much for the new lights", Kind.THANKS),
    ("Позор! Ничего не меняется, одни обещания", Kind.VENTING),
    ("Надоело всё, кругом бардак", Kind.VENTING),
    ("This city is a joke, nobody cares", Kind.VENTING),
    ("Добрый вечер!", Kind.GREETING),
    ("Hello", Kind.GREETING),
    ("Заработок от 5000 в день без вложений, пишите в лс https://t.me/easy", Kind.SPAM),
    ("Earn money from home, click the link http://example.org/x", Kind.SPAM),
    ("Займ без отказа за 5 минут, пишите", Kind.SPAM),
    ("Кредит наличными без отказа, одобрение за 5 минут", Kind.SPAM),
    ("Казино онлайн, бонус 5000 за регистрацию", Kind.SPAM),
    ("Инвестиции в крипту, доход 30% в месяц", Kind.SPAM),
    ("зароботок в интернете от 3000 в день", Kind.SPAM),
    ("Crypto signals, join my telegram channel", Kind.SPAM),
    ("Online casino bonus, register now", Kind.SPAM),
    ("Закройте незаконное казино на Лесной 5", Kind.REQUEST),
    ("банк отказал в кредите на газификацию, помогите", Kind.REQUEST),
    ("спс)))", Kind.THANKS),
    ("Молодцыыы!!", Kind.THANKS),
    ("воооооды нееет", Kind.REQUEST),
    ("СВЕТА НЕТ В ПОДЪЕЗДЕ", Kind.REQUEST),
    ("Вы тупые идиоты", Kind.ABUSE),
    ("Чтоб вы все сдохли", Kind.ABUSE),
    ("таких как вы надо душить", Kind.ABUSE),
    ("руки вам поотрывать за такое", Kind.ABUSE),
    ("You are scum, burn in hell", Kind.ABUSE),
    ("👍❤️", Kind.THANKS),
    ("😡😡", Kind.VENTING),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kind_of(one, text, kind):
    assert one(text).kind is kind


def test_angry_resident_with_a_problem_stays_a_request(one):
    verdict = one("какого хрена не чистят снег на дороге, уберите")

    assert (verdict.kind, verdict.topic) == (Kind.REQUEST, "roads.snow")


@pytest.mark.parametrize(
    "text",
    [
        "п*здец какой-то", "вот су*и", "ах вы с*ки", "вы д у р а к и", "г0ндоны", "и-д-и-о-т", "м у д а к и вы",
        "дyрaк ты", "идиооооты", "ты клоун и жулик", "You are morons", "go to hell, idiots", "п\u200bидор",
        "б л я что за дорога", "п1здец", "пиzдец какой-то", "деб1л", "вы rандоны", "гн1да", "чм0", "sh1t", "m0rons",
    ],
)  # fmt: skip
def test_masked_swearing_is_abuse(one, text):
    assert one(text).abuse >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "подстрахуйте нас",
        "хлеба и рубля не стоит",
        "скипидар разлили",
        "хулиганы у школы",
        "ворота сломаны",
        "стало похуже",
        "жители в недоумении",
        "Херсонская улица",
        "фигурное катание",
        "спилите сучья",
        "школьники ходят по дороге",
        "мигранты живут в подвале",
        "овцы пасутся на газоне",
        "trucks block the gate",
        "а я с утра звонил",
        "корпус д1к2, дом 5а3",
        "1ый подъезд у ВKонтакте",
        "covid19 h2o b2b g4s",
    ],
)
def test_innocent_word_with_a_swear_inside_is_no_abuse(one, text):
    assert one(text).abuse == 0.0


def test_link_to_an_address_alone_is_no_spam(one):
    assert (
        one("Яма вот здесь, фото: https://example.org/photo/1 посмотрите, пожалуйста, и засыпьте").kind is Kind.REQUEST
    )


@pytest.mark.parametrize(
    ("text", "tough"),
    [
        ("Куда ушли деньги на сквер?", True),
        ("Когда вы уйдете в отставку?", True),
        ("Where did the money go?", True),
        ("Во сколько концерт?", False),
        ("Спасибо, обещали и сделали!", False),
    ],
)
def test_tough_question(one, text, tough):
    assert one(text).tough is tough


@pytest.mark.parametrize(
    "text",
    [
        "Здравствуйте! Уже третий день на улице Садовой нет воды, никто ничего не говорит. Ждём вашей помощи. Спасибо!",
        "Добрый день. Подскажите, пожалуйста, куда обратиться многодетной маме за выплатой на школьную форму? Спасибо.",
        "Опять не горит фонарь у нашего дома, в прошлый раз починили, спасибо, но хватило на два дня.",
    ],
)
def test_thank_you_under_a_letter_that_wants_something_is_politeness(triage, text):
    assert triage.classify([Text(text)])[0].kind in {Kind.REQUEST, Kind.QUESTION}


def test_thank_you_for_work_done_is_thanks_however_long(triage):
    text = (
        "Спасибо всем, кто вчера до ночи чинил трубу на Лесной. Вода есть, люди довольны, дворник молодец, всё убрали."
    )

    assert triage.classify([Text(text)])[0].kind is Kind.THANKS
