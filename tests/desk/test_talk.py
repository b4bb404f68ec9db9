"""Hiding a comment: for a reason of the list, with the reason in its place; an objection has another judge."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.cases.accountability import Moderated, moderated_between
from otklik.channels.hidings import Hiding, HidingReason
from otklik.channels.models import Message
from otklik.channels.services import hiding
from otklik.org.access import Refused, access_of
from otklik.org.models import AuditEntry, Official
from otklik.posts.models import Post
from tests.builders import signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_inbox import read

pytestmark = pytest.mark.django_db

WORDS = "Дешёвые окна, звоните сейчас"


@pytest.fixture(autouse=True)
def _no_limits_of_other_tests() -> None:
    cache.clear()


@pytest.fixture
def post(office: Office) -> Post:
    return office.town.post("Открыли сквер")


@pytest.fixture
def said(office: Office, post: Post) -> Message:
    return office.town.say("vk", WORDS, name="Окна", post=post)


def hide(office: Office, said: Message, reason: str = "advertising", by: Official | None = None) -> int:
    browser = office.browser(by or office.operator)
    return browser.post(f"/desk/talk/{said.pk}/hide/", {f"hide-{said.pk}-reason": reason}).status_code


def page_of(post: Post) -> str:
    return Client(headers={"accept-language": "ru"}).get(f"/posts/{post.slug}/").content.decode()


def test_hidden_comment_leaves_its_reason_and_a_way_to_object(office: Office, post: Post, said: Message) -> None:
    office.town.say("vk", "И где обещанные лавочки?", name="Роман", post=post, to=said)

    assert hide(office, said) == 302

    row, page = Hiding.objects.get(), page_of(post)
    assert (row.message, row.reason, row.hidden_by, row.shown_at) == (said, "advertising", office.operator, None)
    assert (WORDS in page, "Окна" in page, "И где обещанные лавочки?" in page) == (False, False, True)
    assert "Комментарий скрыт: реклама или обман." in page
    assert f'href="/hidden/{row.code}/"' in page
    entry = AuditEntry.objects.get(action="comment.hidden")
    assert (entry.actor, entry.subject, entry.detail) == (office.operator, f"#{said.pk}", {"reason": "advertising"})


def test_comment_is_shown_again_in_one_step_and_the_row_stays(office: Office, post: Post, said: Message) -> None:
    hide(office, said)
    row = Hiding.objects.get()

    office.browser(office.curator).post(f"/desk/talk/hidings/{row.pk}/show/")
    office.browser(office.curator).post(f"/desk/talk/hidings/{row.pk}/show/")

    row.refresh_from_db()
    assert (row.shown_by, row.shown_at is not None, WORDS in page_of(post)) == (office.curator, True, True)
    assert AuditEntry.objects.filter(action="comment.shown_again").count() == 1
    assert hide(office, said, "flood") == 302
    assert Hiding.objects.count() == 2


@pytest.mark.parametrize("reason", ["criticism", "", "advertising "])
def test_no_reason_but_those_of_the_list(office: Office, post: Post, said: Message, reason: str) -> None:
    assert hide(office, said, reason) == 409
    assert (Hiding.objects.count(), WORDS in page_of(post)) == (0, True)


def test_list_of_reasons_has_nothing_about_criticism() -> None:
    assert set(HidingReason.values) == {"advertising", "threats", "hatred", "obscenity", "personal_data", "flood"}


@pytest.mark.parametrize("who", ["head", "executor", "approver", "aide"])
def test_whoever_may_not_moderate_hides_nothing(office: Office, post: Post, said: Message, who: str) -> None:
    official = getattr(office, who)

    assert hide(office, said, by=official) == 403
    assert office.browser(official).get("/desk/talk/").status_code == 403
    with pytest.raises(Refused):
        hiding.hide(access_of(official), said, "advertising", now=office.town.now)
    assert Hiding.objects.count() == 0


def test_another_city_hides_and_shows_nothing_of_ours(office: Office, post: Post, said: Message) -> None:
    stranger = make_stranger()
    browser = signed_in(stranger)
    made = hiding.hide(access_of(office.operator), said, "threats", now=office.town.now)

    codes = [
        browser.post(address, {}).status_code
        for address in (
            f"/desk/talk/{said.pk}/hide/",
            f"/desk/talk/hidings/{made.pk}/show/",
            f"/desk/talk/hidings/{made.pk}/decide/",
        )
    ]

    assert codes in ([404, 404, 404], [403, 403, 403])
    for act in (
        lambda: hiding.hide(access_of(stranger), said, "threats", now=office.town.now),
        lambda: hiding.show_again(access_of(stranger), made, now=office.town.now),
        lambda: hiding.decide(access_of(stranger), made, "да", show=True, now=office.town.now),
    ):
        with pytest.raises(Refused):
            act()
    assert list(Hiding.objects.values_list("pk", "shown_at")) == [(made.pk, None)]


def test_answer_of_the_city_and_private_words_cannot_be_hidden(office: Office, post: Post, said: Message) -> None:
    ours = office.town.say("vk", "Лавочки будут", post=post, by=office.executor)
    private = office.town.say("vk", "Личное", name="Нина", visibility="private")

    assert [hide(office, one) for one in (ours, private)] == [409, 409]
    assert Hiding.objects.count() == 0


def test_second_hiding_of_the_same_comment_is_told(office: Office, said: Message) -> None:
    hide(office, said)

    assert hide(office, said, by=office.curator) == 409
    assert Hiding.objects.get().hidden_by == office.operator


def test_objection_is_decided_by_somebody_else_and_the_decision_stands_on_its_page(
    office: Office, post: Post, said: Message
) -> None:
    hide(office, said)
    row, reader = Hiding.objects.get(), Client(headers={"accept-language": "ru"})

    assert reader.post(f"/hidden/{row.code}/", {"words": "  "}).status_code == 422
    assert reader.post(f"/hidden/{row.code}/", {"words": "Это не реклама, я сосед"}).status_code == 302
    assert "Возражение у нас" in reader.get(f"/hidden/{row.code}/").content.decode()
    assert reader.post(f"/hidden/{row.code}/", {"words": "Ещё раз"}).status_code == 422

    told = {f"decide-{row.pk}-words": "Извините, ошиблись", "show": "1"}
    assert "so a colleague decides" in read(office, "/desk/talk/?show=objections", "operator")
    assert office.browser(office.operator).post(f"/desk/talk/hidings/{row.pk}/decide/", told).status_code == 409
    assert office.browser(office.curator).post(f"/desk/talk/hidings/{row.pk}/decide/", {}).status_code == 409
    assert "Это не реклама, я сосед" in read(office, "/desk/talk/?show=objections", "curator")
    assert office.browser(office.curator).post(f"/desk/talk/hidings/{row.pk}/decide/", told).status_code == 302
    assert office.browser(office.curator).post(f"/desk/talk/hidings/{row.pk}/decide/", told).status_code == 409

    row.refresh_from_db()
    assert (row.decided_by, row.decision, row.shown_by) == (office.curator, "Извините, ошиблись", office.curator)
    page = reader.get(f"/hidden/{row.code}/").content.decode()
    assert ("Возражение принято" in page, "Извините, ошиблись" in page, WORDS in page_of(post)) == (True, True, True)


def test_objection_may_be_declined_with_words(office: Office, post: Post, said: Message) -> None:
    hide(office, said)
    row = Hiding.objects.get()
    Client().post(f"/hidden/{row.code}/", {"words": "Верните"})

    office.browser(office.curator).post(
        f"/desk/talk/hidings/{row.pk}/decide/", {f"decide-{row.pk}-words": "Это реклама окон"}
    )

    page = Client(headers={"accept-language": "ru"}).get(f"/hidden/{row.code}/").content.decode()
    assert ("Комментарий остаётся скрытым" in page, "Это реклама окон" in page) == (True, True)
    assert WORDS not in page_of(post)


def test_codes_of_hidden_comments_are_not_guessed(office: Office, said: Message) -> None:
    hide(office, said)
    reader, code = Client(REMOTE_ADDR="203.0.113.9"), Hiding.objects.get().code

    codes = [reader.get("/hidden/aaaa-bbbb-cccc-dddd/").status_code for _ in range(21)]

    assert codes == [404] * 20 + [429]
    assert reader.get(f"/hidden/{code}/").status_code == 429


def test_objections_from_one_address_are_slowed_down_and_lose_no_words(office: Office, post: Post) -> None:
    reader, answers = Client(REMOTE_ADDR="203.0.113.9"), []
    for number in range(6):
        said = office.town.say("vk", f"Реклама {number}", name="Окна", post=post)
        row = hiding.hide(access_of(office.operator), said, "advertising", now=office.town.now)
        answers.append(reader.post(f"/hidden/{row.code}/", {"words": "Верните слова"}))

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Верните слова" in answers[-1].content.decode()
    assert Hiding.objects.filter(objected_at=None).count() == 1


def test_rules_name_every_reason_and_are_linked_from_the_form(office: Office, post: Post) -> None:
    reader = Client(headers={"accept-language": "ru"})

    rules = reader.get("/rules/").content.decode()

    assert [label for label in ("Реклама или обман", "Чужие личные данные") if label not in rules] == []
    assert 'href="/rules/"' in reader.get(f"/posts/{post.slug}/comment/").content.decode()


def test_what_is_hidden_counts_by_month_and_reason_also_when_shown_again(office: Office, post: Post) -> None:
    now, access = office.town.now, access_of(office.operator)
    for reason, again in (("threats", False), ("advertising", False), ("advertising", True)):
        row = hiding.hide(access, office.town.say("vk", "Слова", name="Кто-то", post=post), reason, now=now)
        if again:
            hiding.show_again(access, row, now=now)
    today = now.astimezone(ZoneInfo(office.town.city.timezone)).date()
    month, first = f"{today:%Y-%m}", today.replace(day=1)

    assert moderated_between(office.town.city, first, today) == [
        Moderated(month, "advertising", 2, 1),
        Moderated(month, "threats", 1, 0),
    ]
    told = Client().get(f"/accountability/{month}.json").json()["hidden_by_reason"]
    assert told == [
        {"month": month, "reason": "advertising", "count": 2, "shown_again": 1},
        {"month": month, "reason": "threats", "count": 1, "shown_again": 0},
    ]
    page = Client(headers={"accept-language": "ru"}).get(f"/accountability/{month}/").content.decode()
    assert re.findall(r"<li>(Реклама или обман: 2|Угрозы людям или призыв к насилию: 1)", page) == [
        "Реклама или обман: 2",
        "Угрозы людям или призыв к насилию: 1",
    ]


@pytest.mark.parametrize("comments", [1, 30])
@pytest.mark.parametrize("show", ["all", "hidden"])
def test_queries_do_not_grow_with_comments(office: Office, post: Post, comments: int, show: str) -> None:
    for number in range(comments):
        said = office.town.say("vk", f"Слово {number}", name="Роман", post=post)
        hiding.hide(access_of(office.operator), said, "flood", now=office.town.now)
    client = office.browser(office.operator)
    client.get("/desk/talk/")

    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/desk/talk/?show={show}").content.decode()

    assert page.count('<article class="pane"') == comments + (len(_others(office)) if show == "all" else 0)
    assert len(queries) == {"all": 11, "hidden": 10}[show]


def _others(office: Office) -> list[Message]:
    """The comments that the morning has."""
    public = Message.objects.filter(municipality=office.town.city, visibility="public", kind="comment", is_ours=False)
    return list(public.filter(deleted_at=None, hidings=None))


def test_list_goes_on_where_the_page_before_ended(office: Office, post: Post) -> None:
    for number in range(51):
        office.town.say("vk", f"Слово {number:02}", name="Роман", post=post)

    first = read(office, "/desk/talk/", "operator")
    further = re.search(r'href="(/desk/talk/\?before=\d+)"', first)

    assert further is not None
    assert ("Слово 50" in first, "Слово 00" in first) == (True, False)
    assert "Слово 00" in read(office, further[1], "operator")
