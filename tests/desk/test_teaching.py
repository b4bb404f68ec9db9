"""The labelling screen: with keys, and without scripts a plain form."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.org.models import Topic
from otklik.teaching.models import Label
from tests.builders import signed_in
from tests.desk.office import Office, make_stranger


def labels() -> list[tuple[int, str, str]]:
    return list(Label.objects.order_by("id").values_list("message", "about", "value"))


def test_screen_shows_the_message_its_post_and_parent_and_three_likely_topics(office: Office) -> None:
    post = office.town.post("Отопление включили", ago_h=5)
    parent = office.town.say("vk", "У нас холодно", name="Зоя", post=post)
    office.unsorted("И у нас тоже так с самого утра", post=post, to=parent)
    Label.objects.create(
        municipality=office.town.city, message=parent, about="kind", value="venting", at=office.town.now
    )

    page = office.browser(office.operator).get("/desk/teach/").content.decode()

    assert ["И у нас тоже так с самого утра" in page, "У нас холодно" in page, "Отопление включили" in page] == [
        True
    ] * 3
    assert re.findall(r'name="topic" value="([\w.]+)" data-teach-key="(\d)"', page) == [
        ("roads.pothole", "1"),
        ("roads.other", "2"),
        ("improvement.trees", "3"),
    ]


def test_suggestion_is_one_press_and_the_next_message_comes(office: Office) -> None:
    office.unsorted("Раньше написали вот это про двор")
    message = office.unsorted("Позже написали совсем другое")
    client = office.browser(office.operator)

    answer = client.post(f"/desk/teach/{message.pk}/", {"topic": "roads.other", "find": ""})

    assert answer["Location"] == "/desk/teach/"
    assert labels() == [(message.pk, "topic", "roads.other")]
    page = client.get("/desk/teach/").content.decode()
    assert "Раньше написали" in page
    assert "You taught <b>1</b> message today." in page


@pytest.mark.parametrize("typed", ["{group} › {topic}", "{topic}", "roads.other"])
def test_topic_that_was_looked_for_is_taken_by_its_name(office: Office, typed: str) -> None:
    message = office.unsorted()
    topic = Topic.objects.get(municipality=office.town.city, code="roads.other")
    words = typed.format(group=topic.parent.title_en, topic=topic.title_en).upper()

    office.browser(office.operator).post(f"/desk/teach/{message.pk}/", {"find": words, "kind": "request"})

    assert labels() == [(message.pk, "topic", "roads.other"), (message.pk, "kind", "request")]


def test_unknown_topic_is_told_and_what_was_typed_stays(office: Office) -> None:
    message = office.unsorted()

    answer = office.browser(office.operator).post(f"/desk/teach/{message.pk}/", {"find": "драконы", "kind": "spam"})

    assert answer.status_code == 422
    assert "There is no such topic: choose one of the list." in answer.content.decode()
    assert 'value="драконы"' in answer.content.decode()
    assert labels() == []


@pytest.mark.parametrize("said", [{}, {"find": " "}, {"topic": "roads"}, {"kind": "joy"}, {"topic": "x" * 300}])
def test_nothing_or_nonsense_is_not_kept(office: Office, said: dict[str, str]) -> None:
    message = office.unsorted()

    answer = office.browser(office.operator).post(f"/desk/teach/{message.pk}/", said)

    assert (answer.status_code, labels()) == (422, [])


def test_skipped_message_comes_no_more_in_this_session(office: Office) -> None:
    message = office.unsorted()
    client = office.browser(office.operator)

    client.post(f"/desk/teach/{message.pk}/", {"then": "skip"})

    assert labels() == []
    assert "Nothing more to teach for now" in client.get("/desk/teach/").content.decode()
    assert "Nothing more" not in office.browser(office.curator).get("/desk/teach/").content.decode()


def test_last_step_is_taken_back_and_its_message_shown_again(office: Office) -> None:
    message = office.unsorted()
    client = office.browser(office.operator)
    client.post(f"/desk/teach/{message.pk}/", {"topic": "roads.other", "kind": "request"})

    answer = client.post("/desk/teach/undo/")
    again = client.post("/desk/teach/undo/")

    assert (answer["Location"], again["Location"]) == (f"/desk/teach/{message.pk}/", "/desk/teach/")
    assert [value for _, _, value in labels()] == ["roads.other", "request", "", ""]


def test_taught_message_leaves_the_case_and_the_queue_as_they_are(office: Office) -> None:
    message = office.unsorted()

    office.browser(office.operator).post(f"/desk/teach/{message.pk}/", {"kind": "thanks"})

    message.refresh_from_db()
    assert message.decision == "operator"


def test_executor_head_and_administrator_do_not_teach(office: Office) -> None:
    message = office.unsorted()

    for person in (office.executor, office.approver, office.head, office.aide):
        client = office.browser(person)
        codes = [
            client.get("/desk/teach/").status_code,
            client.get(f"/desk/teach/{message.pk}/").status_code,
            client.post(f"/desk/teach/{message.pk}/", {"topic": "roads.other"}).status_code,
            client.post("/desk/teach/undo/").status_code,
        ]
        assert codes == [403, 403, 403, 403]
    assert labels() == []


def test_message_of_another_city_does_not_exist(office: Office) -> None:
    message = office.unsorted()
    client = signed_in(make_stranger())

    assert client.get(f"/desk/teach/{message.pk}/").status_code == 404
    assert client.post(f"/desk/teach/{message.pk}/", {"topic": "roads.other"}).status_code == 404
    assert labels() == []


def test_own_words_and_deleted_messages_are_not_taught(office: Office) -> None:
    ours = office.town.say("vk", "Сделаем", by=office.head)
    gone = office.unsorted("", deleted_at=office.town.now)
    client = office.browser(office.operator)

    assert [client.get(f"/desk/teach/{row.pk}/").status_code for row in (ours, gone)] == [404, 404]


def test_screen_costs_the_same_at_one_and_at_thirty(office: Office) -> None:
    office.unsorted("Про двор написали вот так")
    client = office.browser(office.operator)
    client.get("/desk/teach/")

    costs = []
    for count in (0, 29):
        for number in range(count):
            office.unsorted(f"Сообщение {number} про {'абвгдежзик'[number % 10] * 4} и ещё {number * 7}")
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/teach/")
        costs.append(len(asked))

    assert costs[0] == costs[1]
