from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from otklik.triage import linear

# Three pieces: of the first label, of the second, of both alike.
TABLE = csr_matrix(np.array([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1]], dtype=np.float32))
NUMBERS = np.array([0, 0, 1, 1])


def test_what_the_others_never_say_speaks_for_a_label():
    weights = linear.by_others(TABLE, NUMBERS, 2)

    assert weights.shape == (3, 2)
    assert weights[0, 0] > 0 > weights[0, 1]
    assert weights[1, 1] > 0 > weights[1, 0]
    assert abs(weights[2, 0] - weights[2, 1]) < 1e-6


def test_both_ways_of_learning_tell_the_labels_apart():
    for others in (0.0, 0.4):
        weights, constants = linear.solve(TABLE, linear.likeness(TABLE), NUMBERS, 2, mix=linear.Mix(others=others))

        assert (TABLE @ weights.astype(np.float32) + constants).argmax(axis=1).tolist() == NUMBERS.tolist()


def test_name_alone_teaches_a_label_that_has_no_text():
    # A third label: no text of it is there, only its name, which is said in a piece of its own.
    table = csr_matrix(np.array([[1, 0, 1, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]], np.float32))
    numbers = np.array([0, 0, 1, 1, 2])
    asked = np.array([[0, 0, 1, 1], [1, 0, 1, 0]], np.float32)

    for mix in (linear.Mix(), linear.Mix(others=0.4, name=2.0, called=0.2)):
        weights, constants = linear.solve(table, linear.likeness(table), numbers, 3, mix=mix, names=1, own=1)

        assert (asked @ weights.astype(np.float32) + constants).argmax(axis=1).tolist() == [2, 0]


def test_what_all_labels_are_called_says_nothing():
    weights = linear.by_names(csr_matrix(np.array([[1, 1, 0], [0, 1, 1]], np.float32)), np.array([0, 1]), 2)

    assert weights.tolist() == [[0.5, -0.5], [0.0, 0.0], [-0.5, 0.5]]
