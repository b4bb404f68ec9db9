"""Labels: what people decide while they work, and on the labelling screen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.services import assigning
from otklik.channels.enums import Decision
from otklik.channels.models import Message
from otklik.common.clock import now
from otklik.intake import sorting
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.models import Department, Topic
from otklik.teaching.enums import About
from otklik.teaching.models import Label
from otklik.teaching.queries import labels_now, most_useful, taught, taught_today
from otklik.teaching.services.labelling import NotALabel, take_back, teach
from tests.stories import Town, found_town
from tests.teaching.lessons import write


def said() -> list[tuple[str, str, str]]:
    return list(Label.objects.order_by("id").values_list("about", "value", "source"))


def waiting(town: Town, text: str = "Сделайте что-нибудь с этим") -> Message:
    (message,) = write(town.city, town.site, 1)
    Message.objects.filter(pk=message.pk).update(text=text)
    message.refresh_from_db()
    return message


def topic(town: Town, code: str) -> Topic:
    return Topic.objects.get(municipality=town.city, code=code)


@pytest.fixture
def operator(town: Town) -> Access:
    return town.official(Role.OPERATOR)


def test_opening_a_case_by_hand_teaches_its_topic(town: Town, operator: Access) -> None:
    message = waiting(town)

    sorting.open_case_by_hand(operator, message, topic(town, "roads.pothole"), now=now())

    assert said() == [("topic", "roads.pothole", "sorting")]
    label = Label.objects.get()
    assert (label.message_id, label.by_id) == (message.pk, operator.official.pk)


def test_joining_teaches_topic_and_department_of_the_case(town: Town, operator: Access) -> None:
    case = town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))
    message = waiting(town)

    sorting.join_by_hand(operator, message, case, now=now())

    assert said() == [("topic", "roads.pothole", "join"), ("department", case.department.code, "join")]


def test_setting_aside_as_spam_teaches_the_kind(town: Town, operator: Access) -> None:
    sorting.set_aside(operator, waiting(town), Decision.SPAM, "реклама", now=now())

    assert said() == [("kind", "spam", "sorting")]


def test_setting_aside_teaches_the_kind_only_where_triage_had_guessed_one_that_owes_nothing(
    town: Town, operator: Access
) -> None:
    first, second = write(town.city, town.site, 2)
    first.speech, second.speech = "venting", "request"

    sorting.set_aside(operator, first, Decision.NO_ANSWER, "не вопрос", now=now())
    sorting.set_aside(operator, second, Decision.NO_ANSWER, "уже сделано", now=now())

    assert said() == [("kind", "venting", "sorting")]


def test_what_somebody_else_sorted_first_teaches_nothing(town: Town, operator: Access) -> None:
    message = waiting(town)
    sorting.set_aside(operator, message, Decision.SPAM, "реклама", now=now())

    with pytest.raises(sorting.AlreadySorted):
        sorting.open_case_by_hand(operator, message, topic(town, "roads.pothole"), now=now())

    assert said() == [("kind", "spam", "sorting")]


def test_correcting_a_topic_teaches_every_message_that_told_of_the_case(town: Town, operator: Access) -> None:
    first = town.hear("Яма на дороге, улица Садовая, дом 12, почините", visitor="ivan")
    second = town.hear("Огромная яма на дороге, Садовая 12, разбил колесо", visitor="olga")
    town.hear("а когда?", visitor="ivan", parent=first.external_id)
    case = town.case(first)
    assert town.case(second) == case

    assigning.change_topic(operator, case, topic(town, "roads.other"), now=now())

    assert sorted(Label.objects.values_list("message", "value")) == [
        (first.pk, "roads.other"),
        (second.pk, "roads.other"),
    ]


def test_department_that_a_returned_case_ends_in_is_taught_as_a_return(town: Town) -> None:
    curator, executor = town.official(Role.CURATOR), town.official(Role.EXECUTOR)
    case = town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))
    other = Department.objects.filter(municipality=town.city).exclude(pk=case.department_id).first()

    assigning.give_back(executor, case, "двор не наш", now=now())
    assigning.assign(curator, case, other, now=now())
    assigning.assign(curator, case, other, now=now())

    assert said() == [("department", other.code, "return"), ("department", other.code, "assignment")]


@pytest.mark.parametrize(("kind", "expected"), [("abuse", [("kind", "abuse", "rejection")]), ("", [])])
def test_rejection_teaches_the_kind_that_was_named(
    town: Town, operator: Access, kind: str, expected: list[tuple[str, str, str]]
) -> None:
    case = town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))

    assigning.reject(operator, case, "брань", now=now(), kind=kind)

    assert said() == expected


def test_rejection_of_another_kind_is_refused_whole(town: Town, operator: Access) -> None:
    case = town.case(town.hear("Яма на дороге, улица Садовая, дом 12, почините"))

    with pytest.raises(ValueError):  # noqa: PT011 - its words are in the reader's language
        assigning.reject(operator, case, "брань", now=now(), kind="thanks")

    case.refresh_from_db()
    assert (case.is_open, said()) == (True, [])


def test_newest_label_counts_and_history_stays(town: Town, operator: Access) -> None:
    message = waiting(town)
    teach(operator, message, {About.TOPIC: "roads.pothole"}, now=now())
    teach(operator, message, {About.TOPIC: "roads.other", About.KIND: "request"}, now=now())

    assert labels_now(town.city.pk) == {message.pk: {About.TOPIC: "roads.other", About.KIND: "request"}}
    assert [value for _, value, _ in said()] == ["roads.pothole", "roads.other", "request"]


def test_taking_back_lets_what_was_there_before_count_again(town: Town, operator: Access) -> None:
    message = waiting(town)
    (first,) = teach(operator, message, {About.TOPIC: "roads.pothole"}, now=now())
    (second,) = teach(operator, message, {About.TOPIC: "roads.other"}, now=now())

    take_back(operator, second, now=now())
    take_back(operator, second, now=now())
    assert labels_now(town.city.pk) == {message.pk: {About.TOPIC: "roads.pothole"}}

    take_back(operator, Label.objects.order_by("-id").first(), now=now())
    assert Label.objects.count() == 4
    assert first.pk == Label.objects.order_by("id").first().pk


def test_message_whose_only_label_was_taken_back_has_none(town: Town, operator: Access) -> None:
    (label,) = teach(operator, waiting(town), {About.KIND: "thanks"}, now=now())

    take_back(operator, label, now=now())

    assert labels_now(town.city.pk) == {}


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.APPROVER, Role.HEAD, Role.ADMIN, Role.EDITOR])
def test_teaching_is_refused_to_others(town: Town, role: Role) -> None:
    with pytest.raises(Refused):
        teach(town.official(role), waiting(town), {About.TOPIC: "roads.pothole"}, now=now())

    assert Label.objects.count() == 0


def test_message_of_another_city_is_not_taught(town: Town) -> None:
    stranger = found_town("zarechye").official(Role.CURATOR)

    with pytest.raises(Refused):
        teach(stranger, waiting(town), {About.TOPIC: "roads.pothole"}, now=now())


def test_topic_of_another_city_is_not_taken(town: Town, operator: Access) -> None:
    other = found_town("zarechye")
    Topic.objects.create(municipality=other.city, code="roads.bridges", parent=topic(other, "roads"), title="Мосты")

    with pytest.raises(NotALabel):
        teach(operator, waiting(town), {About.TOPIC: "roads.bridges"}, now=now())


@pytest.mark.parametrize(("about", "value"), [(About.TOPIC, "roads"), (About.KIND, "joy"), (About.DEPARTMENT, "roads")])
def test_what_is_no_label_is_not_taken(town: Town, operator: Access, about: About, value: str) -> None:
    with pytest.raises(NotALabel):
        teach(operator, waiting(town), {about: value}, now=now())

    assert Label.objects.count() == 0


def test_another_persons_label_is_not_taken_back(town: Town, operator: Access) -> None:
    (label,) = teach(operator, waiting(town), {About.TOPIC: "roads.pothole"}, now=now())

    with pytest.raises(Refused):
        take_back(town.official(Role.OPERATOR), label, now=now())


def test_label_is_neither_changed_nor_removed(town: Town, operator: Access) -> None:
    (label,) = teach(operator, waiting(town), {About.TOPIC: "roads.pothole"}, now=now())

    with pytest.raises(TypeError):
        label.save()
    with pytest.raises(TypeError):
        label.delete()


def test_most_useful_comes_first_and_near_copies_once(town: Town, django_assert_num_queries) -> None:
    rows = write(town.city, town.site, 5)
    values = [
        ("Автобус номер три опять не пришёл", 0.9, "opened"),
        ("Непонятно куда писать насчёт старого тополя", 0.2, "operator"),
        ("Непонятно куда писать насчёт старого тополя!!", 0.2, "operator"),
        ("ну да", 0.0, "operator"),
        ("Кто отвечает за фонарь возле школы", 0.3, "operator"),
    ]
    for row, (text, sure, decision) in zip(rows, values, strict=True):
        Message.objects.filter(pk=row.pk).update(text=text, decision=decision, verdict={"topic_confidence": sure})

    with django_assert_num_queries(1):
        found = most_useful(town.city.pk, now=now(), limit=5)

    assert [m.text for m in found] == [values[place][0] for place in (2, 4, 3, 0)]


def test_what_is_labelled_skipped_deleted_or_ours_is_not_asked(town: Town, operator: Access) -> None:
    labelled, skipped, deleted, ours, wordless, left = write(town.city, town.site, 6)
    teach(operator, labelled, {About.KIND: "thanks"}, now=now())
    Message.objects.filter(pk=deleted.pk).update(deleted_at=now())
    Message.objects.filter(pk=ours.pk).update(is_ours=True)
    Message.objects.filter(pk=wordless.pk).update(text="")

    assert most_useful(town.city.pk, now=now(), skipped=[skipped.pk], limit=9) == [left]


def test_other_city_is_not_asked_about(town: Town) -> None:
    write(town.city, town.site, 2)

    assert most_useful(found_town("zarechye").city.pk, now=now(), limit=9) == []


def test_counts_say_how_much_was_taught(town: Town, operator: Access) -> None:
    first, second = write(town.city, town.site, 2)
    teach(operator, first, {About.TOPIC: "roads.pothole", About.KIND: "request"}, now=now())
    teach(operator, first, {About.TOPIC: "roads.other"}, now=now())
    (gone,) = teach(operator, second, {About.KIND: "spam"}, now=now())
    take_back(operator, gone, now=now())

    found = taught(town.city.pk)

    assert (found.messages, found.sources) == ({"topic": 1, "kind": 1}, {"labelling": 4})
    assert taught_today(town.city, operator.official.pk, now=now()) == 2
    assert taught_today(town.city, operator.official.pk, now=now() + timedelta(days=1)) == 0
