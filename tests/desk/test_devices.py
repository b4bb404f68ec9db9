"""Notices on the phone: switched on by a press, tried, switched off; and what the device itself says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from otklik.desk.devices import browser_name
from otklik.notices.letters import Carrier, Device
from otklik.notices.services.pushing import identity, save_push
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.simulators.push.simulator import PushSimulator
from tests.browsing import CHROMIUM, broken_rules, chromium, note_complaints  # noqa: F401 - a fixture
from tests.builders import make_official, signed_in
from tests.desk.office import Office
from tests.desk.served import Desk, desk  # noqa: F401 - a fixture
from tests.servers import serve


@pytest.fixture
def service() -> Iterator[tuple[PushSimulator, str]]:
    simulator = PushSimulator()
    with serve(simulator) as url:
        yield simulator, url


def switch_on(office: Office) -> None:
    save_push(access_of(make_official(office.town.city, Role.ADMIN)), is_on=True)


def test_device_is_kept_tried_and_forgotten(office: Office, service: tuple[PushSimulator, str]) -> None:
    simulator, url = service
    switch_on(office)
    browser, client = simulator.subscribe(identity().public), office.browser(office.executor)
    agent = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"}
    given = {"endpoint": f"{url}/push/{browser.token}", "p256dh": browser.p256dh, "auth": browser.secret}

    kept = client.post("/desk/notices/push/", given, headers=agent)
    page = client.get("/desk/notices/choices/").content.decode()
    tried = client.post("/desk/notices/push/try/", follow=True).content.decode()
    device = Device.objects.get()
    others = office.browser(office.approver).post(f"/desk/notices/push/{device.pk}/forget/").status_code
    forgotten = client.post(f"/desk/notices/push/{device.pk}/forget/").status_code

    assert (kept.status_code, device.name, others, forgotten) == (200, "Chrome, Android", 404, 302)
    assert ("Chrome, Android" in page, "Sent: look at your phone." in tried) == (True, True)
    assert json.loads(browser.messages[0])["matter"] == "try"
    assert Device.objects.count() == 0


def test_what_is_no_subscription_is_refused_in_a_sentence(office: Office) -> None:
    switch_on(office)
    given = {"endpoint": "http://169.254.169.254/latest", "p256dh": "BAAA", "auth": "AAAA"}

    answer = office.browser(office.executor).post("/desk/notices/push/", given)

    assert (answer.status_code, answer.json()["words"].startswith("The browser gave no usable address")) == (422, True)


def test_city_that_pushes_nothing_offers_nothing(office: Office) -> None:
    page = office.browser(office.executor).get("/desk/notices/choices/").content.decode()

    assert ("desk/push.js" in page, "The city sends nothing to phones yet." in page) == (False, True)


def test_administrator_switches_it_on_and_officials_choose_by_matter(office: Office) -> None:
    admin = signed_in(make_official(office.town.city, Role.ADMIN))

    admin.post("/desk/administration/letters/", {"which": "push", "push-is_on": "on"})
    page = office.browser(office.executor).get("/desk/notices/choices/").content.decode()

    assert Carrier.objects.get(way="push").is_on
    assert 'name="deadlines-by_push"' in page
    assert f'data-key="{identity().public}"' in page


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 YaBrowser/25.8 Safari/537.36", "Yandex Browser, Windows"),
        ("curl/8", ""),
    ],
)
def test_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name


FAKE = """
const given = %s;
const plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
const bytes = (text) => Uint8Array.from(plain(text), (one) => one.charCodeAt(0)).buffer;
PushManager.prototype.subscribe = async function (options) {
  globalThis.asked = options;
  return { endpoint: given.endpoint, getKey: (name) => bytes(given[name]) };
};
"""
"""A browser's own push service can't be reached from a test: it gives the simulator's address instead."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium, or set OTKLIK_CHROMIUM")
@pytest.mark.django_db(transaction=True)
def test_phone_is_switched_on_by_a_press_and_says_its_own_words(
    desk: Desk,  # noqa: F811
    service: tuple[PushSimulator, str],
) -> None:
    simulator, url = service
    wrong: list[str] = []
    switch_on(desk.office)
    browser = simulator.subscribe(identity().public)
    given = {"endpoint": f"{url}/push/{browser.token}", "p256dh": browser.p256dh, "auth": browser.secret}
    context = desk.sit_down("executor", viewport={"width": 390, "height": 800})
    context.grant_permissions(["notifications"], origin=desk.url)
    context.add_init_script(FAKE % json.dumps(given))
    page = context.new_page()
    note_complaints(page, wrong)
    page.goto(f"{desk.url}/desk/notices/choices/")

    page.get_by_role("button", name="Switch on in this browser").click()
    expect(page.get_by_text("Switched on. Choose what you are told on the phone.")).to_be_visible()
    page.get_by_role("button", name="Send me one to try it").click()
    expect(page.get_by_text("Sent: look at your phone.")).to_be_visible()
    deliver(page, desk.url, browser.messages[0].decode())

    shown = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
        (one) => [one.title, one.body, one.tag, one.data.path])"""
    page.wait_for_function(f"async () => (await ({shown})()).length > 0")
    (found,) = page.evaluate(shown)
    assert found[0] == "Получилось: уведомления города приходят сюда."
    assert found[1:] == ["", "try", "/desk/notices/choices/"]
    assert broken_rules(page) + wrong == []


def deliver(page: object, origin: str, message: str) -> None:
    """Hand the decrypted message to the service worker, as the browser does."""
    session = page.context.new_cdp_session(page)  # type: ignore[attr-defined]
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(one["registrationId"] for one in said["registrations"]),
    )
    session.send("ServiceWorker.enable")
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")  # type: ignore[attr-defined]
    assert found, "the browser told of no registration"
    session.send("ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found[0], "data": message})
