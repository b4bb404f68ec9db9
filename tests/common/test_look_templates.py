"""The parts draw what they promise, escape what people typed, and ask only for icons that are there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

import otklik
from otklik.common import colour
from otklik.common.templatetags import look

SOURCE = Path(otklik.__file__).parent
STATIC = SOURCE / "common/static/otklik"


def draw(source: str, **context: object) -> str:
    return engines["django"].from_string("{% load look %}" + source).render(context)


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    sprites = [(STATIC / f"vendor/{name}.svg").read_text(encoding="utf-8") for name in ("icons", "icons-desk")]
    there = set(re.findall(r'id="([\w-]+)"', "".join(sprites)))
    asked = {name for name, _ in look.STATUS_LOOK.values()} | set(look.NETWORK_ICON.values())
    for path in SOURCE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"{% (?:icon|pill) ['\"]([\w-]+)['\"]", text))
        asked |= set(re.findall(r"\bsign=['\"]([\w-]+)['\"]", text))

    assert asked - there == set()


def test_names_people_typed_are_escaped() -> None:
    page = draw("{% avatar name %}{% network code name %}{% status code name %}", name="<b>x", code='"><i>')

    assert "<b>" not in page
    assert "<i>" not in page


def test_status_is_an_icon_and_a_word() -> None:
    assert draw("{% status 'reopened' 'Открыто снова' %}") == (
        '<span class="pill tone-bad"><svg class="icon" aria-hidden="true">'
        '<use href="/static/otklik/vendor/icons.svg#rotate"></use></svg>Открыто снова</span>'
    )


def test_field_ties_its_error_and_help_to_the_control() -> None:
    class Form(forms.Form):
        text = forms.CharField(label="Что случилось", help_text="Где и что", widget=forms.Textarea)

    page = draw("{% field form.text %}", form=Form({"text": ""}))

    assert re.search(r'<textarea[^>]*aria-invalid="true"', page)
    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described is not None
    assert described[1].split() == ["id_text_helptext", "id_text_error"]
    assert re.findall(r'(?:id)="(id_text_\w+)"', page) == ["id_text_helptext", "id_text_error"]


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_error_page_says_what_to_do(code: str, language: str) -> None:
    with translation.override(language):
        page = render_to_string(f"{code}.html")

    assert f'<html lang="{language}">' in page
    assert re.search(r'<a class="button primary" href="/\w*/?">[^<]+</a>', page)
    assert bool(re.search("[а-яё]", page)) == (language == "ru")


def test_no_template_has_inline_scripts_or_styles() -> None:
    guilty = [
        path.name
        for path in SOURCE.rglob("*.html")
        # A copy of one's own data is read from a disk, where nothing lies beside it.
        if "residents/copy.html" not in path.as_posix()
        and re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", path.read_text(encoding="utf-8"))
    ]

    assert guilty == []


def test_dark_by_system_and_dark_by_switch_are_the_same() -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    by_system = re.search(r"prefers-color-scheme: dark\) {\s*:root:not\(.*?\) {(.*?)}", tokens, re.DOTALL)
    by_switch = re.search(r':root\[data-theme="dark"\] {(.*?)}', tokens, re.DOTALL)
    assert by_system
    assert by_switch

    assert by_system[1].split() == by_switch[1].split()


@pytest.mark.parametrize("mode", [0, 1])
def test_tokens_pass_aa_on_every_background(mode: int) -> None:
    tokens = (STATIC / "tokens.css").read_text(encoding="utf-8")
    values = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", re.split(r"@media|\[data-theme", tokens)[mode * 3]))
    grounds = [values[name] for name in ("bg", "surface", "inset", "accent-soft")]

    weak = [
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "good", "warn", "bad", "info")
        for ground in (grounds if ink in ("ink", "ink-2") else grounds[:3])
        if colour.contrast(values[ink], ground) < colour.AA_TEXT
    ] + [
        (name, f"{name}-soft")
        for name in ("good", "warn", "bad", "info")
        if min(colour.contrast(values[ink], values[f"{name}-soft"]) for ink in (name, "ink")) < colour.AA_TEXT
    ]

    assert weak == []


def test_vendored_files_are_those_listed() -> None:
    listed = dict(re.findall(r"\| `([\w.-]+)` \|.*\| `([0-9a-f]{64})` \|", (STATIC / "vendor/VENDORED.md").read_text()))
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
        if not path.name.endswith((".md", ".LICENSE.txt"))
    }

    assert there == listed
