"""The whole way of a lesson: taught on the screen, learnt at night, used in the morning, taken back by one press."""

from __future__ import annotations

from datetime import timedelta

from otklik.channels.models import Message
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.teaching.enums import Source
from otklik.teaching.models import Label, Learning, Refit, Version
from otklik.teaching.services import refitting
from otklik.teaching.services.fitting import carry_out
from tests.builders import signed_in
from tests.stories import Town, found_town
from tests.teaching.lessons import topic_of, words_about, write

MESSAGES = 150


def teach(town: Town) -> None:
    """Name each message's topic on the labelling screen."""
    browser = signed_in(town.official(Role.OPERATOR).official)
    for message in write(town.city, town.site, MESSAGES):
        answer = browser.post(f"/desk/teach/{message.pk}/", {"topic": topic_of(message), "find": ""})
        assert answer["Location"] == "/desk/teach/"


def a_night() -> None:
    """The worker's night: what is due is queued, claimed and carried."""
    refitting.queue_nightly(now=now())  # the first look says when the city's night is
    night = Learning.objects.get().refit_due_at + timedelta(days=1)
    assert refitting.queue_nightly(now=night) == 1
    carry_out(refitting.claim("worker", now=night), now=night)


def judged(message: Message) -> tuple[str, object]:
    return message.topic_code, message.verdict["version"]


def test_what_is_taught_by_day_is_known_next_morning_and_taken_back_by_one_press(db: None) -> None:
    town = found_town()
    asked = words_about("roads.pothole")
    before = town.hear(asked)
    teach(town)
    assert set(Label.objects.values_list("source", flat=True)) == {Source.LABELLING}

    a_night()
    morning = town.hear(asked)
    curator = signed_in(town.official(Role.CURATOR).official)
    curator.post("/desk/administration/understanding/versions/0/use/")
    after = town.hear(asked)

    assert Refit.objects.values_list("state", "asked_by").get() == ("done", None)
    assert Version.objects.values_list("number", "state").get() == (1, "accepted")
    assert [judged(message) for message in (before, morning, after)] == [
        ("", 0),
        ("roads.pothole", 1),
        ("", 0),
    ]
