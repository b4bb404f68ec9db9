"""One test database for each process, SQLite by default; `otklik test` runs the suite on PostgreSQL too."""

import os
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.mkdtemp(prefix="otklik-test-"))
os.environ["OTKLIK_DATA"] = str(_FOLDER)
os.environ["OTKLIK_ALLOW_LOOPBACK"] = "1"
os.environ.setdefault("OTKLIK_DATABASE_URL", f"sqlite:///{_FOLDER / 'otklik.sqlite3'}")


def pytest_configure():
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        # Nothing here outlives a power cut; the durability of the real settings has tests of its own.
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure():
    import shutil

    shutil.rmtree(_FOLDER, ignore_errors=True)
