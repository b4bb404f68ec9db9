"""The desk in a real browser: by keyboard, live, and without scripts. Its looks: `test_screens_browser.py`."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, Route, expect

from otklik.cases.enums import Outcome
from otklik.cases.models import Answer, Case
from otklik.cases.services import answering, assigning
from otklik.org.access import access_of
from tests.browsing import chromium, needs_chromium  # noqa: F401 - a fixture
from tests.desk.served import Desk, desk  # noqa: F401 - a fixture

pytestmark = needs_chromium


def test_chosen_case_opens_in_place_and_the_way_back_works(desk: Desk) -> None:  # noqa: F811
    page = desk.open("curator", "inbox")
    page.evaluate("window.sameDocument = true")

    page.get_by_role("link", name="На Школьной").click()

    expect(page.locator("#case-title")).to_contain_text("На Школьной")
    assert re.search(r"/desk/cases/\d+/", page.url)
    assert page.evaluate("window.sameDocument") is True
    assert page.title().startswith("№")
    expect(page.locator("[data-rows] > [aria-current]")).to_contain_text("На Школьной")
    page.go_back()
    expect(page.get_by_text("Choose a line on the left")).to_be_visible()
    page.go_forward()
    page.reload()
    expect(page.locator("#case-title")).to_contain_text("На Школьной")


def test_answer_is_written_and_handed_on_without_leaving_the_page(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "case")
    page.evaluate("window.sameDocument = true")

    page.get_by_label("Answer to the resident").fill("Олег, засыпали сегодня.")
    page.get_by_role("button", name="Hand on for approval").click()

    expect(page.get_by_text("Saved and handed on for approval.")).to_be_visible()
    expect(page.locator("[data-rows] > [aria-current]")).to_contain_text("Waits for approval")
    assert page.evaluate("window.sameDocument") is True
    assert Answer.objects.filter(state="submitted").latest("id").text == "Олег, засыпали сегодня."


def test_refused_step_shows_its_sentence_and_keeps_the_words(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "case")
    case = Case.objects.get(number=int(desk.addresses["case"].split("/")[3]))
    page.get_by_label("Answer to the resident").fill("Слова, которые жалко.")
    access = access_of(desk.office.executor)
    answering.write_draft(access, case, "Раньше.", Outcome.EXPLAINED, now=desk.office.town.now)
    answering.submit(access, case, now=desk.office.town.now)

    page.get_by_role("button", name="Hand on for approval").click()

    expect(page.get_by_role("alert")).to_contain_text("The case is “Waits for approval” now")
    expect(page.get_by_label("What you typed")).to_have_value("Слова, которые жалко.")


def test_keyboard_walks_opens_answers_and_finds(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "inbox")
    rows = page.locator("[data-rows] .row-title")
    focused = "document.activeElement.textContent"

    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    second = page.evaluate(focused)
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate(focused) == second == rows.nth(1).inner_text()
    page.keyboard.press("o")
    expect(page.locator("#case-title")).to_contain_text(second)
    page.keyboard.press("e")
    page.keyboard.type("j не ходит, пока пишут")
    assert page.get_by_label("Answer to the resident").input_value() == "j не ходит, пока пишут"
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next in the list")


def test_keys_work_in_a_russian_layout_too(desk: Desk) -> None:  # noqa: F811
    page = desk.open("curator", "inbox")
    press = "([key, code]) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"

    page.evaluate(press, ["о", "KeyJ"])
    walked = page.evaluate("document.activeElement.className")
    page.evaluate(press, [".", "Slash"])

    assert (walked, page.evaluate("document.activeElement.id")) == ("row-title", "find")
    page.keyboard.press("Escape")
    page.evaluate(press, ["п", "KeyG"])
    page.evaluate(press, ["ы", "KeyS"])
    page.wait_for_url("**/desk/sort/")


def test_key_takes_a_case_and_never_approves_by_itself(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "case")
    page.keyboard.press("t")
    expect(page.get_by_text("It is yours now.")).to_be_visible()

    waiting = desk.open("approver", "approval")
    waiting.keyboard.press("a")

    assert waiting.evaluate("document.activeElement.textContent.trim()") == "Approve and send"
    assert Answer.objects.filter(approver=None).count() == 1
    waiting.keyboard.press("Enter")
    expect(waiting.get_by_text("Approved: the answer is on its way.")).to_be_visible()


def test_half_written_answer_is_not_left_by_accident(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "case")
    page.get_by_label("Answer to the resident").fill("Половина ответа")

    page.locator("[data-rows] .row-title").first.click()
    page.get_by_role("button", name="Stay here").click()

    expect(page.get_by_label("Answer to the resident")).to_have_value("Половина ответа")
    page.locator("[data-rows] .row-title").first.click()
    page.get_by_role("button", name="Open the other").click()
    expect(page.locator("#case-title")).to_contain_text("Нет воды")


def listen(page: Page, *events: tuple[str, list[int]]) -> None:
    """Let the page hear these events once it has a ticket; then the line goes dead."""
    said = [f"event: {kind}\ndata: {json.dumps({'ids': ids})}\n\n" for kind, ids in events]
    lines = iter(["".join(said)])

    def answer(route: Route) -> None:
        body = next(lines, None)
        if body is None:
            route.fulfill(status=503)
        else:
            route.fulfill(status=200, content_type="text/event-stream", body=body)

    page.route("**/live?*", answer)


def test_new_cases_wait_behind_a_quiet_bar(desk: Desk) -> None:  # noqa: F811
    page = desk.sit_down("curator").new_page()
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url) if "/live?" in request.url else None)
    page.goto(f"{desk.url}/desk/")
    before = page.locator("[data-rows] .row-title").all_inner_texts()
    desk.office.case("Новое: прорвало трубу")
    desk.office.case("Новое: ещё одно")

    listen(page, ("message", [1]), ("case", [10_000]))

    bar = page.get_by_role("link", name="2 new ones")
    expect(bar).to_be_visible(timeout=15_000)
    assert page.locator("[data-rows] .row-title").all_inner_texts() == before
    assert "ticket=" in heard[0]
    bar.click()
    expect(page.locator("[data-rows] .row-title").first).to_have_text("Новое: ещё одно")


def test_open_case_is_drawn_again_unless_somebody_types(desk: Desk) -> None:  # noqa: F811
    case = Case.objects.get(number=int(desk.addresses["case"].split("/")[3]))
    page, typing = desk.sit_down("executor").new_page(), desk.sit_down("executor").new_page()
    for one in (page, typing):
        one.goto(f"{desk.url}{desk.addresses['case']}")
    typing.get_by_label("Answer to the resident").fill("Пишу")

    assigning.take(access_of(desk.office.executor), case, now=desk.office.town.now)
    for one in (page, typing):
        listen(one, ("case", [case.pk]))

    expect(page.locator(".case-states")).to_contain_text("In progress", timeout=15_000)
    expect(typing.get_by_text("A colleague has changed this case.")).to_be_visible(timeout=15_000)
    expect(typing.get_by_label("Answer to the resident")).to_have_value("Пишу")


def test_whole_way_works_without_scripts(desk: Desk) -> None:  # noqa: F811
    page = desk.open("executor", "inbox", java_script_enabled=False)
    page.get_by_role("link", name="Садовая 12").click()
    page.get_by_role("button", name="Take it").click()
    page.get_by_label("Answer to the resident").fill("Засыпали сегодня.")
    page.get_by_role("button", name="Hand on for approval").click()
    expect(page.get_by_text("Saved and handed on for approval.")).to_have_count(1)

    waiting = desk.open("approver", desk.addresses["case"], java_script_enabled=False)
    waiting.get_by_role("button", name="Approve and send").click()

    expect(waiting.get_by_text("Approved: the answer is on its way.")).to_have_count(1)


def test_phone_shows_one_pane_at_a_time(desk: Desk) -> None:  # noqa: F811
    page = desk.open("curator", "inbox", viewport={"width": 360, "height": 740}, has_touch=True)

    page.get_by_role("link", name="На Школьной").tap()

    expect(page.locator("#case-title")).to_be_in_viewport()
    expect(page.locator("#list")).to_be_hidden()
    page.get_by_role("link", name="To the list").tap()
    expect(page.locator("#list")).to_be_visible()


def test_offered_department_is_two_keys_away(desk: Desk) -> None:  # noqa: F811
    guessed = {"departments": [["housing", 0.64]]}
    case = desk.office.case("Ступеньки у дома раскрошились", verdict=guessed)
    page = desk.open("operator", f"/desk/cases/{case.number}/")

    page.keyboard.press("1")
    expect(page.locator("[data-key-target=offer-1]")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".toast", has_text="Passed to the department.").first).to_be_visible()
    case.refresh_from_db()
    assert case.department.code == "housing"


def test_two_who_answer_one_case_see_each_other_and_the_second_loses_no_text(desk: Desk) -> None:  # noqa: F811
    case = Case.objects.get(number=int(desk.addresses["case"].split("/")[3]))
    first, second = desk.sit_down("executor").new_page(), desk.sit_down("approver").new_page()
    for page in (first, second):
        page.goto(f"{desk.url}{desk.addresses['case']}")
    first.get_by_label("Answer to the resident").press_sequentially("Засыпали")

    listen(second, ("at-case", [case.pk]))

    expect(second.locator("#others-here")).to_have_text("Павел Ключников is writing here", timeout=15_000)
    expect(second.locator(f"#row-{case.pk} .row-others")).to_have_attribute("title", "Павел Ключников is writing here")
    second.get_by_label("Answer to the resident").fill("Закатаем в четверг")
    first.get_by_role("button", name="Save the draft").click()
    expect(first.get_by_text("Saved; nobody outside sees it yet.")).to_be_visible()
    second.get_by_role("button", name="Save the draft").click()
    expect(second.get_by_text("Somebody changed this case a moment ago.")).to_be_visible()
    expect(second.get_by_label("Answer to the resident")).to_have_value("Закатаем в четверг")
    expect(second.get_by_label("The draft as it stands")).to_contain_text("Засыпали")
    assert Answer.objects.get(case=case).text == "Засыпали"
