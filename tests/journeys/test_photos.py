"""A photo's whole way: from an executor's phone, past the approver, into the networks' threads and to the resident."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.channels.enums import OutgoingState
from otklik.channels.models import Message, MessageFile, Outgoing
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.simulators.multipart import is_jpeg
from otklik.simulators.telegram.faults import Fault as TelegramFault
from otklik.simulators.vk.faults import Fault as VkFault
from tests.builders import signed_in
from tests.cases.picturing import draw_all
from tests.pictures import picture
from tests.worker.conftest import networks  # noqa: F401 - the fixture
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db
WORDS = "Засыпали и закатали в четверг, бригада дорожной службы."


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, data=tmp_path))
    with translation.override("en"):
        yield tmp_path


@pytest.fixture
def desk(networks: Networks) -> tuple[Client, Client]:  # noqa: F811 - pytest's way to ask for a fixture
    executor = networks.town.official(Role.EXECUTOR, name="Павел Дорогин").official
    approver = networks.town.official(Role.APPROVER, name="Денис Мостов").official
    return signed_in(executor), signed_in(approver)


def answer(desk: tuple[Client, Client], case: Case, text: str = WORDS, photos: int = 2) -> None:
    """Write in the desk's own form with photos from a phone, and approve what the approver sees."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    executor, approver = desk
    files = [
        SimpleUploadedFile(f"IMG_{number}.jpg", picture(640, 480, colour=colour, place=(44.6, 41.9)), "image/jpeg")
        for number, colour in enumerate(("seagreen", "firebrick", "gold")[:photos])
    ]
    said = {"text": text, "outcome": "resolved", "then": "submit", "deed": "phone-deed-0001"}
    alts = [f"Заплата на дороге, снимок {number + 1}" for number in range(photos)]
    sent = executor.post(f"/desk/cases/{case.number}/draft/", {**said, "photos": files, "alt": alts})
    assert sent.status_code == 302, sent.content.decode()
    draw_all()
    page = approver.get(f"/desk/cases/{case.number}/")
    assert page.content.decode().count("data-look") == photos
    seal = page.context["screen"].pictures.seal
    approved = approver.post(f"/desk/cases/{case.number}/approve/", {"approve-seen": seal})
    assert approved.status_code == 302, approved.content.decode()


def test_photos_reach_the_thread_in_vk_and_the_residents_page(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    case = networks.ask_in_vk()
    networks.send()
    answer(desk, case)
    networks.send()

    assert networks.vk.accepted[-1] == WORDS
    shown = networks.vk.accepted_photos[-1]
    assert [is_jpeg(content) for content in shown] == [True, True]
    assert b"Phone of a resident" not in shown[0]
    comment = list(networks.vk.town.comments.values())[-1]
    assert (comment.from_id, comment.answers is not None) == (-77, True)
    page = Client().get(f"/case/{case.code}/").content.decode()
    photos = CasePhoto.objects.filter(case=case)
    assert [f"/case/{case.code}/files/{photo.file.key}/screen/" in page for photo in photos] == [True, True]
    assert "Заплата на дороге, снимок 2" in page
    look = Client().get(f"/case/{case.code}/files/{photos[0].file.key}/screen/")
    assert b"".join(look.streaming_content).startswith(b"RIFF")
    assert (look.status_code, look["Content-Type"], look["Cache-Control"]) == (200, "image/webp", "private, no-cache")


def test_photos_reach_the_comments_in_telegram_as_an_album(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    case = networks.ask_in_telegram()
    networks.send()
    answer(desk, case)
    networks.send()

    sent = networks.telegram.accepted[-1]
    question = Message.objects.get(case_message__case=case)
    assert (sent.method, sent.text, len(sent.photos)) == ("sendMediaGroup", WORDS, 2)
    assert str(sent.reply_to) == question.external_id
    ours = Message.objects.get(object_key=f"{sent.chat_id}:{sent.message_id}")
    files = MessageFile.objects.filter(message=ours).order_by("position")
    assert [row.alt for row in files] == ["Заплата на дороге, снимок 1", "Заплата на дороге, снимок 2"]
    assert {row.state for row in files} == {"kept"}


def test_one_photo_and_long_words_are_a_caption_and_the_rest(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    case = networks.ask_in_telegram()
    networks.send()
    words = "Засыпали и закатали дорогу целиком. " * 60
    answer(desk, case, words.strip(), photos=1)
    networks.send()

    first, second = networks.telegram.accepted[-2:]
    assert (first.method, len(first.photos), second.method, second.photos) == ("sendPhoto", 1, "sendMessage", ())
    assert len(first.text) <= 1024
    assert " ".join(f"{first.text} {second.text}".split()) == words.strip()
    assert first.reply_to == second.reply_to


def test_album_that_telegram_took_but_did_not_confirm_is_never_sent_again(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    case = networks.ask_in_telegram()
    networks.send()
    answer(desk, case)
    networks.telegram.fail_next(TelegramFault.SERVER_ERROR_AFTER, method="sendMediaGroup")
    networks.send()
    networks.later()
    networks.later()

    row = Outgoing.objects.get(idempotency_key__startswith="answer:")
    assert row.state == OutgoingState.UNKNOWN
    assert [one.method for one in networks.telegram.accepted].count("sendMediaGroup") == 1


def test_failed_upload_is_repeated_and_the_comment_is_published_once(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    case = networks.ask_in_vk()
    networks.send()
    before = len(networks.vk.accepted)
    answer(desk, case)
    networks.vk.fail_next(VkFault.HTTP_ERROR, methods=["upload"])
    networks.send()
    row = Outgoing.objects.get(idempotency_key__startswith="answer:")
    assert (row.state, len(networks.vk.accepted)) == (OutgoingState.QUEUED, before)
    networks.vk.fail_next(VkFault.HTTP_ERROR_AFTER)
    networks.later()
    networks.later()

    row.refresh_from_db()
    assert row.state == OutgoingState.SENT
    assert networks.vk.accepted[before:] == [WORDS]


def test_without_a_persons_token_the_words_go_alone_or_with_a_link(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    from otklik.channels.connections import seal, secrets_of

    case = networks.ask_in_vk()
    networks.send()
    channel = networks.vk_channel
    channel.sealed_secrets = seal({**secrets_of(channel), "user_token": ""})
    channel.save(update_fields=["sealed_secrets"])
    Case.objects.filter(pk=case.pk).update(is_public=True)
    answer(desk, case)
    networks.send()

    assert networks.vk.accepted[-1].startswith(WORDS)
    assert networks.vk.accepted[-1].endswith(f"/cases/{case.number}/")
    assert networks.vk.accepted_photos[-1] == ()
    assert Answer.objects.get(case=case).text == WORDS


def test_second_press_with_the_same_deed_adds_no_photo_twice(
    networks: Networks,  # noqa: F811
    desk: tuple[Client, Client],
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    case, executor = networks.ask_in_vk(), desk[0]

    for _ in range(2):
        one = SimpleUploadedFile("IMG.jpg", picture(), "image/jpeg")
        executor.post(f"/desk/cases/{case.number}/photos/", {"photos": one, "alt": "Дорога", "deed": "queue-00000001"})

    assert [photo.alt for photo in CasePhoto.objects.filter(case=case)] == ["Дорога"]
    assert now() > CasePhoto.objects.get(case=case).added_at
