from __future__ import annotations

import hashlib

import pytest

from otklik.proof import merkle

LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes(range(0x60, 0x70))
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The leaves and roots with which Certificate Transparency's implementations are checked against each other."""


def tree_of(leaves: list[bytes]) -> dict[merkle.Node, bytes]:
    known: dict[merkle.Node, bytes] = {}
    for size, leaf in enumerate(leaves):
        known.update(merkle.appended(size, merkle.leaf_hash(leaf), known))
    return known


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition, word by word (RFC 6962, 2.1): slow, and hard to get wrong."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_root_is_the_one_others_count(size: int) -> None:
    assert merkle.hash_of((0, size), tree_of(LEAVES[:size])).hex() == ROOTS[size - 1]


def test_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.hash_of((0, 0), {}) == plain_root([])


@pytest.mark.parametrize("size", [*range(1, 34), 64, 65, 100])
def test_every_leaf_is_proved_and_no_other(size: int) -> None:
    leaves = [f"leaf {number}".encode() for number in range(size)]
    known, root = tree_of(leaves), plain_root(leaves)
    for index, leaf in enumerate(leaves):
        path = [merkle.hash_of(span, known) for span in merkle.inclusion_ranges(index, size)]
        assert len(path) <= (size - 1).bit_length()
        assert merkle.is_included(merkle.leaf_hash(leaf), index, size, path, root)
        assert not merkle.is_included(merkle.leaf_hash(leaf + b"!"), index, size, path, root)
        assert not merkle.is_included(merkle.leaf_hash(leaf), (index + 1) % size, size, path, root) or size == 1
        assert not merkle.is_included(merkle.leaf_hash(leaf), index, size, [*path, root], root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 32, 33])
def test_every_beginning_is_proved_and_an_altered_one_is_not(size: int) -> None:
    leaves = [f"leaf {number}".encode() for number in range(size)]
    known, root = tree_of(leaves), plain_root(leaves)
    for old in range(1, size + 1):
        proof = [merkle.hash_of(span, known) for span in merkle.consistency_ranges(old, size)]
        assert merkle.is_consistent(old, plain_root(leaves[:old]), size, root, proof)
        altered = [b"other", *leaves[1:old]]
        assert not merkle.is_consistent(old, plain_root(altered), size, root, proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        merkle.inclusion_ranges(index, size)
    assert not merkle.is_included(b"", index, size, [], b"")
