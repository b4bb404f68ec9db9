"""What the demo refuses, in one sentence and before it touches anything."""

from __future__ import annotations

import fcntl
import socket
from pathlib import Path

import pytest

from tests.cli.installations import run
from tests.servers import two_ports


def refusal(folder: Path, *arguments: str, port: int = 0) -> str:
    """Run a demo that must refuse; return its sentence."""
    done = run("demo", "--port", str(port or two_ports()), *arguments, OTKLIK_DATA=str(folder))
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines), done.stdout) == (1, 1, "")
    return lines[0]


@pytest.mark.parametrize("arguments", [(), ("--fresh",)], ids=["as it is", "fresh"])
def test_demo_leaves_a_folder_alone_that_it_did_not_make(tmp_path: Path, arguments: tuple[str, ...]):
    real = tmp_path / "otklik.sqlite3"
    real.write_bytes(b"a real city")

    assert refusal(tmp_path, *arguments) == (
        f"otklik: {tmp_path} is not a demo's folder: empty it, or name another one in OTKLIK_DATA"
    )
    assert [real.read_bytes()] == [file.read_bytes() for file in tmp_path.iterdir()]


@pytest.mark.parametrize("offset", [0, 1], ids=["gate", "web"])
def test_demo_names_the_port_that_is_taken(tmp_path: Path, offset: int):
    port = two_ports()
    with socket.create_server(("127.0.0.1", port + offset)):
        sentence = refusal(tmp_path / "demo", port=port)

    assert sentence == f"otklik: port {port + offset} is taken by another program: choose another one with --port"
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize("arguments", [(), ("--fresh",)], ids=["as it is", "fresh"])
def test_second_demo_in_a_folder_is_refused(tmp_path: Path, arguments: tuple[str, ...]):
    (tmp_path / "otklik-demo").write_text("ready\n")
    with (tmp_path / "otklik-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sentence = refusal(tmp_path, *arguments)

    assert sentence == f"otklik: a demo runs in {tmp_path} already: stop it, or set OTKLIK_DATA to another folder"
    assert (tmp_path / "otklik-demo").read_text() == "ready\n"


def test_folder_that_another_user_made_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / "otklik-demo").write_text("ready\n")
    (tmp_path / "otklik-demo.lock").mkdir()  # can't be opened for writing, whoever runs this test

    assert refusal(tmp_path) == f"otklik: OTKLIK_DATA: cannot use the folder {tmp_path}: Is a directory"


def test_wrong_port_is_wrong_use(tmp_path: Path):
    assert run("demo", "--port", "65535", OTKLIK_DATA=str(tmp_path)).returncode == 2


def test_demo_help_shows_an_example():
    assert "Example: otklik demo --port 8080" in run("demo", "--help").stdout
