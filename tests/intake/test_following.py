"""Edits and deletions: what is kept about a message follows its words."""

from __future__ import annotations

import pytest

from otklik.channels.models import Channel, Message
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.pulse.models import Tally, Voice
from otklik.simulators.vk import payloads
from otklik.worker.taking import take_channel
from tests.stories import brain, found_town

pytestmark = pytest.mark.django_db

COMMUNITY = 77
WATER = "Нет холодной воды, улица Садовая, дом 12. Когда включат воду?"
SNOW = "Не убирают снег на улице Лесная, почистите дорогу от снега"


@pytest.fixture
def vk() -> Channel:
    values = {"group_id": str(COMMUNITY), "token": "vk1.community", "callback_secret": "secret77", "user_token": ""}
    return connect(found_town().city, "vk", "vk", "", values, now=now())


def tell(vk: Channel, event: str, number: int, who: int, text: str = "") -> Message:
    """A comment written, rewritten, deleted or restored, through VK's own callback."""
    if event == "wall_reply_delete":
        thing = {"owner_id": -COMMUNITY, "id": number, "deleter_id": who, "post_id": 5}
    else:
        at = int(now().replace(minute=0, second=0).timestamp())
        thing = payloads.comment_thing(
            owner_id=-COMMUNITY, post_id=5, comment_id=number, from_id=who, text=text, date=at
        )
    event_id = f"{event}{number}{len(text)}"
    body = payloads.callback(event, thing, event_id=event_id, group_id=COMMUNITY, secret="secret77")
    store([Arrival(vk.municipality_id, vk.pk, event_id, body, now())])
    take_channel(vk.pk, brain())
    return Message.objects.get(channel=vk, external_id=str(number))


def counts() -> dict[tuple[str, str], tuple[int, int]]:
    rows = Tally.objects.filter(messages__gt=0)
    return {(row.topic_code, row.street): (row.messages, row.voices) for row in rows}


def test_deleted_message_is_counted_no_more_and_its_words_are_gone(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)
    tell(vk, "wall_reply_new", 2, 8, WATER)

    gone = tell(vk, "wall_reply_delete", 1, 9)

    assert counts() == {("utilities.water", ""): (1, 1), ("utilities.water", "садов"): (1, 1)}
    assert list(Voice.objects.filter(scope="topic:utilities.water").values_list("identity__external_id")) == [("8",)]
    assert gone.deleted_at is not None
    assert (gone.verdict["reasons"], gone.verdict["personal_data"]) == ([], [])


def test_person_whose_other_words_stay_keeps_the_voice(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)
    tell(vk, "wall_reply_new", 2, 9, "И горячей воды нет, улица Садовая, дом 12, когда дадут воду?")

    tell(vk, "wall_reply_delete", 2, 9)

    assert counts()["utilities.water", ""] == (1, 1)


def test_deleted_twice_is_taken_off_once(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)
    tell(vk, "wall_reply_new", 2, 8, WATER)
    for again in range(2):
        tell(vk, "wall_reply_delete", 1, 9 + again)

    assert counts()["utilities.water", ""] == (1, 1)


def test_comment_rewritten_under_another_matter_counts_there(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, "Спасибо за праздник!")
    assert (said.speech, counts()) == ("thanks", {("culture.event", ""): (1, 0)})

    said = tell(vk, "wall_reply_edit", 1, 9, WATER)

    assert (said.speech, said.topic_code) == ("request", "utilities.water")
    assert counts() == {("utilities.water", ""): (1, 1), ("utilities.water", "садов"): (1, 1)}


def test_cases_message_keeps_its_cases_topic_when_rewritten(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)

    tell(vk, "wall_reply_edit", 1, 9, SNOW)

    assert counts()["utilities.water", ""] == (1, 1)


def test_personal_data_is_found_where_it_stands_after_an_edit(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)

    said = tell(vk, "wall_reply_edit", 1, 9, f"{WATER} Звоните 8 903 000-00-12")

    ((kind, start, end),) = said.verdict["personal_data"]
    assert (kind, said.text[start:end]) == ("phone", "8 903 000-00-12")


def test_restored_message_counts_again(vk: Channel) -> None:
    tell(vk, "wall_reply_new", 1, 9, WATER)
    tell(vk, "wall_reply_delete", 1, 9)
    assert counts() == {}

    tell(vk, "wall_reply_restore", 1, 9, WATER)

    assert counts()["utilities.water", ""] == (1, 1)
