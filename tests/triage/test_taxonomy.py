from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import otklik
from otklik.triage import knowledge

TAXONOMY = tomllib.loads((Path(otklik.__file__).parent / "org" / "data" / "taxonomy.toml").read_text(encoding="utf-8"))
DEPARTMENTS = set(
    "housing roads transport improvement waste utilities education culture social health safety property economy "
    "ecology press administration".split()
)
LEVELS = {"emergency", "urgent", "normal", "fast_track", "planned"}
KEYS = set("code title_ru title_en includes_ru includes_en excludes_ru excludes_en excludes_ref department".split()) | {
    "service_level"
}


def codes() -> list[str]:
    return [topic["code"] for topic in TAXONOMY["topics"]]


def test_taxonomy_has_a_version_and_a_date():
    assert (TAXONOMY["version"], TAXONOMY["valid_from"]) == (1, datetime.date(2026, 1, 1))


def test_topic_codes_are_unique_and_of_a_known_group():
    groups = {group["code"] for group in TAXONOMY["groups"]}

    assert len(codes()) == len(set(codes()))
    assert {code.split(".")[0] for code in codes()} == groups


def test_every_group_has_an_other_topic():
    assert {code.split(".")[0] for code in codes() if code.endswith(".other")} == {
        group["code"] for group in TAXONOMY["groups"]
    }


def test_every_topic_is_complete_in_both_languages():
    for topic in TAXONOMY["topics"]:
        empty = {key for key, value in topic.items() if not value}

        assert set(topic) == KEYS
        assert empty == ({"excludes_ru", "excludes_en", "excludes_ref"} if topic["code"].endswith(".other") else set())


def test_topics_refer_to_other_topics_departments_and_levels():
    known = set(codes())
    for topic in TAXONOMY["topics"]:
        assert topic["department"] in DEPARTMENTS
        assert topic["service_level"] in LEVELS
        assert not topic["excludes_ref"] or (topic["excludes_ref"] in known and topic["excludes_ref"] != topic["code"])


def test_seeds_and_taxonomy_name_the_same_topics():
    assert [seed.topic for seed in knowledge.shipped().seeds] == codes()


def test_seeds_in_both_languages_name_the_same_topics():
    assert list(knowledge.toml("topics_ru")) == list(knowledge.toml("topics_en"))


def test_reference_page_names_every_topic_as_the_taxonomy_does():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "taxonomy.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[:3] for line in page.splitlines() if line.startswith("| `")]

    assert rows == [
        [
            f"| `{topic['code']}`",
            f"{topic['title_en']}<br>{topic['title_ru']}",
            f"{topic['includes_en']}<br>{topic['includes_ru']}",
        ]
        for topic in TAXONOMY["topics"]
    ]
