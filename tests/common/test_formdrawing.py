"""Controls drawn at once are the controls that Django's templates draw, to the letter."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from otklik.common.formdrawing import Renderer

ATTRIBUTES = {
    "id": "x",
    "required": True,
    "disabled": False,
    "maxlength": 30,
    "placeholder": 'a "quoted" <word> & more',
}


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(), None),
        (forms.TextInput(), ""),
        (forms.TextInput(), "Вера & <script>"),
        (forms.NumberInput(), 0),
        (forms.EmailInput(), "a@b.example"),
        (forms.URLInput(), "https://a.example/?b=1&c=2"),
        (forms.PasswordInput(), "secret"),
        (forms.HiddenInput(), 1_234_567),
        (forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), date(2026, 11, 23)),
        (forms.TimeInput(), "09:30"),
        (forms.CheckboxInput(), True),
        (forms.CheckboxInput(), False),
        (forms.FileInput(), None),
        (forms.Textarea(), None),
        (forms.Textarea(attrs={"rows": 3}), 'Две\nстроки & "кавычки" </textarea>'),
        (forms.Select(choices=[("a", "А"), ("b", "Б")]), "b"),
    ],
)
def test_control_is_what_the_template_says(widget: forms.Widget, value: object) -> None:
    drawn = widget.render("имя", value, dict(ATTRIBUTES), renderer=Renderer())

    assert drawn.strip() == widget.render("имя", value, dict(ATTRIBUTES), renderer=DjangoTemplates()).strip()
