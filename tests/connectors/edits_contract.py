"""The suite of words that are changed once they are there: in place, once, and safe to repeat."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from otklik.connectors.base import ChannelConfig, Connector, SendFailed, SendUnknown
from otklik.connectors.events import Draft, Receipt
from tests.connectors.ground import OUTCOMES, WAIT_S, Fault, Given, NetworkUnderTest, Outcome, outcome_of

CORRECTED = "Яму засыпят в четверг, не в среду."


class EditsContract(Given):
    """Changing what was sent, for networks that let it be changed."""

    longest: int | None = None
    """Characters of this kind, where it isn't as long as any text of the network."""

    @pytest.fixture
    def sent(self, connector: Connector, draft: Draft) -> Receipt:
        return connector.send(draft)

    @pytest.fixture
    def corrected(self, draft: Draft) -> Draft:
        return replace(draft, text=CORRECTED)

    def test_account_takes_the_edits_that_its_network_takes(self, connector: Connector, draft: Draft) -> None:
        assert connector.takes_edits(draft.kind) == connector.capabilities.edits(draft.kind)

    def test_edited_words_take_the_place_of_the_old_ones(
        self, connector: Connector, network: NetworkUnderTest, corrected: Draft, sent: Receipt
    ) -> None:
        connector.edit(corrected, sent)

        assert network.shown(sent) == CORRECTED

    def test_same_words_again_change_nothing_and_are_no_error(
        self, connector: Connector, network: NetworkUnderTest, corrected: Draft, sent: Receipt
    ) -> None:
        connector.edit(corrected, sent)
        connector.edit(corrected, sent)

        assert network.shown(sent) == CORRECTED

    @pytest.mark.parametrize("fault", Fault)
    def test_fault_of_an_edit_gives_its_error(
        self, connector: Connector, network: NetworkUnderTest, corrected: Draft, sent: Receipt, fault: Fault
    ) -> None:
        network.fail_next_edit(fault)

        assert outcome_of(lambda: _edit(connector, corrected, sent)) == OUTCOMES[fault]

    @pytest.mark.parametrize(
        "fault", [Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER, Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER]
    )
    def test_doubtful_edit_is_settled_by_reading_or_by_repeating(
        self, connector: Connector, network: NetworkUnderTest, corrected: Draft, sent: Receipt, fault: Fault
    ) -> None:
        network.fail_next_edit(fault)
        with pytest.raises(SendUnknown):
            connector.edit(corrected, sent)

        try:
            is_there = connector.find_edit(corrected, sent)
        except SendUnknown:
            is_there = False
        if not is_there:
            connector.edit(corrected, sent)

        assert network.shown(sent) == CORRECTED
        assert network.accepted().count(corrected.text) <= 1

    def test_wait_of_an_edit_is_taken_from_the_network(
        self, connector: Connector, network: NetworkUnderTest, corrected: Draft, sent: Receipt
    ) -> None:
        network.fail_next_edit(Fault.TOO_MANY)

        with pytest.raises(SendFailed) as failed:
            connector.edit(corrected, sent)

        assert (failed.value.permanent, failed.value.retry_after_s) == (False, WAIT_S)

    def test_reading_an_edit_agrees_with_what_is_shown(
        self, connector: Connector, corrected: Draft, sent: Receipt
    ) -> None:
        if not connector.capabilities.can_find_sent:
            with pytest.raises(SendUnknown):
                connector.find_edit(corrected, sent)
            return

        before = connector.find_edit(corrected, sent)
        connector.edit(corrected, sent)

        assert (before, connector.find_edit(corrected, sent)) == (False, True)

    def test_what_a_person_only_saw_there_is_not_edited(
        self, unreachable: Connector, corrected: Draft, sent: Receipt
    ) -> None:
        seen = replace(sent, external_id="seen-7")

        assert outcome_of(lambda: _edit(unreachable, corrected, seen)) == Outcome.REFUSED

    @pytest.mark.parametrize("words", ["", " \n", "too long"])
    def test_words_that_cannot_be_sent_are_refused_without_asking(
        self, unreachable: Connector, draft: Draft, sent: Receipt, words: str
    ) -> None:
        text = "x" * ((self.longest or unreachable.capabilities.text_limit) + 1) if words == "too long" else words

        assert outcome_of(lambda: _edit(unreachable, replace(draft, text=text), sent)) == Outcome.REFUSED

    def test_refused_connection_means_not_edited_and_worth_repeating(
        self, unreachable: Connector, corrected: Draft, sent: Receipt
    ) -> None:
        assert outcome_of(lambda: _edit(unreachable, corrected, sent)) == Outcome.LATER

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_no_secret_is_shown_where_an_edit_fails(
        self,
        connector: Connector,
        network: NetworkUnderTest,
        config: ChannelConfig,
        corrected: Draft,
        sent: Receipt,
        fault: Fault,
    ) -> None:
        network.fail_next_edit(fault)

        with pytest.raises((SendFailed, SendUnknown)) as failed:
            connector.edit(corrected, sent)

        shown = "".join(traceback.format_exception(failed.value))
        assert [secret for secret in config.secrets.values() if secret in shown] == []


def _edit(connector: Connector, draft: Draft, sent: Receipt) -> Receipt:
    connector.edit(draft, sent)
    return sent
