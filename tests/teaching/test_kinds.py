"""Kinds are learnt from what people say messages are, with the guards that topics have."""

from __future__ import annotations

from otklik.common.clock import now
from otklik.intake.understanding import Brain
from otklik.org.enums import Role
from otklik.teaching.cards import Card, card_of
from otklik.teaching.enums import About, Source
from otklik.teaching.models import Version
from otklik.teaching.services import judging, refitting
from otklik.teaching.services.fitting import carry_out, read_lessons
from otklik.teaching.services.labelling import note
from otklik.triage import Kind, Text, Triage
from tests.stories import Town
from tests.teaching.lessons import TOPICS, topic_of, words_about, write


def teach(town: Town, *, kind: str = "venting", count: int = 330) -> None:
    """Of three sorts of messages two get a topic, and people say of the third what kind it is."""
    access = town.official(Role.CURATOR)
    messages = write(town.city, town.site, count)
    for code in TOPICS[:2]:
        ids = [message.pk for message in messages if topic_of(message) == code]
        note(access, ids, About.TOPIC, code, Source.SORTING, now=now())
    ids = [message.pk for message in messages if topic_of(message) == TOPICS[2]]
    note(access, ids, About.KIND, kind, Source.LABELLING, now=now())


def refit(town: Town) -> Version:
    refitting.ask(town.official(Role.CURATOR), now=now())
    row = refitting.claim("worker", now=now())
    carry_out(row, now=now())
    row.refresh_from_db()
    assert row.note == {}
    return Version.objects.latest("number")


def test_kind_that_people_gave_decides_the_next_message_and_says_by_which_words(town: Town) -> None:
    said = Text(words_about(TOPICS[2]))
    before = Triage.shipped().classify([said])[0]
    teach(town, kind="idea")
    assert before.kind is not Kind.IDEA

    version = refit(town)

    verdict = Brain().mind(town.city).triage.classify([said])[0]
    assert (version.state, verdict.kind) == ("accepted", Kind.IDEA)
    assert verdict.kind_confidence >= 0.9
    assert any(reason.speaks_for == "kind:idea" and reason.said in said.text for reason in verdict.reasons)


def test_what_has_a_topic_is_learnt_as_owed_an_answer(town: Town) -> None:
    teach(town)

    lessons = read_lessons(town.city.pk)

    kinds = {(row.topic is not None, row.kind) for row in (*lessons.taught, *lessons.frozen)}
    assert kinds == {(True, "request"), (False, "venting")}


def test_card_tells_how_good_kinds_are_as_people_get_them(town: Town) -> None:
    teach(town)

    card = card_of(refit(town).card)

    head = card.head("kind")
    assert head.weighted_f1.value > card.before["kind"]
    assert {label.label for label in head.labels if label.support} == {"request", "venting"}


def test_version_with_worse_kinds_is_refused() -> None:
    from otklik.teaching.models import Learning
    from tests.teaching.test_fitting import _head

    card = Card(heads=(_head("kind", 0.7),), before={"kind": 0.8})

    state, reason = judging.verdict_on(card, Learning())

    assert (state, reason["code"], reason["column"]) == ("refused", "worse", "kind")


def test_danger_stays_a_request_whatever_was_learnt(town: Town) -> None:
    teach(town)
    refit(town)

    verdict = Brain().mind(town.city).triage.classify([Text(f"{words_about(TOPICS[2])} газом пахнет в подъезде")])[0]

    assert (verdict.kind, verdict.urgency) == (Kind.REQUEST, 4)
