"""What the law of a city's jurisdiction says of its accounts in networks: read from a pack (data/networks.toml).

No law stands in code: a rule that isn't in the pack doesn't hold, and a city elsewhere has another pack.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any

NEUTRAL = "eu"
"""The pack of a jurisdiction that has none of its own."""
_NOT_NETWORKS = ("proxy",)


class Capability(StrEnum):
    """What a city does in a network, as far as a law may speak of it."""

    PUBLISH = "publish"
    COMMENTS = "comments"
    DIRECT_MESSAGES = "direct_messages"


@dataclass(frozen=True, slots=True)
class NetworkLaw:
    """What the law says of one network. `restricted` stays off until an administrator acknowledges the words."""

    network: str
    restricted: tuple[Capability, ...] = ()
    advertising: bool = True
    sharing: bool = True
    counts_only: bool = False
    law: str = ""
    law_en: str = ""
    words: str = ""
    words_en: str = ""
    source: str = ""

    def law_in(self, language: str) -> str:
        """Return what the law is called, in that language."""
        return self.law if language.startswith("ru") else self.law_en

    def words_in(self, language: str) -> str:
        """Return what somebody reads before they acknowledge it."""
        return self.words if language.startswith("ru") else self.words_en

    @property
    def seal(self) -> str:
        """A digest of the words: whoever acknowledges says by it which they have read."""
        return sha256("\n".join((self.law, self.law_en, self.words, self.words_en)).encode()).hexdigest()[:16]


def law_of(jurisdiction: str, network: str) -> NetworkLaw:
    """Return what the law says of a network there; of one that the pack doesn't name: that all is allowed."""
    return _networks(jurisdiction).get(network) or NetworkLaw(network)


def laws_of(jurisdiction: str) -> list[NetworkLaw]:
    """Return the networks that a jurisdiction's pack names."""
    return list(_networks(jurisdiction).values())


@lru_cache(maxsize=64)
def is_named(network: str, capability: Capability) -> bool:
    """Return whether any pack restricts this: where none does, nobody has to ask whose law holds."""
    named = [one for name in jurisdictions() for one in laws_of(name) if one.network == network]
    return any(capability in one.restricted for one in named)


def may_advertise(jurisdiction: str, network: str) -> bool:
    """Return whether advertising, social advertising too, may go out there. No acknowledgement changes it."""
    return law_of(jurisdiction, network).advertising


def may_share(jurisdiction: str, network: str) -> bool:
    """Return whether the city's site may offer to share things there."""
    return law_of(jurisdiction, network).sharing


def proxy_warning(jurisdiction: str, language: str) -> str:
    """Return what whoever sets a proxy should know; "" where the pack has nothing to say."""
    words = _pack(jurisdiction).get("proxy", {})
    return str(words.get("words" if language.startswith("ru") else "words_en", ""))


def jurisdictions() -> list[str]:
    """Return the jurisdictions that have a pack."""
    return list(_packs())


@lru_cache(maxsize=1)
def _packs() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("otklik.org").joinpath("data", "networks.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _pack(jurisdiction: str) -> Mapping[str, Any]:
    packs = _packs()
    return packs.get(jurisdiction) or packs[NEUTRAL]


@lru_cache(maxsize=16)
def _networks(jurisdiction: str) -> dict[str, NetworkLaw]:
    return {
        name: NetworkLaw(name, tuple(Capability(one) for one in said.get("restricted", ())), **_rest(said))
        for name, said in _pack(jurisdiction).items()
        if isinstance(said, dict) and name not in _NOT_NETWORKS
    }


def _rest(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "restricted"}
