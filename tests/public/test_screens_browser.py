"""Every page of residents in a real browser, in light and dark: no rule of accessibility broken, nothing sideways.

The pages are those of the table of addresses: each stands in `pages_of`, or in OTHER with what it is instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, reverse
from playwright.sync_api import Browser

from otklik.cases.enums import PhotoUse
from otklik.cases.models import Case
from otklik.cases.services import unveiling
from otklik.channels.hidings import HidingReason
from otklik.channels.services.hiding import hide
from otklik.common import clock
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.notices.services.carrying import vault
from otklik.org.access import access_of
from otklik.org.models import Municipality
from otklik.posts.models import Post, Rubric
from otklik.posts.services import revising
from otklik.posts.services.publishing import Words
from otklik.proof.services.sequencing import sequence_due
from otklik.public import urls
from otklik.residents.models import Subscription
from otklik.residents.services import tying
from otklik.residents.services.signing_in import account_of, open_session
from otklik.residents.services.subscribing import address_and_token, ask_for_letters
from tests.browsing import chromium, looked_over, needs_chromium, note_complaints, visits  # noqa: F401
from tests.cases.picturing import put_one
from tests.desk.office import make_office
from tests.desk.test_files import with_photo
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.public.test_writing import typed
from tests.public.town import Town, furnish, make_town

OTHER = frozenset(
    "cases_atom case_atom file post_photo shown_photo own_file accountability_csv accountability_json me_data theme "
    "robots language news rubric_news sitemap news_sitemap post_json revision_json keys "
    "log_head log_consistency me_data_zip accountability_package "
    "open311 open311_services open311_service open311_requests open311_request open311_token "
    "webfinger nodeinfo_links nodeinfo actor actor_followers actor_following actor_outbox actor_post actor_note".split()
)
"""Files, feeds and data, and the way on in another language."""
PARTS = 3
PASTED = (
    "Смена с 6:30 до 15:00, жильё поможем найти",
    "Смена с 7:30 до 15:00, жильё поможем найти",
    "Строители закончили на две недели раньше срока. А денег на дороги больше нет и не будет",
    "Горячую воду отключат на две недели",
)
"""Genuine, altered, genuine in part, never said."""


def with_sides(town: Town) -> Case:
    """A public case whose photos before and after everybody sees."""
    office = make_office(town)
    case = office.case("Яма у остановки «Школа», после дождя её не видно", name="Роман", ago_h=90)
    row = with_photo(office, case)
    town.show(case)
    after = put_one(access_of(office.executor), case, use=PhotoUse.ANSWER)
    town.answer(case, "Роман, яму у остановки заделали.")
    for file, words in ((row.file_id, "Яма с водой"), (after.file_id, "Ровный асфальт")):
        unveiling.show_photo(access_of(office.operator), case, unveiling.Unveiling(file, words, ()), now=clock.now())
    return case


def with_hidden(town: Town) -> str:
    """The code of a comment that an operator hid."""
    said = town.say("vk", "Дешёвые окна, звоните", name="Окна", post=Post.objects.filter(withdrawn_at=None).first())
    return hide(access_of(town.clearer), said, HidingReason.ADVERTISING, now=town.now).code


def with_history(town: Town) -> str:
    """The history of a post that was corrected and taken back."""
    post, head = town.post("Ярмарка в субботу", "Ждём на площади 25 сентября."), access_of(town.head)
    words = Words(post.title, "Ждём на площади 26 сентября.", Rubric(post.rubric))
    revising.correct(head, post, words, "Дата была с ошибкой", version=1, now=town.now)
    revising.withdraw(head, post, "Ярмарку отменил дождь", version=2, now=town.now)
    sequence_due(now=town.now)
    return f"/posts/{post.slug}/history/"


def letters_on(town: Town) -> None:
    """The city sends letters; nothing listens there, and nothing is sent."""
    server = {"host": "127.0.0.1", "port": 9, "security": "none", "user": "city", "sender": "a@city.example"}
    sealed = vault().seal({"password": "steep-willow-42"})
    Carrier.objects.create(municipality=town.city, way=Way.EMAIL, is_on=True, sealed_secret=sealed, **server)


def pages_of(town: Town) -> tuple[dict[str, list[str]], str]:
    """Every page by the name of its address, as a stranger finds it and then as its resident does; and the session."""
    seen = furnish(town)
    letters_on(town)
    sides = with_sides(town)
    case = Case.objects.get(code=seen["own_answered"].split("/")[2])
    account = account_of(town.city, "nina.lugovaya@mail.example", "ru", now=town.now)
    tying.tie_case(account.resident, case, now=town.now)
    tying.tie_identity(account.resident_id, town.say("vk", "Привет", name="Нина").identity, "word", now=town.now)
    tying.new_word(account, now=clock.now())
    ask_for_letters(case, "nina@mail.example", "ru", is_own=True, now=clock.now())
    token = address_and_token(Subscription.objects.get())[1]
    Municipality.objects.update(appeals_url="https://appeals.example/form")
    visitor = Client()
    sent = visitor.post("/write/", typed(visitor))["Location"]
    own, public = f"/case/{case.code}/", f"/cases/{case.number}/"
    pages = {
        "feed": ["/"],
        "post": [seen["post"]],
        "rubric": ["/rubrics/vacancies/", "/rubrics/thanks/"],
        "comment": [seen["comment"]],
        "write": ["/write/"],
        "sent": [sent],
        "cases": ["/cases/", "/cases/?show=open&q=яма", "/cases/?q=нетничего"],
        "map": ["/cases/map/"],
        "public_case": [f"/cases/{sides.number}/", seen["gone"]],
        "same_here": [seen["same_here"]],
        "find": [seen["find"]],
        "case": [seen["own_new"], f"/case/{sides.code}/", own],
        "official": [f"{own}official/"],
        "official_public": [f"{public}official/"],
        "own_letters": [f"{own}letters/"],
        "public_letters": [f"{public}letters/"],
        "letters_answer": [f"/letters/{token}/", "/letters/nothing/"],
        "letters_stop": [f"/letters/{token}/stop/"],
        "me": ["/me/"],
        "me_code": ["/me/code/"],
        "me_erase": ["/me/erase/"],
        "accountability": ["/accountability/"],
        "accountability_month": [f"/accountability/{town.now:%Y-%m}/"],
        "rules": ["/rules/"],
        "hidden": [f"/hidden/{with_hidden(town)}/"],
        "about": ["/about/"],
        "verify": ["/verify/", *(f"/verify/?text={words}" for words in PASTED)],
        "post_history": [with_history(town)],
        "nowhere": ["/nowhere/"],
    }
    return pages, open_session(account, now=clock.now())


@pytest.mark.django_db
def test_every_address_is_a_page_here_or_says_what_it_is(data_folder: Path) -> None:  # noqa: F811
    cache.clear()
    pages, session = pages_of(make_town())
    known = set(pages) - {"nowhere"}
    browser = Client()

    unknown = []
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        kinds = {key: 1 if "Int" in type(kind).__name__ else "x" for key, kind in pattern.pattern.converters.items()}
        if pattern.name in known or pattern.name in OTHER:
            continue
        if browser.get(reverse(f"public:{pattern.name}", kwargs=kinds)).status_code != 405:
            unknown.append(pattern.name)
    browser.cookies["otklik_me"] = session
    codes = {address: browser.get(address).status_code for name in known for address in pages[name]}

    assert unknown == []
    assert known | OTHER <= {pattern.name for pattern in urls.urlpatterns}
    assert {address: code for address, code in codes.items() if code != 200} == {
        "/case/?code=wrong": 404,
        "/letters/nothing/": 404,
        pages["public_case"][1]: 410,
    }


@pytest.fixture
def town(
    transactional_db: None,
    data_folder: Path,  # noqa: F811
    live_server: Any,
    chromium: Browser,  # noqa: F811
) -> Iterator[Town]:
    cache.clear()
    with visits(live_server, chromium):
        yield make_town()
    cache.clear()


@needs_chromium[0]
@needs_chromium[1]
@pytest.mark.parametrize("part", range(PARTS))
def test_page_breaks_no_rule_and_fits(town: Town, chromium: Browser, live_server: Any, part: int) -> None:  # noqa: F811
    pages, session = pages_of(town)
    wrong: list[str] = []
    page = chromium.new_context(locale="ru").new_page()
    note_complaints(page, wrong)

    for name, addresses in list(pages.items())[part::PARTS]:
        for address in addresses:
            wrong += looked_over(page, f"{live_server.url}{address}", height=6000)
        if name.startswith("me") or name in ("write", "case"):
            page.context.add_cookies([{"name": "otklik_me", "value": session, "url": live_server.url}])
            wrong += looked_over(page, f"{live_server.url}{addresses[-1]}", height=6000)
            page.context.clear_cookies()

    assert wrong == []
