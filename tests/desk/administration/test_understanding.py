"""The model card: what is in use, how good it is, learning anew and going back."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.org.models import AuditEntry
from otklik.teaching.models import Learning, Refit, Version
from otklik.teaching.services import refitting
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_office, make_stranger

HERE = "/desk/administration/understanding/"
FIGURE = {"value": 0.83, "low": 0.8, "high": 0.86}
HEAD = {
    "column": "topic_group",
    "rows": 40,
    "weighted_f1": FIGURE,
    "macro_f1": FIGURE,
    "top3": {"value": 0.95, "low": 0.9, "high": 0.98},
    "calibration_error": {"value": 0.031, "low": 0.02, "high": 0.04},
    "coverage": {"value": 0.78, "low": 0.7, "high": 0.8},
    "target_precision": 0.9,
    "labels": [
        {"label": "roads", "precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 30},
        {"label": "waste", "precision": 0.4, "recall": 0.3, "f1": 0.34, "support": 10},
    ],
    "confused": [{"truth": "waste", "answer": "roads", "count": 7}],
    "bins": [
        {"low": 0.4, "high": 0.5, "count": 10, "confidence": 0.45, "right": 0.5},
        {"low": 0.9, "high": 1.0, "count": 30, "confidence": 0.95, "right": 0.9},
    ],
}
CARD = {
    "heads": [
        HEAD,
        {**HEAD, "column": "topic", "confused": [{"truth": "roads.other", "answer": "roads.pothole", "count": 3}]},
    ],
    "groups": [
        {"truth": "roads", "answer": "roads", "count": 24},
        {"truth": "roads", "answer": "waste", "count": 6},
        {"truth": "waste", "answer": "roads", "count": 7},
        {"truth": "waste", "answer": "waste", "count": 3},
    ],
    "before": {"topic": 0.8},
    "group_in_use": {"asked": 40, "sorted": 30, "right": 28},
    "topic_in_use": {"asked": 40, "sorted": 15, "right": 13},
}


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def stored(office: Office, number: int, **fields: object) -> Version:
    values = {
        "state": "accepted",
        "labels": 812,
        "frozen": 40,
        "made_at": now(),
        "learnt": b"x",
        "card": CARD,
        **fields,
    }
    return Version.objects.create(municipality=office.town.city, number=number, **values)


def put_in_use(office: Office, version: Version) -> None:
    refitting.learning_of(office.town.city, now=now())
    Learning.objects.update(in_use=version)


def test_cold_start_says_what_works_and_how_many_labels_are_missing(office: Office) -> None:
    page = office.browser(office.curator).get(HERE).content.decode()

    assert "It starts with what it came with" in page
    assert "<b>100</b> more messages with a topic" in page


def test_card_shows_figures_groups_mistakes_and_the_plot(office: Office) -> None:
    put_in_use(office, stored(office, 3))

    page = office.browser(office.curator).get(HERE).content.decode()

    assert "Version 3: learnt from <b>812</b> messages" in page
    assert '<span class="stat-value">75</span>' in page
    assert "93 of 100 of them are right" in page
    assert page.count('class="plot-dot"') == 4
    assert 'cx="285.0" cy="22.0" r="10.0"' in page
    assert page.count('<td class="number shade4 right">24</td>') == 1
    assert page.count("weak</span>") == 1


def test_refused_version_says_why_in_words(office: Office) -> None:
    reason = {"code": "worse", "column": "topic", "before": 0.8, "after": 0.71, "margin": 0.02, "than": 1}
    stored(office, 2, state="refused", learnt=None, reason=reason)

    page = office.browser(office.curator).get(HERE).content.decode()

    assert "71 instead of 80 of 100; up to 2 less is let pass" in page
    assert "versions/2/use/" not in page


def test_card_of_an_older_version_opens(office: Office) -> None:
    stored(office, 1)
    client = office.browser(office.curator)

    assert client.get(f"{HERE}versions/1/").status_code == 200
    assert client.get(f"{HERE}versions/9/").status_code == 404


def test_card_that_can_not_be_read_is_an_empty_one(office: Office) -> None:
    put_in_use(office, stored(office, 1, card={"heads": "broken"}))

    assert office.browser(office.curator).get(HERE).status_code == 200


def test_learning_is_asked_for_and_followed(office: Office) -> None:
    client = office.browser(office.curator)

    client.post(f"{HERE}refit/")
    again = client.post(f"{HERE}refit/", follow=True).content.decode()
    waiting = client.get(f"{HERE}progress/")
    Refit.objects.update(state="running", stage="learning")
    running = client.get(f"{HERE}progress/").content.decode()
    Refit.objects.update(state="done", note={"code": "too_few", "missing": 63})
    done = client.get(f"{HERE}progress/")

    assert Refit.objects.values_list("asked_by").get() == (office.curator.pk,)
    assert "It is learning already." in again
    assert "as soon as a worker is free" in waiting.content.decode()
    assert "Learns…" in running
    assert ("HX-Refresh" in waiting, done.headers.get("HX-Refresh")) == (False, "true")
    assert "63 messages with a topic are missing of 100." in client.get(HERE).content.decode()


def test_going_back_is_one_press(office: Office) -> None:
    first, second = stored(office, 1), stored(office, 2)
    put_in_use(office, second)
    client = office.browser(office.curator)

    client.post(f"{HERE}versions/1/use/")
    assert Learning.objects.get().in_use == first
    client.post(f"{HERE}versions/0/use/")
    assert Learning.objects.get().in_use is None
    assert AuditEntry.objects.filter(action="learning.version", actor=office.curator).count() == 2


def test_precision_is_set_and_a_wrong_one_is_told_beside_its_field(office: Office) -> None:
    client = office.browser(office.curator)

    wrong = client.post(f"{HERE}precision/", {"group": "40", "topic": "85"})
    right = client.post(f"{HERE}precision/", {"group": "95", "topic": "80"})

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "Between 50 and 99 of 100." in wrong.content.decode()
    assert Learning.objects.values_list("group_precision", "topic_precision").get() == (0.95, 0.8)


def test_administrator_may_and_operator_and_executor_may_not(office: Office) -> None:
    stored(office, 1)
    posts = [f"{HERE}refit/", f"{HERE}precision/", f"{HERE}versions/1/use/", f"{HERE}versions/0/use/"]

    for person in (office.operator, office.executor, office.head):
        client = office.browser(person)
        codes = [client.get(HERE).status_code, client.get(f"{HERE}progress/").status_code]
        codes += [client.post(address, {"group": 60, "topic": 60}).status_code for address in posts]
        assert set(codes) == {403}
    assert signed_in(make_official(office.town.city, Role.ADMIN)).get(HERE).status_code == 200
    assert (Refit.objects.count(), Learning.objects.filter(group_precision=0.6).count()) == (0, 0)


def test_version_of_another_city_does_not_exist(office: Office) -> None:
    stored(office, 1)
    client = signed_in(make_stranger())

    assert client.get(f"{HERE}versions/1/").status_code == 404
    assert client.post(f"{HERE}versions/1/use/").status_code == 404
    assert not Learning.objects.filter(in_use__isnull=False).exists()


def test_audit_log_tells_of_learning_in_words(office: Office) -> None:
    office.browser(office.curator).post(f"{HERE}refit/")
    auditor = signed_in(make_official(office.town.city, Role.AUDITOR))
    auditor.cookies["lang"] = "en"

    assert "asked triage to learn anew" in auditor.get("/desk/administration/audit/").content.decode()


def test_card_costs_the_same_at_one_and_at_thirty_versions(office: Office) -> None:
    put_in_use(office, stored(office, 1))
    client = office.browser(office.curator)
    client.get(HERE)

    costs = []
    for numbers in ((), range(2, 31)):
        for number in numbers:
            stored(office, number)
        with CaptureQueriesContext(connection) as asked:
            client.get(HERE)
        costs.append(len(asked))

    assert costs[0] == costs[1]
