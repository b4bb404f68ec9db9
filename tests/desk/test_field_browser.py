"""The field in a real browser: read and written without a network, sent once, kept for its own session only."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from otklik.cases.enums import Outcome
from otklik.cases.models import Answer, Case
from otklik.cases.photos import CasePhoto
from otklik.cases.services import answering
from otklik.org.access import access_of
from tests.browsing import chromium, needs_chromium  # noqa: F401 - a fixture
from tests.desk.served import Desk, desk  # noqa: F401 - a fixture
from tests.pictures import picture as jpeg

pytestmark = needs_chromium
PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}


def task_page(desk: Desk, who: str = "executor") -> tuple[Page, Case, str]:  # noqa: F811
    """The page of a task, with the worker in charge: opened, and opened again through it."""
    number = int(desk.addresses["case"].split("/")[3])
    address = f"{desk.url}/desk/field/{number}/"
    page = desk.sit_down(who, **PHONE).new_page()
    page.goto(address)
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    page.reload()
    kept = "caches.keys().then((names) => names.some((name) => name.startsWith('otklik-tasks-')))"
    page.wait_for_function(f"async () => await {kept} && Boolean(await fieldQueue.session())")
    return page, Case.objects.get(number=number), address


def write(page: Page, text: str, button: str = "Save the draft") -> None:
    page.get_by_label("Answer to the resident").fill(text)
    page.get_by_role("button", name=button).click()


def waiting(page: Page) -> Any:
    return page.locator("#field-waits h2")


def test_draft_without_a_network_outlives_a_reload_and_is_sent_once(desk: Desk) -> None:  # noqa: F811
    page, case, address = task_page(desk)
    page.context.set_offline(True)

    photo = {"name": "яма.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.get_by_label("Choose photos").set_input_files([photo])  # type: ignore[list-item]
    page.get_by_label("What it shows (1)").fill("Засыпанная яма")
    write(page, "Олег, засыпали сегодня.")
    expect(waiting(page)).to_have_text("Waits for the network: 1")
    expect(page.locator("#field-waits li")).to_contain_text("photos: 1")
    page.goto(address)
    expect(page.get_by_text("No network. This is how it was at")).to_be_visible()
    expect(waiting(page)).to_have_text("Waits for the network: 1")
    expect(page.get_by_label("Answer to the resident")).to_have_value("Олег, засыпали сегодня.")
    assert Answer.objects.filter(case=case).count() == 0
    page.context.set_offline(False)

    expect(page.get_by_text("Saved; nobody outside sees it yet.")).to_be_visible()
    expect(page.locator("#field-waits")).to_be_hidden()
    assert [answer.text for answer in Answer.objects.filter(case=case)] == ["Олег, засыпали сегодня."]
    assert [photo.alt for photo in CasePhoto.objects.filter(case=case)] == ["Засыпанная яма"]


def test_answer_lost_after_the_commit_is_asked_for_again_and_done_once(desk: Desk) -> None:  # noqa: F811
    page, case, _address = task_page(desk)
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())  # the city did it and said so; the phone never hears
        route.abort("connectionreset")

    page.context.route("**/send/", lose_first)
    page.get_by_text("Note to colleagues").click()
    page.get_by_label("Note", exact=True).fill("Был на месте, нужен асфальт.")
    page.get_by_role("button", name="Write it down").click()
    # Sent again by the browser's own background sync, or by this:
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_text("Noted; only colleagues see it.")).to_be_visible()
    expect(page.locator("#field-waits")).to_be_hidden()
    assert ('"done"' in lost[0], case.notes.count()) == (True, 1)


def test_case_that_moved_on_gives_the_words_back(desk: Desk) -> None:  # noqa: F811
    page, case, _address = task_page(desk)
    page.context.set_offline(True)
    write(page, "Слова, которые жалко.", "Hand on for approval")
    expect(waiting(page)).to_have_text("Waits for the network: 1")
    colleague = access_of(desk.office.approver)
    answering.write_draft(colleague, case, "Коллега успел раньше.", Outcome.EXPLAINED, now=desk.office.town.now)

    page.context.set_offline(False)

    expect(waiting(page)).to_have_text("Not accepted: 1")
    expect(page.get_by_label("What you wrote")).to_have_value("Слова, которые жалко.")
    page.reload()
    expect(page.get_by_label("Answer to the resident")).to_have_value("Коллега успел раньше.")
    page.get_by_role("button", name="Put it back into the form").click()
    expect(page.get_by_label("Answer to the resident")).to_have_value("Слова, которые жалко.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Saved; nobody outside sees it yet.")).to_be_visible()
    assert Answer.objects.get(case=case).text == "Слова, которые жалко."


def test_session_that_ended_keeps_the_queue_and_asks_to_sign_in(desk: Desk) -> None:  # noqa: F811
    page, case, _address = task_page(desk)
    cookies = page.context.cookies()
    page.context.set_offline(True)
    write(page, "Написано в подвале.")
    expect(waiting(page)).to_have_text("Waits for the network: 1")
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="Sign in again, and what waits is sent")).to_be_visible()
    assert Answer.objects.filter(case=case).count() == 0

    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_text("Saved; nobody outside sees it yet.")).to_be_visible()
    assert Answer.objects.get(case=case).text == "Написано в подвале."


def test_nothing_is_kept_for_who_signs_in_after_on_the_same_phone(desk: Desk) -> None:  # noqa: F811
    page, case, address = task_page(desk)
    nothing_kept = "async () => (await caches.keys()).every((name) => !name.startsWith('otklik-tasks-'))"
    page.context.set_offline(True)
    write(page, "Только автору.")
    expect(waiting(page)).to_have_text("Waits for the network: 1")
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.get_by_role("link", name="Sign in again, and what waits is sent").click()
    page.wait_for_url(re.compile("sign-in"))
    page.wait_for_function(nothing_kept)

    page.context.add_cookies(desk.sit_down("approver").cookies())  # type: ignore[arg-type]
    page.goto(f"{desk.url}/desk/field/")
    expect(page.get_by_text("A colleague’s things wait on this phone too")).to_be_visible()
    assert page.locator("#field-waits li").count() == 0
    assert "Только автору" not in page.content()
    page.locator(".desk-me > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("sign-in"))
    page.wait_for_function(nothing_kept)
    page.context.set_offline(True)
    page.goto(address)
    expect(page.get_by_role("heading", name="No network")).to_be_visible()
    assert Answer.objects.filter(case=case).count() == 0
