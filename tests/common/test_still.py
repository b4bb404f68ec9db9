"""What is drawn once for a language may hold nothing that is another for each reader."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

LOADED = "{% load i18n static still look %}"


def test_still_words_are_drawn_in_each_readers_language() -> None:
    template = Template(LOADED + "{% still %}<b>{% trans 'Keyboard' %}</b>{% endstill %}")

    drawn = []
    for language in ("en", "ru", "en"):
        with override(language):
            drawn.append(template.render(Context()))

    assert drawn == ["<b>Keyboard</b>", "<b>Клавиши</b>", "<b>Keyboard</b>"]


@pytest.mark.parametrize(
    "inside",
    [
        "{{ user.full_name }}",
        "{% trans words %}",
        "{% trans 'Keyboard' as words %}",
        "{% static file %}",
        "{% csrf_token %}",
        "{% if user %}yes{% endif %}",
        "{% url 'desk:inbox' %}",
    ],
)
def test_what_may_differ_between_readers_is_refused(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="takes text, trans and static only"):
        Template(LOADED + "{% still %}" + inside + "{% endstill %}")
