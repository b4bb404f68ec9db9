"""What the law leaves a channel to do: what its jurisdiction's pack restricts and no administrator has acknowledged.

What is off here is refused where things are sent (services.sending), whoever queued them; everything else only asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _

from otklik.channels.models import Channel
from otklik.connectors.events import DraftKind
from otklik.connectors.registry import CONNECTORS
from otklik.org.law import Capability, NetworkLaw, is_named, law_of

REFUSED = gettext_noop("the law keeps this off until an administrator acknowledges it")
"""What stands on a row that was not sent for it; the law's name follows in brackets."""
CAPABILITY_OF = {
    DraftKind.COMMENT_REPLY: Capability.COMMENTS,
    DraftKind.DIRECT_MESSAGE: Capability.DIRECT_MESSAGES,
    DraftKind.POST: Capability.PUBLISH,
}
LABELS = {
    Capability.PUBLISH: gettext_lazy("Posts"),
    Capability.COMMENTS: gettext_lazy("Answers to comments"),
    Capability.DIRECT_MESSAGES: gettext_lazy("Direct messages"),
}


@dataclass(frozen=True, slots=True)
class Restriction:
    """One thing that the law restricts in a channel, and whether it is off."""

    capability: Capability
    law: NetworkLaw
    is_off: bool

    @property
    def label(self) -> str:
        """What it is called, in the reader's language."""
        return str(LABELS[self.capability])

    @property
    def law_name(self) -> str:
        """What the law is called, in the reader's language."""
        return self.law.law_in(get_language() or "en")

    @property
    def words(self) -> str:
        """What is read before it is acknowledged, in the reader's language."""
        return self.law.words_in(get_language() or "en")


def is_off(channel: Channel, capability: Capability) -> bool:
    """Return whether the law keeps this off there. No query but for the channel's city, and that only where some pack
    restricts it and nobody has acknowledged it."""
    if capability in channel.accepted or not is_named(channel.network, capability):
        return False
    return capability in law_of(channel.municipality.jurisdiction, channel.network).restricted


def refusal(channel: Channel, kind: DraftKind) -> str:
    """Return why nothing of this kind may be sent there, as it is kept on the row; "" if it may."""
    if not is_off(channel, CAPABILITY_OF[kind]):
        return ""
    city = channel.municipality
    return f"{REFUSED} ({law_of(city.jurisdiction, channel.network).law_in(city.language)})"


def why_off(channel: Channel, capability: Capability) -> str:
    """Return in a sentence why this is off, for the desk; "" if it isn't."""
    if not is_off(channel, capability):
        return ""
    law = law_of(channel.municipality.jurisdiction, channel.network).law_in(get_language() or "en")
    return _("%(what)s are off here by law (%(law)s) until an administrator acknowledges it") % {
        "what": LABELS[capability],
        "law": law,
    }


def restrictions_of(channel: Channel) -> list[Restriction]:
    """Return what the law restricts of what this network could do, on or off."""
    law = law_of(channel.municipality.jurisdiction, channel.network)
    capabilities = CONNECTORS[channel.network].capabilities
    return [
        Restriction(one, law, is_off=one not in channel.accepted)
        for one in law.restricted
        if getattr(capabilities, one.value)
    ]
