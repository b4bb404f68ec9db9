"""The suite of posts that are taken away again: wholly, and safe to repeat."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from otklik.connectors.base import ChannelConfig, Connector, SendFailed, SendUnknown
from otklik.connectors.events import Draft, Receipt
from otklik.connectors.posting import DeletesPosts
from tests.connectors.ground import OUTCOMES, WAIT_S, Fault, Given, NetworkUnderTest, Outcome, outcome_of


class DeletionsContract(Given):
    """Deleting posts, for networks that let them be deleted; `draft` is a post."""

    @pytest.fixture
    def sent(self, connector: Connector, draft: Draft) -> Receipt:
        return connector.send(draft)

    def test_what_is_declared_is_what_can_be_done(self, connector: Connector) -> None:
        assert connector.capabilities.deletes_posts
        assert _deleting(connector).takes_deletion()

    def test_deleted_post_is_gone(self, connector: Connector, network: NetworkUnderTest, sent: Receipt) -> None:
        assert network.is_there(sent)

        _deleting(connector).delete(sent)

        assert not network.is_there(sent)

    def test_deleting_what_is_gone_is_no_error(
        self, connector: Connector, network: NetworkUnderTest, sent: Receipt
    ) -> None:
        _deleting(connector).delete(sent)
        _deleting(connector).delete(sent)

        assert not network.is_there(sent)

    def test_other_posts_stay(
        self, connector: Connector, network: NetworkUnderTest, draft: Draft, sent: Receipt
    ) -> None:
        other = connector.send(replace(draft, idempotency_key=f"{draft.idempotency_key}-2", text="Другая новость"))

        _deleting(connector).delete(sent)

        assert network.is_there(other)

    @pytest.mark.parametrize("fault", Fault)
    def test_fault_of_a_deletion_gives_its_error(
        self, connector: Connector, network: NetworkUnderTest, sent: Receipt, fault: Fault
    ) -> None:
        network.fail_next_deletion(fault)

        assert outcome_of(lambda: _delete(connector, sent)) == OUTCOMES[fault]

    @pytest.mark.parametrize(
        "fault", [Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER, Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER]
    )
    def test_doubtful_deletion_is_settled_by_reading_or_by_repeating(
        self, connector: Connector, network: NetworkUnderTest, sent: Receipt, fault: Fault
    ) -> None:
        network.fail_next_deletion(fault)
        with pytest.raises(SendUnknown):
            _delete(connector, sent)

        try:
            is_gone = _deleting(connector).find_deletion(sent)
        except SendUnknown:
            is_gone = False
        if not is_gone:
            _delete(connector, sent)

        assert not network.is_there(sent)

    def test_wait_of_a_deletion_is_taken_from_the_network(
        self, connector: Connector, network: NetworkUnderTest, sent: Receipt
    ) -> None:
        network.fail_next_deletion(Fault.TOO_MANY)

        with pytest.raises(SendFailed) as failed:
            _delete(connector, sent)

        assert (failed.value.permanent, failed.value.retry_after_s) == (False, WAIT_S)

    def test_reading_a_deletion_agrees_with_what_is_shown(self, connector: Connector, sent: Receipt) -> None:
        if not connector.capabilities.can_find_sent:
            with pytest.raises(SendUnknown):
                _deleting(connector).find_deletion(sent)
            return

        before = _deleting(connector).find_deletion(sent)
        _delete(connector, sent)

        assert (before, _deleting(connector).find_deletion(sent)) == (False, True)

    def test_what_a_person_only_saw_there_is_not_deleted(self, unreachable: Connector, sent: Receipt) -> None:
        assert outcome_of(lambda: _delete(unreachable, replace(sent, external_id="seen-7"))) == Outcome.REFUSED

    def test_refused_connection_means_not_deleted_and_worth_repeating(
        self, unreachable: Connector, sent: Receipt
    ) -> None:
        assert outcome_of(lambda: _delete(unreachable, sent)) == Outcome.LATER

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_no_secret_is_shown_where_a_deletion_fails(
        self, connector: Connector, network: NetworkUnderTest, config: ChannelConfig, sent: Receipt, fault: Fault
    ) -> None:
        network.fail_next_deletion(fault)

        with pytest.raises((SendFailed, SendUnknown)) as failed:
            _delete(connector, sent)

        shown = "".join(traceback.format_exception(failed.value))
        assert [secret for secret in config.secrets.values() if secret in shown] == []


def _deleting(connector: Connector) -> DeletesPosts:
    assert isinstance(connector, DeletesPosts)
    return connector


def _delete(connector: Connector, sent: Receipt) -> Receipt:
    _deleting(connector).delete(sent)
    return sent
