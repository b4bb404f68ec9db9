"""The suites that every connector passes: what comes in, how texts are cut, what goes out.

Subclass `ConnectorContract` (or some of its parts) in a network's own tests and give:

* fixtures `connector` (aimed at the network's simulator, an HTTP timeout of about a second), `hook` (an authentic
  delivery of one resident's comment), `config` (the ChannelConfig that `connector` was built from), `network`
  (a NetworkUnderTest), `draft` (a reply that the network would take), `unreachable` (the same connector aimed at a
  closed port);
* methods `wrongly_signed`, `hook_with_text`, `odd_hooks`, and `unsigned` where the proof is not in the headers;
* class attributes where the network differs: `connector_class`, `measure`, `outcomes`, `wait_is_told`.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from otklik.connectors.base import (
    MAX_TEXT_CHARS,
    ChannelConfig,
    Connector,
    Malformed,
    NotAuthentic,
    SendFailed,
    SendUnknown,
)
from otklik.connectors.events import Draft, Event, ParseStatus, Webhook
from tests.connectors.broken_bodies import BROKEN_BODIES
from tests.connectors.edits_contract import EditsContract
from tests.connectors.ground import (
    OUTCOMES,
    RECEIVED_AT,
    WAIT_S,
    Fault,
    Given,
    NetworkUnderTest,
    Outcome,
    fuzzed,
    json_values,
    outcome_of,
    send_obediently,
    shared,
    texts,
)
from tests.connectors.photos_contract import PhotosContract

ODD = frozenset({"unknown kind", "missing message", "null sender", "future timestamp"})
FUTURE = RECEIVED_AT + timedelta(days=400)


class InboundContract(Given):
    """Verifying, keying, acknowledging and parsing."""

    def test_authentic_webhook_is_accepted(self, connector: Connector, hook: Webhook) -> None:
        connector.verify(hook)

    def test_unsigned_webhook_is_refused(self, connector: Connector, hook: Webhook) -> None:
        with pytest.raises(NotAuthentic):
            connector.verify(self.unsigned(hook))

    def test_wrongly_signed_webhook_is_refused(self, connector: Connector, hook: Webhook) -> None:
        with pytest.raises(NotAuthentic):
            connector.verify(self.wrongly_signed(hook))

    @shared
    @given(body=st.binary(max_size=80), values=st.text(max_size=40))
    def test_anything_else_is_refused(self, connector: Connector, hook: Webhook, body: bytes, values: str) -> None:
        with pytest.raises(NotAuthentic):
            connector.verify(replace(hook, headers=dict.fromkeys(hook.headers, values), body=body))

    @shared
    @given(body=st.binary(max_size=200))
    def test_key_and_acknowledgement_never_fail(self, connector: Connector, hook: Webhook, body: bytes) -> None:
        damaged = replace(hook, body=body)

        assert 0 < len(connector.delivery_key(damaged)) <= 200
        connector.acknowledge(damaged)

    @pytest.mark.parametrize("name", BROKEN_BODIES)
    def test_key_of_a_broken_body_is_its_own(self, connector: Connector, hook: Webhook, name: str) -> None:
        damaged = replace(hook, body=BROKEN_BODIES[name])

        assert connector.delivery_key(damaged) == connector.delivery_key(damaged) != connector.delivery_key(hook)
        connector.acknowledge(damaged)

    def test_authentic_webhook_is_acknowledged_with_200(self, connector: Connector, hook: Webhook) -> None:
        assert connector.acknowledge(hook).status == 200

    def test_redelivery_gives_the_same_keys(self, connector: Connector, hook: Webhook) -> None:
        later = replace(hook, received_at=hook.received_at + timedelta(minutes=5))
        first, second = connector.parse(hook), connector.parse(later)

        assert connector.delivery_key(hook) == connector.delivery_key(later)
        assert [event.dedup_key for event in first] == [event.dedup_key for event in second] != []
        assert [event.object_key for event in first] == [event.object_key for event in second]

    @pytest.mark.parametrize("name", BROKEN_BODIES)
    def test_broken_body_is_malformed(self, connector: Connector, hook: Webhook, name: str) -> None:
        with pytest.raises(Malformed):
            connector.parse(replace(hook, body=BROKEN_BODIES[name]))

    def test_truncated_body_is_malformed(self, connector: Connector, hook: Webhook) -> None:
        for length in range(len(hook.body)):
            with pytest.raises(Malformed):
                connector.parse(replace(hook, body=hook.body[:length]))

    @fuzzed
    @given(
        which=st.integers(min_value=0),
        damages=st.lists(st.tuples(st.integers(min_value=0), json_values), min_size=1, max_size=4),
    )
    def test_payload_with_any_wrong_values_is_parsed_or_malformed(
        self, connector: Connector, hook: Webhook, which: int, damages: list[tuple[int, Any]]
    ) -> None:
        hooks = (hook, *self.other_hooks())
        payload = json.loads(hooks[which % len(hooks)].body)
        for choice, value in damages:
            places = _places(payload)
            if places:
                where, key = places[choice % len(places)]
                where[key] = value
        damaged = replace(hook, body=json.dumps(payload).encode())

        assert len(connector.delivery_key(damaged)) <= 200
        for event in _events_unless_malformed(connector, damaged):
            assert_storable(event)

    @shared
    @given(choice=st.integers(min_value=0))
    def test_payload_without_any_one_field_is_parsed_or_malformed(
        self, connector: Connector, hook: Webhook, choice: int
    ) -> None:
        payload = json.loads(hook.body)
        places = list(_places(payload))
        where, key = places[choice % len(places)]
        del where[key]

        for event in _events_unless_malformed(connector, replace(hook, body=json.dumps(payload).encode())):
            assert_storable(event)

    def test_odd_payloads_are_events_not_errors(self, connector: Connector) -> None:
        hooks = self.odd_hooks()

        assert set(hooks) >= ODD
        for name, hook in hooks.items():
            connector.verify(hook)
            events = connector.parse(hook)
            assert events, name
            for event in events:
                assert_storable(event)

    @pytest.mark.parametrize("name", ["unknown kind", "missing message", "future timestamp"])
    def test_what_is_not_understood_is_marked_partial(self, connector: Connector, name: str) -> None:
        events = connector.parse(self.odd_hooks()[name])

        assert [(event.parse_status, event.note != "") for event in events] == [(ParseStatus.PARTIAL, True)]

    def test_null_sender_leaves_the_words(self, connector: Connector) -> None:
        [event] = connector.parse(self.odd_hooks()["null sender"])

        assert (event.text != "", event.author is None or event.author.external_id is None) == (True, True)

    def test_future_timestamp_is_clamped_to_when_it_reached_us(self, connector: Connector) -> None:
        [event] = connector.parse(self.odd_hooks()["future timestamp"])

        assert event.occurred_at == RECEIVED_AT

    @pytest.mark.parametrize("text", ["Когда починят?", '👍🏽 «ёж» <b>&amp;</b> "\\ \u2028', "a\nb\n\nc"])
    def test_text_is_kept_as_it_was_written(self, connector: Connector, text: str) -> None:
        [event] = connector.parse(self.hook_with_text(text))

        assert (event.text, event.parse_status) == (text, ParseStatus.OK)

    def test_text_that_a_database_refuses_is_cleaned(self, connector: Connector) -> None:
        [event] = connector.parse(self.hook_with_text("я\x00ма"))

        assert event.text == "яма"

    def test_five_megabytes_of_text_are_cut_and_marked(self, connector: Connector) -> None:
        hook = self.hook_with_text("яма " * 700_000)

        [event] = connector.parse(hook)

        assert (len(hook.body) > 5_000_000, 0 < len(event.text) <= MAX_TEXT_CHARS) == (True, True)
        assert (event.parse_status, event.note != "") == (ParseStatus.PARTIAL, True)


class SplittingContract(Given):
    """Cutting a text into parts."""

    measure: ClassVar[Callable[[str], int]] = staticmethod(len)

    @shared
    @given(text=texts, times=st.integers(min_value=1, max_value=200))
    @example(text="🚧 ", times=5_000)
    @example(text="🚧", times=5_000)
    def test_parts_fit_the_limit_and_lose_no_words(self, connector: Connector, text: str, times: int) -> None:
        text = text * times
        parts = connector.split(text)

        limit = connector.capabilities.text_limit
        assert [part for part in parts if not 0 < self.measure(part) <= limit] == []
        assert "".join("".join(parts).split()) == "".join(text.split())

    def test_short_text_is_one_part(self, connector: Connector) -> None:
        assert connector.split("Яму засыпят завтра.") == ["Яму засыпят завтра."]


class OutboundContract(Given):
    """Sending: the right error for every fault, nothing twice, no secret shown."""

    outcomes: ClassVar[Mapping[Fault, Outcome]] = OUTCOMES
    wait_is_told: ClassVar[bool] = True

    def test_sent_draft_is_published_once_and_has_a_receipt(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        receipt = connector.send(draft)

        assert (network.accepted(), receipt.external_id != "") == ([draft.text], True)

    def test_text_as_long_as_the_limit_is_taken(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        longest = "x" * connector.capabilities.longest(draft.kind)

        connector.send(replace(draft, text=longest))

        assert network.accepted() == [longest]

    @pytest.mark.parametrize("fault", Fault)
    def test_fault_gives_its_error(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)

        assert outcome_of(lambda: connector.send(draft)) == self.outcomes[fault]

    @pytest.mark.parametrize("fault", Fault)
    def test_worker_that_obeys_the_errors_never_sends_twice(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)

        receipt = send_obediently(connector, draft)

        assert network.accepted() in ([], [draft.text])
        if receipt is not None:
            assert network.accepted() == [draft.text]

    def test_wait_is_taken_from_the_network(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        waits = []
        for fault in (Fault.TOO_MANY, Fault.TOO_MANY_BARE):
            network.fail_next(fault)
            with pytest.raises(SendFailed) as failed:
                connector.send(draft)
            waits.append(failed.value.retry_after_s)

        assert waits == [WAIT_S if self.wait_is_told else None, None]
        assert network.accepted() == []

    def test_refused_connection_means_not_sent_and_worth_repeating(self, unreachable: Connector, draft: Draft) -> None:
        assert outcome_of(lambda: unreachable.send(draft)) == Outcome.LATER

    @pytest.mark.parametrize("words", ["", " \n", "too long"])
    def test_text_that_cannot_be_sent_is_refused_without_asking(
        self, unreachable: Connector, draft: Draft, words: str
    ) -> None:
        text = "x" * (unreachable.capabilities.longest(draft.kind) + 1) if words == "too long" else words

        assert outcome_of(lambda: unreachable.send(replace(draft, text=text))) == Outcome.REFUSED

    def test_reading_what_was_sent_agrees_with_the_capability(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        if not connector.capabilities.can_find_sent:
            with pytest.raises(SendUnknown):
                connector.find_sent(draft)
            return

        assert connector.find_sent(draft) is None
        receipt = connector.send(draft)
        found = connector.find_sent(draft)
        assert (found and found.external_id) == receipt.external_id

    @pytest.mark.parametrize(
        "fault", [Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER]
    )
    def test_doubt_about_a_send_is_settled_by_reading(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft, fault: Fault
    ) -> None:
        network.fail_next(fault)
        if self.outcomes[fault] is not Outcome.UNKNOWN:
            assert outcome_of(lambda: connector.send(draft)) == self.outcomes[fault]
            return
        with pytest.raises(SendUnknown):
            connector.send(draft)
        was_taken = network.accepted() == [draft.text]
        if not connector.capabilities.can_find_sent:
            with pytest.raises(SendUnknown):
                connector.find_sent(draft)
            return

        found = connector.find_sent(draft)
        if found is None:
            connector.send(draft)

        assert ((found is not None), network.accepted()) == (was_taken, [draft.text])

    @pytest.mark.parametrize("fault", Fault)
    def test_no_secret_is_shown_in_errors_logs_or_repr(
        self,
        connector: Connector,
        unreachable: Connector,
        network: NetworkUnderTest,
        config: ChannelConfig,
        draft: Draft,
        fault: Fault,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        network.fail_next(fault)
        shown = [repr(connector), repr(config)]
        for name in ("", "httpx", "httpcore"):
            caplog.set_level(logging.DEBUG, logger=name)
        for sender in (connector, unreachable):
            try:
                shown.append(repr(sender.send(draft)))
            except (SendFailed, SendUnknown) as error:
                shown += [repr(error), "".join(traceback.format_exception(error))]
        shown += [repr(finding) for finding in (*connector.check(), *unreachable.check())]
        shown.append(caplog.text)

        assert [secret for secret in config.secrets.values() if secret in "\n".join(shown)] == []


class TokenContract(Given):
    """A token or password that the network takes no more."""

    @pytest.fixture
    def outdated(self, config: ChannelConfig) -> Connector:
        """The connector with secrets that are alike and not the same."""
        others = {name: value[:-1] + ("1" if value[-1] != "1" else "2") for name, value in config.secrets.items()}
        return self.connector_class.from_config(replace(config, secrets=others))

    def test_outdated_token_is_a_refusal_that_people_must_mend(
        self, outdated: Connector, network: NetworkUnderTest, draft: Draft
    ) -> None:
        assert outcome_of(lambda: outdated.send(draft)) == Outcome.REFUSED
        assert network.accepted() == []

    def test_outdated_token_is_found_by_looking_and_has_a_remedy(
        self, outdated: Connector, network: NetworkUnderTest
    ) -> None:
        wrong = [finding for finding in outdated.check() if not finding.ok]

        assert wrong != []
        assert [finding for finding in wrong if not finding.advice] == []


class SettingsContract(Given):
    """Building a connector from what an administrator typed."""

    def test_missing_required_setting_is_named(self, config: ChannelConfig) -> None:
        required = [field for field in self.connector_class.fields if field.required and not field.default]
        for field in required:
            lacking = replace(
                config,
                settings={name: value for name, value in config.settings.items() if name != field.name},
                secrets={name: value for name, value in config.secrets.items() if name != field.name},
            )
            with pytest.raises(ValueError, match=field.name):
                self.connector_class.from_config(lacking)

    def test_every_field_is_explained_in_both_languages(self) -> None:
        fields = self.connector_class.fields

        assert [field.name for field in fields if not (field.label_ru and field.label_en)] == []
        assert [field.name for field in fields if bool(field.help_ru) != bool(field.help_en)] == []

    def test_secrets_are_declared_secret(self, config: ChannelConfig) -> None:
        secret = {field.name for field in self.connector_class.fields if field.secret}

        assert set(config.secrets) <= secret
        assert secret.isdisjoint(config.settings)


class ConnectorContract(
    InboundContract, SplittingContract, OutboundContract, PhotosContract, EditsContract, SettingsContract
):
    """The suite that every connector passes."""


def assert_storable(event: Event) -> None:
    """Check what the database will insist on: aware instants, bounded keys, 64-bit numbers, clean text."""
    assert event.occurred_at.tzinfo is not None
    assert 0 < len(event.dedup_key) <= 200
    assert (len(event.external_id) <= 120, len(event.object_key) <= 240, len(event.thread_key) <= 200) == (True,) * 3
    assert abs(event.external_version) < 2**63
    assert len(event.text) <= MAX_TEXT_CHARS
    if event.author is not None:
        assert len(event.author.external_id or "") <= 120
    for text in _strings(asdict(event)):
        assert "\x00" not in text
        text.encode()


def _strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for item in pair for text in _strings(item)]
        case list() | tuple():
            return [text for item in value for text in _strings(item)]
        case _:
            return []


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a JSON document."""
    match value:
        case dict():
            pairs = list(value.items())
        case list():
            pairs = list(enumerate(value))
        case _:
            return []
    return [place for key, inner in pairs for place in ((value, key), *_places(inner))]


def _events_unless_malformed(connector: Connector, hook: Webhook) -> list[Event]:
    try:
        return connector.parse(hook)
    except Malformed:
        return []
