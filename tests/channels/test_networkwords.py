"""What connectors say, in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from otklik.channels.networkwords import told, told_findings
from otklik.connectors.base import Finding, SendFailed
from otklik.connectors.said import said, words_of


@pytest.mark.parametrize(
    ("sentence", "english", "russian"),
    [
        (said("Bot"), "Bot", "Бот"),
        (
            said("updates go to %(address)s", address="http://127.0.0.1/hooks/t"),
            "updates go to http://127.0.0.1/hooks/t",
            "обновления приходят на http://127.0.0.1/hooks/t",
        ),
        (
            said(
                "%(meant)s (%(words)s)",
                meant=said("the chat isn't there, or the bot isn't in it"),
                words="Telegram: chat not found",
            ),
            "the chat isn't there, or the bot isn't in it (Telegram: chat not found)",
            "такого чата нет, или бота в нём нет (Telegram: chat not found)",
        ),
        ("100 % of a network's own words", "100 % of a network's own words", "100 % of a network's own words"),
    ],
)
def test_sentence_is_told_in_the_readers_language(sentence, english, russian):
    with translation.override("en"):
        assert told(sentence) == english == str(sentence)
    with translation.override("ru"):
        assert told(sentence) == russian


def test_error_keeps_the_sentence_it_was_raised_with():
    error = SendFailed(said("VK can't be reached"), permanent=False)

    with translation.override("ru"):
        assert (told(words_of(error)), told(words_of(ValueError()))) == ("ВКонтакте недоступен", "")


def test_findings_are_told_and_keep_whether_all_is_well():
    found = [Finding(said("Comments"), ok=True), Finding(said("Bot"), ok=False, advice="Unauthorized")]

    with translation.override("ru"):
        assert told_findings(found) == [
            Finding("Комментарии", ok=True),
            Finding("Бот", ok=False, advice="Unauthorized"),
        ]
