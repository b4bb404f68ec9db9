"""Coming in through the real door: password, second factor, and everybody who must stay outside."""

from __future__ import annotations

import dataclasses
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from otklik.org.enums import Role
from otklik.org.models import Official
from tests.builders import PASSWORD, make_city, make_official

pytestmark = pytest.mark.django_db

SIGN_IN = "/desk/sign-in/"
INSIDE = "/desk/administration/people/"


@pytest.fixture(autouse=True)
def _forget_attempts():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def admin() -> Official:
    return make_official(make_city(), Role.ADMIN, email="vera@yasnogorye.example", password=PASSWORD)


def enter(browser: Client, email: str, password: str = PASSWORD, **options: str):
    return browser.post(SIGN_IN, {"login": email, "password": password}, **options)


def is_inside(browser: Client) -> bool:
    return browser.get(INSIDE).status_code == 200


def code_for(secret: str, *, step: int = 0) -> str:
    counter = next(iter(yield_hotp_counters_from_time())) + step
    return format_hotp_value(hotp_value(secret, counter))


def test_right_password_lets_in_and_remembers_where_to(client, admin) -> None:
    asked = client.get(INSIDE)
    assert (asked.status_code, asked.url) == (302, f"{SIGN_IN}?next={INSIDE}")

    answer = client.post(asked.url, {"login": "VERA@yasnogorye.example", "password": PASSWORD, "next": INSIDE})

    assert (answer.status_code, answer.url) == (302, INSIDE)
    assert is_inside(client)


def test_next_never_leads_away(client, admin) -> None:
    answer = client.post(SIGN_IN, {"login": admin.email, "password": PASSWORD, "next": "https://evil.example/"})

    assert (answer.status_code, answer.url) == (302, "/desk/")


@pytest.mark.parametrize(
    ("email", "password"), [("vera@yasnogorye.example", "wrong-willow-42"), ("nobody@yasnogorye.example", PASSWORD)]
)
def test_wrong_password_and_unknown_address_say_the_same(client, admin, email: str, password: str) -> None:
    client.cookies["lang"] = "en"

    answer = enter(client, email, password)

    words = "The email address and/or password you specified are not correct."
    assert words in answer.content.decode()
    assert f'value="{email}"' in answer.content.decode()
    assert not is_inside(client)


def test_guessing_is_stopped(client, admin) -> None:
    client.cookies["lang"] = "en"
    for _ in range(5):
        enter(client, admin.email, "wrong-willow-42")

    answer = enter(client, admin.email)

    assert "Too many failed login attempts. Try again later." in answer.content.decode()
    assert not is_inside(client)


def test_attempts_are_counted_by_the_visitors_own_address(client, admin) -> None:
    for number in range(12):
        enter(client, f"guess{number}@yasnogorye.example", "x", headers={"x-forwarded-for": "203.0.113.7"})

    stopped = enter(client, admin.email, headers={"x-forwarded-for": "203.0.113.7"})
    assert stopped.status_code == 200
    assert not is_inside(client)
    enter(client, admin.email, headers={"x-forwarded-for": "203.0.113.7, 198.51.100.9"})
    assert is_inside(client)


def test_demo_account_is_refused_outside_the_demo(client, admin) -> None:
    Official.objects.update(is_demo=True)
    client.cookies["lang"] = "en"

    answer = enter(client, admin.email)

    words = "Demo accounts work in the demo only. Ask your administrator for an invitation."
    assert words in answer.content.decode()
    assert not is_inside(client)


def test_demo_account_works_in_the_demo_and_its_session_dies_with_it(client, admin, settings) -> None:
    Official.objects.update(is_demo=True)
    real = settings.ENVIRONMENT
    settings.ENVIRONMENT = dataclasses.replace(real, demo=True)
    enter(client, admin.email)
    assert is_inside(client)

    settings.ENVIRONMENT = real

    assert client.get(INSIDE).url.startswith(SIGN_IN)


def test_switched_off_official_is_outside_at_once_and_stays_there(client, admin) -> None:
    client.cookies["lang"] = "en"
    enter(client, admin.email)
    assert is_inside(client)

    Official.objects.update(is_active=False)

    assert client.get(INSIDE).url.startswith(SIGN_IN)
    answer = enter(client, admin.email)
    assert "This account is switched off." in answer.content.decode()
    assert not is_inside(client)


def test_official_without_a_password_cannot_come_in(client) -> None:
    official = make_official(make_city(), Role.ADMIN)

    for password in ("", "!", "None"):
        enter(client, official.email, password)

    assert not is_inside(client)


def test_signing_out_needs_a_button(client, admin) -> None:
    enter(client, admin.email)

    assert client.get("/desk/sign-out/").status_code == 200
    assert is_inside(client)
    assert client.post("/desk/sign-out/").url == SIGN_IN
    assert not is_inside(client)


def test_changing_the_password_signs_out_everywhere_else(client, admin) -> None:
    elsewhere = Client()
    enter(client, admin.email)
    enter(elsewhere, admin.email)
    new = {"password1": "quiet-river-17-lamp", "password2": "quiet-river-17-lamp"}

    weak = client.post("/desk/account/password/", {"oldpassword": PASSWORD, "password1": "123", "password2": "123"})
    wrong = client.post("/desk/account/password/", {"oldpassword": "wrong", **new})
    changed = client.post("/desk/account/password/", {"oldpassword": PASSWORD, **new})

    assert (weak.status_code, wrong.status_code, changed.status_code) == (200, 200, 302)
    assert is_inside(client)
    assert not is_inside(elsewhere)
    admin.refresh_from_db()
    assert admin.check_password("quiet-river-17-lamp")


def protect(browser: Client, official: Official) -> str:
    """Switch the authenticator app on as a person does; returns its secret."""
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = browser.get(reverse("mfa_activate_totp"))
    secret = re.search(r'class="secret">(\w+)<', page.content.decode())[1]
    answer = browser.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def recovery_codes(browser: Client) -> list[str]:
    page = browser.get(reverse("mfa_view_recovery_codes")).content.decode()
    return re.findall(r"<li><code>(\d+)</code></li>", page)


def test_second_factor_is_asked_for_and_a_wrong_code_stays_outside(client, admin) -> None:
    enter(client, admin.email)
    secret = protect(client, admin)
    cache.clear()
    browser = Client()

    answer = enter(browser, admin.email)

    assert answer.url == reverse("mfa_authenticate")
    assert not is_inside(browser)
    assert browser.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_inside(browser)
    assert browser.post(reverse("mfa_authenticate"), {"code": code_for(secret)}).status_code == 302
    assert is_inside(browser)


def test_recovery_code_works_once(client, admin) -> None:
    enter(client, admin.email)
    protect(client, admin)
    codes = recovery_codes(client)
    assert len(codes) == 10
    cache.clear()

    first, second = Client(), Client()
    enter(first, admin.email)
    first.post(reverse("mfa_authenticate"), {"code": codes[0]})
    enter(second, admin.email)
    second.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert (is_inside(first), is_inside(second)) == (True, False)


def test_secrets_of_the_second_factor_lie_sealed(client, admin) -> None:
    enter(client, admin.email)
    secret = protect(client, admin)

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in kept
    assert not any(code in kept for code in recovery_codes(client))


def test_changing_the_second_factor_asks_for_the_password_again(client, admin) -> None:
    enter(client, admin.email)

    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.url.startswith(reverse("account_reauthenticate"))
    wrong = client.post(answer.url, {"password": "wrong-willow-42"})
    right = client.post(answer.url, {"password": PASSWORD})

    assert wrong.status_code == 200
    assert (right.status_code, right.url) == (302, reverse("mfa_activate_totp"))


def test_second_factor_can_be_switched_off_and_new_codes_made(client, admin) -> None:
    enter(client, admin.email)
    protect(client, admin)
    old = recovery_codes(client)

    client.post(reverse("mfa_generate_recovery_codes"))
    assert set(old) & set(recovery_codes(client)) == set()
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_reset_password", "account_set_password", "mfa_add_webauthn"],
)
def test_what_nobody_needs_is_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_no_address_of_allauth_lies_outside_the_desk() -> None:
    names = [name for name in get_resolver().reverse_dict if str(name).startswith(("account_", "mfa_"))]

    assert {reverse(name).split("/")[1] for name in names} == {"desk"}
    assert len(names) == 13


@pytest.mark.parametrize("language", ["ru", "en"])
def test_pages_of_ones_own_account_open(client, admin, language: str) -> None:
    client.cookies["lang"] = language
    assert client.get(SIGN_IN).status_code == 200
    assert client.get("/desk/sign-in/closed/").status_code == 200
    enter(client, admin.email)
    protect(client, admin)
    names = (
        "mfa_index account_change_password mfa_view_recovery_codes mfa_generate_recovery_codes mfa_deactivate_totp "
        "account_reauthenticate mfa_reauthenticate account_logout"
    )

    answers = {name: client.get(reverse(name)).status_code for name in names.split()}

    assert answers == dict.fromkeys(names.split(), 200)
