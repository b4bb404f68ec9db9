"""A file's way: taken in, scanned, drawn, shown; and swept away when nothing refers to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from otklik.common.clock import now
from otklik.media import folder
from otklik.media.enums import FileState, Look, Trouble
from otklik.media.models import Rendition, StoredFile
from otklik.media.queries import content_of, file_by_key
from otklik.media.services import keeping
from otklik.media.services.keeping import NotTaken, keep
from otklik.media.services.preparing import LEASE, prepare_next
from otklik.media.services.sweeping import sweep
from otklik.org.models import Municipality
from tests.builders import make_city
from tests.media.clamd import clamd_on_tcp
from tests.pictures import MP4, PDF, PLACE, PROGRAM, VIRUS, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Municipality:
    return make_city()


@pytest.fixture
def scanned_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def choose(address: str) -> None:
        monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, scanner=address))

    return choose


def take(city: Municipality, content: bytes, name: str = "photo.jpg") -> StoredFile:
    return keep(city.pk, name, [content], now=now())


def on_disk(data: Path) -> list[str]:
    return sorted(place.name for place in data.glob("media/*/??/*"))


def test_photo_becomes_ready_and_what_came_is_gone(city: Municipality, data_folder: Path) -> None:
    file = take(city, picture(800, 600, place=PLACE), "C:\\фото\\яма.HEIC")
    waiting = [file.state, on_disk(data_folder) == [file.digest]]

    ready = prepare_next(now=now())

    assert waiting == ["waiting", True]
    assert ready == file
    assert (ready.state, ready.filename, ready.width, ready.height) == ("ready", "яма.jpg", 800, 600)
    assert (ready.lat, ready.lon) == pytest.approx(PLACE, abs=1e-4)
    rows = dict(Rendition.objects.values_list("look", "digest"))
    assert sorted(rows) == [Look.SCREEN, Look.THUMB, Look.WHOLE]
    assert on_disk(data_folder) == sorted(rows.values())
    assert prepare_next(now=now()) is None


@pytest.mark.parametrize(("content", "mime"), [(PDF, "application/pdf"), (MP4, "video/mp4")], ids=["pdf", "mp4"])
def test_other_files_are_kept_as_they_are(city: Municipality, content: bytes, mime: str) -> None:
    file = take(city, content)

    prepare_next(now=now())

    found = content_of(file_by_key(city.pk, file.key), Look.WHOLE)
    assert (found.mime, found.path.read_bytes()) == (mime, content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("отпуск.jpg", PROGRAM, "отпуск.jpg is a program"),
        ("photo.jpg", b"<html>", "photo.jpg is of a kind we can't show"),
        ("photo.jpg", b"", "photo.jpg is empty"),
        ("big.jpg", picture() + bytes(30_000_000), "big.jpg is larger than 20 MB"),
    ],
    ids=["program", "page", "empty", "too large"],
)
def test_what_we_do_not_take_is_refused_in_one_sentence(
    city: Municipality, data_folder: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(NotTaken, match=words):
        take(city, content, name)

    assert StoredFile.objects.count() == 0
    assert [place for place in data_folder.glob("media/**/*") if place.is_file()] in (
        [],
        [data_folder / f"media/{city.pk}/lock"],
    )


def test_full_disk_takes_no_files(city: Municipality, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "LEAST_DISK", 10**18)

    with pytest.raises(NotTaken, match="Send the words alone"):
        take(city, picture())


def test_virus_is_locked_away(city: Municipality, data_folder: Path, scanned_by: Callable[[str], None]) -> None:
    file = take(city, VIRUS, "жалоба.pdf")

    with clamd_on_tcp() as scanner:
        scanned_by(scanner.address)
        prepare_next(now=now())

    file.refresh_from_db()
    assert (file.state, file.finding) == (FileState.QUARANTINED, "Pretended.Virus")
    assert on_disk(data_folder) == []
    assert (data_folder / "media" / str(city.pk) / "quarantine" / file.digest).read_bytes() == VIRUS
    with pytest.raises(Rendition.DoesNotExist):
        content_of(file, Look.WHOLE)


def test_file_waits_while_the_scanner_is_away(city: Municipality, scanned_by: Callable[[str], None]) -> None:
    file = take(city, PDF)
    scanned_by("unix:/nowhere/clamd.ctl")

    seen = [prepare_next(now=now() + timedelta(minutes=minute)).state for minute in range(5)]
    scanned_by("")
    prepare_next(now=now() + timedelta(minutes=6))

    file.refresh_from_db()
    assert (seen, file.state, file.trouble) == (["waiting"] * 5, "ready", "")


def test_reason_of_waiting_is_kept_for_people(city: Municipality, scanned_by: Callable[[str], None]) -> None:
    take(city, PDF)
    scanned_by("unix:/nowhere/clamd.ctl")

    assert prepare_next(now=now()).trouble == Trouble.SCANNER


def test_broken_photo_is_unreadable_and_its_bytes_go(city: Municipality, data_folder: Path) -> None:
    take(city, picture()[:900])

    broken = prepare_next(now=now())

    assert (broken.state, broken.trouble) == ("unreadable", Trouble.BROKEN)
    assert on_disk(data_folder) == []


def test_file_left_by_a_dead_worker_is_taken_again_but_not_for_ever(city: Municipality) -> None:
    file = take(city, picture())
    at = now()
    for _ in range(3):  # workers that died in the middle
        StoredFile.objects.filter(pk=file.pk).update(attempts=file.attempts + 1, due_at=at + LEASE)
        file.refresh_from_db()

    assert prepare_next(now=at) is None
    assert prepare_next(now=at + LEASE) is None
    file.refresh_from_db()
    assert (file.state, file.trouble) == ("unreadable", "too_heavy")


def test_same_photo_is_on_the_disk_once_and_stays_while_one_row_needs_it(city: Municipality, data_folder: Path) -> None:
    first, second = take(city, picture()), take(city, picture())
    assert on_disk(data_folder) == [first.digest]
    prepare_next(now=now())
    after_one = on_disk(data_folder)
    prepare_next(now=now())

    assert first.digest in after_one
    assert len(on_disk(data_folder)) == 3
    assert content_of(file_by_key(city.pk, second.key), Look.THUMB).path.is_file()


def test_cities_share_no_file(city: Municipality) -> None:
    other = make_city("zarechensk")
    file = take(city, picture())

    assert folder.path_of(city.pk, file.digest) != folder.path_of(other.pk, file.digest)
    with pytest.raises(StoredFile.DoesNotExist):
        file_by_key(other.pk, file.key)


@pytest.mark.parametrize("key", ["", "..", "x/../y", "ключ", "0" * 32])
def test_made_up_key_leads_nowhere(city: Municipality, key: str) -> None:
    take(city, picture())

    with pytest.raises(StoredFile.DoesNotExist):
        file_by_key(city.pk, key)


def test_sweep_removes_what_nothing_refers_to_after_a_day(city: Municipality, data_folder: Path) -> None:
    take(city, PDF)
    shelf = int(on_disk(data_folder)[0][:2], 16)

    young = sweep(now=now(), shelf=shelf)
    kept = on_disk(data_folder)
    old = sweep(now=now() + timedelta(hours=25), shelf=shelf)

    assert (young, len(kept), old, on_disk(data_folder), StoredFile.objects.count()) == (0, 1, 1, [], 0)


def test_sweep_removes_bytes_without_a_row_shelf_by_shelf(city: Municipality, data_folder: Path) -> None:
    kept = take(city, PDF)
    with folder.drafted(city.pk, [b"left by a crash"]) as draft, folder.naming(city.pk):
        draft.settle()

    for number in range(folder.SHELVES):
        sweep(now=now(), shelf=number)

    assert on_disk(data_folder) == [kept.digest]


_KILLED = """
import os, sys
from pathlib import Path
sys.path[:0] = {path!r}
import django
django.setup()
from otklik.media import folder
def chunks():
    yield b"%PDF-1.4"
    os.kill(os.getpid(), 9)
with folder.drafted(1, chunks()) as draft, folder.naming(1):
    draft.settle()
"""


def test_file_of_a_killed_process_has_no_name(data_folder: Path, tmp_path: Path) -> None:
    import os

    variables = {**os.environ, "OTKLIK_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "otklik.config.settings"}

    done = subprocess.run([sys.executable, "-c", _KILLED.format(path=sys.path)], env=variables, check=False)

    assert (done.returncode, on_disk(tmp_path)) == (-9, [])
    assert len(list(tmp_path.glob("media/1/drafts/*"))) == 1
