"""One test database for each process, SQLite by default; `otklik test` runs the suite on PostgreSQL too."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

# `otklik test --deep` chooses it; a test that limits its own examples keeps its limit.
settings.register_profile("deep", max_examples=10_000, deadline=None, database=None)

# Before any test imports the suite that every connector passes: its asserts are to tell what they compared.
pytest.register_assert_rewrite(
    "tests.connectors.contract",
    "tests.connectors.edits_contract",
    "tests.connectors.ground",
    "tests.connectors.photos_contract",
)

# Set before Django's settings are read: pyproject.toml doesn't name them. Parallel processes inherit it all.
_OURS = "OTKLIK_TEST_FOLDER" not in os.environ
if _OURS:
    os.environ["OTKLIK_TEST_FOLDER"] = tempfile.mkdtemp(prefix="otklik-test-")
_FOLDER = os.environ["OTKLIK_TEST_FOLDER"]
os.environ["OTKLIK_DATA"] = _FOLDER
os.environ["OTKLIK_ALLOW_LOOPBACK"] = "1"
os.environ.setdefault("OTKLIK_DATABASE_URL", f"sqlite:///{_FOLDER}/otklik.sqlite3")
os.environ["DJANGO_SETTINGS_MODULE"] = "otklik.config.settings"


def pytest_configure():
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        # Nothing here outlives a power cut; the durability of the real settings has tests of its own.
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    # A code read in one half-minute may be asked about in the next.
    settings.MFA_TOTP_TOLERANCE = 1
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def in_russian() -> Iterator[None]:
    """Services refuse in the reader's language; a page that was asked for before in this process left its own."""
    from django.utils import translation

    with translation.override("ru"):
        yield


def pytest_unconfigure():
    if _OURS:
        shutil.rmtree(_FOLDER, ignore_errors=True)
