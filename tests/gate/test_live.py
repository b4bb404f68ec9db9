from __future__ import annotations

import json

import httpx
import pytest

from otklik.common.clock import now
from otklik.gate.app import Gate
from otklik.org.enums import Role
from otklik.org.services.announcing import announce
from otklik.org.tickets import make_ticket
from tests.servers import serve
from tests.stories import found_town

pytestmark = pytest.mark.django_db(transaction=True)


def test_change_reaches_open_screens_of_its_city_only() -> None:
    town, other = found_town(), found_town("zarechensk")
    ticket = make_ticket(town.official(Role.OPERATOR))
    with (
        serve(Gate()) as url,
        httpx.Client(timeout=10) as client,
        client.stream("GET", f"{url}/live", params={"ticket": ticket}) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == "retry: 3000"
        for number in range(1, 40):  # the listener wakes once somebody looks: changes before that are not for it
            announce(other.city.pk, "case", [1000 + number], at=now())
            announce(town.city.pk, "case", [number], at=now())
        heard = [line for line in (next(lines) for _ in range(4)) if line]

    assert heard[0] == "event: case"
    assert json.loads(heard[1].removeprefix("data: "))["ids"][0] < 1000


@pytest.mark.parametrize("ticket", ["", "nonsense", "eyJ9:1vN:forged"])
def test_forged_ticket_is_refused(ticket: str) -> None:
    with serve(Gate()) as url:
        assert httpx.get(f"{url}/live", params={"ticket": ticket}).status_code == 403
