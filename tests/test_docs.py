"""The documents say what is true: generated pages are fresh, everything is named, and no link leads nowhere."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from otklik.cli.main import otklik
from otklik.config.environment import SCRIPT_VARIABLES, SETTINGS
from otklik.connectors.base import Capabilities, ConnectorError
from otklik.connectors.events import Action, Event, EventKind
from otklik.org.access import Permission
from tools import pictures, reference

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("src/otklik/**/*.md"),
    ]
)
_LINK = re.compile(r"(?:\]\(|<img src=\")([^)\s\"]+)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_NAMED_PATH = re.compile(r"`((?:src|tests|docs|tools|requirements)/[\w./-]+)`")
_VARIABLE = re.compile(r"\bOTKLIK_[A-Z_]+\b")
_COMMAND = re.compile(r"^\s*\./otklik (.+)$|`\.?/?otklik ([^`]+)`", re.MULTILINE)
_REQUIREMENT = re.compile(r"^[a-z][\w-]*", re.MULTILINE)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    return _CODE.sub("", text_of(path))


def anchors_of(path: Path) -> set[str]:
    """The names that a page's headings get where it is shown."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    dead = []
    for link in _LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            dead.append(link)
    return dead


def named_by(page: str) -> set[str]:
    """What a reference page has in the first column of its tables."""
    column = re.findall(r"^\| ([^|]*)\|", text_of(ROOT / "docs/reference" / page), re.MULTILINE)
    return {name for cell in column for name in re.findall(r"`(\w+)`", cell)}


def required(name: str) -> set[str]:
    return set(_REQUIREMENT.findall(text_of(ROOT / "requirements" / f"{name}.in")))


def listed_packages(heading: str) -> list[str]:
    page = text_of(ROOT / "docs/explanation/dependencies.md")
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([a-z][\w-]*) \|", section, re.MULTILINE)


def says_no_command(words: str) -> bool:
    """Whether `otklik words` names a command that isn't there."""
    command: click.Command | None = otklik
    for word in words.split():
        if not isinstance(command, click.Group) or not word.isalpha() or not word.islower():
            return False
        command = command.get_command(click.Context(command), word)
        if command is None:
            return True
    return False


def test_generated_pages_are_fresh() -> None:
    stale = [path.name for path, text in reference.pages().items() if text_of(path) != text]

    assert stale == [], "run: python tools/reference.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_has_no_dead_link(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_names_only_what_is_there(page: Path) -> None:
    known = SETTINGS.keys() | SCRIPT_VARIABLES | {"OTKLIK_CHROMIUM"}
    commands = [first or second for first, second in _COMMAND.findall(text_of(page))]

    assert sorted(set(_VARIABLE.findall(text_of(page))) - known) == []
    assert [words for words in commands if says_no_command(words)] == []
    assert [
        path for path in _NAMED_PATH.findall(text_of(page)) if "NAME" not in path and not (ROOT / path).exists()
    ] == []


def test_every_page_is_led_to_from_the_contents() -> None:
    contents = ROOT / "docs/README.md"
    led_to = {(contents.parent / link).resolve() for link in _LINK.findall(text_of(contents))}

    assert set(ROOT.glob("docs/*/*.md")) - led_to == set()


def test_start_page_names_both_languages_and_both_commands() -> None:
    for name in ("README.md", "README.ru.md"):
        page = text_of(ROOT / name)

        assert "./otklik demo" in page
        assert "./otklik test" in page
    assert sorted(path.name for path in pictures.IMAGES.glob("*.png")) == sorted(
        set(re.findall(r"images/([\w-]+\.png)", text_of(ROOT / "README.md") + text_of(ROOT / "README.ru.md")))
    )


def test_pictures_are_light() -> None:
    assert [path.name for path in pictures.IMAGES.iterdir() if path.stat().st_size > pictures.LARGEST] == []


def test_words_beside_the_generated_pages_cover_everything() -> None:
    assert reference.DEFAULTS.keys() == SETTINGS.keys()
    assert reference.SCRIPT.keys() == SCRIPT_VARIABLES
    assert reference.ALLOWS.keys() == {str(permission) for permission in Permission}
    assert reference.CAPABILITIES.keys() == {field.name for field in fields(Capabilities)}


def test_events_page_names_every_kind_action_field_and_error() -> None:
    names = {*map(str, EventKind), *map(str, Action), *(field.name for field in fields(Event))}
    errors = {error.__name__ for error in ConnectorError.__subclasses__()}

    assert (names | errors) - named_by("events.md") == set()


@pytest.mark.parametrize(("name", "heading"), [("run", "At run time"), ("dev", "For building, checking and testing")])
def test_every_package_has_its_reason(name: str, heading: str) -> None:
    assert listed_packages(heading) == sorted(required(name))


def test_licence_is_the_one_that_the_project_declares() -> None:
    assert 'license = "EUPL-1.2"' in text_of(ROOT / "pyproject.toml")
    assert text_of(ROOT / "LICENSE").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n")
