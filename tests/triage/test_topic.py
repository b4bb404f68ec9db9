from __future__ import annotations

import pytest

from otklik.triage import Kind, Text, Triage

TOPICS = [
    ("яма на яме, колесо пробил", "roads.pothole"),
    ("светафор у школы сламан", "roads.traffic_light"),
    ("на остановке нет ни навеса ни лавки", "transport.stop"),
    ("водитель маршрутки нахамил бабушке", "transport.driver"),
    ("лифт опять стоит, бабушка на девятом", "housing.elevator"),
    ("батареи чуть тёплые, дома +15", "utilities.heating"),
    ("из крана ржавая вода", "utilities.water"),
    ("фонарь не горит", "improvement.lighting"),
    ("трава по пояс, не косят", "improvement.grass"),
    ("качели сломаны на площадке", "improvement.playground"),
    ("баки переполнены, мусор не вывозят", "waste.collection"),
    ("завод опять травит ночью, дышать нечем", "ecology.smell"),
    ("стая собак кидается на детей", "animals.stray"),
    ("в садик очередь на три года", "education.kindergarten_place"),
    ("талонов к терапевту нет", "health.appointment"),
    ("пандус такой крутой что не заехать", "social.accessibility"),
    ("музыка до трех ночи под окнами", "safety.noise"),
    ("сосед строит вплотную к забору без разрешения", "construction.violation"),
    ("зарплату не платят третий месяц", "economy.jobs"),
    ("связь не ловит в поселке", "communications.network"),
    ("на мое письмо пришла отписка", "administration.no_answer"),
    ("huge pothole on the road", "roads.pothole"),
    ("street light is out near the school", "improvement.lighting"),
    ("garbage bins are overflowing", "waste.collection"),
    ("stray dogs attack people", "animals.stray"),
    ("воооооды нееет", "utilities.water"),
    ("@admin яма на дороге когда почините???", "roads.pothole"),
    ("Фонарь не горит.Темно", "improvement.lighting"),
    ("мусор не вывозят😡😡😡", "waste.collection"),
    ("запах газа по всей лестнице, к врачу не записаться, дозвониться не можем", "utilities.gas"),
    ("musor ne vyvozyat nedelyu, baki perepolneny", "waste.collection"),
]


@pytest.mark.parametrize(("text", "topic"), TOPICS)
def test_topic_of(one, text, topic):
    verdict = one(text)

    assert (verdict.topic, verdict.topic_group, verdict.topic_top3[0]) == (topic, topic.split(".")[0], topic)


def test_unclear_text_gets_no_topic(one):
    verdict = one("Вчера видела вашу племянницу, привет передавала")

    assert verdict.topic is None
    assert verdict.topic_confidence < 0.3


def test_street_named_after_a_school_is_not_about_schools(one):
    assert one("на Школьной улице, 5 яма на дороге").topic == "roads.pothole"


def test_short_comment_inherits_from_its_parent(one):
    alone = one("Фонарь не горит у поликлиники")
    verdict = one("и у нас тоже!", parent_text="Фонарь не горит у поликлиники")

    assert (verdict.kind, verdict.topic) == (Kind.REQUEST, "improvement.lighting")
    assert verdict.topic_confidence < alone.topic_confidence
    assert verdict.reasons[0].describe("en") == (
        "the topic comes from the message answered: topic: improvement.lighting"
    )


@pytest.mark.parametrize(
    ("text", "parent", "topic"),
    [
        ("И У НАС ТОЖЕ!!!!!", "батареи холодные", "utilities.heating"),
        ("+1", "мусор не вывозят неделю", "waste.collection"),
        ("+", "мусор не вывозят неделю", "waste.collection"),
        ("ППКС", "мусор не вывозят неделю", "waste.collection"),
        ("та же история", "лифт не работает", "housing.elevator"),
        ("same here", "the elevator is broken", "housing.elevator"),
    ],
)
def test_agreement_asks_for_the_same(one, text, parent, topic):
    verdict = one(text, parent_text=parent)

    assert (verdict.kind, verdict.topic) == (Kind.REQUEST, topic)


def test_street_of_the_post_is_not_its_topic(gazetteer):
    local = Triage.shipped(gazetteer)
    post = "В домах по Лесной улице отключили отопление"

    assert local.classify([Text("и у нас тоже!", post_text=post)])[0].topic == "utilities.heating"


def test_parent_speaks_before_the_post(one):
    verdict = one("+1", parent_text="батареи холодные", post_text="Открыли новую детскую площадку с качелями")

    assert verdict.topic == "utilities.heating"


def test_post_speaks_where_the_parent_says_nothing(one):
    verdict = one("а у нас когда?", parent_text="Да!", post_text="Заасфальтировали дорогу, ям больше нет")

    assert verdict.topic_group == "roads"


def test_own_topic_is_stronger_than_the_parents(one):
    assert one("а у нас крыша течет", parent_text="батареи холодные").topic == "housing.repair"


def test_long_comment_inherits_nothing(one):
    text = "Сидели вчера вечером долго вспоминали молодость пели песни и радовались встрече старых друзей"

    assert one(text, post_text="яма на дороге, колесо пробил").topic is None


def test_reasons_name_the_words_that_decided(one):
    said = [
        reason.said for reason in one("фонарь не горит").reasons if reason.speaks_for == "topic:improvement.lighting"
    ]

    assert said == ["фонар", "фонар гор", "гор"]


def test_reason_shows_the_topics_title_if_given(one):
    reason = one("фонарь").reasons[0]

    assert reason.describe("ru", {"improvement.lighting": "Освещение"}) == "слово «фонар» говорит за: тема: Освещение"


def test_batch_keeps_the_order(triage):
    verdicts = triage.classify([Text("яма на дороге"), Text(""), Text("спасибо!")])

    assert [verdict.kind for verdict in verdicts] == [Kind.REQUEST, Kind.REQUEST, Kind.THANKS]


def test_same_text_gives_the_same_verdict(triage):
    text = Text("Открытый люк у школы, ул. Садовая 5, тел. 8 903 123-45-67")

    assert triage.classify([text]) == triage.classify([text])


def test_empty_text_is_perhaps_a_photo_of_a_request(one):
    verdict = one("")

    assert (verdict.kind, verdict.topic, verdict.urgency, verdict.language) == (Kind.REQUEST, None, 1, "und")
    assert verdict.kind_confidence == 0.2


def test_twenty_thousand_characters_are_read(one):
    verdict = one("яма на дороге " * 1500)

    assert verdict.topic == "roads.pothole"


@pytest.mark.parametrize(
    "text", ["\x00", "\ud83d", "((((", "@@@@", "****", "1234567890" * 50, "а" * 5000, "..", "д.", "ул."]
)
def test_odd_text_never_raises(one, text):
    assert 0.0 <= one(text).kind_confidence <= 1.0


@pytest.mark.parametrize("post", ["Сегодня включаем отопление в домах по улице Садовой", "Начинаем отопительный сезон"])
def test_same_with_us_under_a_post_on_heating_is_about_heating(triage, post):
    assert triage.classify([Text("и у нас тоже!", post_text=post)])[0].topic == "utilities.heating"


def test_roof_that_leaks_is_the_houses_unless_a_school_is_named(triage):
    said = [Text("течёт крыша, кв 5"), Text("в школе течёт крыша")]

    assert [verdict.topic for verdict in triage.classify(said)] == ["housing.repair", "education.building"]
