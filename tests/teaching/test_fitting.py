"""One refit from labels to a version in use, and every reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from otklik.channels.models import Message
from otklik.common.clock import now
from otklik.intake.understanding import Brain
from otklik.org.access import Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.org.models import AuditEntry, Department, Topic
from otklik.teaching.cards import Card, card_of
from otklik.teaching.enums import About, RefitState, VersionState
from otklik.teaching.models import Label, Learning, Refit, Version
from otklik.teaching.queries import names_now
from otklik.teaching.services import choosing, fitting, judging, refitting
from otklik.teaching.services.fitting import LEAST, TakenAway, carry_out, is_frozen, read_lessons
from otklik.triage import Text
from tests.stories import Town, found_town
from tests.teaching.lessons import TOPICS, teach_all, topic_of, words_about, write


def refit(town: Town, role: Role = Role.CURATOR) -> Refit:
    """Ask, claim and carry, as the worker's child does."""
    refitting.ask(town.official(role), now=now())
    row = refitting.claim("worker", now=now())
    carry_out(row, now=now())
    row.refresh_from_db()
    return row


def teach_city(town: Town, count: int = 240, *, wrong: bool = False, seed: int = 7) -> list[Message]:
    messages = write(town.city, town.site, count, seed=seed)
    teach_all(town.official(Role.OPERATOR), messages, wrong=wrong)
    return messages


def test_too_few_labels_say_how_many_are_missing(town: Town) -> None:
    teach_city(town, 30)

    row = refit(town)

    assert (row.state, row.note) == (RefitState.DONE, {"code": "too_few", "have": 30, "missing": LEAST - 30})
    assert Version.objects.count() == 0


def test_one_topic_teaches_nothing(town: Town) -> None:
    messages = write(town.city, town.site, 120)
    curator = town.official(Role.CURATOR)
    from otklik.teaching.enums import Source
    from otklik.teaching.services.labelling import note

    note(curator, [m.pk for m in messages], About.TOPIC, "roads.pothole", Source.CORRECTION, now=now())

    assert refit(town).note == {"code": "one_topic"}


def test_messages_that_are_all_alike_can_not_be_checked_on(town: Town) -> None:
    messages = teach_city(town, 120)
    Message.objects.filter(pk__in=[m.pk for m in messages]).update(text="яма на дороге разбил колесо опять")

    row = refit(town)

    assert row.note["code"] == "too_alike"
    assert Version.objects.count() == 0


def test_city_learns_and_the_worker_decides_by_it(town: Town) -> None:
    teach_city(town)
    brain = Brain()
    assert brain.mind(town.city).version == 0

    row = refit(town)

    version = Version.objects.get()
    assert (row.state, row.version, version.state, version.number) == ("done", version, "accepted", 1)
    assert Learning.objects.get().in_use == version
    assert version.asked_by == row.asked_by
    assert AuditEntry.objects.filter(action="learning.accepted", subject="№ 1").count() == 1
    assert (version.labels + version.frozen <= 240, version.frozen >= fitting.LEAST_FROZEN) == (True, True)
    mind = Brain().mind(town.city)
    assert mind.version == 1
    verdicts = mind.triage.classify([Text(words_about(code)) for code in TOPICS])
    assert [verdict.topic for verdict in verdicts] == list(TOPICS)


def test_what_a_city_calls_its_topics_and_departments_teaches_too(
    town: Town, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    found_town("zarechye")
    topic = Topic.objects.get(municipality=town.city, code="roads.pothole")
    departments = Department.objects.filter(municipality=town.city)

    with django_assert_num_queries(2):
        names = names_now(town.city.pk)

    assert names["topic"]["roads.pothole"] == f"{topic.title}. {topic.title_en}"
    assert names["topic_group"]["roads"] == f"{topic.parent.title}. {topic.parent.title_en}"
    assert names["department"] == {one.code: f"{one.name}. {one.name_en}" for one in departments}


def test_card_tells_how_good_it_is_on_messages_that_were_kept_out(town: Town) -> None:
    teach_city(town)
    refit(town)

    card = card_of(Version.objects.get().card)

    groups = card.head("topic_group")
    assert groups.rows == Version.objects.get().frozen
    assert groups.weighted_f1.value > 0.95
    assert sum(one.count for one in card.groups) == groups.rows
    assert {label.label for label in groups.labels if label.support} == {code.split(".")[0] for code in TOPICS}
    assert 0 <= card.topic_in_use.right <= card.topic_in_use.sorted <= card.topic_in_use.asked == groups.rows
    assert set(card.before) == {"topic_group", "topic"}
    assert card.labels_by_source == {"correction": 240}


def test_frozen_messages_stay_the_same_and_are_never_learnt_from(town: Town) -> None:
    messages = teach_city(town)
    frozen = {m.text for m in messages if is_frozen(m.object_key)}

    lessons = read_lessons(town.city.pk)
    teach_city(town, 30, seed=99)
    later = read_lessons(town.city.pk)

    assert {row.text for row in lessons.frozen} == frozen
    assert frozen <= {row.text for row in later.frozen}
    assert frozen & {row.text for row in later.taught} == set()


def test_worse_version_is_refused_with_its_figures_and_what_was_in_use_stays(town: Town) -> None:
    messages = teach_city(town)
    refit(town)
    good = Version.objects.get()
    learnt_from = [m for m in messages if not is_frozen(m.object_key)]
    teach_all(town.official(Role.OPERATOR), learnt_from, wrong=True)

    row = refit(town)

    bad = Version.objects.get(number=2)
    assert (row.state, bad.state, bad.learnt, Learning.objects.get().in_use) == ("done", "refused", None, good)
    assert (bad.reason["code"], bad.reason["than"]) == ("worse", 1)
    assert bad.reason["after"] < bad.reason["before"] - judging.MARGIN


@pytest.mark.parametrize(("after", "state"), [(0.80, "accepted"), (0.79, "accepted"), (0.77, "refused")])
def test_margin_decides(after: float, state: str) -> None:
    card = Card(heads=(_head("topic", after),), before={"topic": 0.80})

    assert judging.verdict_on(card, Learning())[0] == state


def test_other_citys_labels_teach_nothing_here(town: Town) -> None:
    teach_city(town)
    other = found_town("zarechye")

    assert read_lessons(other.city.pk).with_topic == 0
    refit(town)
    assert Brain().mind(other.city).version == 0


def test_deleted_and_withdrawn_messages_teach_nothing(town: Town) -> None:
    deleted, withdrawn, left = teach_city(town, 3)
    Message.objects.filter(pk=deleted.pk).update(deleted_at=now(), text="")
    Label.objects.bulk_create(
        [Label(municipality=town.city, message=withdrawn, about="topic", value="", source="labelling", at=now())]
    )

    lessons = read_lessons(town.city.pk)

    rows = [*lessons.taught, *lessons.frozen]
    assert [(row.text, row.topic, row.abuse) for row in rows] == [(left.text, topic_of(left), "0")]


def test_refit_that_was_taken_away_writes_nothing(town: Town) -> None:
    teach_city(town)
    refitting.ask(town.official(Role.CURATOR), now=now())
    row = refitting.claim("dead", now=now())
    refitting.give_back(lambda name: False, now=now())
    refitting.claim("next", now=now())

    with pytest.raises(TakenAway):
        carry_out(row, now=now())

    assert (Version.objects.count(), Refit.objects.get().state) == (0, "running")


def test_end_of_a_refit_is_all_or_nothing(town: Town) -> None:
    teach_city(town, 3)
    refitting.ask(town.official(Role.CURATOR), now=now())
    row = refitting.claim("dead", now=now())
    Refit.objects.update(claimed_by="next")
    learning = refitting.learning_of(town.city, now=now())
    version = Version(municipality=town.city, state="accepted", labels=1, frozen=1, made_at=now(), learnt=b"x")

    with pytest.raises(TakenAway):
        fitting._store(row, version, learning, now=now())

    assert (Version.objects.count(), Learning.objects.get().in_use) == (0, None)


def test_going_back_is_one_step_and_journalled(town: Town) -> None:
    curator = town.official(Role.CURATOR)
    first, second = (stored(town, number) for number in (1, 2))
    refitting.learning_of(town.city, now=now())
    Learning.objects.update(in_use=second)

    choosing.use(curator, first, now=now())
    choosing.use(curator, None, now=now())
    choosing.use(curator, None, now=now())

    assert Learning.objects.get().in_use is None
    said = AuditEntry.objects.filter(action="learning.version").order_by("id").values_list("detail", "actor")
    assert list(said) == [({"number": [2, 1]}, curator.official.pk), ({"number": [1, 0]}, curator.official.pk)]


def test_version_that_is_refused_or_not_kept_is_not_put_in_use(town: Town) -> None:
    curator = town.official(Role.CURATOR)
    refused, gone = stored(town, 1, state="refused"), stored(town, 2, learnt=None)

    for version in (refused, gone):
        with pytest.raises(NotPossible):
            choosing.use(curator, version, now=now())

    assert not Learning.objects.filter(in_use__isnull=False).exists()


def test_version_of_another_city_is_refused(town: Town) -> None:
    stranger = found_town("zarechye").official(Role.CURATOR)

    with pytest.raises(Refused):
        choosing.use(stranger, stored(town, 1), now=now())


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.EXECUTOR, Role.HEAD])
def test_choosing_is_refused_to_others(town: Town, role: Role) -> None:
    access = town.official(role)

    with pytest.raises(Refused):
        choosing.use(access, None, now=now())
    with pytest.raises(Refused):
        choosing.set_precision(access, group=90, topic=90, now=now())


def test_precision_is_kept_and_journalled(town: Town) -> None:
    curator = town.official(Role.CURATOR)

    choosing.set_precision(curator, group=95, topic=85, now=now())
    choosing.set_precision(curator, group=95, topic=85, now=now())

    learning = Learning.objects.get()
    assert (learning.group_precision, learning.topic_precision) == (0.95, 0.85)
    assert [e.detail for e in AuditEntry.objects.filter(action="learning.precision")] == [
        {"group": [90, 95], "topic": [85, 85]}
    ]


@pytest.mark.parametrize(("group", "topic", "field"), [(49, 85, "group"), (90, 100, "topic")])
def test_precision_outside_its_bounds_is_refused(town: Town, group: int, topic: int, field: str) -> None:
    with pytest.raises(NotPossible) as refused:
        choosing.set_precision(town.official(Role.CURATOR), group=group, topic=topic, now=now())

    assert refused.value.field == field


def test_old_versions_let_their_bytes_go_but_never_the_one_in_use(town: Town) -> None:
    versions = [stored(town, number) for number in range(1, fitting.KEPT_VERSIONS + 3)]
    refitting.learning_of(town.city, now=now())
    Learning.objects.update(in_use=versions[0])

    fitting._let_old_bytes_go(town.city.pk)

    gone = Version.objects.filter(learnt=None).values_list("number", flat=True)
    assert list(gone) == [2]


def test_version_that_can_not_be_read_leaves_the_shipped_knowledge(town: Town) -> None:
    refitting.learning_of(town.city, now=now())
    Learning.objects.update(in_use=stored(town, 1, learnt=b"not a model"))

    assert Brain().mind(town.city).version == 0


def test_changed_version_is_unpacked_beside_the_work(town: Town) -> None:
    teach_city(town)
    brain = Brain()
    brain.mind(town.city)
    refit(town)
    brain._cities.clear()

    before = brain.mind(town.city).version
    while brain.is_unpacking:
        pass

    assert (before, brain.mind(town.city).version) == (0, 1)


def test_message_says_which_version_decided(town: Town) -> None:
    teach_city(town)
    first = town.hear(words_about("roads.pothole"))
    refit(town)

    second = town.hear(words_about("roads.pothole"))

    assert (first.verdict["version"], second.verdict["version"]) == (0, 1)


def stored(town: Town, number: int, *, state: str = VersionState.ACCEPTED, learnt: bytes | None = b"x") -> Version:
    return Version.objects.create(
        municipality=town.city, number=number, state=state, labels=1, frozen=1, made_at=now(), learnt=learnt
    )


def _head(column: str, value: float) -> object:
    from otklik.teaching.cards import Figure, HeadCard

    figure = Figure(value, value, value)
    return HeadCard(column, 20, figure, figure, figure, figure, figure, 0.85)
