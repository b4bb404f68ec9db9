from __future__ import annotations

import csv
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from otklik.triage.alike import SUGGESTED
from otklik.triage.files import BadFile, pairs_csv
from otklik.triage.pairing import COMPARED, LATEST, Told, pairs

SHARED = Path(__file__).parents[3] / "shared" / "data"
CHECKED = Path(__file__).parent / "pairs_checked.csv"

FILE = """id,text,date,author,place
7,"Яма у дома Садовая, 12, пробил колесо",2026-03-02,anna,
8,Спасибо за праздник,2026-03-02,,
9,На Садовой 12 яма! Колесо пробил,02.03.2026 10:15,anna,
10,"Не горит фонарь, темно, дети боятся идти из музыкалки",,boris,"Лесная, 3"
11,"Не горит фонарь, темно, дети боятся идти из музыкалки",,vera,"ул. Лесная 3"
"""


def paired(tmp_path: Path, content: str, **options: str) -> list[dict[str, str]]:
    source, output = tmp_path / "b.csv", tmp_path / "c.csv"
    source.write_text(content, encoding="utf-8")
    count = pairs_csv(source, output, **options)
    rows = read(output)
    assert len(rows) == count
    return rows


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_pairs_are_written_by_row_number_with_score_and_reason(tmp_path):
    rows = paired(tmp_path, FILE, language="en")

    assert list(rows[0]) == ["row_a", "row_b", "score", "reason"]
    assert [(row["row_a"], row["row_b"]) for row in rows] == [("1", "3"), ("4", "5")]
    assert rows[0]["reason"].startswith("one address: ")
    assert rows[0]["reason"].endswith("the same author")
    assert rows[1]["score"] == "1.000"
    assert rows[1]["reason"].startswith("word for word; one address: ")


def test_reasons_are_in_russian_unless_asked_otherwise(tmp_path):
    assert "слово в слово" in paired(tmp_path, FILE)[1]["reason"]


def test_the_same_file_gives_the_same_pairs(tmp_path):
    assert paired(tmp_path, FILE) == paired(tmp_path, FILE)


def test_a_file_with_nothing_alike_gives_a_header(tmp_path):
    assert paired(tmp_path, "text\nяма\n") == []
    assert (tmp_path / "c.csv").read_text() == "row_a,row_b,score,reason\n"


def test_a_date_that_is_none_is_refused_by_its_row(tmp_path):
    with pytest.raises(BadFile, match=r"row 2: “вчера” is no date"):
        paired(tmp_path, "text,date\nяма,\nяма,вчера\n")


def test_a_file_without_texts_is_refused(tmp_path):
    with pytest.raises(BadFile, match="no column “text”"):
        paired(tmp_path, "words\nяма\n")


def test_a_viral_text_makes_a_chain_and_not_every_pair():
    texts = [Told("Верните автобус до Заречного посёлка, люди ходят пешком по темноте")] * 300

    found = list(pairs(texts))

    assert len(found) <= 300 * COMPARED
    assert {pair.b for pair in found} == set(range(1, 300))


def test_a_text_meets_only_the_latest_that_share_a_key():
    words = [f"слово{n}" for n in range(3000)]
    rnd = random.Random(5)
    texts = [Told("Садовая, 12: " + " ".join(rnd.sample(words, 8))) for _ in range(400)]

    assert len(list(pairs(texts, least=0.0))) <= 400 * LATEST


def test_texts_of_different_years_are_less_alike_than_of_one_week():
    def score(*years: int) -> float:
        told = [Told("Яма на Садовой, 12, засыпьте", at=datetime(year, 5, 1, tzinfo=UTC)) for year in years]
        return next(pairs(told, least=0.0)).likeness.score

    assert score(2024, 2026) < score(2026, 2026) == 1.0


def test_suggestions_on_real_texts_are_right_four_times_of_five(tmp_path):
    checked: dict[str, dict[tuple[str, str], bool]] = {}
    for row in read(CHECKED):
        checked.setdefault(row["file"], {})[row["row_a"], row["row_b"]] = row["same"] == "1"
    assert sum(map(len, checked.values())) >= 100
    right = suggested = unread = 0
    for name, verdicts in checked.items():
        if not (SHARED / name).exists():
            pytest.skip(f"the real texts of {name} are not here")
        pairs_csv(SHARED / name, tmp_path / "c.csv")
        for row in read(tmp_path / "c.csv"):
            verdict = verdicts.get((row["row_a"], row["row_b"]))
            assert float(row["score"]) >= SUGGESTED
            suggested, right, unread = suggested + 1, right + bool(verdict), unread + (verdict is None)

    assert unread <= 3, "read the new suggestions and write their verdicts down"
    assert suggested >= 78
    assert right / suggested >= 0.80
