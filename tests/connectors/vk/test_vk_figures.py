from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from otklik.connectors.figures import Figure, Tells
from otklik.connectors.vk.connector import Vk
from otklik.simulators.vk import faults
from otklik.simulators.vk.statistics import Numbers
from tests.connectors.figures_contract import AudienceContract
from tests.connectors.ground import WAIT_S, Fault
from tests.connectors.vk import accounts
from tests.connectors.vk.test_vk_contract import Network, _Vk, server

__all__ = ["server"]
ACCOUNT = {
    Figure.FOLLOWERS: "members",
    Figure.REACH: "reach",
    Figure.VIEWS: "views",
    Figure.LIKES: "likes",
    Figure.SHARES: "copies",
    Figure.COMMENTS: "comments",
}
POSTS = {
    Figure.LIKES: "likes",
    Figure.SHARES: "reposts",
    Figure.COMMENTS: "comments",
    Figure.VIEWS: "views",
    Figure.REACH: "reach",
}
ASKED = frozenset({"groups.getById", "wall.getById"})


class TestVkFigures(_Vk, AudienceContract):
    account_tells = frozenset(ACCOUNT)
    post_tells = frozenset(POSTS)

    def tell_account(self, network: Network, figures: Mapping[Figure, int]) -> None:
        network.simulator.town.numbers = Numbers({ACCOUNT[figure]: value for figure, value in figures.items()})

    def tell_audience(self, network: Network, people: int) -> None:
        ages = [("f;25-30", people * 6 // 10), ("m;25-30", people * 4 // 10)]
        cities = [("Лесной", people // 4), ("Ясногорье", people * 3 // 4)]
        network.simulator.town.numbers.audience = {"sex_age": ages, "cities": cities}

    def make_post(self, network: Network) -> str:
        town = network.simulator.town
        return f"{town.owner_id}_{town.publish('Сквер', town.owner_id).id}"

    def tell_post(self, network: Network, post: str, figures: Mapping[Figure, int]) -> None:
        number = int(post.partition("_")[2])
        network.simulator.town.numbers.posts[number] = {POSTS[figure]: value for figure, value in figures.items()}

    def remove_post(self, network: Network, post: str) -> None:
        network.simulator.town.posts.pop(int(post.partition("_")[2]))

    def tell_more(self, network: Network) -> None:
        network.simulator.town.numbers.more = {"donuts": {"count": 4}, "mood": "fine"}

    def fail(self, network: Network, fault: Fault) -> None:
        play = network.simulator.fail_next
        match fault:
            case Fault.NONE:
                pass
            case Fault.REFUSED:
                play(faults.Fault.REFUSED, methods=ASKED, code=5)
            case Fault.TOO_MANY:
                play(faults.Fault.HTTP_ERROR, methods=ASKED, code=429, retry_after_s=WAIT_S)
            case Fault.TOO_MANY_BARE:
                play(faults.Fault.REFUSED, methods=ASKED, code=6)
            case Fault.SERVER_ERROR:
                play(faults.Fault.HTTP_ERROR, methods=ASKED, code=500)
            case Fault.SERVER_ERROR_AFTER:
                play(faults.Fault.HTTP_ERROR_AFTER, methods=ASKED, code=502)
            case _:
                play(faults.Fault(fault.value), methods=ASKED)

    def wrapped(self, answer: Any) -> Any:
        return {"response": answer}

    def test_community_alone_is_told_its_members_only(self, network: Network) -> None:
        self.tell_account(network, dict.fromkeys(ACCOUNT, 9))
        alone = Vk.from_config(accounts.config(network.base_url, user_token=""))

        assert alone.tells() == Tells(frozenset({Figure.FOLLOWERS}))
        assert alone.account_figures().figures == {Figure.FOLLOWERS: 9}

    def test_statistics_that_are_refused_leave_the_members_and_the_reason(
        self, network: Network, connector: Vk
    ) -> None:
        self.tell_account(network, dict.fromkeys(ACCOUNT, 9))
        network.simulator.fail_next(faults.Fault.REFUSED, methods={"stats.get"}, code=7)

        told = connector.account_figures()
        assert (told.figures, "lacks the right" in told.refused) == ({Figure.FOLLOWERS: 9}, True)

    def test_reach_that_is_refused_leaves_the_rest(self, network: Network, connector: Vk) -> None:
        post = self.make_post(network)
        self.tell_post(network, post, dict.fromkeys(POSTS, 3))
        network.simulator.fail_next(faults.Fault.REFUSED, methods={"stats.getPostReach"}, code=15)

        assert connector.post_figures([post]) == {post: dict.fromkeys(POSTS.keys() - {Figure.REACH}, 3)}

    def test_likes_of_comments_are_told_by_their_keys(self, network: Network, connector: Vk) -> None:
        town = network.simulator.town
        post = self.make_post(network)
        number = int(post.partition("_")[2])
        first = town.comment(number, town.meet(accounts.RESIDENT), "Когда?")
        answer = town.comment(number, town.meet(accounts.NEIGHBOUR), "Да!", first.id)
        town.numbers.comment_likes[answer.id] = 4

        told = connector.reactions_under(post)
        assert told == {f"wall{post}:{first.id}": {}, f"wall{post}:{answer.id}": {"like": 4}}
