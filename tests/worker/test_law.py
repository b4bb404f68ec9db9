"""Whoever queues it: what the law keeps off never reaches the network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otklik.cases.models import Acknowledgement
from otklik.cases.reaching import why_shut
from otklik.channels.enums import OutgoingState
from otklik.channels.legal import REFUSED
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.queueing import Reply, queue_replies, takes_answer, takes_private_reply
from otklik.channels.services.sending import claim, reconcile
from otklik.common.clock import now
from otklik.connectors.events import DraftKind
from otklik.org.enums import Role
from otklik.posts.queries import kept_from, outlets
from otklik.posts.services.publishing import Words, publish_as
from tests.builders import make_official
from tests.worker.networks import Networks, connected_networks

pytestmark = pytest.mark.django_db


@pytest.fixture
def networks() -> Iterator[Networks]:
    with connected_networks() as made:
        yield made


def forbid(networks: Networks) -> Message:
    """Take the acknowledgement back after a resident has asked; returns what they said."""
    case = networks.ask_in_telegram()
    Outgoing.objects.all().delete()
    Channel.objects.filter(pk=networks.tg_channel.pk).update(accepted=[])
    return Message.objects.select_related("channel__municipality", "thread").get(case_message__case=case)


@pytest.mark.parametrize("kind", [DraftKind.COMMENT_REPLY, DraftKind.DIRECT_MESSAGE])
def test_row_forged_into_the_queue_is_refused_before_the_network(networks: Networks, kind: DraftKind) -> None:
    said = forbid(networks)
    [row] = queue_replies([Reply(said, "Починим", "forged", automated=False)], now=now())
    Outgoing.objects.filter(pk=row.pk).update(kind=kind.value)

    networks.send()

    row.refresh_from_db()
    assert (row.state, row.error) == (OutgoingState.FAILED, f"{REFUSED} (закон № 41-ФЗ от 01.04.2025)")
    assert networks.telegram.accepted == []


def test_edit_of_what_was_sent_is_refused_too(networks: Networks) -> None:
    said = forbid(networks)
    Channel.objects.update(accepted=["comments"])
    [sent] = queue_replies([Reply(said, "Починим", "first")], now=now())
    networks.send()
    Channel.objects.update(accepted=[])
    sent.refresh_from_db()
    before = len(networks.telegram.accepted)
    edit = Outgoing.objects.create(
        municipality=sent.municipality,
        channel=sent.channel,
        idempotency_key="edit",
        kind=sent.kind,
        target=sent.target,
        text="Починили",
        edits=sent,
        due_at=now(),
        created_at=now(),
    )

    networks.send()

    edit.refresh_from_db()
    assert (sent.state, edit.state, len(networks.telegram.accepted)) == ("sent", "failed", before)


def test_what_is_uncertain_is_read_up_but_never_sent_again(networks: Networks) -> None:
    said = forbid(networks)
    [row] = queue_replies([Reply(said, "Починим", "doubt")], now=now())
    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.UNKNOWN)
    assert reconcile(Outgoing.objects.select_related("channel").get(pk=row.pk)) is not None

    Outgoing.objects.filter(pk=row.pk).update(state=OutgoingState.QUEUED)
    networks.send()

    row.refresh_from_db()
    assert (row.state, networks.telegram.accepted) == (OutgoingState.FAILED, [])


def test_acknowledgement_is_not_even_queued(networks: Networks) -> None:
    Channel.objects.filter(pk=networks.tg_channel.pk).update(accepted=[])
    networks.tg_channel.refresh_from_db()

    networks.ask_in_telegram()

    assert (Outgoing.objects.count(), Acknowledgement.objects.count()) == (0, 0)


def test_desk_says_why_and_what_turns_it_on(networks: Networks) -> None:
    said = forbid(networks)

    assert (takes_answer(said), takes_private_reply(said, "Починим", now=now())) == (False, False)
    assert why_shut(said, now=now()) == (
        "Ответы на комментарии здесь выключены по закону (закон № 41-ФЗ от 01.04.2025), "
        "пока администратор не подтвердит, что знает об этом"
    )


def test_posts_are_not_offered_where_the_law_keeps_them_off(networks: Networks) -> None:
    Channel.objects.filter(pk=networks.vk_channel.pk).update(network="instagram", accepted=[])
    city = networks.town.city
    there = [channel.network for channel in outlets(city.pk)]

    publish_as(make_official(city, Role.HEAD), Words("Сквер", "Открыли."), now=now())

    assert "instagram" not in there
    assert not Outgoing.objects.filter(channel=networks.vk_channel).exists()
    assert {one.network for one in kept_from(city.pk)} <= {"instagram"}


def test_query_for_what_is_due_brings_the_city_along(networks: Networks, django_assert_num_queries: object) -> None:
    said = forbid(networks)
    queue_replies([Reply(said, "Починим", "one")], now=now())

    [row] = claim("w", now=now(), limit=10)

    with django_assert_num_queries(0):  # type: ignore[operator]
        assert row.channel.municipality.jurisdiction == "ru"
