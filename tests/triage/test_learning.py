from __future__ import annotations

import pytest

from otklik.triage import Text, knowledge
from otklik.triage.labelled import Labelled
from otklik.triage.learning import NothingToLearn, fit
from otklik.triage.learnt import Guess, Learnt, NotAModel

ROADS = ["яма на дороге", "дорога в ямах", "засыпьте яму", "асфальт провалился", "дорога разбита"]
LAMPS = ["фонарь не горит", "темно на улице, фонарь погас", "нет освещения", "фонари днём горят", "лампа мигает"]
SMALL = [Labelled(text, "yama", "roads", "Дорожники") for text in ROADS] + [
    Labelled(text, "fonar", "lamps", "Светильники") for text in LAMPS
]


def seeds() -> list[Labelled]:
    """The shipped phrases as a history: own words, some hundreds of rows."""
    return [
        Labelled(phrase, topic_group=seed.topic.split(".")[0])
        for seed in knowledge.shipped().seeds
        for phrase in seed.phrases
        if seed.topic.split(".")[0] in {"transport", "health", "waste", "roads"}
    ]


def test_model_answers_every_column_it_learnt():
    model = fit(SMALL)

    (prediction,) = model.predict(["огромная яма посреди дороги"])

    assert model.columns == ("topic", "topic_group", "department")
    assert (prediction.topic.label, prediction.topic_group.label, prediction.department.label) == (
        "yama",
        "roads",
        "Дорожники",
    )
    assert prediction.topic.top3 == ("yama", "fonar")


def test_column_that_lacks_is_not_answered():
    model = fit([Labelled(row.text, topic_group=row.topic_group) for row in SMALL])

    assert model.columns == ("topic_group",)
    answer = model.predict(["фонарь погас"])[0]
    assert (answer.topic, answer.department, answer.abuse) == (None, None, None)
    assert (answer.topic_group.label, answer.topic_group.confidence) == ("lamps", 0.5)


def test_row_without_a_label_teaches_the_columns_it_has():
    model = fit([*SMALL, Labelled("что-то ещё", department="Канцелярия")])

    assert model.predict(["что-то ещё"])[0].department.label == "Канцелярия"


def test_column_with_one_label_always_says_it_and_is_never_sure():
    model = fit([Labelled(text, topic="yama", department=str(at % 2)) for at, text in enumerate(ROADS)])

    assert model.predict(["что угодно"])[0].topic == Guess("yama", 0.5, ("yama",), (1.0,))


@pytest.mark.parametrize("column", ["topic", "topic_group", "department"])
def test_what_a_label_is_called_teaches_where_texts_are_few(column):
    said = [("яма на дороге у школы", "a"), *((text, "a") for text in ROADS), ("всё плохо", "b"), ("опять плохо", "b")]
    rows = [Labelled(text, **{column: label}) for text, label in said]

    by_texts = getattr(fit(rows).predict(["школа"])[0], column)
    by_names = getattr(fit(rows, names={column: {"b": "Школы и сады"}}).predict(["школа"])[0], column)

    assert (by_texts.label, by_names.label) == ("a", "b")


def test_name_of_a_topic_teaches_its_group():
    rows = [Labelled("яма у школы", "roads", "streets"), *(Labelled(text, "roads", "streets") for text in ROADS)]
    rows += [Labelled(text, "pupils", "people") for text in ("всё плохо", "опять плохо")]

    model = fit(rows, names={"topic": {"pupils": "Школы и сады"}})

    assert model.predict(["школа"])[0].topic_group.label == "people"


def test_label_that_is_a_mere_code_teaches_what_its_texts_teach():
    called = fit(SMALL, names={"department": {"Дорожники": "d-17", "Светильники": "d-18"}})

    assert called.predict(["фонарь", "яма"]) == fit(
        [Labelled(row.text, row.topic, row.topic_group, row.department) for row in SMALL]
    ).predict(["фонарь", "яма"])


def test_same_history_gives_the_same_answers():
    texts = ["автобус опоздал", "к врачу не записаться", "мусор не вывозят", ""]

    assert fit(seeds()).predict(texts) == fit(seeds()).predict(texts)


def test_confidence_tells_clear_from_unclear():
    clear, unclear = fit(seeds()).predict(["автобус не пришел по расписанию, маршрут отменили", "абракадабра"])

    assert clear.topic_group.label == "transport"
    assert 0.0 <= unclear.topic_group.confidence < clear.topic_group.confidence <= 1.0


def test_no_texts_give_no_answers():
    assert fit(SMALL).predict([]) == []


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ([], "no row has a topic"),
        ([Labelled("яма")], "no row has a topic"),
        ([Labelled("", topic="a"), Labelled("!!!", topic="b")], "have no words"),
        ([Labelled("яма", topic="a")], "one labelled row is too few"),
        ([Labelled("яма", topic="a"), Labelled("фонарь", topic="a")], "all 2 labelled rows have the same topic “a”"),
    ],
)
def test_empty_history_is_refused(history, words):
    with pytest.raises(NothingToLearn, match=words):
        fit(history)


def test_stored_model_answers_the_same():
    model = fit(SMALL)
    texts = ["яма во дворе", "погас фонарь", "🙂", "\u200b", "x" * 100_000, "\x00\ud800"]

    again = Learnt.from_bytes(model.to_bytes())

    assert [answer.topic.label for answer in again.predict(texts)] == [
        answer.topic.label for answer in model.predict(texts)
    ]


@pytest.mark.parametrize(
    "forge", [lambda raw: b"", lambda raw: b"PK" + raw, lambda raw: raw[:-1], lambda raw: raw[:60]]
)
def test_forged_model_is_refused(forge):
    with pytest.raises(NotAModel):
        Learnt.from_bytes(forge(fit(SMALL).to_bytes()))


def test_triage_with_a_model_says_what_the_city_taught(triage):
    wiser = triage.with_learnt(fit(seeds()), precision={"topic_group": 0.5})

    (verdict,) = wiser.classify([Text("автобус не пришел по расписанию, маршрут отменили")])

    assert verdict.topic_group == "transport"


POST = "автобус не пришел по расписанию, маршрут отменили"


def test_short_comment_is_read_with_its_post():
    model = fit(seeds())

    alone, below = model.predict(["и у нас тоже", Text("и у нас тоже", post_text=POST)])

    assert not alone.topic_group.inherited
    assert (below.topic_group.label, below.topic_group.inherited) == ("transport", True)


@pytest.mark.parametrize(
    "text",
    ["", " ", "🙂🙂", "\u200b\u200d", "ж" * 100_000, "яма " * 25_000, "\x00\x01\ud800", "<b>яма</b>"],
    ids=["empty", "blank", "emoji", "unseen", "one long word", "long", "noise", "html"],
)
def test_whatever_people_write_is_answered(text, triage):
    model = fit(SMALL)

    (prediction,) = model.predict([text])
    (verdict,) = triage.with_learnt(model).classify([Text(text)])

    assert prediction.topic.label in {"yama", "fonar"}
    assert 0.0 <= verdict.topic_confidence <= 1.0


def test_answer_out_of_habit_does_not_count(triage):
    model = fit(seeds())

    (prediction,) = model.predict(["Ъъъ"])
    (verdict,) = triage.with_learnt(model, precision={"topic_group": 0.1}).classify([Text("Ъъъ")])

    assert (prediction.known, verdict.topic_group) == (0, None)


def test_reasons_are_the_words_that_spoke():
    model = fit(SMALL)

    reasons = model.explain("Огромная яма, соседи", "topic")

    assert [reason.said for reason in reasons if reason.rule == "word"][:1] == ["яма"]
    assert {reason.speaks_for for reason in reasons} == {"topic:yama"}
    assert model.explain("яма", "abuse") == []


def test_abuse_is_learnt_as_a_column_of_its_own(triage):
    insults = ["ты дурак и тупица", "какие же вы тупые бараны", "идиоты конченые", "закрой рот, дурак", "тупые идиоты"]
    polite = ["спасибо за ответ", "когда починят свет", "добрый день, соседи", "хорошая погода", "спасибо, починили"]
    rows = [*(Labelled(text, abuse="1") for text in insults), *(Labelled(text, abuse="0") for text in polite)]

    rude, kind = fit(rows * 5).predict(["вы тупые идиоты", "спасибо, соседи"])

    assert (rude.abuse.label, kind.abuse.label) == ("1", "0")
    assert rude.abuse.chance_of("1") > 0.5 > kind.abuse.chance_of("1")


def test_columns_speak_for_each_other():
    rows = [Labelled(row.text, row.topic, row.topic_group) for row in SMALL]
    told = [*rows, *(Labelled(row.text, row.topic, None, row.department) for row in SMALL)]

    assert fit(rows).heads["topic_group"].hint.column == "topic"
    assert (fit(told).heads["department"].hint.lift > 1).sum() == 2
