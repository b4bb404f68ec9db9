from __future__ import annotations

import socket
from pathlib import Path

import pytest

from otklik.media.scanning import Scanner, ScannerDown, checked
from tests.media.clamd import clamd, clamd_on_tcp
from tests.pictures import PDF, VIRUS


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    clean, infected = tmp_path / "clean", tmp_path / "infected"
    clean.write_bytes(PDF + bytes(200_000))
    infected.write_bytes(bytes(150_000) + VIRUS)
    return clean, infected


def test_clamd_sees_the_whole_file_and_names_what_it_finds(files: tuple[Path, Path]) -> None:
    with clamd_on_tcp() as scanner:
        answers = [Scanner(scanner.address).look_at(file) for file in files]

    assert answers == ["", "Pretended.Virus"]
    assert scanner.shown == [file.read_bytes() for file in files]


def test_clamd_answers_on_a_unix_socket(files: tuple[Path, Path], tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "clamd.ctl"))
    listener.listen()

    with clamd(listener, f"unix:{tmp_path}/clamd.ctl") as scanner:
        found = Scanner(scanner.address).answers(), Scanner(scanner.address).look_at(files[1])

    assert found == (True, "Pretended.Virus")


def test_scanner_that_is_gone_or_broken_is_no_answer(files: tuple[Path, Path], tmp_path: Path) -> None:
    with clamd_on_tcp() as scanner:
        scanner.breaks = True
        with pytest.raises(ScannerDown, match="size limit"):
            Scanner(scanner.address).look_at(files[0])
    for address in (scanner.address, f"unix:{tmp_path}/nothing", "command:/bin/nothing-there"):
        with pytest.raises(ScannerDown):
            Scanner(address).look_at(files[0])
        assert not Scanner(address).answers()


def test_command_speaks_by_its_exit_code(files: tuple[Path, Path], tmp_path: Path) -> None:
    script = tmp_path / "scan"
    script.write_text(
        '#!/bin/sh\ngrep -q pretended-virus "$2" && echo "$2: Pretended.Virus" && exit 1\n'
        '[ "$1" = -q ] && exit 0\nexit 2\n'
    )
    script.chmod(0o755)

    answers = [Scanner(f"command:{script} -q").look_at(file) for file in files]

    assert answers == ["", "Pretended.Virus"]
    with pytest.raises(ScannerDown, match="2"):
        Scanner(f"command:{script} -x").look_at(files[0])


def test_without_a_scanner_nobody_is_asked(files: tuple[Path, Path]) -> None:
    assert Scanner("").look_at(files[1]) == ""


@pytest.mark.parametrize(
    "address",
    [
        "clamd",
        "tcp:10.0.0.5:3310",
        "tcp:scanner.example:3310",
        "tcp:127.0.0.1",
        "unix:clamd.ctl",
        "command:clamscan",
        "command:",
    ],
)
def test_address_beyond_this_machine_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"machine only|path|tcp:127"):
        checked(address)


@pytest.mark.parametrize(
    "address", ["", "tcp:127.0.0.1:3310", "tcp:[::1]:3310", "unix:/run/clamd.ctl", "command:/usr/bin/scan -q"]
)
def test_address_on_this_machine_is_taken(address: str) -> None:
    assert checked(address) == address
