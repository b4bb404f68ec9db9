"""The checklist of a good answer: what it praises, what it asks to look at, and what it keeps silent about."""

from __future__ import annotations

import pytest

from otklik.cases.enums import AnswerKind, Outcome
from otklik.cases.goodness import Draft, checks_of
from otklik.channels.models import Identity, Message

ASKED = "Яма на Садовой, 12. Когда почините? И кто отвечает за двор?"


def asked(text: str = ASKED, *names: str, visibility: str = "public") -> list[Message]:
    """Messages as they were told, without a database."""
    people = [Identity(pk=place, display_name=name) for place, name in enumerate(names or ("Иван Ветров",), 1)]
    return [Message(text=text, identity=person, visibility=visibility) for person in people]


def looked(text: str, messages: list[Message] | None = None, **draft: object) -> dict[str, bool]:
    """What the list says of an answer, by what it looks at; questions by their words."""
    values = {"kind": AnswerKind.FINAL, "outcome": Outcome.EXPLAINED, "department": "Отдел дорог", **draft}
    checks = checks_of(Draft(text=text, **values), asked() if messages is None else messages)  # type: ignore[arg-type]
    return {check.about if check.code == "question" else check.code: check.is_fine for check in checks}


def test_whole_answer_is_praised() -> None:
    text = "Иван, за двор отвечает отдел дорог. Яму засыплет бригада до четверга, 18:00."

    assert looked(text) == {
        "name": True,
        "Когда почините?": True,
        "И кто отвечает за двор?": True,
        "who": True,
        "when": True,
    }


def test_empty_words_are_named() -> None:
    assert looked("Здравствуйте! Сообщаем следующее: вопрос прорабатывается.") == {
        "name": False,
        "Когда почините?": False,
        "И кто отвечает за двор?": False,
        "who": False,
        "when": False,
        "stock": False,
    }


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("Иван, обратитесь в управляющую компанию.", False),
        ("Иван, обратитесь в управляющую компанию: 5-12-12.", True),
        ("Иван, обращайтесь на сайт uk-sad.ru", True),
        ("Ivan, please contact the company: help@uk.example", True),
    ],
)
def test_whoever_is_sent_elsewhere_needs_contacts(text: str, is_fine: bool) -> None:
    assert looked(text)["contacts"] is is_fine


def test_other_body_needs_contacts_whatever_the_words() -> None:
    assert looked("Иван, за это отвечает больница.", kind=AnswerKind.REDIRECT)["contacts"] is False


def test_what_is_done_is_shown() -> None:
    assert looked("Иван, засыпали.", outcome=Outcome.RESOLVED)["photo"] is False
    assert looked("Иван, засыпали, фото ниже.", outcome=Outcome.RESOLVED)["photo"] is False
    assert looked("Иван, засыпали.", outcome=Outcome.RESOLVED, photos=1)["photo"] is True
    assert "photo" not in looked("Иван, засыплем.")


def test_many_people_are_not_spoken_to_by_name() -> None:
    assert "name" not in looked("Засыпали.", asked(ASKED, "Иван", "Ольга"))
    assert "name" not in looked("Засыпали.", asked(ASKED, "Я"))


def test_question_to_the_resident_is_not_asked_for_days() -> None:
    assert looked("Иван, с какой стороны дома?", kind=AnswerKind.QUESTION) == {"name": True}


def test_personal_data_is_named_where_everybody_reads() -> None:
    text = "Иван, ваш телефон +7 900 123-45-67 записали, бригада позвонит завтра."

    assert looked(text)["personal"] is False
    assert "personal" not in looked(text, asked(ASKED, "Иван", visibility="private"))


def test_long_and_hostile_texts_are_read_quickly() -> None:
    text = "?" * 5000 + "а" * 5000 + " 1" * 3000

    assert len(looked(text, asked(text))) < 20
