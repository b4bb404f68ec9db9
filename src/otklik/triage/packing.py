"""A model as bytes: a signature, a checksum, JSON and arrays. Plain numbers, never code."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from otklik.triage.calibration import Calibration
from otklik.triage.features import Features
from otklik.triage.heads import Head, Hint

_SIGNATURE: Final = b"OTKLIK LEARNT 1\n"
_ARRAYS = 6
_KINDS = {"<f4", "<f2", "|u1"}


class NotAModel(ValueError):
    """The bytes are not a model of this version, or are damaged."""


def pack(features: Features, heads: Mapping[str, Head]) -> bytes:
    """Return a model as bytes."""
    arrays: list[Any] = [features.weights.astype("<f4")]
    about: list[dict[str, Any]] = []
    for name, head in heads.items():
        proof, hint = head.calibration, head.hint
        arrays += [head.weights.astype("<f2"), head.constants.astype("<f4"), proof.lean.astype("<f4")]
        arrays += [np.asarray(proof.sure, dtype="<f4"), np.asarray(proof.right, dtype="<u1")]
        arrays.append((hint.lift if hint else np.zeros((0, 0))).astype("<f4"))
        about.append(
            {
                "column": name,
                "labels": head.labels,
                "heat": head.heat,
                "chances_heat": proof.heat,
                "trust": proof.trust,
                "often": np.asarray(proof.often).tolist(),
                "hint": (hint.column, hint.volume) if hint else None,
            }
        )
    content = {
        "pieces": features.pieces,
        "heads": about,
        "arrays": [(array.dtype.str, array.shape) for array in arrays],
    }
    text = json.dumps(content, ensure_ascii=False).encode()
    body = zlib.compress(
        b"".join([len(text).to_bytes(8, "big"), text, *(array.tobytes() for array in arrays)]), level=1
    )
    return _SIGNATURE + hashlib.sha256(body).digest() + body


def unpack(raw: bytes) -> tuple[Features, dict[str, Head]]:
    """Return what was packed. Raises NotAModel for anything else."""
    start = len(_SIGNATURE) + hashlib.sha256().digest_size
    if not raw.startswith(_SIGNATURE):
        raise NotAModel("not a model of this version of Otklik: train it again")
    body = raw[start:]
    if hashlib.sha256(body).digest() != raw[len(_SIGNATURE) : start]:
        raise NotAModel("the model is damaged: train it again, or take it from a backup")
    try:
        return _unpack(zlib.decompress(body))
    except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise NotAModel("the model can't be read: train it again") from error


def _unpack(whole: bytes) -> tuple[Features, dict[str, Head]]:
    length = int.from_bytes(whole[:8], "big")
    content = json.loads(whole[8 : 8 + length])
    at = 8 + length
    arrays: list[Any] = []
    for kind, shape in content["arrays"]:
        if kind not in {"<f4", "<f2", "|u1"}:
            raise ValueError(kind)
        size = int(np.prod(shape))
        array = np.frombuffer(whole, dtype=kind, count=size, offset=at).reshape(shape)
        arrays.append(array)
        at += array.nbytes
    weights, rest = arrays[0], arrays[1:]
    heads: dict[str, Head] = {}
    for at, about in enumerate(content["heads"]):
        matrix, constants, lean, sure, right, lift = rest[at * _ARRAYS : (at + 1) * _ARRAYS]
        often = np.array(about.get("often", ()), dtype=np.float64)
        trust = tuple(about["trust"])
        proof = Calibration(about["chances_heat"], lean.copy(), trust, sure.copy(), right.copy(), often)
        hint = Hint(about["hint"][0], float(about["hint"][1]), lift.copy()) if about["hint"] else None
        labels = tuple(about["labels"])
        heads[about["column"]] = Head(labels, matrix, constants.copy(), about["heat"], hint, proof)
    # A copy: a part of the whole would keep all of it in memory.
    return Features(content["pieces"], weights.copy()), heads
