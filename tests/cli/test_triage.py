from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from otklik.cli.triage import triage

HISTORY = "text,topic,department\n" + "".join(
    f"{text},{topic},{department}\n"
    for text, topic, department in [
        ("большая яма посреди дороги", "roads.pothole", "Дорожники"),
        ("дорога разбита совсем", "roads.pothole", "Дорожники"),
        ("засыпьте яму у школы", "roads.pothole", "Дорожники"),
        ("асфальт провалился на перекрёстке", "roads.pothole", "Дорожники"),
        ("фонарь не горит", "lighting.broken", "Горсвет"),
        ("темно вечером без света", "lighting.broken", "Горсвет"),
        ("лампа мигает над подъездом", "lighting.broken", "Горсвет"),
        ("погасло освещение во дворе", "lighting.broken", "Горсвет"),
    ]
)


@pytest.fixture
def write(tmp_path):
    def to(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return to


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(triage, arguments, env={"LC_ALL": "en_GB.UTF-8", **environment})


def test_train_keeps_a_model_that_can_be_evaluated_and_explains(write, tmp_path):
    model = str(tmp_path / "city.model")

    trained = run("train", "--train", write("a.csv", HISTORY), "--output", model)
    evaluated = run("evaluate", "--model", model, "--input", write("b.csv", HISTORY), "--json")
    explained = run("explain", "яма на Садовой 5", "--model", model)

    assert (trained.exit_code, evaluated.exit_code, explained.exit_code) == (0, 0, 0)
    assert trained.output.splitlines()[-1] == f"model → {model}"
    assert [head["column"] for head in json.loads(evaluated.output)["heads"]] == ["topic", "department"]
    assert "place: Садовой 5" in explained.output


def test_history_is_evaluated_on_itself_in_parts(write):
    result = run("evaluate", "--train", write("a.csv", HISTORY), "--folds", "2")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.split("\n\n")[0].splitlines()] == [
        "column",
        "topic",
        "department",
    ]


def test_explain_speaks_the_language_of_the_terminal():
    english = run("explain", "Яма на Садовой 5")
    russian = run("explain", "Яма на Садовой 5", LC_ALL="ru_RU.UTF-8")

    assert [line.split(":")[0] for line in english.output.splitlines()[:6]] == [
        "kind",
        "topic",
        "urgency",
        "place",
        "language",
        "why",
    ]
    assert russian.output.splitlines()[0].startswith("вид: просьба")


def test_comment_is_explained_with_its_post():
    result = run("explain", "и у нас тоже!", "--post", "Отключили отопление, в квартирах холодно")

    assert "the topic comes from the message answered" in result.output


@pytest.mark.parametrize(
    "arguments",
    [("evaluate",), ("evaluate", "--model", "m"), ("evaluate", "--train", "a", "--input", "b"), ("train",)],
)
def test_wrong_use_ends_with_two(arguments):
    assert run(*arguments).exit_code == 2


def test_model_that_is_none_is_refused(write):
    result = run("explain", "яма", "--model", write("city.model", b"PK\x03\x04"))

    assert (result.exit_code, "train it again" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ("text,topic\nяма,a\n", "one labelled row is too few"),
        ("text,topic\nяма,a\nфонарь,a\n", "all 2 labelled rows have the same topic “a”"),
        ("text,topic\nяма,a\nяма, глубокая,b\n", "line 3 has 3 cells, the header has 2"),
        ('text,topic\nяма,a\n"фонарь,b\n', "the row that begins at line 3"),
        ("text,topic\nяма,a\nфо\x00нарь,b\n", "line 3 holds a NUL byte"),
        ("text,topic\nяма,a\n".encode() + b"\xff\xfe,b\n", "not in UTF-8 (line 3"),
        ("text,abuse\nяма,0\nдурак,да\n", "line 3: abuse is “да”, it must be 0, 1 or empty"),
        ("text,kind\nяма,request\nспасибо,praise\n", "line 3: kind is “praise”, it must be request, question, idea,"),
        ("text,colour\nяма,red\n", "none of the columns topic, topic_group, department, abuse, kind is there"),
        ("colour,topic\nred,a\n", "there is no column “text”"),
        ("", "the file is empty"),
    ],
)
def test_history_that_cannot_be_learnt_from_is_told_in_one_sentence(write, tmp_path, history, sentence):
    path = write("a.csv", history)

    result = run("train", "--train", path, "--output", str(tmp_path / "city.model"))

    assert result.exit_code == 1
    assert result.output.startswith(f"otklik: {path}: ")
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert not (tmp_path / "city.model").exists()


ODD = {
    "empty": "",
    "spaces": " \t \n ",
    "a hundred thousand characters": "Яма на Садовой, 5! " * 5_300,
    "one word of a hundred thousand letters": "ж" * 100_000,
    "only emoji": "😡😡😡🔥👍🏽👨‍👩‍👧",
    "zero width": "я\u200bм\u200dа\ufeff на до\u00adроге",
    "look-alikes": "ямa нa дopoгe, зacыпьтe",  # half of the letters are Latin
    "html": "<p>Яма<br/>на <b onclick='x()'>дороге</b></p><script>alert(1)</script>&nbsp;&#1071;",
    "control characters": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "noise": bytes(range(256)).decode("latin-1") * 40,
    "right to left": "\u202eяма на дороге\u202c \u2066ab\u2069",
    "unassigned": "\U000e0041\ufffe\uffff\U0010ffff",
    "quotes and separators": '";,\n""\',;|',
    "a spreadsheet's formula": "=HYPERLINK(1;2)",
}


def column_of(path: Path, *names: str) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row[name] for name in names) for row in csv.DictReader(file)]


def odd_file() -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["text"], *([text] for text in ODD.values())])
    return written.getvalue()


def test_whatever_was_written_is_predicted_or_left_open(write, tmp_path):
    output = tmp_path / "c.csv"

    result = run(
        "predict", "--train", write("a.csv", HISTORY), "--input", write("b.csv", odd_file()), "--output", str(output)
    )

    assert (result.exit_code, result.exception) == (0, None)
    answers = column_of(output, "topic", "topic_confidence")
    assert len(answers) == len(ODD)
    assert {topic for topic, _ in answers} <= {"roads.pothole", "lighting.broken"}
    assert all(0 <= float(confidence) <= 1 for _, confidence in answers)


def test_whatever_was_written_gets_a_kind(write, tmp_path):
    output = tmp_path / "c.csv"

    result = run("kind", "--input", write("b.csv", odd_file()), "--output", str(output))

    assert (result.exit_code, result.exception) == (0, None)
    kinds = dict(zip(ODD, column_of(output, "kind", "topic_group"), strict=True))
    assert [kinds[name] for name in ("empty", "spaces")] == [("request", "")] * 2  # a photo may need no words
    assert kinds["only emoji"][1] == ""
    assert {kinds[name] for name in ("zero width", "look-alikes", "html")} == {("request", "roads")}


@pytest.mark.parametrize("command", ["predict", "kind", "pairs"])
def test_bytes_that_are_no_text_are_refused_by_their_line(write, tmp_path, command):
    train = ("--train", write("a.csv", HISTORY)) if command == "predict" else ()
    noise = write("b.csv", b"text\n\xd1\x8f\n" + bytes(range(128, 256)))

    result = run(command, *train, "--input", noise, "--output", str(tmp_path / "c.csv"))

    assert result.exit_code == 1
    assert result.output.startswith(f"otklik: {noise}: not in UTF-8 (line 3")
    assert not (tmp_path / "c.csv").exists()


def test_odd_texts_are_paired_without_a_word(write, tmp_path):
    result = run("pairs", "--input", write("b.csv", odd_file()), "--output", str(tmp_path / "c.csv"))

    assert (result.exit_code, column_of(tmp_path / "c.csv", "row_a", "row_b")) == (0, [])


def test_odd_texts_in_a_history_teach_without_an_exception(write, tmp_path):
    rows = [line.split(",") for line in HISTORY.splitlines()]
    written = io.StringIO(newline="")
    texts = [text for text in ODD.values() if "\x00" not in text]  # a NUL is refused by its line
    csv.writer(written).writerows([*rows, *([text, "odd", "Никто"] for text in texts)])

    result = run("train", "--train", write("a.csv", written.getvalue()), "--output", str(tmp_path / "city.model"))

    assert (result.exit_code, result.exception) == (0, None)
