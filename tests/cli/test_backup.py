"""Backup and restore by the real commands, on the database that the suite runs on."""

import hashlib
import io
import json
import tarfile
import threading

import pytest

from otklik.cli.archive import BadArchive, verify
from tests.cli.installations import ON_POSTGRESQL, Installation, copy_of, empty

INSERT = (
    "INSERT INTO channels_delivery (municipality_id, channel_id, dedup_key, body, headers, received_at, state, note)"
    " SELECT municipality_id, id, ?, ?, '{}', '2026-11-02 09:00:00+00:00', 'received', '' FROM channels_channel"
)
QUEUE = """
INSERT INTO channels_outgoing (municipality_id, channel_id, idempotency_key, kind, target, text, is_automated, state,
    attempts, due_at, claimed_by, receipts, error, created_at)
SELECT municipality_id, id, ?, 'comment_reply', '{}', '…', ?, ?, 0, '2026-11-02 09:00:00+00:00', '', '[]', '',
    '2026-11-02 09:00:00+00:00' FROM channels_channel
"""
TOGETHER = 5


def deliveries(installation):
    rows = installation.sql("SELECT id, dedup_key, body FROM channels_delivery ORDER BY id")
    return {(id_, key, hashlib.sha256(bytes(body)).hexdigest()) for id_, key, body in rows}


def insert(installation, number, body):
    """One transaction of several rows: a copy must hold all of them or none."""
    installation.script([(INSERT, (f"{number}-{part}", body)) for part in range(TOGETHER)])


class Load:
    """Inserts without pause until told to stop."""

    def __init__(self, installation):
        self.installation = installation
        self.done = 0
        self.enough = threading.Event()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        assert self.enough.wait(30)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(30)

    def _run(self):
        while not self.stop.is_set():
            insert(self.installation, self.done, f"тело {self.done}".encode() * 50)
            self.done += 1
            if self.done == 20:
                self.enough.set()


def counts(installation):
    manifest = installation_manifest(installation)
    return manifest.counts


def installation_manifest(installation):
    target = installation.data / "check.tar.gz"
    installation.succeed("backup", str(target))
    manifest = verify(target)
    target.unlink()
    return manifest


def test_backup_under_load_is_of_one_instant(installation, tmp_path):
    file = tmp_path / "backups" / "town.tar.gz"
    with Load(installation) as load:
        before = load.done
        installation.succeed("backup", str(file))
        during = load.done - before

    again = empty(tmp_path / "again")
    again.succeed("restore", str(file))

    assert during > 0
    restored = deliveries(again)
    assert len(restored) % TOGETHER == 0
    assert len(restored) >= before * TOGETHER
    assert restored <= deliveries(installation)
    assert counts(again) == verify(file).counts


def test_restored_installation_goes_on_counting_where_the_old_one_stood(installation, tmp_path):
    insert(installation, 1, b"{}")
    installation.sql("DELETE FROM channels_delivery WHERE dedup_key = '1-4'")
    installation.succeed("backup", str(tmp_path / "town.tar.gz"))
    again = empty(tmp_path / "again")
    again.succeed("restore", str(tmp_path / "town.tar.gz"))

    insert(again, 2, b"{}")

    assert min(again.sql("SELECT id FROM channels_delivery WHERE dedup_key = '2-0'")) == (6,)


def test_what_waited_to_be_sent_is_held_after_a_restore(installation, tmp_path):
    for number, state in enumerate(["queued", "sending", "sent", "failed"]):
        installation.sql(QUEUE, f"key-{number}", False, state)
    installation.succeed("backup", str(tmp_path / "town.tar.gz"))
    again = empty(tmp_path / "again")

    said = again.succeed("restore", str(tmp_path / "town.tar.gz"))

    rows = again.sql("SELECT state, error FROM channels_outgoing ORDER BY id")
    held = ("unknown", "restored from a backup: read up before sending")
    assert rows == [held, held, ("sent", ""), ("failed", "")]
    assert "Held: 2 texts" in said


def put_file(installation, content):
    """Keep a file as the store does: under its digest."""
    digest = hashlib.sha256(content).hexdigest()
    place = installation.data / "media" / "1" / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place.relative_to(installation.data)


def test_files_come_back_and_viruses_stay_behind(installation, tmp_path):
    names = [put_file(installation, content) for content in (b"one photo", b"another photo")]
    locked = installation.data / "media" / "1" / "quarantine" / ("ab" * 32)
    locked.parent.mkdir()
    locked.write_bytes(b"a virus")
    said = installation.succeed("backup", str(tmp_path / "town.tar.gz"))
    again = empty(tmp_path / "again")

    again.succeed("restore", str(tmp_path / "town.tar.gz"))

    assert ", 2 files, " in said
    assert [(again.data / name).read_bytes() for name in names] == [b"one photo", b"another photo"]
    assert len([place for place in again.data.glob("media/**/*") if place.is_file()]) == 2


def test_keys_are_not_in_a_backup_and_settings_are(installation, tmp_path):
    (installation.data / "otklik.toml").write_text('log_level = "warning"\n')
    file = tmp_path / "town.tar.gz"
    said = installation.succeed("backup", str(file))

    with tarfile.open(file) as tar:
        names = tar.getnames()
        content = b"".join(tar.extractfile(name).read() for name in names)
    assert not [name for name in names if "key" in name and "tables/" not in name]
    keys = [path for path in (installation.data / "keys").rglob("*") if path.is_file()]
    assert [key.suffix for key in keys if key.parent.name == "statements"] == [".pem"]
    for key in keys:
        assert key.read_bytes().strip() not in content
    assert "otklik.toml" in names
    assert str(installation.data / "keys") in said
    assert file.stat().st_mode & 0o777 == 0o600

    again = empty(tmp_path / "again")
    said = again.succeed("restore", str(file))
    assert (again.data / "otklik.toml").read_text() == 'log_level = "warning"\n'
    assert str(again.data / "keys") in said


def test_settings_that_lead_to_another_database_stay_beside(installation, tmp_path):
    (installation.data / "otklik.toml").write_text('log_level = "info"\n')
    installation.succeed("backup", str(tmp_path / "town.tar.gz"))
    again = empty(tmp_path / "again")
    again.data.mkdir()
    (again.data / "otklik.toml").write_text('log_level = "error"\n')

    again.succeed("restore", str(tmp_path / "town.tar.gz"))

    assert (again.data / "otklik.toml").read_text() == 'log_level = "error"\n'
    assert (again.data / "otklik.toml.restored").read_text() == 'log_level = "info"\n'


def test_backup_overwrites_nothing(installation, tmp_path):
    file = tmp_path / "town.tar.gz"
    file.write_text("precious")

    said = installation.refusal("backup", str(file))

    assert file.read_text() == "precious"
    assert said == f"otklik: {file} is there already: a backup never overwrites; choose another name"


def test_restore_into_a_city_is_refused(installation, tmp_path):
    installation.succeed("backup", str(tmp_path / "town.tar.gz"))

    said = installation.refusal("restore", str(tmp_path / "town.tar.gz"))

    assert "has a city in it" in said
    assert installation.sql("SELECT count(*) FROM org_municipality") == [(1,)]


def test_backup_of_nothing_says_so(tmp_path):
    town = empty(tmp_path / "town")

    said = town.refusal("backup", str(tmp_path / "town.tar.gz"))

    assert said.startswith("otklik: ")
    assert not (tmp_path / "town.tar.gz").exists()


@pytest.mark.skipif(not ON_POSTGRESQL, reason="another application's tables are possible only on a server")
def test_restore_spares_the_tables_of_others(installation, tmp_path):
    installation.succeed("backup", str(tmp_path / "town.tar.gz"))
    again = empty(tmp_path / "again")
    again.sql("CREATE TABLE accounting (amount integer)")

    said = again.refusal("restore", str(tmp_path / "town.tar.gz"))

    assert "'accounting'" in said


@pytest.fixture(scope="module")
def archive(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    town = copy_of(template, folder / "town")
    insert(town, 1, bytes(range(256)) * 200)
    put_file(town, b"a photo of a pothole")
    town.succeed("backup", str(folder / "town.tar.gz"))
    return (folder / "town.tar.gz").read_bytes()


def repacked(archive, change):
    """The archive with its members changed: `change` gets and returns (name, content) pairs and the TarInfo maker."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = [(header, tar.extractfile(header).read()) for header in tar]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for header, content in change(members):
            header.size = len(content)
            tar.addfile(header, io.BytesIO(content))
    return out.getvalue()


def named(name, kind=tarfile.REGTYPE, link=""):
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, link
    return header


def altered_member(members):
    header, content = max(members[1:], key=lambda member: len(member[1]))
    others = [member for member in members if member[0] is not header]
    return [*others, (header, bytes([content[0] ^ 1]) + content[1:])]


def altered_counts(members):
    (header, listing), *rest = members
    manifest = json.loads(listing)
    manifest["members"] = {name: {**one, "size": one["size"] + 1} for name, one in manifest["members"].items()}
    return [(header, json.dumps(manifest).encode()), *rest]


FORGERIES = {
    "a member altered": altered_member,
    "a member left out": lambda members: members[:-1],
    "sizes altered": altered_counts,
    "no manifest": lambda members: members[1:],
    "a broken manifest": lambda members: [(members[0][0], b'{"format": 1}'), *members[1:]],
    "a newer format": lambda members: [
        (members[0][0], members[0][1].replace(b'"format": 2', b'"format": 9')),
        *members[1:],
    ],
    "a member twice": lambda members: [*members, members[-1]],
    "a way out": lambda members: [*members, (named("../evil"), b"evil")],
    "an absolute path": lambda members: [*members, (named("/etc/evil"), b"evil")],
    "a symbolic link": lambda members: [*members, (named("otklik.toml", tarfile.SYMTYPE, "/etc/passwd"), b"")],
    "a device": lambda members: [*members, (named("otklik.toml", tarfile.CHRTYPE), b"")],
    "a file altered": lambda members: [*members[:-1], (members[-1][0], members[-1][1][:-1] + b"?")],
    "a file added": lambda members: [*members, (named(f"media/1/ab/{'ab' * 32}"), b"")],
    "a file elsewhere": lambda members: [*members[:-1], (named("media/1/../../evil"), b"evil")],
    "a way out inside": lambda members: [*members, (named("tables/../../evil.copy"), b"evil")],
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_archive_is_refused(archive, tmp_path, forgery):
    file = tmp_path / "forged.tar.gz"
    file.write_bytes(repacked(archive, FORGERIES[forgery]))

    with pytest.raises(BadArchive):
        verify(file)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_truncated_archive_is_refused(archive, tmp_path, part):
    file = tmp_path / "cut.tar.gz"
    file.write_bytes(archive[: int(len(archive) * part)])

    with pytest.raises(BadArchive):
        verify(file)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.95])
def test_archive_with_a_flipped_bit_is_refused(archive, tmp_path, place):
    spot = int(len(archive) * place)
    file = tmp_path / "flipped.tar.gz"
    file.write_bytes(archive[:spot] + bytes([archive[spot] ^ 4]) + archive[spot + 1 :])

    with pytest.raises(BadArchive):
        verify(file)


def test_whole_archive_is_accepted(archive, tmp_path):
    file = tmp_path / "whole.tar.gz"
    file.write_bytes(archive)

    assert verify(file).counts["channels_delivery"] == TOGETHER


def test_refused_archive_writes_nothing(archive, tmp_path):
    file = tmp_path / "cut.tar.gz"
    file.write_bytes(archive[:-200])
    town = empty(tmp_path / "town")

    said = town.refusal("restore", str(file))

    assert said.startswith("otklik: cut.tar.gz is not restored: ")
    assert said.endswith("nothing was changed")
    assert not town.data.exists()


def test_backup_of_another_engine_is_refused(archive, tmp_path):
    file = tmp_path / "town.tar.gz"
    file.write_bytes(archive)
    other = f"sqlite:///{tmp_path}/none.sqlite3" if ON_POSTGRESQL else "postgresql://nobody@127.0.0.1:1/none"
    town = Installation(tmp_path / "town", other)

    said = town.refusal("restore", str(file))

    assert said.startswith("otklik: OTKLIK_DATABASE_URL: the backup is of ")
    assert not town.data.exists()


def test_backup_of_a_newer_version_is_refused(archive, tmp_path):
    def newer(members):
        (header, listing), *rest = members
        manifest = json.loads(listing)
        manifest["migrations"].append(["org", "9999_later"])
        return [(header, json.dumps(manifest).encode()), *rest]

    file = tmp_path / "newer.tar.gz"
    file.write_bytes(repacked(archive, newer))
    town = empty(tmp_path / "town")

    said = town.refusal("restore", str(file))

    assert "doesn't know org.9999_later: update this installation first" in said
