"""Words of a post's own for one network: kept with the revision, signed, sent there, found by a quote."""

from __future__ import annotations

import pytest

from otklik.channels.models import Channel, Outgoing
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.posts.models import Publication, Revision, Variant
from otklik.posts.services.foreseeing import foresee
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct
from otklik.posts.services.varying import OwnWords
from otklik.posts.verifying import Finding, look_up
from otklik.proof.queries import proof_of
from tests.builders import make_city
from tests.worker.conftest import networks  # noqa: F401 - the fixture
from tests.worker.networks import Networks

pytestmark = pytest.mark.django_db
SHORT = "Тепло дадим 25 сентября: сначала **школам** и больнице"
LONG = "Сначала школы и больница, потом все дома. " * 150


def said(networks: Networks, words: Words) -> dict[str, str]:  # noqa: F811
    publish(networks.town.official(Role.HEAD), words, now=now())
    return {row.channel.network: row.text for row in Outgoing.objects.select_related("channel")}


def test_own_words_go_to_their_network_only_and_are_signed(networks: Networks) -> None:  # noqa: F811
    own = OwnWords(networks.tg_channel.pk, f" {SHORT} ")

    sent = said(networks, Words("Тепло", "Включим.", own=(own,)))

    assert sent == {"telegram": SHORT.replace("*", ""), "vk": "Тепло\n\nВключим."}
    revision = Revision.objects.get()
    assert revision.entry is not None
    stated = (proof_of(revision.entry) or {})["statement"]
    assert stated["elsewhere"] == [{"network": "telegram", "channel": networks.tg_channel.title, "text": SHORT}]


def test_quote_of_own_words_is_genuine_and_an_altered_digit_is_not(networks: Networks) -> None:  # noqa: F811
    said(networks, Words("Тепло", "Включим.", own=(OwnWords(networks.tg_channel.pk, SHORT),)))
    city = networks.town.city.pk

    assert look_up(city, "Тепло дадим 25 сентября: сначала школам и больнице").finding == Finding.GENUINE
    assert look_up(city, "Тепло дадим 26 сентября: сначала школам и больнице").finding == Finding.ALTERED


def test_long_post_is_one_part_with_a_link_unless_the_author_wants_it_whole(networks: Networks) -> None:  # noqa: F811
    cut = said(networks, Words("Тепло", LONG))["telegram"]
    assert cut.endswith("/posts/teplo/")
    Outgoing.objects.all().delete()

    whole = said(networks, Words("Тепло", LONG, own=(OwnWords(networks.tg_channel.pk, in_parts=True),)))["telegram"]

    assert whole == f"Тепло\n\n{LONG.strip()}"


def test_post_goes_only_where_its_author_wants(networks: Networks) -> None:  # noqa: F811
    assert list(said(networks, Words("Тепло", "Включим.", only=frozenset({networks.vk_channel.pk})))) == ["vk"]
    assert sorted(Publication.objects.values_list("channel__network", flat=True)) == ["site", "vk"]


def test_correction_keeps_own_words_unless_they_change(networks: Networks) -> None:  # noqa: F811
    head = networks.town.official(Role.HEAD)
    own = (OwnWords(networks.tg_channel.pk, SHORT),)
    post = publish(head, Words("Тепло", "Включим.", own=own), now=now())

    second = correct(head, post, Words("Тепло", "Включили."), "Сделано", version=1, now=now())
    assert correct(head, second, Words("Тепло", "Включили.", own=own), "Так же", version=2, now=now()).version == 2
    correct(head, second, Words("Тепло", "Включили.", own=()), "Общие слова", version=2, now=now())

    assert list(Variant.objects.order_by("revision__number").values_list("revision__number", "text")) == [
        (1, SHORT),
        (2, SHORT),
    ]
    assert Outgoing.objects.get(channel=networks.tg_channel).text == "Тепло\n\nВключили."


def test_channel_of_another_city_is_dropped(networks: Networks) -> None:  # noqa: F811
    stranger = Channel.objects.create(municipality=make_city("zarechye"), name="x", network="vk", hook_token="x")

    said(networks, Words("Тепло", "Включим.", own=(OwnWords(stranger.pk, SHORT),)))

    assert Variant.objects.count() == 0


def test_what_is_foreseen_is_what_is_sent(networks: Networks) -> None:  # noqa: F811
    channels = [networks.tg_channel, networks.vk_channel]
    own = (OwnWords(networks.vk_channel.pk, SHORT),)

    telegram, vk = foresee(channels, "Тепло", LONG, (), own)

    sent = said(networks, Words("Тепло", LONG, own=own))
    assert vk.parts == (sent["vk"],)
    assert (telegram.is_shortened, telegram.room, telegram.length) == (True, 4096, len(f"Тепло\n\n{LONG.strip()}"))
    assert telegram.parts[0].partition("…\n\n")[0] == sent["telegram"].partition("…\n\n")[0]
    assert (telegram.goes, vk.goes, vk.is_shortened) == (True, True, False)
