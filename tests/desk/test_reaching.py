"""Where an answer doesn't arrive: why, in plain words, and the other ways to the same person, one tap each."""

from __future__ import annotations

import pytest

from otklik.cases.enums import Outcome
from otklik.cases.models import Answer, AnswerSend, Case
from otklik.cases.services import answering, rerouting, unreached
from otklik.cases.services.moving import Overtaken
from otklik.channels.enums import MessageKind, OutgoingState
from otklik.channels.models import Channel, Identity, Message, Outgoing
from otklik.channels.services.connecting import connect
from otklik.common import clock
from otklik.org.access import Refused, access_of
from tests.builders import acknowledged
from tests.desk.office import Office, make_stranger
from tests.desk.test_case import do, open_case, words_of

REFUSED = "the person has blocked the bot (Telegram: Forbidden)"


def refused(office: Office, *, visibility: str = "private") -> tuple[Case, Outgoing]:
    """An approved answer that Telegram didn't take."""
    case = office.case(network="telegram", visibility=visibility)
    now = office.town.now
    answering.write_draft(access_of(office.executor), case, "Игорь, засыпали.", Outcome.RESOLVED, now=now)
    answering.submit(access_of(office.executor), case, now=now)
    answer = answering.approve(access_of(office.approver), case, now=now)
    row = AnswerSend.objects.get(answer=answer).outgoing
    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.FAILED, error=REFUSED, finished_at=now)
    row.refresh_from_db()
    answering.note_finished([row], now=now)
    case.refresh_from_db()
    return case, row


def elsewhere(office: Office, case: Case, *, network: str = "vk", visibility: str = "private") -> Message:
    """The same person wrote in another network too."""
    other = office.case("И ещё про двор", network=network, visibility=visibility, name="Игорь В.")
    message = Message.objects.get(case_message__case=other)
    Identity.objects.filter(pk=message.identity_id).update(resident=case.resident)
    return message


def test_reason_and_other_ways_are_shown_and_one_tap_sends_the_same_answer_there(office: Office) -> None:
    case, row = refused(office)
    way = elsewhere(office, case)
    page = open_case(office, case, "approver")
    said = {"send_elsewhere-outgoing": str(row.pk), "send_elsewhere-message": str(way.pk)}

    code, after = do(office.browser(office.approver), case, "send_elsewhere", **said)
    again, _ = do(office.browser(office.approver), case, "send_elsewhere", **said)

    assert REFUSED in words_of(page)
    assert "Send the same answer there: VK" in words_of(page)
    assert code == 200
    assert again == 200
    assert "The answer was sent another way" in after
    sends = AnswerSend.objects.order_by("id").values_list("outgoing__state", "outgoing__text", "outgoing__reply_to")
    assert list(sends) == [
        ("failed", "Игорь, засыпали.", row.reply_to_id),
        ("queued", "Игорь, засыпали.", way.pk),
    ]


def test_answer_that_arrives_another_way_counts_as_given(office: Office) -> None:
    case, row = refused(office)
    way = elsewhere(office, case)
    sent = rerouting.send_elsewhere(access_of(office.approver), case, row.pk, way.pk, now=office.town.now)
    Outgoing.objects.filter(pk=sent.pk).update(state=OutgoingState.SENT)
    sent.refresh_from_db()

    answering.note_finished([sent], now=office.town.now)

    case.refresh_from_db()
    assert (case.status, Answer.objects.get().state) == ("answered", "sent")


def test_words_for_one_person_do_not_go_where_everybody_reads(office: Office) -> None:
    case, row = refused(office)
    way = elsewhere(office, case, visibility="public")

    with pytest.raises(ValueError):  # noqa: PT011 - the words are in the city's language
        rerouting.send_elsewhere(access_of(office.approver), case, row.pk, way.pk, now=office.town.now)
    assert "Send the same answer there" not in open_case(office, case, "approver")


def test_another_persons_conversation_is_no_way(office: Office) -> None:
    case, row = refused(office)
    stranger = Message.objects.get(case_message__case=office.case("Другое", network="vk", name="Ольга"))

    with pytest.raises(Overtaken):
        rerouting.send_elsewhere(access_of(office.approver), case, row.pk, stranger.pk, now=office.town.now)
    assert AnswerSend.objects.count() == 1


def test_only_an_approver_sends_it_another_way(office: Office) -> None:
    case, row = refused(office)
    way = elsewhere(office, case)

    for official in (office.executor, make_stranger()):
        with pytest.raises((Refused, Overtaken)):
            rerouting.send_elsewhere(access_of(official), case, row.pk, way.pk, now=office.town.now)
    assert AnswerSend.objects.count() == 1


def test_channel_that_is_switched_off_is_told_before_anybody_writes(office: Office) -> None:
    case = office.case(network="telegram")
    Channel.objects.filter(network="telegram").update(is_enabled=False)

    page = words_of(open_case(office, case, "executor"))

    assert "this channel is switched off" in page
    assert "They wrote nowhere else." in page


def test_nothing_is_said_where_all_is_open(office: Office) -> None:
    assert "Other ways to the same person" not in open_case(office, office.case(), "executor")


def test_refusal_is_told_in_the_readers_language(office: Office) -> None:
    case, _ = refused(office)

    page = office.browser(office.approver, "ru").get(f"/desk/cases/{case.number}/").content.decode()

    assert "человек заблокировал бота (Telegram: Forbidden)" in words_of(page)


def test_answer_that_a_person_told_counts_as_given(office: Office) -> None:
    case, _row = refused(office)
    page = open_case(office, case, "approver")

    empty, shown = do(office.browser(office.approver), case, "told_otherwise", **{"told_otherwise-how": " "})
    code, _page = do(
        office.browser(office.approver), case, "told_otherwise", **{"told_otherwise-how": "Позвонили в 10:20"}
    )

    case.refresh_from_db()
    line = case.journal.get(action="told_otherwise")
    assert "A person told them" in page
    assert (empty, "Say how they were told" in shown) == (422, True)
    assert (code, case.status, Answer.objects.get().state) == (200, "answered", "sent")
    assert (line.actor_id, line.detail["reason"]) == (office.approver.pk, "Позвонили в 10:20")


def test_answer_refused_everywhere_is_written_anew_and_approved_again(office: Office) -> None:
    case, row = refused(office)
    author = office.browser(office.executor)

    code, _page = do(author, case, "write_anew")
    case.refresh_from_db()
    began = (code, case.status, Answer.objects.get().state, Outgoing.objects.filter(pk=row.pk).exists())
    do(author, case, "draft", text="Игорь, засыпали, спасибо.", outcome="resolved", then="submit")
    answering.approve(access_of(office.approver), case, now=office.town.now)

    again = AnswerSend.objects.get().outgoing
    assert began == (200, "drafting", "draft", False)
    assert (again.state, again.text) == ("queued", "Игорь, засыпали, спасибо.")


@pytest.mark.parametrize("state", ["queued", "sending", "unknown", "sent"])
def test_answer_that_arrived_or_may_yet_is_neither_told_nor_written_anew(office: Office, state: str) -> None:
    case, row = refused(office)
    Outgoing.objects.filter(pk=row.pk).update(state=state)
    steps = office.browser(office.approver).get(f"/desk/cases/{case.number}/").context["screen"].steps

    with pytest.raises(Overtaken):
        unreached.told_otherwise(access_of(office.approver), case, "по телефону", now=office.town.now)
    with pytest.raises(Overtaken):
        unreached.write_anew(access_of(office.executor), case, now=office.town.now)

    assert (steps.told, steps.anew, Answer.objects.get().state) == (False, False, "approved")


def test_executor_says_of_no_answer_that_it_was_told(office: Office) -> None:
    case, _row = refused(office)

    with pytest.raises(Refused):
        unreached.told_otherwise(access_of(office.executor), case, "по телефону", now=office.town.now)

    assert Answer.objects.get().state == "approved"


def test_window_that_has_closed_is_told_before_anybody_writes_with_the_other_ways(office: Office) -> None:
    case = office.case(network="vk", visibility="private", kind=MessageKind.DIRECT_MESSAGE, ago_h=30)
    Channel.objects.filter(network="vk").update(network="instagram")
    way = elsewhere(office, case, network="telegram")

    page = words_of(open_case(office, case, "executor"))
    Message.objects.filter(pk=way.pk).update(deleted_at=office.town.now)
    alone = words_of(open_case(office, case, "executor"))
    Message.objects.filter(case_message__case=case).update(occurred_at=clock.now())
    again = words_of(open_case(office, case, "executor"))

    assert "the network takes answers for 24 hours after a message, and they are over" in page
    assert "Other ways to the same person: Telegram" in page
    assert "They wrote nowhere else." in alone
    assert "they are over" not in again


def test_refused_comment_is_answered_to_its_author_alone_by_one_tap(office: Office) -> None:
    now = office.town.now
    secrets = {"token": "t", "app_secret": "s", "verify_token": "a word of ours"}
    office.town.channels["instagram"] = acknowledged(
        connect(office.town.city, "instagram", "ig", "", {"account_id": "17841", **secrets}, now=now)
    )
    case = office.case(network="instagram", visibility="public", kind=MessageKind.COMMENT)
    answering.write_draft(access_of(office.executor), case, "Игорь, засыпали.", Outcome.RESOLVED, now=now)
    answering.submit(access_of(office.executor), case, now=now)
    answer = answering.approve(access_of(office.approver), case, now=now)
    row = AnswerSend.objects.get(answer=answer).outgoing
    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.FAILED, error="hidden", finished_at=now)

    page = words_of(open_case(office, case, "approver"))
    code, _ = do(office.browser(office.approver), case, "send_privately", **{"send_privately-outgoing": str(row.pk)})
    after = words_of(open_case(office, case, "approver"))

    offered = "Send the same answer to its author alone, once: Instagram"
    assert (offered in page, offered in after, code) == (True, False, 200)
    sent = Outgoing.objects.order_by("id").last()
    assert (sent.kind, sent.thread, sent.target["to_author_of"]) == (
        "direct_message",
        None,
        row.target["reply_to_external_id"],
    )
