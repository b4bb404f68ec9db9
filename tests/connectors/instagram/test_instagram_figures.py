from __future__ import annotations

from collections.abc import Mapping

from otklik.connectors.figures import Figure
from otklik.connectors.instagram.connector import Instagram
from otklik.simulators.instagram import faults
from otklik.simulators.instagram.insights import Numbers
from tests.connectors.figures_contract import AudienceContract
from tests.connectors.ground import WAIT_S, Fault
from tests.connectors.instagram import accounts
from tests.connectors.instagram.test_instagram_contract import Network, _Instagram, server

__all__ = ["server"]
ACCOUNT = {Figure.FOLLOWERS: "followers_count", Figure.REACH: "reach", Figure.VIEWS: "views"}
POSTS = {
    Figure.LIKES: "like_count",
    Figure.COMMENTS: "comments_count",
    Figure.SHARES: "shares",
    Figure.SAVES: "saved",
    Figure.REACH: "reach",
    Figure.VIEWS: "views",
}
READ = frozenset({"read"})


class TestInstagramFigures(_Instagram, AudienceContract):
    account_tells = frozenset(ACCOUNT)
    post_tells = frozenset(POSTS)

    def tell_account(self, network: Network, figures: Mapping[Figure, int]) -> None:
        network.simulator.town.numbers = Numbers({ACCOUNT[figure]: value for figure, value in figures.items()})

    def tell_audience(self, network: Network, people: int) -> None:
        network.simulator.town.numbers.audience = {
            "age": [("25-34", people)],
            "gender": [("F", people * 6 // 10), ("M", people * 4 // 10)],
            "city": [("Ясногорье", people * 3 // 4), ("Лесной", people // 4)],
        }

    def make_post(self, network: Network) -> str:
        return network.simulator.town.publish("Сквер").id

    def tell_post(self, network: Network, post: str, figures: Mapping[Figure, int]) -> None:
        network.simulator.town.numbers.posts[post] = {POSTS[figure]: value for figure, value in figures.items()}

    def remove_post(self, network: Network, post: str) -> None:
        network.simulator.town.posts.pop(post)

    def tell_more(self, network: Network) -> None:
        network.simulator.town.numbers.more = [{"name": "impressions", "total_value": {"value": 4}}]

    def fail(self, network: Network, fault: Fault) -> None:
        play = network.simulator.fail_next
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                play(faults.Fault.REFUSED, edges=READ, code=190)
            case Fault.TOO_MANY:
                play(faults.Fault.HTTP_ERROR, edges=READ, code=429, retry_after_s=WAIT_S)
            case Fault.TOO_MANY_BARE:
                play(faults.Fault.REFUSED, edges=READ, code=4)
            case Fault.SERVER_ERROR:
                play(faults.Fault.HTTP_ERROR, edges=READ, code=500)
            case Fault.SERVER_ERROR_AFTER:
                play(faults.Fault.HTTP_ERROR_AFTER, edges=READ, code=502)
            case _:
                play(faults.Fault(fault.value), edges=READ)

    def test_few_followers_have_no_audience(self, network: Network, connector: Instagram) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 99})

        told = connector.account_figures()
        assert (told.figures, told.audience, told.refused) == ({Figure.FOLLOWERS: 99}, None, "")

    def test_insights_that_are_refused_leave_the_followers_and_the_reason(
        self, network: Network, connector: Instagram
    ) -> None:
        self.tell_account(network, {Figure.FOLLOWERS: 99})
        network.simulator.fail_next(faults.Fault.REFUSED, edges={"insights"}, code=10)

        told = connector.account_figures()
        assert (told.figures, "lacks a right" in told.refused) == ({Figure.FOLLOWERS: 99}, True)

    def test_count_that_is_hidden_as_minus_one_is_not_told(self, network: Network, connector: Instagram) -> None:
        post = self.make_post(network)
        self.tell_post(network, post, {Figure.REACH: -1, Figure.LIKES: 3})

        assert connector.post_figures([post]) == {post: {Figure.LIKES: 3}}

    def test_post_from_before_the_account_was_a_professional_one_has_no_insights(
        self, network: Network, connector: Instagram
    ) -> None:
        post = self.make_post(network)
        self.tell_post(network, post, dict.fromkeys(POSTS, 3))
        network.simulator.fail_next(faults.Fault.REFUSED, edges={"insights"}, code=100, subcode=2108006)

        assert connector.post_figures([post]) == {post: {Figure.LIKES: 3, Figure.COMMENTS: 3}}

    def test_likes_of_comments_are_told_by_their_keys(self, network: Network, connector: Instagram) -> None:
        town = network.simulator.town
        post = self.make_post(network)
        first = town.comment(post, accounts.RESIDENT, "Когда?")
        answer = town.comment(post, accounts.NEIGHBOUR, "Да!", first.id)
        silent = town.comment(post, accounts.NEIGHBOUR, "Ещё")
        town.numbers.comment_likes |= {first.id: 0, answer.id: 4}

        told = connector.reactions_under(post)
        assert told == {f"comments:{first.id}": {}, f"comments:{answer.id}": {"like": 4}}
        assert f"comments:{silent.id}" not in told
