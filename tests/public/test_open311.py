"""Open311 (GeoReport v2): what other programs read and report, by HTTP, in XML and in JSON."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.channels.models import Delivery, Message
from otklik.channels.services.granting import grant, revoke
from otklik.common import clock
from otklik.intake.understanding import Brain
from otklik.org.errors import NotPossible
from otklik.public.views import open311
from otklik.worker.taking import take_due
from tests.desk.office import Office, make_office
from tests.public.town import Town

V2 = "/open311/v2"


@pytest.fixture
def office(town: Town) -> Office:
    return make_office(town)


def key_of(town: Town) -> str:
    return grant(town.city, "street-reports", now=clock.now())


def report(town: Town, **fields: object) -> dict[str, object]:
    told = {
        "service_code": "roads.pothole",
        "description": "Глубокая яма на дороге, пробил колесо",
        "address_string": "ул. Садовая, 12",
        "first_name": "Нина",
        "last_name": "Ручьёва",
        "email": "nina@mail.example",
    }
    return {**told, **fields}


def shown(office: Office) -> Case:
    case = office.case("Яма на Садовой, 12", place="ул. Садовая, 12")
    office.town.show(case)
    return case


def test_discovery_leads_to_the_address(town: Town) -> None:
    answer = Client().get("/open311/discovery.json").json()

    assert answer["endpoints"][0]["url"].endswith(V2)
    assert [one["format"] for one in answer["endpoints"][0]["formats"]] == ["text/xml", "application/json"]


def test_services_are_the_topics_in_both_shapes(town: Town) -> None:
    rows = Client().get(f"{V2}/services.json").json()
    root = ET.fromstring(Client().get(f"{V2}/services.xml").content)  # noqa: S314 - our own answer

    assert root.tag == "services"
    assert [one.findtext("service_code") for one in root.findall("service")] == [row["service_code"] for row in rows]
    assert "roads.pothole" in {row["service_code"] for row in rows}
    assert {row["type"] for row in rows} == {"realtime"}


def test_definition_asks_for_nothing_besides(town: Town) -> None:
    assert Client().get(f"{V2}/services/roads.pothole.json").json() == {
        "service_code": "roads.pothole",
        "attributes": [],
    }


def test_report_goes_the_way_of_the_sites_form(town: Town) -> None:
    said = report(town, api_key=key_of(town))

    (row,) = Client().post(f"{V2}/requests.json", said).json()
    again = Client().post(f"{V2}/requests.json", said).json()
    waits = Client().get(f"{V2}/tokens/{row['token']}.json").json()
    take_due(Brain())

    case = Case.objects.get(channel__network="site")
    message = Message.objects.select_related("identity").get(case_message__case=case)
    assert again == [row]
    assert waits == [{"service_request_id": None, "token": row["token"]}]
    assert Client().get(f"{V2}/tokens/{row['token']}.json").json()[0]["service_request_id"] == case.number
    assert message.text.splitlines()[:2] == ["Глубокая яма на дороге, пробил колесо", "ул. Садовая, 12"]
    assert (str(message.identity), message.visibility, case.is_public) == ("Нина Ручьёва", "private", False)
    assert Client().get(f"{V2}/requests/{case.number}.json").status_code == 404


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"api_key": ""}, 403, "api_key was missing"),
        ({"api_key": "guessed"}, 403, "api_key was missing or is not valid"),
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "roads.dragons"}, 404, "service_code roads.dragons was not found"),
        ({"description": " "}, 400, "description was not provided"),
        ({"address_string": ""}, 400, "say where it is"),
        ({"address_string": "", "lat": "44.6", "long": "far"}, 400, "long must be degrees"),
        ({"address_string": "", "lat": "144.6", "long": "41"}, 400, "lat must lie between"),
        ({"lat": "nan", "long": "41"}, 400, "lat must lie between"),
        ({"jurisdiction_id": "elsewhere"}, 404, "jurisdiction_id elsewhere was not found"),
    ],
    ids=str,
)
def test_mistake_is_an_error_of_the_standard(town: Town, fields: dict[str, str], code: int, words: str) -> None:
    said = report(town, **{"api_key": key_of(town), **fields})

    as_json = Client().post(f"{V2}/requests.json", said)
    error = ET.fromstring(Client().post(f"{V2}/requests.xml", said).content).find("error")  # noqa: S314 - our own answer

    assert (as_json.status_code, as_json.json()[0]["code"]) == (code, code)
    assert words in as_json.json()[0]["description"]
    assert error is not None
    assert (error.findtext("code"), words in (error.findtext("description") or "")) == (str(code), True)
    assert Delivery.objects.count() == 0


def test_key_that_was_taken_away_opens_nothing(town: Town) -> None:
    key = key_of(town)
    revoke(town.city, "street-reports", now=clock.now())

    assert Client().post(f"{V2}/requests.json", report(town, api_key=key)).status_code == 403
    with pytest.raises(NotPossible):
        revoke(town.city, "street-reports", now=clock.now())


def test_one_application_is_slowed_down(town: Town, monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.setattr(open311, "WRITES", 1)
    key = key_of(town)
    client = Client(REMOTE_ADDR="203.0.113.7")

    codes = [
        client.post(f"{V2}/requests.json", report(town, api_key=key, description=f"Яма {number}")).status_code
        for number in range(2)
    ]

    assert codes == [200, 429]


def test_only_what_everybody_may_see_is_told(office: Office) -> None:
    case = shown(office)
    hidden = office.case("Тайное: квартира 5", place="ул. Лесная, 3")

    rows = Client().get(f"{V2}/requests.json").json()

    numbers = {row["service_request_id"] for row in rows}
    (row,) = Client().get(f"{V2}/requests/{case.number}.json").json()
    assert case.number in numbers
    assert hidden.number not in numbers
    assert (row["status"], row["service_code"]) == ("open", "roads.pothole")
    assert row["requested_datetime"].endswith("+00:00")
    assert "квартира" not in Client().get(f"{V2}/requests.xml").content.decode()


def test_requests_are_narrowed(office: Office) -> None:
    case = shown(office)
    Case.objects.filter(pk=case.pk).update(status=Status.REDIRECTED)

    def found(query: str) -> list[int]:
        return [row["service_request_id"] for row in Client().get(f"{V2}/requests.json?{query}").json()]

    assert found(f"service_request_id={case.number}&status=closed") == [case.number]
    assert found(f"service_request_id={case.number}&status=open") == []
    assert found(f"service_request_id={case.number}&service_code=improvement.trees") == []
    assert case.number in found("status=open,closed")
    assert found("start_date=2020-01-01T00:00:00Z&end_date=2020-02-01T00:00:00%2B03:00") == []


@pytest.mark.parametrize(
    "query", ["status=maybe", "start_date=yesterday", "end_date=2026-01-01T00:00:00", "service_request_id=1;drop"]
)
def test_wrong_question_is_refused(town: Town, query: str) -> None:
    assert Client().get(f"{V2}/requests.json?{query}").status_code == 400


def test_list_costs_the_same_for_many(office: Office, django_assert_max_num_queries: object) -> None:
    for _ in range(8):
        shown(office)

    with django_assert_max_num_queries(3):  # type: ignore[operator]
        assert len(Client().get(f"{V2}/requests.json").json()) >= 8


@pytest.mark.parametrize("path", ["requests.csv", "tokens/absent.json", "requests/999999.json", "services/none.xml"])
def test_what_isnt_there_is_404_in_words(town: Town, path: str) -> None:
    answer = Client().get(f"{V2}/{path}")

    assert answer.status_code == 404
    assert b"description" in answer.content


def test_letters_that_xml_cant_hold_are_left_out(office: Office) -> None:
    case = shown(office)
    case.showing.text = "Яма\x0bна \u263a & <дороге>"
    case.showing.save()

    answer = Client().get(f"{V2}/requests/{case.number}.xml").content

    found = ET.fromstring(answer).find("request/description")  # noqa: S314 - our own answer
    assert found is not None
    assert found.text == "Ямана \u263a & <дороге>"
