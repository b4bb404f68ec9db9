"""The demo's page of phones: what the city's gateway took, newest first, and nothing in a message is markup."""

from __future__ import annotations

import httpx
import pytest

from otklik.notices.carriers.outcome import NotSent
from otklik.notices.carriers.sms import Gateway
from otklik.simulators.sms.simulator import SmsSimulator
from otklik.simulators.town.serving import Networks
from tests.servers import serve
from tests.simulators.town.towns import town

TOKEN = "a-token-of-the-demo"


def test_codes_are_shown_where_the_city_sends_them_in_the_demo() -> None:
    life, sms = town(), SmsSimulator(TOKEN)
    with serve(Networks(life.telegram, life.vk, sms=sms)) as url:
        empty = httpx.get(f"{url}/sms/").text
        gateway = Gateway(f"{url}/sms/send", TOKEN, allow_loopback=True)
        gateway.send("+79001234567", "1234 5678: <b>код</b>", "resident-1-1")
        gateway.send("+79007654321", "8765 4321: код", "resident-2-1")
        with pytest.raises(NotSent, match="401"):
            Gateway(f"{url}/sms/send", "forged", allow_loopback=True).send("+79000000000", "чужой", "x")
        shown = httpx.get(f"{url}/sms/")
        elsewhere = httpx.get(f"{url}/sms/x").status_code

    assert "No message yet" in empty
    assert shown.text.index("+79007654321") < shown.text.index("+79001234567")
    assert ("&lt;b&gt;код" in shown.text, "чужой" in shown.text, elsewhere) == (True, False, 404)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
