"""What the suites of connectors stand on: faults that any network can play, and what a network's own tests provide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from otklik.connectors.base import Connector, SendFailed, SendUnknown
from otklik.connectors.events import Draft, Receipt, Webhook

RECEIVED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WAIT_S = 7
"""How long the network tells us to wait in Fault.TOO_MANY."""

_EXAMPLES = settings.default.max_examples  # `otklik test --deep` chooses a profile of ten thousand


def _examples(usual: int) -> settings:
    return settings(
        deadline=None,
        max_examples=max(usual, _EXAMPLES) if _EXAMPLES >= 1000 else usual,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )


shared = _examples(60)
fuzzed = _examples(300)
"""For the one test of each connector that damages whole payloads."""
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("👍🏽👨‍👩‍👧‍👦🇷🇺ёЁ \n."), max_size=400)


class Fault(StrEnum):
    """What the network does with the next send, said so that any network can play it."""

    NONE = "none"
    REFUSED = "refused"  # for good: nothing published
    TOO_MANY = "too_many"  # wait WAIT_S seconds
    TOO_MANY_BARE = "too_many_bare"  # wait, who knows how long
    SERVER_ERROR = "server_error"  # 5xx, nothing published
    SERVER_ERROR_AFTER = "server_error_after"  # 5xx although it was published
    TIMEOUT_BEFORE = "timeout_before"  # silence, nothing published
    TIMEOUT_AFTER = "timeout_after"  # published, then silence
    BROKEN_REPLY = "broken_reply"  # published, then an answer that isn't the network's


class Outcome(StrEnum):
    """How `Connector.send` ends."""

    SENT = "sent"
    REFUSED = "refused"  # SendFailed(permanent=True)
    LATER = "later"  # SendFailed(permanent=False)
    UNKNOWN = "unknown"  # SendUnknown


OUTCOMES: Mapping[Fault, Outcome] = {
    Fault.NONE: Outcome.SENT,
    Fault.REFUSED: Outcome.REFUSED,
    Fault.TOO_MANY: Outcome.LATER,
    Fault.TOO_MANY_BARE: Outcome.LATER,
    Fault.SERVER_ERROR: Outcome.UNKNOWN,
    Fault.SERVER_ERROR_AFTER: Outcome.UNKNOWN,
    Fault.TIMEOUT_BEFORE: Outcome.UNKNOWN,
    Fault.TIMEOUT_AFTER: Outcome.UNKNOWN,
    Fault.BROKEN_REPLY: Outcome.UNKNOWN,
}


class NetworkUnderTest(Protocol):
    """The simulator, as this suite sees it."""

    def fail_next(self, fault: Fault) -> None:
        """Play the fault on the next send, once."""

    def fail_next_edit(self, fault: Fault) -> None:
        """Play the fault on the next change of what was sent, once."""

    def fail_next_deletion(self, fault: Fault) -> None:
        """Play the fault on the next deletion of a post, once; only networks that let posts be deleted."""

    def is_there(self, sent: Receipt) -> bool:
        """Return whether residents see the post; only networks that let posts be deleted."""
        raise NotImplementedError

    def shown(self, sent: Receipt) -> str:
        """Return the words that residents see there now."""

    def close_to(self, draft: Draft) -> None:
        """Have the person that it goes to be written to no more; only where private messages may be closed."""

    def open_to(self, draft: Draft) -> None:
        """Have that person write, or let themselves be written to, again."""

    def accepted(self) -> list[str]:
        """Return the texts that were published, in order, as residents see them."""

    def photos(self) -> list[tuple[bytes, ...]]:
        """Return the photos that were published with each of them."""


class Given:
    """What a network's own test class provides."""

    connector_class: ClassVar[type[Connector]]

    def unsigned(self, hook: Webhook) -> Webhook:
        """Return the same delivery without its proof."""
        return replace(hook, headers={})

    def wrongly_signed(self, hook: Webhook) -> Webhook:
        """Return the same delivery with a proof that looks right and isn't."""
        raise NotImplementedError

    def hook_with_text(self, text: str) -> Webhook:
        """Return an authentic delivery of a resident's comment that says `text`, with `received_at` RECEIVED_AT."""
        raise NotImplementedError

    def other_hooks(self) -> Sequence[Webhook]:
        """Return authentic deliveries of other kinds, to be damaged as well."""
        return ()

    def odd_hooks(self) -> Mapping[str, Webhook]:
        """Return authentic deliveries by the names in ODD, and more of the network's own oddities if it has any."""
        raise NotImplementedError


def outcome_of(send: Callable[[], Receipt]) -> Outcome:
    """Return how a send ended."""
    try:
        send()
    except SendFailed as error:
        return Outcome.REFUSED if error.permanent else Outcome.LATER
    except SendUnknown:
        return Outcome.UNKNOWN
    return Outcome.SENT


def send_obediently(connector: Connector, draft: Draft, attempts: int = 3) -> Receipt | None:
    """Send as the worker does: again only if it certainly wasn't sent, was read to be absent, or repeats are safe."""
    for _ in range(attempts):
        try:
            return connector.send(draft)
        except SendFailed as error:
            if error.permanent:
                return None
        except SendUnknown:
            if connector.capabilities.idempotent_send:
                continue
            try:
                found = connector.find_sent(draft)
            except SendUnknown:
                return None
            if found is not None:
                return found
    return None
