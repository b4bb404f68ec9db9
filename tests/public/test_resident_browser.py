"""A resident's whole way in a real browser without scripts, and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from otklik.cases.models import Case
from otklik.common import clock
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.notices.services.carrying import vault
from otklik.residents.services import posting
from otklik.residents.services.signing_in import account_of, open_session
from otklik.simulators.mail.simulator import MailSimulator
from otklik.worker.taking import take_channel
from tests.browsing import chromium, needs_chromium, visits  # noqa: F401 - a fixture
from tests.pictures import picture
from tests.public.town import Town, furnish, make_town
from tests.stories import brain

pytestmark = needs_chromium
PASSWORD = "steep-willow-42"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    yield make_town()
    cache.clear()


@pytest.fixture
def mail(town: Town) -> Iterator[MailSimulator]:
    simulator = MailSimulator(user="city", password=PASSWORD)
    with simulator.serve() as port:
        server = {"host": "127.0.0.1", "port": port, "security": "none", "user": "city", "sender": "a@city.example"}
        sealed = vault().seal({"password": PASSWORD})
        Carrier.objects.create(municipality=town.city, way=Way.EMAIL, is_on=True, sealed_secret=sealed, **server)
        yield simulator


@pytest.fixture
def browser(town: Town, mail: MailSimulator, live_server: Any, chromium: Browser) -> Iterator[Browser]:  # noqa: F811
    with visits(live_server, chromium):
        yield chromium


def carry(town: Town) -> None:
    while take_channel(town.channels["site"].pk, brain()):
        pass


def letter(mail: MailSimulator) -> str:
    """Let the worker send what is due and return the newest letter's words."""
    for one in posting.claim("w1", now=clock.now()):
        posting.record(posting.post(one, now=clock.now()), now=clock.now())
    return str(mail.taken[-1].get_content())


def test_whole_way_of_a_resident_needs_no_script(
    browser: Browser, live_server: Any, town: Town, mail: MailSimulator
) -> None:
    page = browser.new_context(
        java_script_enabled=False, locale="ru", viewport={"width": 360, "height": 740}
    ).new_page()
    code = write_without_a_name(page, live_server.url, town)
    own = f"{live_server.url}/case/{code}/"

    page.get_by_label("Что нам ещё нужно знать?").fill("Вот фотография")
    page.set_input_files("#photos", {"name": "yama.jpg", "mimeType": "image/jpeg", "buffer": picture(320, 240)})
    page.get_by_role("button", name="Добавить", exact=True).click()
    expect(page.get_by_text("Вот фотография")).to_have_count(1)

    town.answer(Case.objects.get(), "Засыпали щебнем.", ago_h=0)
    page.goto(own)
    page.get_by_role("group", name="Как к вам отнеслись?").get_by_label("5").check()
    page.get_by_role("group", name="Что получилось?").get_by_label("2").check()
    page.get_by_role("button", name="Оценить").click()
    expect(page.get_by_role("button", name="Изменить оценку")).to_have_count(1)
    page.get_by_role("button", name="Да, решено").click()
    expect(page.get_by_text("Вы сказали, что решено.")).to_have_count(1)
    page.get_by_label("Что не решено?").fill("Яма открылась снова")
    page.get_by_role("button", name="Открыть снова").click()
    expect(page.get_by_text("Вы сказали, что не решено. Дело снова открыто.")).to_have_count(1)

    follow_and_stop(page, mail)
    collect(page, live_server.url, mail, code)


def write_without_a_name(page: Page, site: str, town: Town) -> str:
    page.goto(site)
    page.get_by_role("navigation", name="Быстрый доступ").get_by_role("link", name="Написать").click()
    page.get_by_label("Что случилось и где?").fill("Яма на Мельничной, 7, пробил колесо")
    page.get_by_label("Нет: не показывайте моё имя никому").check()
    page.get_by_label("Ваше имя").fill("Нина")
    page.get_by_role("button", name="Отправить").click()
    page.wait_for_url("**/sent/**")
    carry(town)
    page.reload()
    code = page.locator(".code").inner_text()
    assert Case.objects.get().case_messages.get().message.identity.display_name == ""
    page.get_by_role("link", name="Следить за делом").click()
    return code


def follow_and_stop(page: Page, mail: MailSimulator) -> None:
    page.get_by_role("link", name="Сообщать мне по почте").click()
    page.get_by_label("Электронная почта").fill("nina@mail.example")
    page.get_by_role("button", name="Присылайте").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Загляните в почту")
    page.goto(to_here(page, re.search(r"http\S+/letters/\S+", letter(mail))[0]))
    page.get_by_role("button", name="Да, пишите мне").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Хорошо, будем писать")
    page.get_by_role("link", name="Больше не пишите").click()
    page.get_by_role("button", name="Больше не пишите").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Писем больше не будет")


def collect(page: Page, site: str, mail: MailSimulator, code: str) -> None:
    page.goto(f"{site}/me/")
    page.get_by_label("Электронная почта").fill("nina@mail.example")
    page.get_by_role("button", name="Пришлите код").click()
    page.get_by_label("Код, который вам пришёл").fill(re.search(r"\d{4} \d{4}", letter(mail))[0])
    page.get_by_role("button", name="Войти").click()
    page.get_by_label("Код дела").fill(code)
    page.get_by_role("button", name="Это моё").click()
    expect(page.get_by_role("link", name="Яма на Мельничной, 7, пробил колесо")).to_have_count(1)
    page.get_by_role("link", name="Стереть запись и мои слова").click()
    page.get_by_label("Я прочитал(а). Стирайте.").check()
    page.get_by_role("button", name="Стереть").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Стёрто")


def to_here(page: Page, link: str) -> str:
    """A letter's link on the server of this test."""
    return page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + "/" + link.split("/", 3)[3]


def test_case_is_followed_and_opened_again_by_keyboard_alone(browser: Browser, live_server: Any, town: Town) -> None:
    addresses = furnish(town)
    page = browser.new_context(locale="ru").new_page()
    page.goto(f"{live_server.url}{addresses['own_answered']}")
    focused = "document.activeElement"

    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.name") == "reason":
            break
    page.keyboard.type("Яма открылась снова")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Вы сказали, что не решено. Дело снова открыто.")).to_have_count(1)


def test_passkey_is_added_by_who_is_signed_in_and_then_is_enough(
    browser: Browser, live_server: Any, town: Town
) -> None:
    account = account_of(town.city, "nina@mail.example", "ru", now=clock.now())
    context = browser.new_context(locale="ru")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    session = {"name": "otklik_me", "value": open_session(account, now=clock.now()), "url": live_server.url}
    context.add_cookies([session])
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.post_data or "") if asked.url.endswith("/me/passkey/") else None)

    page.goto(f"{live_server.url}/me/")
    page.get_by_role("button", name="Добавить ключ доступа").click()
    expect(page.get_by_role("button", name="Удалить Linux")).to_have_count(1)
    page.get_by_role("button", name="Выйти").click()
    page.get_by_role("button", name="Войти по ключу доступа").click()
    expect(page.get_by_text("nina@mail.example")).to_have_count(1)

    stranger = Client()
    assert [stranger.post("/me/passkey/", body, content_type="application/json").status_code for body in sent] == [422]
    other = json.dumps({**json.loads(sent[0]), "browser": stranger.post("/me/passkey/ask/").json()["browser"]})
    assert stranger.post("/me/passkey/", other, content_type="application/json").status_code == 422
    assert stranger.get("/me/").templates[0].name == "public/me_out.html"
