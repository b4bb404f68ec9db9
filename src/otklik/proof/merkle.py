"""The hash tree of an append-only log, as RFC 6962 (section 2.1) defines it.

A log of any size keeps only the hashes of its perfect subtrees, each made once and never changed, under
`(level, index)`: level 0 are the leaves, node `(l, i)` covers the leaves from `i·2^l` up to, not including,
`(i+1)·2^l`. Appending a leaf adds two nodes on average; any proof reads at most `2·log2(size)` of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence

Node = tuple[int, int]
"""Where a perfect subtree stands: level, index."""
Range = tuple[int, int]
"""Leaves from, up to, not including."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_to_append(size: int) -> list[Node]:
    """Return which perfect subtrees must be known to append a leaf to a log of `size` leaves, the smallest first."""
    nodes, level = [], 0
    while size >> level & 1:
        nodes.append((level, (size >> level) - 1))
        level += 1
    return nodes


def appended(size: int, leaf: bytes, known: Mapping[Node, bytes]) -> dict[Node, bytes]:
    """Return the new nodes of a log of `size` leaves to which a leaf's hash is added."""
    made = {(0, size): leaf}
    whole = leaf
    for level, index in nodes_to_append(size):
        whole = node_hash(known[level, index], whole)
        made[level + 1, index >> 1] = whole
    return made


def nodes_of(start: int, end: int) -> list[Node]:
    """Return the perfect subtrees that a range of leaves consists of, from the left; a range begins where one may."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def hash_of(span: Range, known: Mapping[Node, bytes]) -> bytes:
    """Return the hash of a range of leaves (MTH); of an empty one, the hash of nothing."""
    found = [known[node] for node in nodes_of(*span)]
    if not found:
        return EMPTY_ROOT
    whole = found.pop()
    while found:
        whole = node_hash(found.pop(), whole)
    return whole


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that leaf `index` is in the log of `size`, the nearest first (PATH)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a log of {size}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that a log of `old` leaves is the beginning of one of `size` (PROOF)."""
    if not 0 < old <= size:
        raise ValueError(f"a log of {size} has no beginning of {old}")
    return [*_consistency(old, 0, size, is_whole=True)]


def _consistency(old: int, start: int, end: int, *, is_whole: bool) -> Iterator[Range]:
    if old == end - start:
        if not is_whole:
            yield start, end
        return
    middle = start + _split(end - start)
    if old <= middle - start:
        yield from _consistency(old, start, middle, is_whole=is_whole)
        yield middle, end
    else:
        yield from _consistency(old - (middle - start), middle, end, is_whole=False)
        yield start, middle


def nodes_in(ranges: Collection[Range]) -> set[Node]:
    """Return every perfect subtree that these ranges need."""
    return {node for span in ranges for node in nodes_of(*span)}


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether a path proves that a leaf's hash stands at `index` in the log of `size` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, whole = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            whole = node_hash(sibling, whole)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and whole == root


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the log of `old` leaves is the beginning of the log of `size` (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old & (old - 1) == 0 else [*proof]
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == root


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
