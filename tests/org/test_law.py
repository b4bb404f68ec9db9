"""The packs of law: read as data, neutral where nothing is known."""

from __future__ import annotations

import pytest

from otklik.channels.enums import Network
from otklik.org.law import Capability, jurisdictions, law_of, laws_of, may_advertise, may_share, proxy_warning

PRIVATE_TALK = (Capability.COMMENTS, Capability.DIRECT_MESSAGES)


def test_russian_pack_keeps_answers_in_a_foreign_messenger_off_and_lets_posts_go() -> None:
    assert law_of("ru", "telegram").restricted == PRIVATE_TALK


def test_russian_pack_keeps_a_banned_network_off_wholly() -> None:
    assert law_of("ru", "instagram").restricted == tuple(Capability)


@pytest.mark.parametrize("network", ["telegram", "instagram"])
def test_advertising_and_sharing_go_to_no_restricted_network(network: str) -> None:
    assert (may_advertise("ru", network), may_share("ru", network)) == (False, False)


@pytest.mark.parametrize("network", ["vk", "ok", "max", "site", "email"])
def test_what_the_pack_does_not_name_is_allowed(network: str) -> None:
    law = law_of("ru", network)

    assert (law.restricted, may_advertise("ru", network), may_share("ru", network)) == ((), True, True)


@pytest.mark.parametrize("jurisdiction", ["uk", "eu", "atlantis"])
def test_neutral_packs_restrict_nothing(jurisdiction: str) -> None:
    found = [law_of(jurisdiction, network).restricted for network in Network.values]

    assert (found, proxy_warning(jurisdiction, "ru")) == ([()] * len(Network.values), "")


@pytest.mark.parametrize("jurisdiction", jurisdictions())
def test_every_restriction_is_told_in_both_languages_with_its_source(jurisdiction: str) -> None:
    silent = [
        law.network
        for law in laws_of(jurisdiction)
        if not (law.words and law.words_en and law.law and law.law_en and law.source)
        or law.network not in Network.values
        or (law.restricted and law.advertising)
    ]

    assert silent == []


def test_proxy_comes_with_the_warning_of_the_pack_in_the_readers_language() -> None:
    assert (proxy_warning("ru", "ru")[:5], proxy_warning("ru", "en")[:5]) == ("Обход", "Going")
