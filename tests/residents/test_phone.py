"""Signing in by a code to a phone: off without a gateway, limited by number, place and city, good once and shortly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client

from otklik.cli.boot import Problem, environment
from otklik.common import clock
from otklik.residents import queries
from otklik.residents.addresses import masked, tidy_phone
from otklik.residents.belongings import whose_address
from otklik.residents.enums import MailKind, MailState
from otklik.residents.models import Account, ResidentMail, SignInCode
from otklik.residents.services import posting, signing_in
from otklik.residents.services.signing_in import CODE_LIVES, TRIES, send_code, sign_in
from otklik.simulators.sms.simulator import SmsSimulator
from tests.public.town import Town, make_town
from tests.servers import closed_port, serve

pytestmark = pytest.mark.django_db
NUMBER = "+79001234567"
TOKEN = "a-token-of-the-gateway"


@pytest.fixture(scope="module")
def gateway() -> Iterator[tuple[SmsSimulator, str]]:
    simulator = SmsSimulator(TOKEN)
    with serve(simulator) as url:
        yield simulator, url


@pytest.fixture
def sms(gateway: tuple[SmsSimulator, str], monkeypatch: pytest.MonkeyPatch) -> SmsSimulator:
    simulator, url = gateway
    simulator.taken.clear()
    simulator.faults.clear()
    made = replace(settings.ENVIRONMENT, sms_url=f"{url}/send", sms_token=TOKEN, allow_loopback=True)
    monkeypatch.setattr(settings, "ENVIRONMENT", made)
    return simulator


@pytest.fixture
def town() -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    yield make_town()
    cache.clear()


def sent() -> list[str]:
    """What the worker does with what is due; the states of what it did."""
    for mail in posting.claim("worker", now=clock.now()):
        posting.record(posting.post(mail, now=clock.now()), now=clock.now())
    return list(ResidentMail.objects.order_by("id").values_list("state", flat=True))


def code_on(sms: SmsSimulator) -> str:
    return re.search(r"\d{8}", list(sms.taken.values())[-1].text)[0]


def test_code_to_a_phone_opens_an_account_of_that_number(town: Town, sms: SmsSimulator) -> None:
    browser = Client()
    asked = browser.post("/me/phone/", {"phone": "8 (900) 123-45-67"})
    states = sent()
    entered = browser.post("/me/code/", {"code": code_on(sms)})

    assert (asked["Location"], states, entered["Location"]) == ("/me/code/", [MailState.SENT], "/me/")
    assert [one.to for one in sms.taken.values()] == [NUMBER]
    assert queries.address_of(Account.objects.get()) == NUMBER
    assert whose_address(town.city, "8 900 123 45 67").account == Account.objects.get()


def test_without_a_gateway_no_phone_is_asked_for(town: Town) -> None:
    assert "/me/phone/" not in Client().get("/me/").content.decode()
    assert Client().post("/me/phone/", {"phone": NUMBER}).status_code == 404
    assert send_code(town.city, NUMBER, "ru", now=town.now) != ""
    assert ResidentMail.objects.count() == 0


def test_every_number_is_answered_alike_and_foreign_ones_get_nothing(town: Town, sms: SmsSimulator) -> None:
    pages = []
    for number in (NUMBER, "+8801700000000", "+18765550100"):
        browser = Client()
        answer = browser.post("/me/phone/", {"phone": number})
        pages.append((answer.status_code, answer["Location"], sorted(answer.cookies)))

    assert len(set(map(str, pages))) == 1
    assert (sent(), [one.to for one in sms.taken.values()]) == ([MailState.SENT], [NUMBER])


def test_one_number_gets_three_codes_an_hour(town: Town, sms: SmsSimulator) -> None:
    for _ in range(5):
        send_code(town.city, NUMBER, "ru", now=town.now)

    assert (SignInCode.objects.count(), sent()) == (3, [MailState.SENT] * 3)


def test_all_numbers_together_cost_no_more_than_the_limit(
    town: Town, sms: SmsSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "PHONE_CODES_AN_HOUR", 3)
    for number in range(5):
        send_code(town.city, f"+7900123450{number}", "ru", now=town.now)

    assert ResidentMail.objects.count() == 3


def test_one_visitor_asks_ten_times_an_hour(town: Town, sms: SmsSimulator) -> None:
    address = {"X-Forwarded-For": "203.0.113.9"}
    said = [
        Client().post("/me/phone/", {"phone": f"+7900123450{n % 10}"}, headers=address).status_code for n in range(11)
    ]

    assert said == [302] * 10 + [429]


def test_code_is_short_lived_good_once_and_in_its_browser_alone(town: Town, sms: SmsSimulator) -> None:
    secret = send_code(town.city, NUMBER, "ru", now=town.now)
    other = send_code(town.city, "+79001234568", "ru", now=town.now)
    sent()
    code = re.search(r"\d{8}", next(one.text for one in sms.taken.values() if one.to == NUMBER))[0]

    assert sign_in(town.city, other, code, "ru", now=town.now) is None
    assert sign_in(town.city, secret, code, "ru", now=town.now + CODE_LIVES) is None
    assert sign_in(town.city, secret, code, "ru", now=town.now) is not None
    assert sign_in(town.city, secret, code, "ru", now=town.now) is None


def test_right_code_after_five_wrong_ones_opens_nothing(town: Town, sms: SmsSimulator) -> None:
    secret = send_code(town.city, NUMBER, "ru", now=town.now)
    sent()
    for _ in range(TRIES):
        sign_in(town.city, secret, "00000000", "ru", now=town.now)

    assert sign_in(town.city, secret, code_on(sms), "ru", now=town.now) is None


def test_nothing_of_the_number_is_kept_readable_and_the_code_goes(town: Town, sms: SmsSimulator) -> None:
    send_code(town.city, NUMBER, "ru", now=town.now)
    sent()
    rows = [*ResidentMail.objects.values(), *SignInCode.objects.values()]

    assert "9001234567" not in str(rows)
    assert bytes(ResidentMail.objects.get().sealed) == b""


@pytest.mark.parametrize(("code", "state"), [(503, MailState.QUEUED), (429, MailState.QUEUED), (403, MailState.FAILED)])
def test_gateway_that_refuses_is_asked_again_only_if_that_can_help(
    town: Town, sms: SmsSimulator, code: int, state: str
) -> None:
    sms.faults.append(code)
    send_code(town.city, NUMBER, "ru", now=town.now)

    assert sent() == [state]
    assert ResidentMail.objects.get().kind == MailKind.PHONE


def test_wrong_token_is_refused_and_a_gateway_that_is_away_waited_for(
    town: Town, sms: SmsSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, sms_token="forged"))
    send_code(town.city, NUMBER, "ru", now=town.now)
    refused = sent()
    away = replace(settings.ENVIRONMENT, sms_url=f"http://127.0.0.1:{closed_port()}/send")
    monkeypatch.setattr(settings, "ENVIRONMENT", away)
    send_code(town.city, NUMBER, "ru", now=town.now)

    assert (refused, sent()[1:], sms.taken) == ([MailState.FAILED], [MailState.QUEUED], {})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+7 900 123-45-67", NUMBER),
        ("8 (900) 123-45-67", NUMBER),
        ("9001234567", NUMBER),
        ("+375 29 123-45-67", "+375291234567"),
    ],
)
def test_number_is_kept_as_it_is_called(typed: str, kept: str) -> None:
    assert tidy_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "112", "+", "+0123456789", "900-CALL-ME", "12345678", "+1234567890123456"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        tidy_phone(typed)


def test_mistyped_number_comes_back_with_a_sentence(town: Town, sms: SmsSimulator) -> None:
    answer = Client().post("/me/phone/", {"phone": "12-34"}, headers={"Accept-Language": "en"})

    assert answer.status_code == 422
    assert "begin with +" in answer.content.decode()
    assert masked(NUMBER) == "+7•••67"


@pytest.mark.parametrize(
    "given", [{"OTKLIK_SMS_URL": "ftp://sms"}, {"OTKLIK_SMS_URL": "sms"}, {"OTKLIK_SMS_PREFIXES": "7"}]
)
def test_setting_that_cannot_be_used_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Problem, match=next(iter(given))):
        environment(**given)
