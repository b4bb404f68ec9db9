"""Settings of one installation: `OTKLIK_*` variables first, then `otklik.toml` in the data folder, then defaults.

docs/reference/settings.md lists them; a test keeps the list and SETTINGS the same.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from otklik.media.scanning import checked as checked_scanner

ROOT = Path(__file__).resolve().parents[3]

SETTINGS = {
    "OTKLIK_DATA": "folder of this installation: database, keys, generated files (default: var in the project's root)",
    "OTKLIK_KEYS": "folder of the keys, kept out of backups (default: keys in OTKLIK_DATA)",
    "OTKLIK_DATABASE_URL": "sqlite:///path or postgresql://user:password@host:port/name",
    "OTKLIK_BROKER_URL": "taken, not used: rows say what is due and the database rings, no broker is needed",
    "OTKLIK_PUBLIC_URL": "https address that residents see, for links and webhooks",
    "OTKLIK_PORT": "port of the gate on 127.0.0.1 (default: 8000)",
    "OTKLIK_WEB_PORT": "port of Django behind the gate (default: OTKLIK_PORT + 1)",
    "OTKLIK_WEB_WORKERS": "processes of Django, 1 to 32 (default: one for each processor, 2 at most on SQLite, else 4)",
    "OTKLIK_ALLOW_LOOPBACK": "1 lets connectors talk to simulators on this machine; never in production",
    "OTKLIK_DEMO": "1 lets demo sign-ins work; `otklik demo` sets it, `otklik up` refuses it",
    "OTKLIK_SCANNER": "virus scanner: unix:/run/clamav/clamd.ctl, tcp:127.0.0.1:3310 or command:/path (default: none)",
    "OTKLIK_SMS_URL": "the city's own SMS gateway, an http(s) address that takes JSON (default: none)",
    "OTKLIK_SMS_TOKEN": "sent to the SMS gateway as `Authorization: Bearer` (default: none)",
    "OTKLIK_SMS_PREFIXES": "how the numbers begin that codes may go to, with commas, as +7,+375 (default: +7)",
    "OTKLIK_METRICS_TOKEN": "lets monitoring elsewhere read /metrics with `Authorization: Bearer` (default: none)",
    "OTKLIK_LOG_LEVEL": "debug, info, warning or error (default: info)",
}


POSTGRESQL_OPTIONS = {"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}
"""What may stand behind the question mark of a PostgreSQL address."""

SCRIPT_VARIABLES = {"OTKLIK_VENV", "OTKLIK_DEV", "OTKLIK_PYTHON"}
"""What the start script itself reads."""


class WrongSetting(Exception):
    """A setting can't be used; the message says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the settings say, checked."""

    data: Path
    keys: Path
    database_url: str
    public_url: str
    port: int
    web_port: int
    web_workers: int
    allow_loopback: bool
    demo: bool
    scanner: str
    log_level: str
    broker_url: str = ""
    sms_url: str = ""
    sms_token: str = ""
    sms_prefixes: tuple[str, ...] = ("+7",)
    metrics_token: str = ""

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite:")


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """Return the checked settings. Raises WrongSetting with the name, the reason and the remedy."""
    given = dict(os.environ if variables is None else variables)
    data = Path(given.get("OTKLIK_DATA") or ROOT / "var").expanduser().resolve()
    values = {**_from_file(data / "otklik.toml"), **{name: given[name] for name in SETTINGS if given.get(name)}}
    port = _port(values, "OTKLIK_PORT", 8000)
    web_port = _port(values, "OTKLIK_WEB_PORT", port + 1)
    if web_port == port:
        raise WrongSetting(f"OTKLIK_WEB_PORT must be another port than OTKLIK_PORT; both are {port}")
    url = _database_url(values.get("OTKLIK_DATABASE_URL") or f"sqlite:///{data / 'otklik.sqlite3'}")
    return Environment(
        data=data,
        keys=Path(values.get("OTKLIK_KEYS") or data / "keys").expanduser().resolve(),
        database_url=url,
        public_url=_public_url(values.get("OTKLIK_PUBLIC_URL") or f"http://127.0.0.1:{port}"),
        port=port,
        web_port=web_port,
        web_workers=_web_workers(values.get("OTKLIK_WEB_WORKERS") or "", is_sqlite=url.startswith("sqlite:")),
        allow_loopback=_flag(values, "OTKLIK_ALLOW_LOOPBACK"),
        demo=_flag(values, "OTKLIK_DEMO"),
        scanner=_scanner(values.get("OTKLIK_SCANNER") or ""),
        log_level=_log_level(values.get("OTKLIK_LOG_LEVEL") or "info"),
        broker_url=values.get("OTKLIK_BROKER_URL", ""),
        sms_url=_sms_url(values.get("OTKLIK_SMS_URL") or ""),
        sms_token=values.get("OTKLIK_SMS_TOKEN", ""),
        sms_prefixes=_sms_prefixes(values.get("OTKLIK_SMS_PREFIXES") or "+7"),
        metrics_token=_metrics_token(values.get("OTKLIK_METRICS_TOKEN", "")),
    )


def _web_workers(value: str, *, is_sqlite: bool) -> int:
    """Return how many processes answer people. They are forked from a loaded one: another costs some 20 MB."""
    if not value:
        return min(2 if is_sqlite else 4, os.cpu_count() or 1)
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:3]) <= 32):
        raise WrongSetting(f"OTKLIK_WEB_WORKERS must be a number from 1 to 32, not '{value[:20]}'")
    return int(value)


def _metrics_token(value: str) -> str:
    if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
        raise WrongSetting("OTKLIK_METRICS_TOKEN must be 16 Latin letters and digits or more: it is all that is asked")
    return value


def unknown_variables(given: Mapping[str, str]) -> list[str]:
    """Return a sentence for each OTKLIK_ variable that is no setting: a mistyped one would silently do nothing."""
    strange = sorted(
        name for name in given if name.startswith("OTKLIK_") and name not in SETTINGS.keys() | SCRIPT_VARIABLES
    )
    return [
        f"{name} is not a setting{_guess(name)}: correct or unset it (docs/reference/settings.md)" for name in strange
    ]


def _guess(name: str) -> str:
    near = difflib.get_close_matches(name, SETTINGS, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def database(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for a checked URL."""
    if url.startswith("sqlite:"):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.removeprefix("sqlite:///"),
            # BEGIN IMMEDIATE: a reader that later writes would otherwise fail at once instead of waiting its turn.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; "
                "PRAGMA cache_size=-16000;",
            },
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": f"{url.removeprefix('sqlite:///')}.test"},
        }
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = options.pop("host", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or host,
        "PORT": str(parts.port or ""),
        # Statements are sent apart from their values: the server plans each once, not at every page.
        "OPTIONS": {**options, "server_side_binding": True, "prepare_threshold": 3},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _from_file(path: Path) -> dict[str, str]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise WrongSetting(f"{path} can't be read ({error.strerror}); let the user that runs Otklik read it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{path.name} is not valid TOML ({error}); correct the line it names") from error
    values = {f"OTKLIK_{name.upper()}": str(value) for name, value in table.items()}
    unknown = sorted(values.keys() - SETTINGS.keys())
    if unknown:
        name = unknown[0].removeprefix("OTKLIK_").lower()
        raise WrongSetting(f"{path.name}: '{name}' is not a setting; docs/reference/settings.md lists them")
    return values


def _database_url(url: str) -> str:
    parts = _split(url)
    if parts and parts.scheme == "sqlite" and url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url
    if parts and parts.scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        if strange := sorted(parse_qs(parts.query).keys() - POSTGRESQL_OPTIONS):
            known = ", ".join(sorted(POSTGRESQL_OPTIONS))
            raise WrongSetting(f"OTKLIK_DATABASE_URL must be without '{strange[0]}' behind the ?; there may be {known}")
        return url
    raise WrongSetting(
        "OTKLIK_DATABASE_URL must be sqlite:///path/to/file or postgresql://user:password@host:port/name; "
        f"it begins with '{url.rsplit('@', maxsplit=1)[-1][:30]}'"
    )


def _public_url(url: str) -> str:
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongSetting(f"OTKLIK_PUBLIC_URL must be an address like https://town.example; it is '{url}'")
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None where its host or port can't be one."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read only now: "town:http" has parts, but no port
    except ValueError:
        return None
    return parts


def _port(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name) or str(default)
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise WrongSetting(f"{name} must be a port number from 1 to 65535; it is '{text}'")
    return int(text)


def _flag(values: Mapping[str, str], name: str) -> bool:
    text = (values.get(name) or "0").lower()
    if text in ("1", "true", "yes"):
        return True
    if text in ("0", "false", "no"):
        return False
    raise WrongSetting(f"{name} must be 1 or 0; it is '{text}'")


def _scanner(text: str) -> str:
    try:
        return checked_scanner(text)
    except ValueError as error:
        raise WrongSetting(f"OTKLIK_SCANNER is '{text}': {error}") from error


def _sms_url(text: str) -> str:
    parts = _split(text)
    if text and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname):
        raise WrongSetting(f"OTKLIK_SMS_URL must be an address like https://sms.town.example/send; it is '{text}'")
    return text


def _sms_prefixes(text: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in text.split(","))
    if wrong := next((one for one in found if not re.fullmatch(r"\+[1-9][0-9]{0,6}", one)), None):
        raise WrongSetting(f"OTKLIK_SMS_PREFIXES must be like +7,+375; one of them is '{wrong}'")
    return found


def _log_level(text: str) -> str:
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise WrongSetting(f"OTKLIK_LOG_LEVEL must be debug, info, warning or error; it is '{text}'")
    return text.lower()
