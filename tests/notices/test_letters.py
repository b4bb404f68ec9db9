"""Letters to officials: what each chose, quiet hours, one letter of a flood, sent once, dead letters people see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from otklik.insights.services.preparing import prepare_due
from otklik.notices.enums import LetterState, Matter, NoticeKind, Tempo, Way
from otklik.notices.letters import Carrier, Letter, LetterLine, Reach
from otklik.notices.models import Notice
from otklik.notices.services import posting
from otklik.notices.services.carrying import MailServer, save_mail, try_mail
from otklik.notices.services.choosing import Wanted, choose, use_code
from otklik.notices.services.routing import route_notices
from otklik.notices.services.telling import tell
from otklik.org.access import Access, Refused
from otklik.org.enums import Role
from otklik.org.errors import NotPossible
from otklik.simulators.mail.simulator import MailSimulator
from tests.servers import closed_port
from tests.stories import Town, found_town

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 9, 15, 12, 0, tzinfo=ZONE).astimezone(UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def town() -> Town:
    return found_town()


@pytest.fixture
def post_office() -> Iterator[tuple[MailSimulator, int]]:
    simulator = MailSimulator(user="city", password="steep-willow-42")
    with simulator.serve() as port:
        yield simulator, port


@pytest.fixture
def mail(town: Town, post_office: tuple[MailSimulator, int]) -> MailSimulator:
    simulator, port = post_office
    save_mail(
        town.official(Role.ADMIN), MailServer(True, "127.0.0.1", port, "none", "city", "desk@city.example", PASSWORD)
    )
    return simulator


PASSWORD = "steep-willow-42"


@pytest.fixture
def clerk(town: Town) -> Access:
    return town.official(Role.EXECUTOR, name="Павел Ключников")


def wants(who: Access, matter: Matter = Matter.DEADLINES, *, quiet: tuple[int, int] = (20, 8), **said: object) -> None:
    wanted = {matter: Wanted(**{"by_email": True, **said})}  # type: ignore[arg-type]
    choose(who, wanted, (time(quiet[0]), time(quiet[1])))


def notice(who: Access, number: int = 7, kind: NoticeKind = NoticeKind.LATE, *, at: datetime = NOON) -> None:
    tell(who.municipality_id, [who.official.pk], kind, key=f"case:{number}:{kind}", case_number=number, at=at)


def carry(now: datetime) -> list[str]:
    """Do what the worker does; returns the states of all letters."""
    route_notices(now=now)
    for letter in posting.claim("w1", now=now):
        posting.record(posting.post(letter), now=now)
    return list(Letter.objects.order_by("id").values_list("state", flat=True))


def test_nothing_leaves_the_desk_unless_somebody_chose_it(mail: MailSimulator, clerk: Access) -> None:
    notice(clerk)

    assert carry(NOON + MINUTE) == []
    assert Notice.objects.get().routed_at is not None


def test_chosen_notice_goes_by_mail_and_holds_numbers_and_links_only(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)

    assert (carry(NOON), carry(NOON + MINUTE)) == (["queued"], ["sent"])
    (letter,) = mail.taken
    assert (letter["To"], letter["From"], letter["Auto-Submitted"]) == (
        clerk.official.email,
        "desk@city.example",
        "auto-generated",
    )
    assert letter["Subject"] == "Ясногорье: № 7: Срок вышел"
    assert "/desk/cases/7/" in letter.get_content()


def test_ten_notices_of_a_minute_are_one_letter(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    for number in range(10):
        notice(clerk, number + 1)
        route_notices(now=NOON)

    assert carry(NOON + MINUTE) == ["sent"]
    assert mail.taken[0]["Subject"] == "Ясногорье: 10 дел для вас"
    assert LetterLine.objects.count() == 10


def test_next_letter_comes_ten_minutes_after_the_last(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk, 1)
    carry(NOON)
    carry(NOON + MINUTE)
    notice(clerk, 2)

    states = [carry(NOON + MINUTE * minute) for minute in (3, 10, 11)]

    assert states == [["sent", "queued"], ["sent", "queued"], ["sent", "sent"]]


def test_quiet_hours_are_waited_out(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    night = datetime(2026, 9, 15, 23, 0, tzinfo=ZONE).astimezone(UTC)
    notice(clerk, at=night)

    carry(night)

    due = Letter.objects.get().due_at.astimezone(ZONE)
    assert (due.day, due.hour, due.minute) == (16, 8, 0)
    assert carry(night + MINUTE * 30) == ["queued"]


@pytest.mark.parametrize(
    ("quiet", "moment", "day", "hour"),
    [((0, 0), 3, 15, 3), ((13, 15), 14, 15, 15), ((20, 8), 7, 15, 8), ((20, 8), 21, 16, 8)],
)
def test_quiet_hours_may_lie_within_a_day_or_across_midnight(
    mail: MailSimulator, clerk: Access, quiet: tuple[int, int], moment: int, day: int, hour: int
) -> None:
    wants(clerk, quiet=quiet)
    at = datetime(2026, 9, 15, moment, tzinfo=ZONE).astimezone(UTC)
    notice(clerk, at=at)
    carry(at)

    due = Letter.objects.get().due_at.astimezone(ZONE)
    assert (due.day, due.hour) == (day, hour)


def test_gathered_letter_comes_the_next_working_morning(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk, tempo=Tempo.DIGEST)
    friday = datetime(2026, 9, 18, 15, 0, tzinfo=ZONE).astimezone(UTC)
    notice(clerk, at=friday)
    carry(friday)
    notice(clerk, 8, at=friday + timedelta(hours=20))
    carry(friday + timedelta(hours=20))

    letter = Letter.objects.get()
    assert letter.due_at.astimezone(ZONE) == datetime(2026, 9, 21, 9, 0, tzinfo=ZONE)
    assert letter.lines.count() == 2


def test_who_wants_nothing_on_the_bell_is_not_rung(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk, by_email=False, in_desk=False)
    notice(clerk)

    assert carry(NOON) == []
    assert Notice.objects.get().seen_at == NOON


def test_busy_server_is_tried_again_and_then_given_to_people(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    carry(NOON)
    mail.faults.extend(["451 later"] * posting.MAX_ATTEMPTS)
    now, states = NOON + MINUTE, []
    for _ in range(posting.MAX_ATTEMPTS):
        states += carry(now)
        now += timedelta(hours=7)

    assert states == ["queued"] * 5 + ["failed"]
    assert Letter.objects.get().error == "the mail server answered 451: later"
    assert mail.taken == []


def test_refused_person_is_not_tried_again(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    mail.faults.append("550 no such person")
    carry(NOON)

    assert carry(NOON + MINUTE) == ["failed"]


def test_letter_that_may_have_arrived_is_never_sent_again_by_itself(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    mail.faults.append("silence")
    carry(NOON)

    assert carry(NOON + MINUTE) == ["unknown"]
    assert carry(NOON + timedelta(days=2)) == ["unknown"]
    assert len(mail.taken) == 1


def test_letter_of_a_dead_worker_is_doubted_not_sent_twice(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    carry(NOON)
    (letter,) = posting.claim("dead", now=NOON + MINUTE)
    posted = posting.post(letter)  # the worker dies here: the letter is out, nobody wrote it down

    assert posting.doubt_letters(lambda name: name != "dead", now=NOON + MINUTE) == 1
    posting.record(posted, now=NOON + MINUTE)  # should it wake again, it has nothing to say any more
    assert carry(NOON + timedelta(days=1)) == ["unknown"]
    assert len(mail.taken) == 1


def test_two_workers_claim_a_letter_once(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    carry(NOON)

    assert [len(posting.claim(name, now=NOON + MINUTE)) for name in ("w1", "w2")] == [1, 0]


def test_dead_letters_are_an_administrators_to_send_again_or_let_be(
    town: Town, mail: MailSimulator, clerk: Access
) -> None:
    wants(clerk)
    notice(clerk)
    mail.faults.append("550 no such person")
    carry(NOON)
    carry(NOON + MINUTE)
    admin, letter = town.official(Role.ADMIN), Letter.objects.get()
    with pytest.raises(Refused):
        posting.send_again(clerk, letter, now=NOON)
    stranger = found_town("zarechensk").official(Role.ADMIN)
    assert (posting.send_again(stranger, letter, now=NOON), posting.give_up(stranger, [letter.pk], now=NOON)) == (
        False,
        0,
    )

    assert [posting.send_again(admin, letter, now=NOON + MINUTE) for _ in range(2)] == [True, False]
    assert carry(NOON + MINUTE) == ["sent"]


def test_mail_that_is_switched_off_keeps_its_letters(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    carry(NOON)
    Carrier.objects.update(is_on=False)

    assert carry(NOON + MINUTE) == ["queued"]


def test_who_left_gets_nothing(mail: MailSimulator, clerk: Access) -> None:
    wants(clerk)
    notice(clerk)
    carry(NOON)
    clerk.official.is_active = False
    clerk.official.save()

    assert carry(NOON + MINUTE) == ["failed"]
    assert mail.taken == []


def test_digest_and_report_go_to_those_who_chose_them_once(town: Town, mail: MailSimulator) -> None:
    head = town.official(Role.HEAD)
    town.official(Role.AIDE)
    wants(head, Matter.DIGEST)
    wants(head, Matter.WEEKLY)
    morning = datetime(2026, 9, 14, 8, 30, tzinfo=ZONE).astimezone(UTC)

    for _ in range(3):
        prepare_due(now=morning)
    carry(morning)

    assert sorted(str(letter["Subject"]) for letter in mail.taken) == [
        "Ясногорье: отчёт за неделю",
        "Ясногорье: утренняя сводка",
    ]
    assert "/desk/digest/2026-09-14/" in "".join(letter.get_content() for letter in mail.taken)


def test_password_is_sealed_and_forgotten_for_another_server(town: Town, mail: MailSimulator) -> None:
    row = Carrier.objects.get()
    assert PASSWORD.encode() not in bytes(row.sealed_secret)

    save_mail(town.official(Role.ADMIN), MailServer(True, "mail.other.example", 587, "tls", "city", "a@b.example"))

    row.refresh_from_db()
    assert bytes(row.sealed_secret) == b""


@pytest.mark.parametrize("wish", ["host", "sender"])
def test_mail_server_without_a_name_or_a_sender_is_refused(town: Town, wish: str) -> None:
    values = {"host": "mail.city.example", "sender": "desk@city.example", wish: " "}
    server = MailServer(is_on=True, port=587, security="tls", user="", **values)

    with pytest.raises(NotPossible):
        save_mail(town.official(Role.ADMIN), server)
    with pytest.raises(Refused):
        save_mail(town.official(Role.HEAD), server)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": "wrong"}, "535"),
        ({"security": "starttls"}, "no STARTTLS"),
        ({"port": 0}, "can't be reached"),
        ({"host": "169.254.169.254"}, "no mail server is there"),
    ],
)
def test_trying_says_what_is_wrong(
    town: Town, post_office: tuple[MailSimulator, int], changed: dict[str, object], words: str
) -> None:
    values = {"host": "127.0.0.1", "port": post_office[1], "security": "none", "user": "city", "password": PASSWORD}
    values |= changed | ({"port": closed_port()} if changed == {"port": 0} else {})
    admin = town.official(Role.ADMIN)
    save_mail(admin, MailServer(is_on=True, sender="desk@city.example", **values))  # type: ignore[arg-type]

    with pytest.raises(NotPossible, match=words):
        try_mail(admin, now=NOON)


def test_code_links_once_and_not_after_its_time(clerk: Access) -> None:
    from otklik.notices.services.choosing import make_code

    first = make_code(clerk, now=NOON)
    second = make_code(clerk, now=NOON)

    city = clerk.municipality_id
    tries = [
        use_code(city, first, 1, now=NOON),
        use_code(city, second, 1, now=NOON + timedelta(minutes=16)),
        use_code(city + 1, second, 1, now=NOON),
        use_code(city, second, 1, now=NOON),
        use_code(city, second, 2, now=NOON),
        use_code(city, "", 3, now=NOON),
    ]
    assert tries == [False, False, False, True, False, False]
    assert Reach.objects.get().telegram_chat == 1


def test_telegram_gets_counts_and_a_link_only(town: Town, clerk: Access) -> None:
    from otklik.notices.wording import words_of

    wants(clerk, by_email=False, by_telegram=True)
    Carrier.objects.create(municipality=town.city, way=Way.TELEGRAM, is_on=True)
    Reach.objects.update(telegram_chat=77)
    for number in (41, 42):
        notice(clerk, number)
    route_notices(now=NOON)
    letter = Letter.objects.select_related("official__municipality").get()

    words = words_of(letter, list(Notice.objects.all()))

    assert words.text.splitlines()[:2] == ["Ясногорье: 2 дела для вас", "Сроки и обещания: 2"]
    assert words.text.splitlines()[2].endswith("/desk/notices/")
    assert "41" not in words.text
    assert letter.state == LetterState.QUEUED
