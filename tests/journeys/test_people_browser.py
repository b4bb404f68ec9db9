"""People's whole ways in a real browser: an operator's morning by keyboard, a hole from the phone of who mends it past
the approver to the resident who is asked, and the head's five minutes on a phone.

A resident's way without scripts: `tests/public/test_resident_browser.py`; an executor without a network:
`tests/desk/test_field_browser.py`; two who answer one case: `tests/desk/test_browser.py`.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from otklik.cases.enums import PhotoSide, PhotoUse, Status
from otklik.cases.models import Answer, Case, SavedView
from otklik.cases.openness import Appraisal
from otklik.cases.photos import CasePhoto
from otklik.cases.services import controlling, picturing
from otklik.cases.snoozes import Snooze
from otklik.channels.models import MessageFile
from otklik.common import clock
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.org.models import Department, RoleGrant
from tests.browsing import chromium, needs_chromium  # noqa: F401 - a fixture
from tests.cases.picturing import draw_all, put_one
from tests.desk.office import Office
from tests.desk.served import Desk, desk  # noqa: F401 - a fixture
from tests.desk.test_files import with_photo
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture

pytestmark = [*needs_chromium, pytest.mark.usefixtures("data_folder")]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TOUCHED = """addEventListener("pointerdown", () => { globalThis.touched = true }, true);"""


def tab_to(page: Page, words: str, most: int = 90) -> None:
    """Press Tab until what has these words is under the keys."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(
            """(words) => { const one = document.activeElement;
            return (one.getAttribute("aria-label") || one.textContent).includes(words) }""",
            words,
        ):
            return
    pytest.fail(f"Tab never came to {words}")


def walk_to(page: Page, words: str) -> None:
    """Walk the list with j, then back with k, until this case is under the keys: the order is that of the deadlines."""
    for key in "j" * 20 + "k" * 20:
        page.keyboard.press(key)
        if words in page.evaluate("document.activeElement.textContent"):
            return
    pytest.fail(f"no row says {words}")


def open_row(page: Page, words: str) -> None:
    walk_to(page, words)
    page.keyboard.press("Enter")
    expect(page.locator("#case-title")).to_contain_text(words)
    at_rest(page)


def at_rest(page: Page) -> None:
    """Wait until nothing is asked for or being drawn: a person's hand is slower than a swap, a test's is not."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def test_operators_morning_needs_no_mouse(desk: Desk) -> None:  # noqa: F811
    office = desk.office
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    RoleGrant.objects.create(
        municipality=office.town.city, official=office.operator, role=Role.EXECUTOR, department=roads
    )
    stairs = office.case("Ступеньки у дома раскрошились", verdict={"departments": [["housing", 0.64]]})
    page = desk.open("operator", "inbox")
    page.context.add_init_script(TOUCHED)
    page.reload()

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next in the list")
    page.keyboard.press("Escape")
    assign_and_answer(page)
    choose_many_and_undo(page)
    find_and_keep(page)

    stairs.refresh_from_db()
    assert stairs.department.code == "housing"
    assert Answer.objects.filter(state="submitted", text="Засыпали сегодня.").count() == 1
    assert SavedView.objects.filter(name="Ямы", owner=office.operator).count() == 1
    assert page.evaluate("globalThis.touched") is None


def assign_and_answer(page: Page) -> None:
    open_row(page, "Ступеньки")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".toast", has_text="Passed to the department.").first).to_be_visible()
    open_row(page, "Садовая 12")
    page.keyboard.press("t")
    expect(page.locator(".case-states")).to_contain_text("In progress")
    at_rest(page)
    page.keyboard.press("e")
    expect(page.get_by_label("Answer to the resident")).to_be_focused()
    page.keyboard.type("Засыпали сегодня.")
    expect(page.get_by_label("Answer to the resident")).to_have_value("Засыпали сегодня.")
    tab_to(page, "Hand on for approval")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved and handed on for approval.")).to_be_visible()


def choose_many_and_undo(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**view=open**")
    # Both are too young to be late on any day of the week: what is late can't be put off.
    for words in ("Не горит фонарь", "Будет ли каток"):
        walk_to(page, words)
        page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_contain_text("2")
    page.keyboard.press("b")
    page.keyboard.type("Put")
    tab_to(page, "Do it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert Snooze.objects.count() == 2
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 cases are as they were.").first).to_be_visible()
    page.wait_for_load_state()
    assert Snooze.objects.count() == 0


def find_and_keep(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("яма")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    tab_to(page, "Keep this list")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Ямы")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ямы")).to_be_visible()


def test_hole_is_mended_approved_and_judged_by_its_resident(desk: Desk) -> None:  # noqa: F811
    office = desk.office
    case = office.case("Яма на Мельничной, 7, пробил колесо", network="site", visibility="private")
    with_photo(office, case)
    field = desk.sit_down("executor", **PHONE).new_page()
    chief = desk.sit_down("approver").new_page()
    address = f"{desk.url}/desk/cases/{case.number}/"

    answer_from_the_field(field, desk.url, case, "Засыпали щебнем.")
    field.goto(address)
    expect(field.get_by_text("You wrote it, so somebody else approves it.")).to_be_visible()
    assert field.get_by_role("button", name="Approve and send").count() == 0
    send_back(chief, address)
    field.goto(f"{desk.url}/desk/field/{case.number}/")
    expect(field.get_by_text("Когда положите асфальт?")).to_be_visible()
    mark_sides(field, desk.url, case)
    field.get_by_label("Answer to the resident").fill("Засыпали щебнем, асфальт положим в четверг.")
    field.get_by_role("button", name="Hand on for approval").tap()
    expect(field.get_by_text("Saved and handed on for approval.")).to_be_visible()
    chief.goto(address)
    expect(chief.get_by_role("img", name="Ровная дорога").first).to_be_visible()
    chief.get_by_role("button", name="Approve and send", exact=True).click()
    expect(chief.get_by_text("Approved: the answer is on its way.")).to_be_visible()
    office.town.note_sent()
    judge(desk.browser.new_context(locale="ru", **PHONE).new_page(), desk.url, case)

    case.refresh_from_db()
    rated = Appraisal.objects.get(case=case)
    assert (case.status, rated.attitude, rated.result) == (Status.REOPENED, 5, 2)


def answer_from_the_field(page: Page, url: str, case: Case, words: str) -> None:
    page.goto(f"{url}/desk/field/")
    page.get_by_role("link", name=case.summary).tap()
    page.get_by_role("button", name="I take it").tap()
    expect(page.get_by_text("It is yours now.")).to_be_visible()
    page.get_by_label("Answer to the resident").fill(words)
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": picture(320, 240, place=(44.6, 41.9))}
    page.get_by_label("Choose photos").set_input_files([photo])  # type: ignore[list-item]
    page.get_by_label("What it shows (1)").fill("Ровная дорога")
    page.get_by_role("button", name="Hand on for approval").tap()
    expect(page.get_by_text("Saved and handed on for approval.")).to_be_visible()
    draw_all()


def mark_sides(page: Page, url: str, case: Case) -> None:
    """Say on the case's own page which photo is before and which after; back to the task."""
    page.get_by_role("link", name="Everything about this case").tap()
    page.locator("summary", has_text="About the photo").tap()
    page.locator(".about-photo").get_by_role("button", name="It is “before”").tap()
    expect(page.locator(".about-photo [aria-pressed=true]")).to_have_count(1)
    page.locator(".tray").get_by_role("button", name="It is “after”").tap()
    expect(page.locator(".tray [aria-pressed=true]")).to_have_count(1)
    assert sorted(CasePhoto.objects.filter(case=case).values_list("side", flat=True)) == ["after", "before"]
    page.goto(f"{url}/desk/field/{case.number}/")


def send_back(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("summary", has_text="Send back").click()
    page.get_by_label("What should be different").fill("Когда положите асфальт?")
    page.get_by_role("button", name="Send back with this remark").click()
    expect(page.locator(".toast").first).to_be_visible()


def judge(page: Page, url: str, case: Case) -> None:
    """The resident comes by the code, sees both photos, rates attitude and result apart, and says it isn't solved."""
    page.goto(f"{url}/case/")
    page.get_by_label("Код").fill(case.code)
    page.keyboard.press("Enter")
    sides = page.locator("[data-before-after]")
    sides.scroll_into_view_if_needed()
    page.wait_for_function(
        """() => { const all = [...document.querySelectorAll("[data-before-after] img[loading]")];
        return all.length === 2 && all.every((one) => one.complete && one.naturalWidth > 0) }"""
    )
    sides.get_by_role("slider").press("ArrowLeft")
    page.get_by_role("group", name="Как к вам отнеслись?").get_by_label("5").check()
    page.get_by_role("group", name="Что получилось?").get_by_label("2").check()
    page.get_by_role("button", name="Оценить").tap()
    expect(page.get_by_role("button", name="Изменить оценку")).to_be_visible()
    page.get_by_label("Что не решено?").fill("Щебень уже размыло")
    page.get_by_role("button", name="Открыть снова").tap()
    expect(page.get_by_text("Вы сказали, что не решено. Дело снова открыто.")).to_be_visible()


def test_heads_five_minutes_on_a_phone(desk: Desk) -> None:  # noqa: F811
    office = desk.office
    case = office.case("Третью неделю яма у школы на Лесной", urgency=3)
    before = with_photo(office, case)
    page = desk.sit_down("head", **PHONE).new_page()
    page.goto(f"{desk.url}/desk/cases/{case.number}/")

    page.get_by_role("button", name="Take under control").tap()
    expect(page.get_by_role("heading", name="Under personal control")).to_be_visible()
    assert page.locator(".checkpoints .number").all_inner_texts()[::2] == ["25 %", "50 %", "75 %"]
    page.goto(f"{desk.url}/desk/head/")
    page.get_by_role("listitem").filter(has_text="Третью неделю").get_by_role("button", name="How does it go?").tap()
    expect(page.locator(".toast").first).to_be_visible()
    report(office, case, before)
    page.goto(f"{desk.url}/desk/cases/{case.number}/")
    expect(page.locator(".report")).to_contain_text("Закатали всю полосу")
    expect(page.locator("[data-before-after]")).to_be_visible()
    page.get_by_label("Answer to the resident").fill("Закатали. Заеду вечером, посмотрю сама.")
    page.get_by_role("button", name="Answer in my own name").tap()
    expect(page.get_by_text("Your answer is on its way.")).to_be_visible()
    page.get_by_role("button", name="Let go from control").tap()
    expect(page.get_by_role("heading", name="Under personal control")).to_have_count(0)

    case.refresh_from_db()
    answer = Answer.objects.get(case=case)
    assert (case.personal_control, answer.author, answer.approver) == (False, office.head, office.head)


def report(office: Office, case: Case, before: MessageFile) -> None:
    """Who answers for it reports with a photo, as the head asked, and says which photo was before."""
    who = access_of(office.executor)
    case.refresh_from_db()
    put_one(who, case, use=PhotoUse.REPORT, side=PhotoSide.AFTER)
    picturing.mark_resident_photo(who, case, before.pk, PhotoSide.BEFORE, now=clock.now())
    controlling.report(who, case, "Закатали всю полосу", now=clock.now())
