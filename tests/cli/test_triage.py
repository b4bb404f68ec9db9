from __future__ import annotations

import json

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
