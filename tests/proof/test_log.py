"""The city's log: statements get their places, heads are signed, and nothing goes back."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from otklik.org.models import Municipality
from otklik.proof import merkle
from otklik.proof.checking import check, keys_of
from otklik.proof.models import Entry, Key, Log, TreeNode
from otklik.proof.queries import consistency, key_document, proof_of, root_of
from otklik.proof.services.sequencing import sequence_due
from otklik.proof.services.signing import folder, make_key, record
from otklik.proof.signatures import Forged, NoKey, head_of_note
from tests.builders import make_city

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def city() -> Municipality:
    made = make_city()
    make_key(made, now=NOW)
    return made


def state(city: Municipality, count: int, first: int = 0) -> list[Entry]:
    """Record statements and let them be sequenced."""
    made = [record(city, {"kind": "post", "title": f"Новость {n}"}, now=NOW) for n in range(first, first + count)]
    assert sequence_due(now=NOW) >= count
    return [Entry.objects.get(pk=one.pk) for one in made]


def keys(city: Municipality) -> Any:
    return keys_of(json.loads(json.dumps(key_document(city, "https://city.example"))))


def test_statement_is_signed_at_once_and_gets_its_place(city: Municipality) -> None:
    entry = record(city, {"title": "Тепло"}, now=NOW)

    before = check(proof_of(entry), keys(city))
    assert sequence_due(now=NOW) == 2  # the key states itself first
    after = check(proof_of(Entry.objects.get(pk=entry.pk)), keys(city))

    assert (before.statement["title"], before.position) == ("Тепло", None)
    assert (after.statement["title"], after.position, after.size) == ("Тепло", 1, 2)
    assert sequence_due(now=NOW) == 0


@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_every_statement_is_proved_by_the_newest_head(city: Municipality, count: int) -> None:
    entries = state(city, count)

    found = [check(proof_of(entry), keys(city)) for entry in entries]

    assert [(one.statement["title"], one.position, one.size) for one in found] == [
        (f"Новость {n}", n + 1, count + 1) for n in range(count)
    ]


def test_heads_are_a_continuation_of_each_other(city: Municipality) -> None:
    state(city, 4)
    log = Log.objects.get(municipality=city)
    old = head_of_note(log.head, log.origin, keys(city))
    state(city, 6, first=4)
    log.refresh_from_db()
    new = head_of_note(log.head, log.origin, keys(city))

    path = [base64.b64decode(one) for one in consistency(log, old.size)]

    assert (old.size, new.size) == (5, 11)
    assert merkle.is_consistent(old.size, old.root, new.size, new.root, path)


def _altered(proof: dict[str, Any], **changes: object) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(proof))
    for path, value in changes.items():
        *way, last = path.split("__")
        at = copy
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[last] = value
    return copy


def test_forged_proofs_are_refused_each_with_its_reason(city: Municipality) -> None:
    first, second = state(city, 2)
    proof, other = proof_of(first), proof_of(second)
    assert proof is not None
    assert other is not None
    stranger = make_city("zarechye")
    make_key(stranger, now=NOW)
    payload = json.loads(base64.b64decode(proof["envelope"]["payload"]))
    forged = base64.b64encode(json.dumps({**payload, "title": "Другое"}).encode()).decode()
    forgeries = [
        (_altered(proof, envelope__payload=forged), "no signature fits"),
        (_altered(proof, envelope__signatures=other["envelope"]["signatures"]), "no signature fits"),
        (_altered(proof, statement={**payload, "title": "Другое"}), "not the signed ones"),
        (_altered(proof, log__position=2), "isn't in the log"),
        (_altered(proof, log__salt=other["log"]["salt"]), "isn't in the log"),
        (_altered(proof, log__path=[]), "isn't in the log"),
        (_altered(proof, log__checkpoint=proof["log"]["checkpoint"].replace("\n3\n", "\n4\n")), "isn't signed"),
        (_altered(proof, log__checkpoint="что-то"), "no signed head"),
        (_altered(proof, envelope__payloadType="text/plain"), "something else"),
        (_altered(proof, envelope__signatures=[]), "no signature fits"),
        (_altered(proof, log__salt="%%"), "can't be read"),
        ({}, "no signed envelope"),
        ([], "no proof"),
    ]
    for forgery, reason in forgeries:
        with pytest.raises(Forged, match=reason):
            check(forgery, keys(city))
    with pytest.raises(Forged, match="no signature fits"):
        check(proof, keys(stranger))


def test_new_key_is_stated_under_the_old_one_and_both_stay_valid(city: Municipality) -> None:
    (before,) = state(city, 1)
    old = Key.objects.get(municipality=city)
    new = make_key(city, now=NOW + timedelta(days=1))
    (after,) = state(city, 1, first=1)

    old.refresh_from_db()
    stated = Entry.objects.filter(municipality=city).order_by("id")[2]
    assert old.until == NOW + timedelta(days=1)
    assert (stated.key, json.loads(bytes(stated.payload or b""))["key"]) == (old, new.fingerprint)
    assert check(proof_of(before), keys(city)).key_id == old.fingerprint
    assert check(proof_of(after), keys(city)).key_id == new.fingerprint


def test_without_a_key_nothing_is_signed_and_the_remedy_is_named() -> None:
    city = make_city()
    with pytest.raises(NoKey, match="otklik keys make"):
        record(city, {"title": "Тепло"}, now=NOW)

    key = make_key(city, now=NOW)
    (folder() / f"{key.fingerprint}.pem").unlink()
    with pytest.raises(NoKey, match="safe copy"):
        record(city, {"title": "Тепло"}, now=NOW)
    assert sequence_due(now=NOW) == 0
    assert "safe copy" in Log.objects.get(municipality=city).trouble


def test_log_of_a_restored_older_database_is_not_signed(city: Municipality) -> None:
    state(city, 2)
    lost = state(city, 2, first=2)
    # An older copy of the database: the last two statements, their nodes and the head are unknown to it.
    size = 3
    Entry.objects.filter(pk__in=[one.pk for one in lost]).delete()
    TreeNode.objects.filter(municipality=city, level=0, position__gte=size).delete()
    TreeNode.objects.filter(municipality=city, level__gte=1, position__gte=1).delete()
    TreeNode.objects.filter(municipality=city, level=2).delete()
    Log.objects.filter(municipality=city).update(size=size, head="")

    waiting = record(city, {"title": "После восстановления"}, now=NOW)

    assert sequence_due(now=NOW) == 0
    log = Log.objects.get(municipality=city)
    assert "an older copy of the database was restored" in log.trouble
    assert Entry.objects.get(pk=waiting.pk).position is None


def test_altered_log_is_not_signed(city: Municipality) -> None:
    state(city, 3)
    TreeNode.objects.filter(municipality=city, level=2, position=0).update(hash=b"\x00" * 32)
    record(city, {"title": "Ещё"}, now=NOW)

    assert sequence_due(now=NOW) == 0
    assert "differs from the one signed before" in Log.objects.get(municipality=city).trouble


def test_erased_statement_leaves_the_log_whole(city: Municipality) -> None:
    erased, kept = state(city, 2)
    Entry.objects.filter(pk=erased.pk).update(payload=None, salt=None)
    log = Log.objects.get(municipality=city)

    assert proof_of(Entry.objects.get(pk=erased.pk)) is None
    assert check(proof_of(kept), keys(city)).position == 2
    assert root_of(log) == head_of_note(log.head, log.origin, keys(city)).root


def test_cities_have_logs_of_their_own(city: Municipality) -> None:
    other = make_city("zarechye")
    make_key(other, now=NOW)
    state(city, 3)
    state(other, 1)

    logs = Log.objects.order_by("size")
    assert [(log.municipality, log.size) for log in logs] == [(other, 2), (city, 4)]
    assert logs[0].origin != logs[1].origin


@pytest.mark.parametrize("size", [0, 50])
def test_queries_of_a_proof_do_not_grow_with_the_log(
    city: Municipality, size: int, django_assert_max_num_queries: Any
) -> None:
    (entry,) = state(city, 1)
    state(city, size, first=1) if size else None
    found = Entry.objects.select_related("key").get(pk=entry.pk)

    with django_assert_max_num_queries(2):
        proof_of(found)
