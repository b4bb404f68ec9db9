from __future__ import annotations

import pytest

from otklik.triage import Kind

DANGERS = [
    ("Пахнет газом в подъезде, страшно!", "gas"),
    ("запах газа во дворе с утра", "gas"),
    ("у соседей утечка газа", "gas"),
    ("Strong smell of gas in our building", "gas"),
    ("после грозы провод висит над дорожкой", "live_wire"),
    ("Столб искрит возле песочницы", "live_wire"),
    ("There is a wire hanging over the playground", "live_wire"),
    ("Открытый люк прямо на тротуаре", "open_manhole"),
    ("колодец без крышки у садика", "open_manhole"),
    ("An open manhole near the bus stop", "open_manhole"),
    ("у дома рухнула стена, там люди", "collapse"),
    ("The ceiling collapsed in the hallway", "collapse"),
    ("горит квартира на третьем этаже", "fire"),
    ("the house is on fire", "fire"),
    ("ребёнок провалился под лёд", "child"),
    ("пропал ребенок, ушёл из школы и не вернулся", "child"),
    ("A child is missing since the morning", "child"),
    ("Не хочу больше жить, всё", "suicide"),
    ("I want to die", "suicide"),
    ("прорвало дамбу на реке", "flood"),
    ("the river is rising, houses are flooded", "flood"),
    ("во дворе мужик с ножом", "violence"),
    ("нашли гранату в огороде", "explosive"),
    ("у магазина человек без сознания", "medical"),
]

IDIOMS = [
    "Бомба новость, спасибо!",
    "вы просто взорвали интернет своим роликом",
    "нажал на газ до отказа и уехал",
    "газом не пахнет, проверили",
    "на улице не горит фонарь",
    "горит фонарь днём, а ночью темно",
    "сроки горят, а площадка не готова",
    "умираю со смеху от этой вывески",
    "в таком городе не хочу жить",
    "цены рухнули на рынке жилья",
    "интерес пропал у детей к кружку",
    "эти ямы убивают подвеску",
    "Люк закрыли, спасибо ребятам",
    "Спасибо, что закрыли открытый люк",
    "Устранили утечку газа, молодцы",
    "Провод, что висел, убрали",
    "The news is the bomb",
    "fire hydrant needs paint",
    "no smell of gas any more",
]


@pytest.mark.parametrize(("text", "code"), DANGERS)
def test_danger_has_the_highest_urgency(one, text, code):
    verdict = one(text)

    assert (verdict.urgency, verdict.emergency, verdict.kind) == (4, code, Kind.REQUEST)


@pytest.mark.parametrize("text", IDIOMS)
def test_idiom_is_no_danger(one, text):
    verdict = one(text)

    assert verdict.emergency is None
    assert verdict.urgency < 4


def test_danger_does_not_cross_the_end_of_a_sentence(one):
    assert one("Подорожал газ. Запах у мусорки ужасный.").emergency is None


def test_danger_is_the_first_reason(one):
    reason = one("На Садовой пахнет газом").reasons[0]

    assert (reason.said, reason.speaks_for) == ("пахнет газом", "emergency:gas")
    assert reason.describe("ru") == "слова «пахнет газом» говорят за: опасность: газ"
    assert reason.describe("en") == "the words “пахнет газом” speak for: danger: gas"


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("Спасибо большое!", 0),
        ("Добрый день", 0),
        ("До скольки работает МФЦ?", 1),
        ("Предлагаю посадить липы вдоль аллеи", 1),
        ("почините качели во дворе", 2),
        ("второй день нет воды в доме", 3),
        ("срочно уберите упавшее дерево", 3),
        ("собака покусала ребенка у подъезда", 3),
    ],
)
def test_urgency_follows_kind_and_topic(one, text, urgency):
    assert one(text).urgency == urgency
