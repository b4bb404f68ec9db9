"""The benches print the figures that the contract names; how large they are is not a test's business."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from otklik.connectors.registry import CONNECTORS

KEYS = {
    "intake": {"gate_per_s", "view_per_s", "ratio", "p99_ms", "rss_mb"},
    "publishing": {"photos", "networks", "site_s", "all_networks_s", "photo_drawn_s"},
    "public": {"front", "post", "feed", "edit_seen_ms", "log"},
    "pipeline": {"messages_per_s", "first_1000_per_s", "last_1000_per_s"},
}


def bench(name: str, *options: str) -> dict[str, dict[str, object]]:
    variables = {key: value for key, value in os.environ.items() if not key.startswith("OTKLIK_")}
    command = [sys.executable, "-m", "otklik", "bench", name, "--tiny", "--json", *options]
    done = subprocess.run(
        command, env=variables | {"PYTHONPATH": "src"}, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return figures


@pytest.mark.parametrize("name", KEYS)
def test_bench_prints_the_figures_of_the_contract(name: str) -> None:
    figures = bench(name, "--database", "sqlite")

    assert {key for key in figures if key in ("sqlite", "postgresql")} == {"sqlite"}
    assert KEYS[name] <= set(figures["sqlite"])


def test_bench_of_search_prints_the_figures_of_each_size() -> None:
    sizes = bench("search", "--database", "sqlite")["sqlite"]

    assert list(sizes) == ["200", "400"]
    assert all({"p50_ms", "p99_ms", "twenty_counts_p99_ms"} <= set(figures) for figures in sizes.values())


def test_bench_of_the_inbox_prints_the_figures_of_each_size() -> None:
    sizes = bench("inbox", "--database", "sqlite")["sqlite"]

    assert list(sizes) == ["100", "200"]
    assert all({"p50_ms", "p99_ms", "case_p50_ms", "case_p99_ms"} <= set(figures) for figures in sizes.values())
    live = {"desks", "event_p50_ms", "event_max_ms", "drawn_p50_ms", "drawn_max_ms"}
    assert ("bulk_s" in sizes["200"], set(sizes["200"]["live"])) == (True, live)


def test_bench_of_connectors_measures_every_network() -> None:
    figures = bench("connectors")

    assert set(figures) == set(CONNECTORS)
    assert all(set(one) == {"events_per_s"} for one in figures.values())


def test_bench_of_triage_prints_the_figures_of_the_contract() -> None:
    figures = bench("triage")

    assert {"texts_per_s", "single_p99_ms", "start_s", "rss_mb", "learnt"} <= set(figures)
    assert {"texts_per_s", "single_p99_ms"} <= set(figures["learnt"])
    assert "candidates" not in figures


def test_bench_of_triage_looks_up_what_was_told_before_when_asked_to() -> None:
    sizes = bench("triage", "--candidates", "--database", "sqlite")["candidates"]["sqlite"]

    assert list(sizes) == ["200", "400"]
    assert all({"batch_p50_ms", "batch_p99_ms", "single_p99_ms"} <= set(figures) for figures in sizes.values())
