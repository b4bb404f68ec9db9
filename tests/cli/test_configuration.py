"""Wrong settings: `doctor` and `up`, run as real commands in a bare environment, name the setting and the remedy."""

import os
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from otklik.cli.boot import Problem
from otklik.cli.city import check_plan
from otklik.cli.replay import replay
from otklik.config.environment import WrongSetting, database, read
from otklik.connectors.registry import CONNECTORS
from otklik.org.services.founding import CityPlan
from tests.cli.installations import ON_POSTGRESQL, run
from tests.servers import closed_port, two_ports


def data_is_a_file(folder):
    (folder / "town").write_text("")
    return {"OTKLIK_DATA": str(folder / "town")}


def data_below_a_file(folder):
    (folder / "file").write_text("")
    return {"OTKLIK_DATA": str(folder / "file" / "town")}


def keys_are_a_file(folder):
    (folder / "keys").write_text("")
    return {"OTKLIK_KEYS": str(folder / "keys")}


def not_a_database(folder):
    (folder / "notes.txt").write_text("milk, bread, eggs\n" * 100)
    return {"OTKLIK_DATABASE_URL": f"sqlite:///{folder / 'notes.txt'}"}


def toml(text):
    def write(folder):
        (folder / "otklik.toml").write_text(text)
        return {}

    return write


def toml_is_a_folder(folder):
    (folder / "otklik.toml").mkdir()
    return {}


def given(**variables):
    return lambda _: variables


WRONG = {
    "another database": (
        given(OTKLIK_DATABASE_URL="mysql://town@127.0.0.1/town"),
        "OTKLIK_DATABASE_URL must be sqlite:///path/to/file or postgresql://user:password@host:port/name",
    ),
    "no database there": (
        lambda _: {"OTKLIK_DATABASE_URL": f"postgresql://town@127.0.0.1:{closed_port()}/town"},
        "OTKLIK_DATABASE_URL",
    ),
    "not a database": (not_a_database, "OTKLIK_DATABASE_URL"),
    "no folder for the database": (given(OTKLIK_DATABASE_URL="sqlite:////nowhere/town.sqlite3"), "OTKLIK_DATABASE_URL"),
    "a database port in words": (
        given(OTKLIK_DATABASE_URL="postgresql://u:p@h:port/town"),
        "OTKLIK_DATABASE_URL must be",
    ),
    "a broken database host": (given(OTKLIK_DATABASE_URL="postgresql://u:p@[h/town"), "OTKLIK_DATABASE_URL must be"),
    "a broken address": (given(OTKLIK_PUBLIC_URL="https://[town"), "OTKLIK_PUBLIC_URL must be an address like"),
    "an address with a port in words": (given(OTKLIK_PUBLIC_URL="https://town:port"), "OTKLIK_PUBLIC_URL must be"),
    "a port of raised figures": (given(OTKLIK_PORT="8²"), "OTKLIK_PORT must be a port number from 1 to 65535"),
    "one port for two": (given(OTKLIK_PORT="8000", OTKLIK_WEB_PORT="8000"), "OTKLIK_WEB_PORT must be another port"),
    "a port too high": (given(OTKLIK_PORT="70000"), "OTKLIK_PORT must be a port number from 1 to 65535; it is '70000'"),
    "a port in words": (given(OTKLIK_WEB_PORT="http"), "OTKLIK_WEB_PORT must be a port number"),
    "an address without https": (given(OTKLIK_PUBLIC_URL="town.example"), "OTKLIK_PUBLIC_URL must be an address like"),
    "a loud log": (given(OTKLIK_LOG_LEVEL="loud"), "OTKLIK_LOG_LEVEL must be debug, info, warning or error"),
    "a flag in words": (given(OTKLIK_ALLOW_LOOPBACK="perhaps"), "OTKLIK_ALLOW_LOOPBACK must be 1 or 0"),
    "demo": (given(OTKLIK_DEMO="1"), "OTKLIK_DEMO is set"),
    "a data folder that is a file": (data_is_a_file, "OTKLIK_DATA: cannot make the folder"),
    "a data folder below a file": (data_below_a_file, "OTKLIK_DATA: cannot make the folder"),
    "keys that are a file": (keys_are_a_file, "OTKLIK_KEYS"),
    "malformed otklik.toml": (toml("port = = 8000\n"), "otklik.toml is not valid TOML"),
    "otklik.toml in another encoding": (toml_is_a_folder, "otklik.toml can't be read"),
    "an unknown setting": (toml("prot = 8000\n"), "otklik.toml: 'prot' is not a setting; docs/reference/settings.md"),
    "an unknown variable": (
        given(OTKLIK_DATABSE_URL="sqlite:////tmp/x"),
        "OTKLIK_DATABSE_URL is not a setting (did you mean OTKLIK_DATABASE_URL?): correct or unset it",
    ),
}


@pytest.mark.parametrize("command", ["doctor", "up"])
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.skipif(ON_POSTGRESQL, reason="says nothing about the database of the suite")
def test_wrong_setting_is_named_with_its_remedy(tmp_path, wrong, command):
    make, expected = WRONG[wrong]
    variables = {"OTKLIK_DATA": str(tmp_path), **make(tmp_path)}

    done = run(command, **variables)

    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert expected in said
    assert "Traceback" not in said
    assert done.stderr.startswith("otklik: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTKLIK_DATABASE_URL", "postgresql://town@127.0.0.1:port/town"),
        ("OTKLIK_DATABASE_URL", "postgresql://town@[127/town"),
        ("OTKLIK_DATABASE_URL", "postgresql://town@127.0.0.1/town?sslmod=require"),
        ("OTKLIK_PUBLIC_URL", "https://[town"),
        ("OTKLIK_PUBLIC_URL", "https://town.example:port"),
        ("OTKLIK_PORT", "8²"),
        ("OTKLIK_WEB_PORT", "8000"),
        ("OTKLIK_WEB_WORKERS", "0"),
        ("OTKLIK_WEB_WORKERS", "33"),
        ("OTKLIK_WEB_WORKERS", "2²"),
        ("OTKLIK_WEB_WORKERS", "1000000000000000000000"),
    ],
)
def test_address_that_can_not_be_one_is_refused_by_name(tmp_path, name, value):
    with pytest.raises(WrongSetting, match=f"^{name} must be "):
        read({"OTKLIK_DATA": str(tmp_path), name: value})


def test_each_processor_answers_people_and_sqlite_has_use_for_two(tmp_path):
    asked = {"OTKLIK_DATA": str(tmp_path)}
    on_postgresql = {**asked, "OTKLIK_DATABASE_URL": "postgresql:///town?host=/run/postgresql"}

    assert read(asked).web_workers == min(2, os.cpu_count() or 1)
    assert read({**asked, "OTKLIK_WEB_WORKERS": "3"}).web_workers == 3
    assert read(on_postgresql).web_workers == min(4, os.cpu_count() or 1)


def test_options_of_a_postgresql_address_reach_the_driver():
    made = database("postgresql://town:p%40ss@db.example:5433/town?sslmode=verify-full&connect_timeout=5")

    assert (made["HOST"], made["PORT"], made["PASSWORD"]) == ("db.example", "5433", "p@ss")
    assert made["OPTIONS"] == {
        "sslmode": "verify-full",
        "connect_timeout": "5",
        "server_side_binding": True,
        "prepare_threshold": 3,
    }
    assert database("postgresql:///town?host=/run/postgresql")["HOST"] == "/run/postgresql"


def test_up_without_a_city_says_what_to_run(tmp_path):
    done = run("up", OTKLIK_DATA=str(tmp_path), OTKLIK_PORT=str(two_ports()))

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "otklik: no city is set up in this data folder: run `otklik init` first (or `otklik demo` to look around)"
    ]


def test_up_on_a_taken_port_says_so(installation):
    with taken_port() as port:
        said = installation.refusal("up", "--port", str(port))

    assert (
        said
        == f"otklik: OTKLIK_PORT: 127.0.0.1:{port} can't be used (Address already in use): choose another with --port"
    )


def test_taken_port_of_django_is_named_by_its_own_setting(installation):
    with taken_port() as port:
        said = installation.refusal("up", "--port", str(closed_port()), OTKLIK_WEB_PORT=str(port))

    assert said.startswith(f"otklik: OTKLIK_WEB_PORT: 127.0.0.1:{port} can't be used (Address already in use)")


def test_gate_alone_on_a_taken_port_says_so(installation):
    with taken_port() as port:
        said = installation.refusal("gate", OTKLIK_PORT=str(port))

    assert said.startswith(f"otklik: OTKLIK_PORT: 127.0.0.1:{port} can't be used (Address already in use)")


def test_broker_is_taken_and_said_not_to_be_needed(installation):
    said = installation.run("doctor", OTKLIK_BROKER_URL="valkey://127.0.0.1:6379/0").stdout

    assert "ok  OTKLIK_BROKER_URL: not used; the database itself rings, and no broker is needed" in said.splitlines()


@pytest.mark.parametrize("command", [["worker"], ["channel", "list"]], ids=" ".join)
@pytest.mark.parametrize("away", [True, False], ids=["away", "empty"])
@pytest.mark.skipif(ON_POSTGRESQL, reason="says nothing about the database of the suite")
def test_database_that_is_away_or_empty_is_told_in_one_sentence(tmp_path, command, away):
    url = f"postgresql://town@127.0.0.1:{closed_port()}/town" if away else f"sqlite:///{tmp_path / 'empty.sqlite3'}"

    done = run(*command, OTKLIK_DATA=str(tmp_path), OTKLIK_DATABASE_URL=url)

    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith("otklik: OTKLIK_DATABASE_URL: the database ")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"name": "Я" * 201}, "--name: Ensure this value has at most 200 characters (it has 201)."),
        ({"slug": "a b/.."}, "--slug: Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
        ({"country": "XX"}, "--country must be a country's two letters, like RU; the holidays of 'XX' are not known"),
    ],
    ids=["name", "slug", "country"],
)
def test_city_that_no_row_can_hold_is_refused(wrong, expected):
    plan = CityPlan(**({"slug": "yasnogorye", "name": "Ясногорье", "head_name": "Анна Берестова"} | wrong))

    with pytest.raises(Problem) as refused:
        check_plan(plan)

    assert refused.value.message == expected


@pytest.mark.parametrize(
    ("wrong", "code", "expected"),
    [
        (["--timezone", "Mars/Base"], 1, "--timezone must be a name like Europe/Moscow"),
        (["--admin", "nobody"], 1, "--admin must be an e-mail address; it is 'nobody'"),
        (["--name", "  "], 2, "--yes needs --name, --head and --admin"),
    ],
    ids=["timezone", "admin", "name"],
)
def test_flag_that_can_not_be_is_refused(tmp_path, wrong, code, expected):
    flags = ["--name", "Ясногорье", "--head", "Анна Берестова", "--admin", "it@town.example", *wrong]

    done = run("init", "--yes", *flags, OTKLIK_DATA=str(tmp_path / "town"))

    assert (done.returncode, (tmp_path / "town").exists()) == (code, False), done.stderr
    assert expected in done.stderr


def test_init_without_anybody_to_ask_says_how_to_go_without_questions(tmp_path):
    done = run("init", OTKLIK_DATA=str(tmp_path))

    assert done.returncode == 2
    assert "nobody answered; without questions: --yes" in done.stderr


def test_refused_channel_is_told_in_the_language_of_commands(installation):
    known = ", ".join(sorted(CONNECTORS))
    assert installation.refusal("channel", "add", "fax", "town-fax") == (
        f"otklik: network: We can't connect this network; these we can: {known}."
    )


@pytest.mark.parametrize("base", ["nonsense", "ftp://town.example", "http://", "http://["])
def test_replay_to_what_is_no_address_is_wrong_use(tmp_path, base):
    file = tmp_path / "texts.csv"
    file.write_text("text\nЯма\n")

    done = CliRunner().invoke(replay, [str(file), "--channel", "site", "--base", base])

    assert done.exit_code == 2
    assert f"must be an address like http://127.0.0.1:8000; it is '{base}'" in done.output


def test_broken_key_file_is_named(installation):
    (installation.data / "keys" / "channels.key").write_text("not a key\n")

    said = installation.refusal("web", "--prepare-only")
    doctor = installation.run("doctor")

    assert said.startswith(f"otklik: OTKLIK_KEYS: {installation.data}/keys/channels.key is not a channel key")
    assert said.removeprefix("otklik: ") in doctor.stdout
    assert doctor.returncode == 1


@pytest.mark.parametrize("lost", [True, False])
def test_key_that_opens_nothing_is_named_and_the_rest_still_serves(installation, lost):
    key = installation.data / "keys" / "channels.key"
    if lost:
        key.unlink()
    else:
        key.write_bytes(Fernet.generate_key())

    start = installation.run("web", "--prepare-only")
    doctor = installation.run("doctor")

    said = f"OTKLIK_KEYS: {key} is missing" if lost else f"OTKLIK_KEYS: {key} doesn't open the secrets of channel site"
    assert start.returncode == 0
    assert said in start.stderr
    assert said in doctor.stdout
    assert lost == (not key.exists())


@contextmanager
def taken_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
