"""The suite of what networks tell in numbers: as told, never more; what isn't told isn't zero; and no other error.

Give fixtures `connector`, `unreachable` and `config`, and the methods below; `account_tells` and `post_tells` are what
this network's account is told, `post_tells` empty where posts aren't asked for.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, cast

import httpx
import pytest
from hypothesis import given

from otklik.connectors.base import ChannelConfig, Connector, SendFailed, SendUnknown
from otklik.connectors.figures import Figure, TellsFigures, TellsReactions, Trait
from tests.connectors.ground import OUTCOMES, WAIT_S, Fault, Outcome, json_values, shared


def outcome_of(ask: Callable[[], object]) -> Outcome:
    try:
        ask()
    except SendFailed as error:
        return Outcome.REFUSED if error.permanent else Outcome.LATER
    except SendUnknown:
        return Outcome.UNKNOWN
    return Outcome.SENT


class FiguresContract:
    """Asking for figures."""

    connector_class: ClassVar[type[Connector]]
    account_tells: ClassVar[frozenset[Figure]]
    post_tells: ClassVar[frozenset[Figure]] = frozenset()

    def tell_account(self, network: Any, figures: Mapping[Figure, int]) -> None:
        """Have the network know exactly these figures of the account."""
        raise NotImplementedError

    def make_post(self, network: Any) -> str:
        """Publish something and return its id, as events name it."""
        raise NotImplementedError

    def tell_post(self, network: Any, post: str, figures: Mapping[Figure, int]) -> None:
        """Have the network know exactly these figures of a post."""
        raise NotImplementedError

    def remove_post(self, network: Any, post: str) -> None:
        """Delete a post in the network's own application."""
        raise NotImplementedError

    def tell_more(self, network: Any) -> None:
        """Have the network tell something beside everything else that nobody has heard of; where it can."""

    def fail(self, network: Any, fault: Fault) -> None:
        """Play the fault on the next question."""
        raise NotImplementedError

    @pytest.fixture
    def asked(self, connector: Connector) -> TellsFigures:
        assert isinstance(connector, TellsFigures)
        return connector

    def test_what_is_told_is_declared(self, connector: Connector, asked: TellsFigures) -> None:
        tells, declared = asked.tells(), connector.capabilities

        assert (tells.account, tells.account <= declared.account_figures) == (self.account_tells, True)
        assert (tells.posts <= declared.post_figures, asked.posts_at_once > 0) == (True, bool(self.post_tells))
        assert isinstance(connector, TellsReactions) <= declared.reaction_counts

    def test_account_is_as_told(self, network: Any, asked: TellsFigures) -> None:
        figures = {figure: number for number, figure in enumerate(sorted(self.account_tells), start=120)}
        self.tell_account(network, figures)

        assert asked.account_figures().figures == figures

    def test_what_is_not_told_of_an_account_is_not_zero(self, network: Any, asked: TellsFigures) -> None:
        self.tell_account(network, {})

        told = asked.account_figures()
        assert (told.figures, told.audience or ()) == ({}, ())

    def test_what_nobody_has_heard_of_is_left_out(self, network: Any, asked: TellsFigures) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 7})
        self.tell_more(network)

        assert asked.account_figures().figures == {Figure.FOLLOWERS: 7}

    def test_posts_are_as_told_and_zero_is_zero(self, network: Any, asked: TellsFigures) -> None:
        if not self.post_tells:
            assert asked.post_figures(["1"]) == {}
            return
        first, second = self.make_post(network), self.make_post(network)
        figures = {figure: number for number, figure in enumerate(sorted(self.post_tells), start=30)}
        self.tell_post(network, first, figures)
        self.tell_post(network, second, dict.fromkeys(self.post_tells, 0))

        assert asked.post_figures([first, second]) == {first: figures, second: dict.fromkeys(self.post_tells, 0)}

    def test_what_is_not_told_of_a_post_is_not_zero(self, network: Any, asked: TellsFigures) -> None:
        for absent in sorted(self.post_tells):
            post = self.make_post(network)
            figures = {figure: 5 for figure in self.post_tells if figure is not absent}
            self.tell_post(network, post, figures)

            assert asked.post_figures([post]) == {post: figures}

    def test_post_that_is_gone_is_missing(self, network: Any, asked: TellsFigures) -> None:
        if not self.post_tells:
            return
        post = self.make_post(network)
        self.tell_post(network, post, {})
        gone = self.make_post(network)
        self.remove_post(network, gone)

        assert asked.post_figures([gone, post]) == {post: {}}

    def test_nothing_is_asked_for_nothing(self, unreachable: Connector) -> None:
        assert cast("TellsFigures", unreachable).post_figures([]) == {}

    @pytest.mark.parametrize("fault", Fault)
    def test_fault_gives_its_error(self, network: Any, asked: TellsFigures, fault: Fault) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 7})
        self.fail(network, fault)

        assert outcome_of(asked.account_figures) == OUTCOMES[fault]

    @pytest.mark.parametrize("fault", Fault)
    def test_fault_of_posts_gives_its_error(self, network: Any, asked: TellsFigures, fault: Fault) -> None:
        if not self.post_tells:
            return
        post = self.make_post(network)
        self.fail(network, fault)

        assert outcome_of(lambda: asked.post_figures([post])) == OUTCOMES[fault]

    def test_wait_is_taken_from_the_network(self, network: Any, asked: TellsFigures) -> None:
        self.fail(network, Fault.TOO_MANY)

        with pytest.raises(SendFailed) as failed:
            asked.account_figures()

        assert (failed.value.permanent, failed.value.retry_after_s) == (False, WAIT_S)

    def test_network_that_is_away_is_worth_repeating(self, unreachable: Connector) -> None:
        assert outcome_of(cast("TellsFigures", unreachable).account_figures) is Outcome.LATER

    @pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.SERVER_ERROR, Fault.BROKEN_REPLY])
    def test_no_secret_is_shown(self, network: Any, asked: TellsFigures, config: ChannelConfig, fault: Fault) -> None:
        self.fail(network, fault)

        with pytest.raises((SendFailed, SendUnknown)) as failed:
            asked.account_figures()

        shown = "".join(traceback.format_exception(failed.value))
        assert [secret for secret in config.secrets.values() if secret in shown] == []

    @shared
    @given(answer=json_values)
    def test_any_answer_is_read_or_is_one_error(self, config: ChannelConfig, answer: Any) -> None:
        def reply(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=self.wrapped(answer))

        transport = httpx.MockTransport(reply)
        connector = self.connector_class.from_config(replace(config, http=lambda: httpx.Client(transport=transport)))
        asked = cast("TellsFigures", connector)
        for ask in (asked.account_figures, lambda: asked.post_figures(["-123_5", "179", "mid.5"])):
            try:
                ask()
            except (SendFailed, SendUnknown):
                continue

    def wrapped(self, answer: Any) -> Any:
        """Return an answer within what every answer of this network is wrapped in."""
        return answer


class AudienceContract(FiguresContract):
    """Networks that tell whom an account reaches."""

    def tell_audience(self, network: Any, people: int) -> None:
        """Have the network know `people`: six of ten women, all of one age and two cities, three to one."""
        raise NotImplementedError

    def test_audience_is_told_in_shares(self, network: Any, asked: TellsFigures) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 1000})
        self.tell_audience(network, 1000)

        audience = asked.account_figures().audience or ()
        assert [(one.name, one.percent) for one in audience if one.trait is Trait.SEX] == [("f", 60.0), ("m", 40.0)]
        assert [one.percent for one in audience if one.trait is Trait.AGE] == [100.0]
        cities = [(one.name, one.percent) for one in audience if one.trait is Trait.CITY]
        assert cities == [("Ясногорье", 75.0), ("Лесной", 25.0)]

    def test_of_few_people_no_shares_are_made(self, network: Any, asked: TellsFigures) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 1000})
        self.tell_audience(network, 80)

        assert asked.account_figures().audience == ()
