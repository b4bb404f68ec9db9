from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.org.models import AuditEntry, Official, Topic
from otklik.pulse.models import Surge, SurgeSettings, Tally
from tests.builders import make_official
from tests.desk.office import Office, make_office, make_stranger

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def raised(office: Office, number: int = 1, **fields: object) -> Surge:
    city = office.town.city
    at = now() - timedelta(minutes=20)
    values = {
        "kind": "place",
        "scope": f"place:садов{number}",
        "street": "Садовая улица",
        "topic_code": "utilities.water",
        "words": ["нет", "давления"],
        "voices": 14,
        "usual": 1.5,
        "first_voice_at": at,
        "last_voice_at": at,
        "raised_at": at,
        **fields,
    }
    return Surge.objects.create(municipality=city, **values)


def page(office: Office, who: Official, address: str, language: str = "en") -> str:
    answer = office.browser(who, language).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_headline_names_place_people_topic_and_since_when_in_both_languages(office: Office) -> None:
    raised(office)
    topic = Topic.objects.get(municipality=office.town.city, code="utilities.water")

    assert f"Садовая улица: 14 people write about “{topic.title_en}”, since" in page(office, office.operator, "/desk/")
    assert f"Садовая улица: пишут 14 человек, тема «{topic.title}», с " in page(office, office.operator, "/desk/", "ru")


@pytest.mark.parametrize("address", ["/desk/", "/desk/sort/", "/desk/pulse/?since=0"])
def test_surge_stands_above_the_operators_lists_and_in_live_updates(office: Office, address: str) -> None:
    surge = raised(office)

    assert f'href="/desk/surges/{surge.pk}/"' in page(office, office.operator, address)


def test_surge_stands_on_the_heads_morning_page(office: Office) -> None:
    surge = raised(office)

    assert f'href="/desk/surges/{surge.pk}/"' in page(office, office.head, "/desk/head/")
    assert f'href="/desk/surges/{surge.pk}/"' in page(office, office.head, "/desk/surges/strip/?since=0")


def test_strip_shows_two_surges_and_folds_the_others(office: Office) -> None:
    surges = [raised(office, number) for number in range(4)]

    shown, folded = page(office, office.head, "/desk/surges/strip/?since=0").split("<details")

    assert (shown.count('class="surge"'), folded.count('class="surge"'), "2 more surges" in folded) == (2, 2, True)
    assert all(f"/desk/surges/{surge.pk}/" in shown + folded for surge in surges)


def test_executor_sees_no_surge_and_may_not_open_it(office: Office) -> None:
    surge = raised(office)
    client = office.browser(office.executor)

    assert "/desk/surges/" not in client.get("/desk/").content.decode()
    assert [
        client.get(f"/desk/surges/{surge.pk}/").status_code,
        client.post(f"/desk/surges/{surge.pk}/take/").status_code,
    ] == [
        403,
        403,
    ]


def test_another_citys_surge_is_a_404(office: Office) -> None:
    surge = raised(office)
    client = office.browser(make_stranger())

    assert client.get(f"/desk/surges/{surge.pk}/").status_code == 404
    assert client.post(f"/desk/surges/{surge.pk}/take/").status_code == 404
    assert client.post(f"/desk/surges/{surge.pk}/dismiss/", {"reason": "x"}).status_code == 404


def test_taking_and_putting_aside_stand_in_the_history(office: Office) -> None:
    surge = raised(office)
    client = office.browser(office.operator)

    client.post(f"/desk/surges/{surge.pk}/take/")
    assert office.operator.full_name in page(office, office.curator, "/desk/")
    assert client.post(f"/desk/surges/{surge.pk}/dismiss/", {"reason": ""}).status_code == 422
    client.post(f"/desk/surges/{surge.pk}/dismiss/", {"reason": "Плановые работы"})

    text = page(office, office.operator, f"/desk/surges/{surge.pk}/")
    assert "Плановые работы" in text
    assert "/desk/surges/" not in page(office, office.operator, "/desk/")


def test_second_who_takes_it_is_told(office: Office) -> None:
    surge = raised(office, taken_by=office.curator)

    answer = office.browser(office.operator).post(f"/desk/surges/{surge.pk}/take/", follow=True)

    assert "a colleague has dealt with it" in answer.content.decode()
    assert Surge.objects.get().taken_by == office.curator


def test_query_count_of_the_strip_does_not_grow(office: Office) -> None:
    counts = []
    for wanted in (1, 30):
        while Surge.objects.count() < wanted:
            raised(office, Surge.objects.count())
        with CaptureQueriesContext(connection) as queries:
            page(office, office.head, "/desk/surges/strip/?since=0")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_administrator_sets_thresholds_and_it_is_audited(office: Office) -> None:
    admin = make_official(office.town.city, Role.ADMIN)
    client = office.browser(admin)
    form = {"is_on": "on", "voices": "7", "times_usual": "3", "post_voices": "40", "quiet_minutes": "90"}

    assert client.post("/desk/administration/surges/", {**form, "quiet_minutes": "10"}).status_code == 422
    assert client.post("/desk/administration/surges/", form).status_code == 302

    row = SurgeSettings.objects.get()
    assert (row.voices, row.post_voices, row.quiet_minutes, row.acknowledge_once) == (7, 40, 90, False)
    assert AuditEntry.objects.filter(action="surge_settings.added").count() == 1


def test_operator_may_not_set_thresholds(office: Office) -> None:
    assert office.browser(office.operator).post("/desk/administration/surges/", {"voices": "3"}).status_code == 403
    assert not SurgeSettings.objects.exists()


def spoken(office: Office, code: str, back: int, messages: int, venting: int, thanks: int = 0) -> None:
    at = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=back)
    Tally.objects.create(
        municipality=office.town.city,
        hour=at,
        day=(at + timedelta(hours=3)).date(),
        topic_code=code,
        messages=messages,
        venting=venting,
        thanks=thanks,
    )


def test_mood_says_what_changed_in_plain_words(office: Office) -> None:
    for back in range(1, 29):
        spoken(office, "utilities.heating", back, 20, 10 if back < 7 else 4, thanks=1)
    spoken(office, "roads.pothole", 3, 5, 5)

    text = page(office, office.head, "/desk/mood/")
    assert "people scold more often: 20 % → 50 %, 560 messages" in text
    assert "ругаться стали чаще: 20 % → 50 %, 560 сообщений" in page(office, office.head, "/desk/mood/", "ru")
    assert text.count('class="card mood-card"') == 1  # five messages about roads say nothing
    assert "<polyline points=" in text


def test_mood_of_nothing_says_so(office: Office) -> None:
    assert "Nothing to show yet" in page(office, office.curator, "/desk/mood/")


def test_analyst_begins_with_the_mood_and_an_operator_may_not_see_it(office: Office) -> None:
    analyst = make_official(office.town.city, Role.ANALYST)

    assert office.browser(analyst).get("/desk/")["Location"] == "/desk/mood/"
    assert office.browser(analyst).get("/desk/mood/").status_code == 200
    assert office.browser(office.operator).get("/desk/mood/").status_code == 403
