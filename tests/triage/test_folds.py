from __future__ import annotations

import numpy as np

from otklik.triage.folds import clusters, folds

PIT = "На улице Садовой у дома пять большая яма, проехать нельзя"


def test_near_duplicates_are_one_cluster():
    numbers = clusters([PIT, PIT + "!!!", "Автобус не пришёл по расписанию", PIT.replace("большая", "огромная")])

    assert (numbers[0] == numbers[1] == numbers[3], numbers[2] == numbers[0]) == (True, False)


def test_text_that_hundreds_send_word_for_word_is_a_form_and_no_copy():
    assert len(set(clusters(["Обращение без описания"] * 30))) == 30


def test_folds_never_part_near_duplicates_and_hold_back_each_row_once():
    alike = np.array([0, 0, 1, 2, 2, 2, 3, 4, 5, 5])

    parts = list(folds(alike, 3))

    assert sorted(row for _, held_back in parts for row in held_back) == list(range(10))
    assert all(not set(alike[kept]) & set(alike[held_back]) for kept, held_back in parts)


def test_one_cluster_gives_no_folds():
    assert list(folds(np.zeros(5, dtype=int), 5)) == []
