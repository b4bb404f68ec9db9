"""Edits and deletions: what is kept about a message follows its words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.enums import Status
from otklik.cases.models import Case, CaseMessage
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.channels.services.receiving import Arrival, store
from otklik.common.clock import now
from otklik.notices.enums import NoticeKind
from otklik.notices.models import Notice
from otklik.org.enums import Role
from otklik.org.services.founding import add_official
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


GAS = "Нет холодной воды, улица Садовая, дом 12. И газом пахнет сильно в подъезде!"


def test_danger_added_by_an_edit_raises_its_case(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, WATER)
    before = Case.objects.get(case_messages__message=said)
    assert before.urgency < 4

    tell(vk, "wall_reply_edit", 1, 9, GAS)

    case = Case.objects.get(pk=before.pk)
    assert case.urgency == 4
    assert case.answer_due_at < before.answer_due_at
    assert case.answer_due_at - case.updated_at == timedelta(hours=2)
    assert [entry.action for entry in case.journal.order_by("id")][-2:] == ["message_edited", "danger_found"]
    assert case.journal.last().detail == {"message": said.pk, "danger": "gas", "urgency": [before.urgency, 4]}
    (text,) = Outgoing.objects.filter(idempotency_key=f"danger:{case.pk}").values_list("text", flat=True)
    assert "104" in text
    assert said.text == WATER


def test_danger_is_told_to_those_who_work_on_the_case_once(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, WATER)
    case = Case.objects.get(case_messages__message=said)
    curator = add_official(vk.municipality, email="c@y.example", full_name="Вера Лугова", roles=[(Role.CURATOR, None)])

    tell(vk, "wall_reply_edit", 1, 9, GAS)
    tell(vk, "wall_reply_edit", 1, 9, f"{GAS} Скорее!")

    assert list(Notice.objects.values_list("official", "kind", "case_number")) == [
        (curator.pk, NoticeKind.DANGER, case.number)
    ]
    assert case.journal.filter(action="danger_found").count() == 1
    assert Outgoing.objects.filter(idempotency_key__startswith="danger:").count() == 1


def test_danger_added_where_no_case_is_opens_one(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, "Спасибо за праздник!")
    assert not CaseMessage.objects.exists()

    said = tell(vk, "wall_reply_edit", 1, 9, "Спасибо за праздник! Но на Садовой 12 газом пахнет, срочно!")

    case = Case.objects.get(case_messages__message=said)
    assert (case.urgency, case.topic.code, case.place_text) == (4, "utilities.gas", "Садовой, 12")
    assert (said.decision, said.decision_reason) == ("opened", "why:danger_added")


def test_danger_added_to_an_answered_case_opens_it_again(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, WATER)
    case = Case.objects.get(case_messages__message=said)
    Case.objects.filter(pk=case.pk).update(status=Status.ANSWERED, answered_at=now())

    tell(vk, "wall_reply_edit", 1, 9, GAS)

    case.refresh_from_db()
    assert (case.status, case.urgency) == (Status.REOPENED, 4)


def test_next_message_with_a_danger_raises_the_case_it_goes_on_with(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, "Нет газа в доме, улица Садовая, дом 12, второй день не готовим")
    case = Case.objects.get(case_messages__message=said)
    assert case.urgency < 4
    at = int(now().timestamp())
    thing = payloads.comment_thing(
        owner_id=-COMMUNITY, post_id=5, comment_id=2, from_id=9, text="Теперь газом пахнет сильно!", date=at
    )
    thing |= {"parents_stack": [1], "reply_to_comment": 1, "reply_to_user": 9}
    body = payloads.callback("wall_reply_new", thing, event_id="e2", group_id=COMMUNITY, secret="secret77")
    store([Arrival(vk.municipality_id, vk.pk, "e2", body, now())])
    take_channel(vk.pk, brain())

    joined = Message.objects.get(external_id="2")
    assert (joined.decision, joined.decision_reason) == ("joined", f"why:goes_on?case={case.number}")
    case.refresh_from_db()
    assert case.urgency == 4


def test_a_clock_that_waits_for_the_resident_goes_on_for_a_danger(vk: Channel) -> None:
    said = tell(vk, "wall_reply_new", 1, 9, WATER)
    case = Case.objects.get(case_messages__message=said)
    Case.objects.filter(pk=case.pk).update(
        status=Status.WAITING_RESIDENT, waiting_since=now(), due_before_wait=case.answer_due_at, answer_due_at=None
    )

    tell(vk, "wall_reply_edit", 1, 9, GAS)

    case.refresh_from_db()
    assert (case.status, case.urgency, case.waiting_since) == (Status.IN_PROGRESS, 4, None)
    assert case.answer_due_at - case.updated_at == timedelta(hours=2)
