from __future__ import annotations

import csv
from pathlib import Path

import pytest

from otklik.triage.files import KIND_COLUMNS, kind_csv, predict_csv
from otklik.triage.tables import BadFile

TRAIN = """text,topic,topic_group,department
яма на дороге,yama,roads,Дорожники
дорога в ямах,yama,roads,Дорожники
фонарь не горит,fonar,lamps,Свет
темно без фонаря,fonar,lamps,Свет
"""


@pytest.fixture
def write(tmp_path):
    def to(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_predict_answers_every_row_in_order(write, tmp_path):
    source = write("b.csv", "text\nфонарь погас\n\nяма\nяма\n".replace("\n\n", '\n""\n'))

    count = predict_csv(write("a.csv", TRAIN), source, tmp_path / "c.csv")

    answers = rows(tmp_path / "c.csv")
    assert count == 4
    assert [row["text"] for row in answers] == ["фонарь погас", "", "яма", "яма"]
    assert [row["topic"] for row in answers][0::2] == ["fonar", "yama"]
    assert list(answers[0]) == [
        "text",
        *(f"{name}{end}" for name in ("topic", "topic_group", "department") for end in ("", "_confidence", "_top3")),
    ]
    assert answers[0]["topic_top3"] == "fonar|yama"
    assert 0.0 <= float(answers[0]["topic_confidence"]) <= 1.0


def test_predict_learns_from_the_columns_there_are(write, tmp_path):
    train = write("a.csv", "text,department\nяма,Дорожники\nфонарь,Свет\n")

    predict_csv(train, write("b.csv", "id,text\n7,яма\n"), tmp_path / "c.csv")

    assert list(rows(tmp_path / "c.csv")[0]) == ["id", "text", "department", "department_confidence", "department_top3"]
    assert rows(tmp_path / "c.csv")[0]["department"] == "Дорожники"


def test_predict_keeps_texts_with_line_breaks_and_quotes(write, tmp_path):
    text = 'первая строка\nвторая, "в кавычках"; конец'
    source = tmp_path / "b.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], [text]])

    predict_csv(write("a.csv", TRAIN), source, tmp_path / "c.csv")

    assert rows(tmp_path / "c.csv")[0]["text"] == text


def test_kind_writes_what_the_contract_says(write, tmp_path, triage):
    source = write("b.csv", "id,text\n5,Пахнет газом на Садовой 12\n6,Спасибо!\n")

    assert kind_csv(source, tmp_path / "c.csv", triage=triage) == 2

    first, second = rows(tmp_path / "c.csv")
    assert list(first) == ["id", "text", *KIND_COLUMNS]
    assert first == {
        "id": "5",
        "text": "Пахнет газом на Садовой 12",
        "kind": "request",
        "urgency": "4",
        "abuse": "0.000",
        "spam": "0.000",
        "language": "ru",
        "place": "Садовой 12",
        "topic_group": "utilities",
        "topic_group_confidence": first["topic_group_confidence"],
    }
    assert float(first["topic_group_confidence"]) > 0.9
    assert (second["id"], second["kind"], second["urgency"], second["topic_group"]) == ("6", "thanks", "0", "")


def test_kind_reads_semicolons_and_the_mark_of_excel(write, tmp_path, triage):
    source = write("b.csv", "\ufeffдата;text\n1;яма, большая\n")

    kind_csv(source, tmp_path / "c.csv", triage=triage)

    assert rows(tmp_path / "c.csv")[0]["text"] == "яма, большая"


def test_kind_reads_another_text_column(write, tmp_path, triage):
    source = write("b.csv", "message\nяма\n")

    kind_csv(source, tmp_path / "c.csv", triage=triage, text_column="message")

    assert rows(tmp_path / "c.csv")[0]["message"] == "яма"


def test_header_without_rows_gives_a_header(write, tmp_path, triage):
    assert kind_csv(write("b.csv", "text\n"), tmp_path / "c.csv", triage=triage) == 0
    assert (tmp_path / "c.csv").read_text(encoding="utf-8").strip() == ",".join(["text", *KIND_COLUMNS])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2\n", "there is no column “text” (there are: a, b)"),
        ("", "there is no column “text” (there are: none, the file is empty)"),
        ("text\nяма\n".encode("cp1251"), "not in UTF-8 (line 2, byte 5): save it as CSV UTF-8 and try again"),
        ("text\nа\x00б\n" + '"', None),
    ],
)
def test_bad_file_is_told_in_one_sentence(write, tmp_path, triage, content, sentence):
    source = write("b.csv", content)

    if sentence is None:
        kind_csv(source, tmp_path / "c.csv", triage=triage)
        return
    with pytest.raises(BadFile) as raised:
        kind_csv(source, tmp_path / "c.csv", triage=triage)

    assert str(raised.value) == f"{source}: {sentence}"
    assert not (tmp_path / "c.csv").exists()


def test_missing_file_is_told(tmp_path, triage):
    with pytest.raises(BadFile, match="No such file"):
        kind_csv(tmp_path / "none.csv", tmp_path / "c.csv", triage=triage)


def test_folder_in_place_of_the_output_is_told(write, tmp_path, triage):
    (tmp_path / "c.csv").mkdir()

    with pytest.raises(BadFile, match="directory"):
        kind_csv(write("b.csv", "text\nяма\n"), tmp_path / "c.csv", triage=triage)


@pytest.mark.parametrize(
    ("train", "sentence"),
    [
        ("text\nяма\n", "none of the columns topic, topic_group, department, abuse, kind is there (there are: text)"),
        ("text,topic\n", "no row has a topic, a topic group, a department, a kind or a word about abuse"),
        (
            "text,kind\nяма,request\nспасибо,gratitude\n",
            "line 3: kind is “gratitude”, it must be "
            + ", ".join(("request", "question", "idea", "thanks", "venting", "greeting", "spam", "abuse"))
            + " or empty",
        ),
        ("text,topic\nяма,\n", "no row has a topic, a topic group, a department, a kind or a word about abuse"),
    ],
)
def test_history_that_teaches_nothing_is_told(write, tmp_path, train, sentence):
    path = write("a.csv", train)

    with pytest.raises(BadFile) as raised:
        predict_csv(path, write("b.csv", "text\nяма\n"), tmp_path / "c.csv")

    assert str(raised.value) == f"{path}: {sentence}"
