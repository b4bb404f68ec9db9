import pytest

from tests.cli.installations import Installation, copy_of, found


@pytest.fixture(scope="session")
def template(tmp_path_factory) -> Installation:
    return found(tmp_path_factory.mktemp("cli") / "template")


@pytest.fixture
def installation(template, tmp_path) -> Installation:
    return copy_of(template, tmp_path / "town")
