"""The public list, map and feeds: only cleared words, found by district, topic and words; "me too" counts once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case, CaseMessage
from otklik.cases.openness import SameHere, Showing
from otklik.cases.services import showing
from otklik.channels.models import Message
from otklik.common import clock
from otklik.org.enums import PlaceKind
from otklik.org.models import Place
from tests.public.town import Town

OURS = {"Origin": "http://testserver"}


def place(town: Town, name: str, parent: Place | None = None, lat: float | None = None) -> Place:
    kind = PlaceKind.STREET if parent is not None else PlaceKind.DISTRICT
    lon = None if lat is None else 47.1 + lat % 1
    return Place.objects.create(municipality=town.city, kind=kind, name=name, parent=parent, lat=lat, lon=lon)


def public(town: Town, text: str, where: Place | None = None, topic: str = "") -> Case:
    case = town.case(town.say("vk", text), topic=topic, is_public=True)
    Case.objects.filter(pk=case.pk).update(place=where)
    return case


def titles(client: Client, **asked: object) -> list[str]:
    page = client.get("/cases/", asked).content.decode()
    return re.findall(r'<h2><a href="/cases/\d+/">([^<]+)</a></h2>', page)


@pytest.fixture
def three(town: Town) -> tuple[Place, Place]:
    centre, north = place(town, "Центр"), place(town, "Северный")
    garden = place(town, "Садовая", centre)
    public(town, "Яма на Садовой", garden, "roads.pothole")
    public(town, "Фонари в Центре", centre, "improvement.lighting")
    public(town, "Ямы на Лесной", place(town, "Лесная", north), "roads.pothole")
    return centre, garden


def test_list_is_narrowed_by_district_street_topic_and_words(
    town: Town, client: Client, three: tuple[Place, Place]
) -> None:
    from otklik.org.models import Topic

    centre, garden = three
    roads = Topic.objects.get(municipality=town.city, code="roads")

    assert titles(client, district=centre.pk) == ["Фонари в Центре", "Яма на Садовой"]
    assert titles(client, street=garden.pk) == ["Яма на Садовой"]
    assert titles(client, topic=roads.pk) == ["Ямы на Лесной", "Яма на Садовой"]
    assert titles(client, q="ямы", district=centre.pk) == ["Яма на Садовой"]
    assert titles(client, q="яму") == ["Ямы на Лесной", "Яма на Садовой"]
    assert titles(client, q="бассейн") == []


@pytest.mark.parametrize(
    "asked", [{"district": "x"}, {"topic": "99999"}, {"street": "١"}, {"q": "\x00"}, {"show": "x"}]
)
def test_wrong_filters_narrow_nothing(client: Client, three: object, asked: dict[str, str]) -> None:
    assert len(titles(client, **asked)) == 3


def test_search_finds_no_word_that_was_hidden(town: Town, client: Client) -> None:
    town.case(town.say("vk", "Затопило, звоните ivan@example.org"), is_public=True)

    assert titles(client, q="ivan") == []
    assert len(titles(client, q="затопило")) == 1


def test_filters_stay_in_the_addresses_of_chips_and_pages(town: Town, client: Client) -> None:
    centre = place(town, "Центр")
    for number in range(22):
        public(town, f"Яма {number}", centre)

    page = client.get("/cases/", {"district": centre.pk, "q": "яма"}).content.decode().replace("&amp;", "&")
    older = re.search(r'rel="next" href="([^"]+)"', page)

    assert f"/cases/?show=open&district={centre.pk}&q=%D1%8F%D0%BC%D0%B0" in page
    assert older is not None
    assert len(re.findall('class="case-card"', client.get(older[1]).content.decode())) == 2


def test_page_of_a_case_says_who_by_when_and_what_next(town: Town, client: Client) -> None:
    case = public(town, "Яма на Садовой")

    page = client.get(f"/cases/{case.number}/").content.decode()

    assert case.department is not None
    assert f"<dd>{case.department.name}</dd>" in page
    assert re.search(r"<dt>Что дальше</dt><dd>Отдел ответит: [^<]+</dd>", page) is not None


def test_case_that_was_taken_off_says_since_when_and_why_and_no_word_of_it(town: Town, client: Client) -> None:
    case = public(town, "Яма на Садовой")
    showing.make_private(town.access(town.clearer), case, Withdrawal.PERSONAL, now=clock.now())

    answer = client.get(f"/cases/{case.number}/")

    assert answer.status_code == 410
    assert "Cache-Control" not in answer
    page = answer.content.decode()
    assert "В нём были чьи-то личные данные." in page
    assert "Садовой" not in page


def test_case_whose_author_deleted_the_words_is_gone_too(town: Town, client: Client) -> None:
    case = public(town, "Яма на Садовой")
    Message.objects.update(deleted_at=clock.now())

    assert client.get(f"/cases/{case.number}/").status_code == 410
    assert titles(client) == []


@pytest.mark.parametrize("number", ["0", "99999999999999999999"])
def test_number_that_nobody_gave_is_not_found(town: Town, client: Client, number: str) -> None:
    assert client.get(f"/cases/{number}/").status_code == 404


def test_answer_on_the_public_page_hides_the_resident_and_keeps_the_citys_contacts(town: Town, client: Client) -> None:
    case = town.case(town.say("vk", "Яма", name="Игорь Ветров"), is_public=True)
    town.roads.__class__.objects.filter(pk=town.roads.pk).update(contacts="8 (865) 545-55-55")
    town.answer(case, "Игорь, засыпали у кв. 5. Вопросы: +7 865 545-55-55, ваш номер +7 900 123-45-67.")

    page = client.get(f"/cases/{case.number}/").content.decode()

    assert "Засыпали у •••. Вопросы: +7 865 545-55-55, ваш номер •••." in page


def test_me_too_counts_a_browser_once(town: Town, client: Client) -> None:
    case = public(town, "Яма")
    other = Client()

    for _ in range(2):
        pressed = client.post(f"/cases/{case.number}/same-here/", headers=OURS)
    other.post(f"/cases/{case.number}/same-here/", headers=OURS)

    assert (pressed.status_code, pressed["Location"]) == (302, f"/cases/{case.number}/same-here/")
    assert (SameHere.objects.count(), Showing.objects.get().same_here) == (2, 2)
    assert "Вы учтены" in client.get(f"/cases/{case.number}/same-here/").content.decode()
    assert "Ещё у 2 жителей то же самое." in client.get(f"/cases/{case.number}/").content.decode()


def test_voice_is_taken_back(town: Town, client: Client) -> None:
    case = public(town, "Яма")
    client.post(f"/cases/{case.number}/same-here/", headers=OURS)

    for _ in range(2):
        client.post(f"/cases/{case.number}/same-here/", {"back": "1"}, headers=OURS)

    assert (SameHere.objects.count(), Showing.objects.get().same_here) == (0, 0)


def test_cookie_that_somebody_made_up_is_no_voice(town: Town, client: Client) -> None:
    from otklik.cases.services.counting_in import visitor_of

    case = public(town, "Яма")
    client.cookies["otklik_same_here"] = "aaaa:bbbb:cccc"

    client.post(f"/cases/{case.number}/same-here/", headers=OURS)

    assert SameHere.objects.get().visitor not in {visitor_of(case, "aaaa"), visitor_of(case, "aaaa:bbbb:cccc")}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_press_from_another_site_counts_nothing(town: Town, client: Client, headers: dict[str, str]) -> None:
    case = public(town, "Яма")

    answer = client.post(f"/cases/{case.number}/same-here/", headers=headers)

    assert (answer.status_code, answer.cookies, SameHere.objects.count()) == (403, {}, 0)


def test_one_address_is_not_a_crowd(town: Town, settings: Any) -> None:
    case = public(town, "Яма")

    codes = [
        Client(REMOTE_ADDR="203.0.113.7").post(f"/cases/{case.number}/same-here/", headers=OURS).status_code
        for _ in range(5)
    ]

    assert codes == [302, 302, 302, 429, 429]
    assert Showing.objects.get().same_here == 3


def test_private_case_takes_no_voices(town: Town, client: Client) -> None:
    case = town.case(town.say("vk", "Яма", visibility="private"))

    assert client.post(f"/cases/{case.number}/same-here/", headers=OURS).status_code == 404
    assert client.get(f"/cases/{case.number}/same-here/").status_code == 404


def test_feed_of_a_case_tells_its_steps_and_its_answer(town: Town, client: Client) -> None:
    case = public(town, "Яма")
    town.answer(case, "Засыпали.")

    answer = client.get(f"/cases/{case.number}/feed.atom")

    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    titles = re.findall(r"<entry><title>([^<]+)</title>", answer.content.decode())
    assert set(titles) >= {"Житель написал", "Отвечает город"}
    assert case.code not in answer.content.decode()


def test_private_case_has_no_feed(town: Town, client: Client) -> None:
    case = town.case(town.say("vk", "Яма", visibility="private"))

    assert client.get(f"/cases/{case.number}/feed.atom").status_code == 404
    assert "Яма" not in client.get("/cases/feed.atom").content.decode()


def test_map_draws_streets_and_puts_unknown_ones_into_their_district(town: Town, client: Client) -> None:
    centre = place(town, "Центр", lat=54.31)
    far = place(town, "Северный", lat=54.33)
    public(town, "Раз", place(town, "Садовая", centre, lat=54.312))
    public(town, "Два", place(town, "Лесная", far))
    public(town, "Три")
    public(town, "Четыре", place(town, "Хутор"))

    page = client.get("/cases/map/").content.decode()

    assert len(re.findall("<circle", page)) == 2
    assert re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page) == ["Лесная", "Садовая", "Хутор"]
    assert "Улицы, место которых нам неизвестно, стоят в середине своего района." in page
    assert "1 место без координат, оно есть только в списке." in page
    assert "Ещё 1 дело не называет места, которое мы знаем." in page
    assert 'style="' not in page
    for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', page):
        assert 0 < float(x) < 640
        assert 0 < float(y) < 480


@pytest.mark.parametrize("cases", [1, 30])
def test_map_asks_the_same_queries_for_any_number_of_cases(
    town: Town, client: Client, django_assert_num_queries: Any, cases: int
) -> None:
    centre = place(town, "Центр", lat=54.31)
    for number in range(cases):
        public(town, "Яма", place(town, f"Улица {number}", centre))

    with django_assert_num_queries(5):  # the city, districts, groups; cases by place, the places
        client.get("/cases/map/")


@pytest.mark.parametrize("voices", [1, 30])
def test_page_of_a_case_asks_the_same_queries_for_any_number_of_voices(
    town: Town, client: Client, django_assert_num_queries: Any, voices: int
) -> None:
    from otklik.cases.services.opening import join_cases

    case = public(town, "Яма")
    join_cases([(case, town.say("vk", f"И у нас {n}"), "same") for n in range(voices)], now=town.now)
    town.answer(case, "Засыпали.")
    assert CaseMessage.objects.filter(case=case).count() == voices + 1

    # the city; the case; its journal; answers; names, departments' and bodies' contacts; whether letters are sent
    with django_assert_num_queries(10):
        client.get(f"/cases/{case.number}/")
