from __future__ import annotations

import pytest

from otklik.triage import knowledge
from otklik.triage.learning import Guess, Labelled, NothingToLearn, Prediction, fit

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
    assert model.predict(["фонарь погас"])[0] == Prediction(
        topic_group=Guess("lamps", 0.5, ("lamps", "roads")),
    )


def test_row_without_a_label_teaches_the_columns_it_has():
    model = fit([*SMALL, Labelled("что-то ещё", department="Канцелярия")])

    assert model.predict(["что-то ещё"])[0].department.label == "Канцелярия"


def test_one_label_is_the_only_answer():
    model = fit([Labelled(text, topic="yama") for text in ROADS])

    assert model.predict(["что угодно"])[0].topic == Guess("yama", 1.0, ("yama",))


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
    ],
)
def test_empty_history_is_refused(history, words):
    with pytest.raises(NothingToLearn, match=words):
        fit(history)
