"""A sent answer that is corrected: in its place where the network lets it, below it elsewhere, and never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.corrections import CorrectionSend
from otklik.cases.enums import CorrectionState, Outcome
from otklik.cases.models import Answer, Case
from otklik.cases.services import answering, correcting
from otklik.cases.services.correcting import NewWords
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, MessageVersion, Outgoing
from otklik.channels.queries import undelivered
from otklik.common.clock import now
from otklik.intake import resolving
from otklik.org.enums import Role
from otklik.simulators.telegram.faults import Fault as TelegramFault
from otklik.simulators.vk.faults import Fault as VkFault
from otklik.simulators.vk.methods import EDITING
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db

FIRST, SECOND = "Сделаем в среду.", "Сделаем в четверг, не в среду."


def answered(networks: Networks, case: Case) -> Answer:
    """The city has answered this case, and the resident has the answer."""
    head = networks.town.official(Role.HEAD)
    Case.objects.filter(pk=case.pk, status__in=["new", "triage"]).update(status="assigned")
    case.refresh_from_db()
    answering.answer_as_head(head, case, FIRST, Outcome.EXPLAINED, now=now())
    networks.send()
    case.refresh_from_db()
    return Answer.objects.get(case=case, state="sent")


def correct(networks: Networks, case: Case, answer: Answer, text: str = SECOND) -> None:
    author = networks.town.official(Role.APPROVER)
    correcting.propose(author, case, answer.pk, NewWords(text, "не тот день"), now=now())
    correcting.approve_correction(networks.town.official(Role.APPROVER), case, now=now())


def edit_row() -> Outgoing:
    return Outgoing.objects.get(edits__isnull=False)


def follow_up() -> Outgoing:
    return Outgoing.objects.get(idempotency_key__endswith=":after")


def test_telegram_message_gets_the_new_words_in_its_place(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.send()

    said = [one for one in networks.telegram.accepted if SECOND in one.text]
    assert [one.method for one in said] == ["editMessageText"]
    assert edit_row().state == OutgoingState.SENT
    ours = Message.objects.get(text=SECOND)
    assert (ours.is_ours, ours.edited_at is not None) == (True, True)
    assert list(MessageVersion.objects.filter(message=ours).values_list("text", flat=True)) == [FIRST]
    answer.refresh_from_db()
    assert (answer.text, answer.corrected_at is not None) == (SECOND, True)


def test_two_corrections_of_one_message_keep_every_version(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    for words in (SECOND, "Сделаем в пятницу."):
        correct(networks, case, answer, words)
        networks.send()

    ours = Message.objects.get(text="Сделаем в пятницу.")
    said_before = MessageVersion.objects.filter(message=ours).order_by("external_version")
    assert list(said_before.values_list("text", flat=True)) == [FIRST, SECOND]


def test_vk_comment_is_edited_with_a_persons_token(networks: Networks) -> None:
    case = networks.ask_in_vk()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.send()

    texts = [comment.text for comment in networks.vk.town.comments.values()]
    assert (texts.count(SECOND), texts.count(FIRST)) == (1, 0)
    assert len(networks.vk.accepted) == 2  # the acknowledgement and the answer: nothing was published anew


def test_vk_without_a_persons_token_says_it_below(networks: Networks) -> None:
    networks.vk_channel = networks.reconnect_vk(user_token="")
    case = networks.ask_in_vk()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.send()

    assert Outgoing.objects.filter(edits__isnull=False).count() == 0
    assert networks.vk.accepted[-1] == f"Исправление. {SECOND}"
    comments = list(networks.vk.town.comments.values())
    assert comments[-1].answers is not None


def test_edit_that_the_network_refuses_for_good_follows_below(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.telegram.fail_next(TelegramFault.BLOCKED, method="editMessageText")
    networks.send()
    networks.later()

    assert (edit_row().state, follow_up().state) == (OutgoingState.FAILED, OutgoingState.SENT)
    assert [one.method for one in networks.telegram.accepted if SECOND in one.text] == ["sendMessage"]
    assert list(undelivered(case.municipality_id)) == []  # nothing is left for people to decide
    assert CorrectionSend.objects.count() == 2


@pytest.mark.parametrize("fault", [TelegramFault.SERVER_ERROR_AFTER, TelegramFault.BROKEN_REPLY])
def test_doubtful_edit_is_repeated_and_changes_nothing_twice(networks: Networks, fault: TelegramFault) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.telegram.fail_next(fault, method="editMessageText")
    networks.send()
    in_doubt = edit_row().state
    networks.later()
    networks.later()

    assert (in_doubt, edit_row().state) == (OutgoingState.UNKNOWN, OutgoingState.SENT)
    assert [one.method for one in networks.telegram.accepted if SECOND in one.text] == ["editMessageText"]


def test_doubtful_edit_in_vk_is_settled_by_reading(networks: Networks) -> None:
    case = networks.ask_in_vk()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.vk.fail_next(VkFault.HTTP_ERROR_AFTER, code=502, methods=EDITING)
    networks.send()
    networks.later()

    row = edit_row()
    assert (row.state, row.attempts) == (OutgoingState.SENT, 1)
    assert Message.objects.filter(text=SECOND).count() == 1


def test_edit_that_has_to_wait_is_edited_later(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)
    networks.telegram.fail_next(TelegramFault.TOO_MANY, method="editMessageText")
    networks.send()
    waits = edit_row().state
    networks.later()

    assert (waits, edit_row().state) == (OutgoingState.QUEUED, OutgoingState.SENT)


def test_nobody_corrects_while_the_answer_is_still_on_its_way(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)  # and not sent yet
    author = networks.town.official(Role.APPROVER)
    correcting.propose(author, case, answer.pk, NewWords("Сделаем в пятницу.", "снова"), now=now())

    with pytest.raises(ValueError):  # noqa: PT011 - the words are in the city's language
        correcting.approve_correction(networks.town.official(Role.APPROVER), case, now=now())


def test_doubt_that_a_person_settles_counts_as_edited(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)
    Outgoing.objects.filter(edits__isnull=False).update(state=OutgoingState.UNKNOWN, due_at=now() + timedelta(hours=1))

    resolving.mark_sent(networks.town.official(Role.OPERATOR), edit_row(), now=now())

    assert edit_row().state == OutgoingState.SENT
    assert Message.objects.filter(text=SECOND, is_ours=True).count() == 1


def test_correction_is_approved_only_once(networks: Networks) -> None:
    case = networks.ask_in_telegram()
    answer = answered(networks, case)
    correct(networks, case, answer)

    with pytest.raises(correcting.Overtaken):
        correcting.approve_correction(networks.town.official(Role.APPROVER), case, now=now())
    assert answer.corrections.get().state == CorrectionState.APPROVED
    assert Outgoing.objects.filter(edits__isnull=False).count() == 1
