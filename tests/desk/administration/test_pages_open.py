"""Every page of administration opens for its role, in both languages, and for nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from otklik.cases.rules import AssignmentRule, Shift
from otklik.channels.models import Channel, Delivery
from otklik.channels.services.connecting import connect
from otklik.notices.letters import Letter
from otklik.org.enums import DayKind, PlaceKind, Role
from otklik.org.models import CalendarDay, OutsideBody, Place, ServiceLevel, Topic, TopicRoute, WorkingHours
from tests.builders import make_city, make_department, make_official, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Furnished:
    """A city with one of everything that administration shows."""

    def __init__(self, slug: str = "yasnogorye") -> None:
        self.city = make_city(slug)
        self.admin = make_official(self.city, Role.ADMIN)
        self.department = make_department(self.city, "roads")
        self.level = ServiceLevel.objects.create(
            municipality=self.city, code="normal", title="Обычный срок", acknowledge_minutes=180, answer_minutes=540
        )
        self.group = Topic.objects.create(municipality=self.city, code="roads", title="Дороги")
        self.topic = Topic.objects.create(
            municipality=self.city,
            code="roads.pothole",
            title="Ямы",
            parent=self.group,
            department=self.department,
            service_level=self.level,
        )
        self.body = OutsideBody.objects.create(
            municipality=self.city, name="Районная больница", answers_for="приём врачей", phone="5-12-12"
        )
        self.place = Place.objects.create(municipality=self.city, kind=PlaceKind.STREET, name="Садовая")
        self.route = TopicRoute.objects.create(
            municipality=self.city, topic=self.topic, place=self.place, department=self.department
        )
        self.rule = AssignmentRule.objects.create(
            municipality=self.city, name="Ямы", position=1, topic=self.topic, department=self.department
        )
        self.shift = Shift.objects.create(
            municipality=self.city, official=self.admin, days="01234", starts=time(9), ends=time(18)
        )
        WorkingHours.objects.create(municipality=self.city, weekday=0, starts=time(9), ends=time(18))
        self.day = CalendarDay.objects.create(municipality=self.city, date=date(2099, 1, 9), kind=DayKind.OFF)
        self.letter = Letter.objects.create(
            municipality=self.city,
            official=self.admin,
            way="email",
            key="k",
            state="failed",
            error="550",
            due_at=NOW,
            created_at=NOW,
        )
        self.channel = connect(self.city, "site", "site", "Сайт города", {}, now=NOW)
        self.delivery = Delivery.objects.create(
            municipality=self.city,
            channel=self.channel,
            dedup_key="submission:1",
            body=b'{"text": "<b>\xd1\x8f\xd0\xbc\xd0\xb0</b>"',
            received_at=NOW,
            state="failed",
            note="site: not a submission",
        )


def pages(home: Furnished) -> dict[str, str]:
    """Every page that is read, with the name of its section."""
    named = {
        "people": ["people", "invite", ("person", home.admin.pk)],
        "departments": ["departments", "department_new", ("department", home.department.pk)],
        "bodies": ["bodies", "body_new", ("body", home.body.pk)],
        "topics": ["topics", "topic_new", ("topic", home.topic.pk), ("topic", home.group.pk)],
        "levels": ["levels", "level_new", ("level", home.level.pk)],
        "calendar": ["calendar"],
        "places": ["places", "place_new", "places_import", ("place", home.place.pk)],
        "routes": ["routes"],
        "rules": ["rules", "rule_new", ("rule", home.rule.pk)],
        "shifts": ["shifts", ("shift", home.shift.pk)],
        "ladder": ["ladder"],
        "channels": ["channels", ("channel_new", "telegram"), ("channel", home.channel.pk)],
        "deliveries": ["deliveries", ("delivery", home.delivery.pk)],
        "understanding": ["understanding"],
        "surges": ["surges"],
        "machine": ["machine"],
        "carriers": ["carriers"],
        "audit": ["audit"],
        "home": ["home"],
    }
    found = {}
    for section, names in named.items():
        for name in names:
            short, *arguments = name if isinstance(name, tuple) else (name,)
            found[reverse(f"desk:administration:{short}", args=arguments)] = section
    return found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_administrator_opens_every_page(language: str) -> None:
    home = Furnished()
    browser = signed_in(home.admin)
    browser.cookies["lang"] = language

    answers = {url: browser.get(url).status_code for url in pages(home)}

    assert {url: status for url, status in answers.items() if status != 200} == {}


def test_stranger_is_sent_to_sign_in(client) -> None:
    answers = {url: client.get(url) for url in pages(Furnished())}

    assert {answer.status_code for answer in answers.values()} == {302}
    assert {answer.url.split("?")[0] for answer in answers.values()} == {"/desk/sign-in/"}


OPEN_SOME = (Role.ADMIN, Role.AUDITOR, Role.PRIVACY, Role.CURATOR)


@pytest.mark.parametrize("role", [role for role in Role if role not in OPEN_SOME])
def test_other_roles_open_none(role: Role) -> None:
    home = Furnished()
    browser = signed_in(make_official(home.city, role))

    assert {browser.get(url).status_code for url in pages(home)} == {403}


@pytest.mark.parametrize(
    ("role", "sections"),
    [(Role.AUDITOR, {"audit", "home"}), (Role.PRIVACY, {"audit", "home"}), (Role.CURATOR, {"understanding", "home"})],
)
def test_role_with_one_section_opens_nothing_else(role: Role, sections: set[str]) -> None:
    home = Furnished()
    browser = signed_in(make_official(home.city, role))

    opened = {section for url, section in pages(home).items() if browser.get(url).status_code == 200}

    assert opened == sections


def test_administrator_of_one_department_is_nobody_here() -> None:
    home = Furnished()
    browser = signed_in(make_official(home.city, (Role.ADMIN, home.department)))

    posted = browser.post(
        reverse("desk:administration:invite"), {"email": "a@b.example", "full_name": "А", "role": "admin"}
    )

    assert posted.status_code == 403
    assert browser.get(reverse("desk:administration:home")).status_code == 403


OTHERS_ROWS = (
    "person department department_close topic topic_retire level place place_remove channel channel_check "
    "channel_off channel_subscribe delivery delivery_again day_clear route_remove grant new_link person_off person_on "
    "reset_factor channel_on department_open topic_restore body body_close body_open letter_again letter_drop "
    "rule rule_move rule_switch rule_remove shift shift_remove"
)


@pytest.mark.parametrize("name", OTHERS_ROWS.split())
def test_another_citys_rows_are_not_found(name: str) -> None:
    here, there = Furnished(), Furnished("zarechny")
    browser = signed_in(here.admin)
    rows = {
        "person": there.admin,
        "department": there.department,
        "body": there.body,
        "topic": there.topic,
        "level": there.level,
        "place": there.place,
        "channel": there.channel,
        "delivery": there.delivery,
        "day": there.day,
        "route": there.route,
        "letter": there.letter,
        "rule": there.rule,
        "shift": there.shift,
    }
    which = {"grant": "person", "new_link": "person", "reset_factor": "person"}.get(name, name.partition("_")[0])
    url = reverse(f"desk:administration:{name}", args=[rows[which].pk])

    assert browser.post(url, {"role": "admin"}).status_code == 404
    assert browser.get(url).status_code in (404, 405)
    assert Channel.objects.get(pk=there.channel.pk).is_enabled is True
    assert Delivery.objects.get(pk=there.delivery.pk).state == "failed"


def test_buttons_are_not_links() -> None:
    home = Furnished()
    browser = signed_in(home.admin)
    buttons = ["channel_off", "channel_check", "channel_subscribe"]

    answers = {
        browser.get(reverse(f"desk:administration:{name}", args=[home.channel.pk])).status_code for name in buttons
    }

    assert answers == {405}


def test_forged_post_without_its_token_is_refused() -> None:
    home = Furnished()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(home.admin)

    answer = browser.post(reverse("desk:administration:person_off", args=[home.admin.pk]))

    assert answer.status_code == 403
