"""One person's many messages within minutes are one case, all of them kept; who is blocked opens none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from otklik.cases.models import Acknowledgement, Case
from otklik.cases.services.answering import targets_of
from otklik.channels.enums import Decision
from otklik.channels.models import Identity, Message, Outgoing
from otklik.channels.services.flooding import MOST, WITHIN
from otklik.channels.whys import is_code
from otklik.common.clock import now
from otklik.simulators.site.payloads import comment_submission
from tests.stories import Town, found_town, store_body

pytestmark = pytest.mark.django_db
BEYOND = 7


@pytest.fixture
def town() -> Town:
    return found_town()


def flood(town: Town, number: int, *, visitor: str = "ivan") -> None:
    """Comments under one post, each of its own conversation and about its own house, in one batch."""
    for one in range(number):
        text = f"На улице Садовой, дом {one + 1}, огромная яма на дороге, когда почините?"
        store_body(town.site, comment_submission(f"{visitor}{one}", text, name="Иван", visitor=visitor, post="7"))
    town.work()


def test_flood_of_one_author_folds_into_one_case_and_loses_nothing(town: Town) -> None:
    flood(town, MOST + BEYOND)

    newest = Case.objects.order_by("-id")[0]
    assert (Case.objects.count(), Message.objects.count()) == (MOST, MOST + BEYOND)
    assert newest.message_count == 1 + BEYOND
    assert Message.objects.filter(decision=Decision.JOINED).count() == BEYOND
    assert all(is_code(one) for one in Message.objects.values_list("decision_reason", flat=True))


def test_what_comes_in_later_batches_folds_too(town: Town) -> None:
    flood(town, MOST)
    for one in range(BEYOND):
        town.hear(f"На улице Лесной, дом {one + 1}, не горит фонарь, почините свет", visitor="ivan", post="7")

    assert Case.objects.count() == MOST
    assert Case.objects.order_by("-id")[0].message_count == 1 + BEYOND


def test_flood_is_acknowledged_once_and_answered_once(town: Town) -> None:
    flood(town, MOST + BEYOND)

    assert (Acknowledgement.objects.count(), Outgoing.objects.count()) == (1, 1)
    assert len(targets_of(Case.objects.order_by("-id")[0])) == 1


def test_many_people_are_no_flood(town: Town) -> None:
    for one in range(MOST + 2):
        town.hear(f"На улице Садовой, дом {one + 1}, огромная яма на дороге, когда почините?", post="7")

    assert Case.objects.count() == MOST + 2


def test_danger_to_life_is_never_folded(town: Town) -> None:
    flood(town, MOST + 1)
    message = town.hear("Сильно пахнет газом в подъезде, Липовая 4", visitor="ivan", post="7")

    assert (message.decision, town.case(message).urgency) == (Decision.OPENED, 4)


def test_after_some_minutes_each_message_counts_by_itself_again(town: Town) -> None:
    flood(town, MOST + 1)
    Identity.objects.update(wave_at=now() - WITHIN - timedelta(minutes=1))

    assert town.hear("На улице Кленовой, дом 5, не вывозят мусор", visitor="ivan", post="7").decision == Decision.OPENED


def test_repeated_deliveries_are_counted_once(town: Town) -> None:
    body = comment_submission("same", "Спасибо, фонарь горит!", name="Иван", visitor="ivan", post="7")
    for _ in range(MOST + 2):
        town.deliver(body)
    town.hear("На улице Кленовой, дом 5, не вывозят мусор", visitor="ivan", post="7")

    assert Identity.objects.get().wave_count <= 2


def test_blocked_author_opens_no_case_and_is_kept(town: Town) -> None:
    first = town.hear("Спасибо, фонарь горит!", visitor="ivan", post="7")
    Identity.objects.filter(pk=first.identity_id).update(blocked_until=now() + timedelta(days=1))

    message = town.hear("На улице Кленовой, дом 5, не вывозят мусор, уберите", visitor="ivan", post="7")
    danger = town.hear("Сильно пахнет газом в подъезде, Липовая 4", visitor="ivan", post="7")

    assert (message.decision, message.decision_reason) == (Decision.NO_ANSWER, "why:blocked")
    assert (message.text[:9], danger.decision) == ("На улице ", Decision.OPENED)


def test_block_that_is_over_holds_nothing_back(town: Town) -> None:
    first = town.hear("Спасибо, фонарь горит!", visitor="ivan", post="7")
    Identity.objects.filter(pk=first.identity_id).update(blocked_until=now() - timedelta(seconds=5))

    message = town.hear("На улице Кленовой, дом 5, не вывозят мусор, уберите", visitor="ivan", post="7")

    assert message.decision == Decision.OPENED
