from __future__ import annotations

import pytest

from otklik.triage import Kind, Text

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
    ("Запах газа на всю лестницу, в аварийку дозвониться не можем, к врачу не записаться", "gas"),
    ("второй час шипит газ из трубы", "gas"),
    ("экскаватор повредил... рабочие пробили газовую трубу", "gas"),
    ("ГАЗОМ ВОНЯЕТ В ПОДВАЛЕ!!!", "gas"),
    ("pahnet gazom v podjezde, pomogite", "gas"),
    ("it smells like gas on the second floor", "gas"),
    ("опять пахнет газом, в прошлый раз устранили", "gas"),
    ("утечку газа так и не устранили", "gas"),
    ("оголённые провода торчат у песочницы", "live_wire"),
    ("ветер порвал провода, лежат на земле", "live_wire"),
    ("провод оборвало, валяется на дороге и искрит", "live_wire"),
    ("Трансформаторная будка открыта, дети рядом играют", "live_wire"),
    ("от столба бьёт током", "live_wire"),
    ("a power line is down across the pavement", "live_wire"),
    ("крышки люка нет, дети ходят в школу", "open_manhole"),
    ("люк не закрыли, второй день зияет", "open_manhole"),
    ("канализационный колодец открыт возле остановки", "open_manhole"),
    ("крышку люка украли, чуть не упала туда с коляской", "open_manhole"),
    ("люк раскрыт на проезжей части", "open_manhole"),
    ("manhole cover is missing", "open_manhole"),
    ("у нас балкон рухнул на тротуар", "collapse"),
    ("дом рушится, трещины по стене", "collapse"),
    ("обвалилась крыша в подъезде", "collapse"),
    ("упал строительный кран", "collapse"),
    ("у нас пожар, горит чердак", "fire"),
    ("горит мусорный контейнер, то есть горит бак у дома", "fire"),
    ("трава горит вплотную к гаражам", "fire"),
    ("из окна валит дым", "fire"),
    ("smoke coming from the roof next door", "fire"),
    ("ребенок заперт в машине на жаре", "child"),
    ("дети на льду, лёд трещит", "child"),
    ("мальчик упал в реку, тонет", "child"),
    ("сосед избивает ребёнка за стеной", "child"),
    ("kids on the ice of the pond", "child"),
    ("хочу умереть, никому не нужна", "suicide"),
    ("подруга наглоталась таблеток, пишет что прощается", "suicide"),
    ("парень стоит на краю крыши", "suicide"),
    ("I am going to end it all tonight", "suicide"),
    ("затопило дома на нижней улице", "flood"),
    ("кипяток хлещет во двор", "flood"),
    ("слышны выстрелы за гаражами", "violence"),
    ("муж избивает соседку, слышим крики", "violence"),
    ("there were gunshots in our yard", "violence"),
    ("в подъезде подозрительный пакет с проводами", "explosive"),
    ("unexploded shell in the garden", "explosive"),
    ("машина сбила пешехода на переходе: сбили человека, без сознания", "medical"),
    ("отравились угарным газом всей семьёй", "medical"),
    ("a man is unconscious at the bus stop", "medical"),
    ("стая собак напала на женщину у школы", "dogs"),
    ("собаки окружили ребенка и рвут куртку", "dogs"),
    ("a pack of dogs attacked a boy", "dogs"),
    ("сосулька упала на женщину", "ice"),
    ("на ребенка упала глыба льда с крыши", "ice"),
    ("ice fell on a woman near the clinic", "ice"),
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
    "газа нет с утра, когда дадут?",
    "когда проведут газ на нашу улицу",
    "Спасибо, что починили открытый люк",
    "Открытый люк накрыли, молодцы",
    "В прошлом году пахло газом, сейчас всё хорошо",
    "Что делать, если пахнет газом?",
    "куда сообщать, если увидел открытый люк",
    "учения: условный пожар в школе",
    "убил бы за такие дороги",
    "дети горят желанием играть в хоккей",
    "глаза горят, когда видишь такой парк",
    "работа горит в руках",
    "надежды рухнули, как и обещания",
    "напор воды падает к вечеру в доме",
    "в колодце нет воды третий день",
    "провода связистов висят над улицей некрасиво",
    "провод убрали, спасибо",
    "Пожарная сигнализация пищит в подъезде",
    "пожарную лестницу покрасили",
    "был пожар два года назад, дом так и стоит",
    "нет сил жить без горячей воды",
    "устали жить в такой грязи",
    "хочется умереть от смеха с ваших отчётов",
    "Подростки прыгают в бассейн, всем весело",
    "Убивают время в очередях",
    "стреляют салют во дворе",
    "собаки лают по ночам, спать невозможно",
    "собака чуть не напала на прохожего",
    "what if there is a fire in the hall?",
    "the open manhole was fixed, thank you",
    "prices collapsed at the market",
    "they are shooting a film in the centre",
    "Ребенок упал духом из-за отмены кружка, интерес пропал",
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


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("<b>запах</b>&nbsp;<i>газа</i> в подъезде", "gas"),
        ("<p>Открытый <a href='x'>люк</a> у школы</p>", "open_manhole"),
        ("стена дома вот-вот рухнет", "collapse"),
    ],
)
def test_markup_hides_no_danger(triage, text, danger):
    assert triage.classify([Text(text)])[0].emergency == danger
