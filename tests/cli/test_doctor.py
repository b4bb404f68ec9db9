"""The doctor, well and unwell."""

import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from otklik.cli import checks
from otklik.config.environment import read
from otklik.org.calendar import country_knows
from tests.cli.installations import bare_environment
from tests.cli.test_backup import INSERT, QUEUE
from tests.servers import serve, two_ports


@pytest.fixture
def serving(installation):
    """The installation with everything of it running."""
    port = two_ports()
    variables = bare_environment(
        OTKLIK_DATA=str(installation.data), OTKLIK_DATABASE_URL=installation.url, OTKLIK_LOG_LEVEL="error"
    )
    command = [sys.executable, "-m", "otklik", "up", "--port", str(port)]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not _answers(port) or "worker: none" in installation.run("doctor").stdout:
            assert time.monotonic() < until, "it did not start"
            assert process.poll() is None, "it ended"
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200
    except httpx.TransportError:
        time.sleep(0.1)
        return False


def test_doctor_finds_a_serving_installation_well(installation, serving):
    done = installation.run("doctor", "--online", OTKLIK_PORT=str(serving))

    assert done.returncode == 0, done.stdout
    assert [line for line in done.stdout.splitlines() if not line.startswith("ok  ")] == []
    assert "worker: at work" in done.stdout
    assert "durability: " in done.stdout
    assert "channel site: " in done.stdout


def test_doctor_names_everything_that_is_wrong(installation):
    installation.data.chmod(0o755)
    (installation.data / "keys" / "channels.key").chmod(0o644)
    installation.sql(INSERT, "late", b"{}")
    for number, state in enumerate(["queued", "unknown"]):
        installation.sql(QUEUE, f"key-{number}", False, state)
    installation.sql("DELETE FROM django_migrations WHERE app = 'sessions'")

    done = installation.run("doctor", OTKLIK_PUBLIC_URL="http://town.example", OTKLIK_ALLOW_LOOPBACK="1")

    wrong = [line.split(":")[0] for line in done.stdout.splitlines() if line.startswith("NO  ")]
    assert done.returncode == 1
    assert wrong == [
        "NO  OTKLIK_ALLOW_LOOPBACK is set",
        "NO  OTKLIK_PUBLIC_URL http",
        f"NO  OTKLIK_DATA {installation.data}",
        f"NO  OTKLIK_KEYS {installation.data}/keys/channels.key",
        "NO  database",
    ]
    assert done.stderr == "otklik: 5 of the checks above need you\n"


def test_doctor_names_what_waits_and_what_was_not_sent(installation):
    installation.sql(INSERT, "late", b"{}")
    for number, state in enumerate(["queued", "unknown"]):
        installation.sql(QUEUE, f"key-{number}", False, state)

    done = installation.run("doctor")

    wrong = [line for line in done.stdout.splitlines() if line.startswith("NO  ")]
    assert wrong[0] == "NO  worker: none is at work: start `otklik up` (or `otklik worker`)"
    assert wrong[1].startswith("NO  deliveries to read: the oldest waits ")
    assert wrong[2].startswith("NO  texts to send: the oldest waits ")
    assert wrong[3].startswith("NO  texts that may or may not be sent: 1: ")
    assert wrong[4].startswith("NO  public address http://127.0.0.1:8000/healthz: ")


def settings_with(url):
    return replace(read({"OTKLIK_DATA": str(Path.cwd())}), public_url=url)


def test_public_address_inside_a_network_is_not_fetched():
    finding = checks.public_address(settings_with("https://10.0.0.1"))

    assert not finding.ok
    assert "not allowed" in finding.advice


def test_public_address_that_somebody_else_answers_is_wrong():
    async def somebody(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
            await send({"type": "http.response.body", "body": b"nginx"})

    with serve(somebody) as url:
        finding = checks.public_address(settings_with(url))

    assert (finding.ok, "somebody else answers" in finding.advice) == (False, True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("town.example", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_only(host, expected):
    assert checks.is_loopback(host) is expected


def test_calendar_of_a_country_that_moves_days_must_know_the_year():
    year = datetime.now(UTC).year
    assert country_knows("RU", 2026)
    assert not country_knows("RU", 2040)
    assert country_knows("DE", year + 1)
    assert not country_knows("XX", year)
