"""Every word on a screen has its Russian, and the compiled catalogue is the one that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import translation

from tools import messages


def test_every_message_has_a_russian_translation() -> None:
    assert messages.untranslated(messages.load(), messages.used()) == []


def test_no_message_hides_behind_a_name_that_is_not_looked_for() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in messages.SOURCE.rglob("*.py")}

    assert [name for name, text in sources.items() if re.search(r"gettext(_lazy)? as (?!_\b)\w+", text)] == []


def test_compiled_catalogue_is_fresh() -> None:
    assert messages.MO.read_bytes() == messages.compiled(messages.load())


def test_nothing_unused_stays_in_the_catalogue() -> None:
    written = {(item.id if isinstance(item.id, str) else tuple(item.id), item.context) for item in messages.load()}

    assert written - {("", None)} - messages.used() == set()


def test_template_messages_are_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% load i18n %}{% trans "One (1)" %}{% trans "May" context "month" %}{{ _("Two") }}'
        "{% blocktrans count n=count %}{{ n }} answer{% plural %}{{ n }} answers{% endblocktrans %}",
        encoding="utf-8",
    )

    assert messages.used(tmp_path) == {
        ("One (1)", None),
        ("May", "month"),
        ("Two", None),
        (("%(n)s answer", "%(n)s answers"), None),
    }


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 минуту назад"), (3, "3 минуты назад"), (11, "11 минут назад"), (25, "25 минут назад")]
)
def test_russian_plurals_are_all_three(count: int, words: str) -> None:
    with translation.override("ru"):
        said = translation.ngettext("%(n)s minute ago", "%(n)s minutes ago", count)

    assert said % {"n": count} == words
