"""The optional account: a code by e-mail, own cases by proof alone, linked and unlinked, taken along and erased."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from otklik.cases.clearing import seal_of
from otklik.cases.models import Case, JournalEntry
from otklik.cases.services.closing import reopen
from otklik.cases.services.showing import Clearing, NotForPublic, make_public
from otklik.channels.models import Delivery, Identity, Message, SearchEntry
from otklik.common import clock
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.org.models import Official
from otklik.residents import queries
from otklik.residents.enums import Proof
from otklik.residents.models import Account, AccountSession, ResidentMail, SignInCode, Subscription, Tie
from otklik.residents.services import posting, signing_in, tying
from otklik.residents.services.signing_in import CODE_LIVES, TRIES, account_of, sign_in
from otklik.worker.taking import take_channel
from tests.builders import make_city, signed_in
from tests.public.town import Town, make_town
from tests.stories import brain

pytestmark = pytest.mark.django_db
ADDRESS = "nina@mail.example"
TOKEN = "7000000001:AAEnotarealtokenofanybot00000000000"


@pytest.fixture
def town() -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    made = make_town()
    Carrier.objects.create(municipality=made.city, way=Way.EMAIL, is_on=True, host="127.0.0.1", sender="a@city.example")
    yield made
    cache.clear()


@pytest.fixture
def account(town: Town) -> Account:
    return account_of(town.city, ADDRESS, "ru", now=town.now)


def code_sent() -> str:
    """The digits of the newest letter, as its reader sees them."""
    mail = ResidentMail.objects.filter(kind="code").latest("id")
    return re.search(r"\d{4} \d{4}", posting._letter(mail, clock.now())[1].text)[0]


def browser_of(account: Account) -> Client:
    client = Client()
    client.cookies["otklik_me"] = signing_in.open_session(account, now=clock.now())
    return client


def test_code_by_mail_opens_the_account_without_password_or_name(town: Town) -> None:
    browser = Client()
    asked = browser.post("/me/sign-in/", {"email": " Nina@Mail.Example"})
    entered = browser.post("/me/code/", {"code": code_sent()})

    assert (asked.status_code, asked["Location"], entered["Location"]) == (302, "/me/code/", "/me/")
    assert queries.address_of(Account.objects.get()) == ADDRESS
    assert browser.get("/me/").context["address"] == ADDRESS
    assert Official.objects.filter(email=ADDRESS).count() == 0


def test_session_cookie_is_the_residents_own_and_opens_no_desk(town: Town, account: Account) -> None:
    browser = browser_of(account)

    assert "otklik_session" not in browser.cookies
    assert browser.get("/desk/").status_code == 302
    assert signed_in(town.head).get("/me/").templates[0].name == "public/me_out.html"


def test_every_address_is_answered_alike(town: Town, account: Account) -> None:
    pages = []
    for address in (ADDRESS, "stranger@mail.example"):
        browser = Client()
        answer = browser.post("/me/sign-in/", {"email": address})
        pages.append(
            (answer.status_code, answer["Location"], sorted(answer.cookies), browser.get("/me/code/").status_code)
        )

    assert pages[0] == pages[1]
    assert Account.objects.count() == 1  # asking makes nobody an account


def test_code_is_good_only_in_the_browser_that_asked(town: Town) -> None:
    Client().post("/me/sign-in/", {"email": ADDRESS})

    assert Client().post("/me/code/", {"code": code_sent()}).status_code == 422
    assert AccountSession.objects.count() == 0


def test_code_is_good_once(town: Town) -> None:
    secret = signing_in.send_code(town.city, ADDRESS, "ru", now=town.now)
    code = code_sent()

    assert sign_in(town.city, secret, code, "ru", now=town.now) is not None
    assert sign_in(town.city, secret, code, "ru", now=town.now) is None


def test_old_code_opens_nothing(town: Town) -> None:
    secret = signing_in.send_code(town.city, ADDRESS, "ru", now=town.now)

    assert sign_in(town.city, secret, code_sent(), "ru", now=town.now + CODE_LIVES) is None


def test_right_code_after_five_wrong_ones_opens_nothing(town: Town) -> None:
    secret = signing_in.send_code(town.city, ADDRESS, "ru", now=town.now)
    code = code_sent()
    wrong = [sign_in(town.city, secret, "00000000", "ru", now=town.now) for _ in range(TRIES)]

    assert wrong == [None] * TRIES
    assert sign_in(town.city, secret, code, "ru", now=town.now) is None


def test_one_address_gets_three_codes_an_hour_and_nobody_is_told(town: Town) -> None:
    secrets = [signing_in.send_code(town.city, ADDRESS, "ru", now=town.now) for _ in range(5)]

    assert len(set(secrets)) == 5
    assert (SignInCode.objects.count(), ResidentMail.objects.count()) == (3, 3)


def test_nothing_secret_is_kept_readable(town: Town) -> None:
    secret = signing_in.send_code(town.city, ADDRESS, "ru", now=town.now)
    digits = code_sent().replace(" ", "")
    _, token = sign_in(town.city, secret, digits, "ru", now=town.now)
    rows = [*Account.objects.values(), *AccountSession.objects.values(), *SignInCode.objects.values()]
    kept = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for row in rows for v in row.values())

    assert not [one for one in (ADDRESS, digits, secret, token) if one in kept]


def test_code_of_another_city_opens_nothing(town: Town) -> None:
    secret = signing_in.send_code(town.city, ADDRESS, "ru", now=town.now)

    assert sign_in(make_city("dalnee"), secret, code_sent(), "ru", now=town.now) is None


def test_city_without_mail_offers_no_account_and_keeps_the_code_way(town: Town) -> None:
    Carrier.objects.update(is_on=False)
    page = Client().get("/me/").content.decode()

    assert "/me/sign-in/" not in page
    assert 'action="/case/"' in page
    assert Client().post("/me/sign-in/", {"email": ADDRESS}).status_code == 404


def test_own_pages_are_kept_by_nobody(town: Town, account: Account) -> None:
    browser = browser_of(account)

    assert {browser.get(path)["Cache-Control"] for path in ("/me/", "/me/code/", "/me/erase/", "/me/data.json")} == {
        "no-store"
    }


@pytest.mark.parametrize("path", ["/me/add/", "/me/link/", "/me/ties/1/untie/", "/me/erase/", "/me/sign-out/"])
def test_forged_form_is_refused(town: Town, account: Account, path: str) -> None:
    forger = Client(enforce_csrf_checks=True)
    forger.cookies["otklik_me"] = signing_in.open_session(account, now=town.now)

    assert forger.post(path, {"sure": "1"}).status_code == 403
    assert Account.objects.count() == 1


def test_signed_out_everywhere_is_signed_out_in_every_browser(town: Town, account: Account) -> None:
    first, second = browser_of(account), browser_of(account)
    first.post("/me/sign-out/", {"everywhere": "1"})

    assert second.get("/me/").templates[0].name == "public/me_out.html"


def written(town: Town, browser: Client, **fields: str) -> Message:
    """What comes of the form, carried by the worker's own steps."""
    sent = browser.get("/write/").context["form"].initial["submission_id"]
    browser.post("/write/", {"text": "Яма на Мельничной, 7, пробил колесо", "submission_id": sent, **fields})
    while take_channel(town.channels["site"].pk, brain()):
        pass
    return Message.objects.latest("id")


def test_what_is_written_signed_in_is_ones_own(town: Town, account: Account) -> None:
    browser = browser_of(account)
    message = written(town, browser)

    assert [case.pk for case in queries.cases_of(account)] == [message.case_message.case_id]


def test_unknown_report_has_no_name_no_contact_no_account_and_still_a_code(town: Town, account: Account) -> None:
    browser = browser_of(account)
    message = written(town, browser, anonymous="1", name="Нина", contact="+7 900 123-45-67")
    raw = bytes(message.delivery.body).decode()

    assert (message.identity.display_name, message.identity.resident_id == account.resident_id) == ("", False)
    assert not [one for one in ("Нина", "123-45", account.visitor) if one in raw]
    assert Client().get(f"/case/{message.case_message.case.code}/").status_code == 200
    assert queries.cases_of(account) == []


def test_code_ties_a_case_and_untying_takes_it_off(town: Town, account: Account) -> None:
    case = town.case(town.say("vk", "Яма", name="Нина"))
    browser = browser_of(account)
    browser.post("/me/add/", {"code": case.code.replace("-", " ").upper()})
    mine = queries.cases_of(account)
    tie = Tie.objects.get()
    browser.post(f"/me/ties/{tie.pk}/untie/")

    assert ([one.pk for one in mine], tie.proof) == ([case.pk], Proof.CODE)
    assert queries.cases_of(account) == []
    assert Tie.objects.get().untied_at is not None  # how it was stays known


def test_wrong_code_ties_nothing_and_is_counted_as_a_guess(town: Town, account: Account) -> None:
    browser = browser_of(account)
    address = {"X-Forwarded-For": "203.0.113.7"}
    said = [browser.post("/me/add/", {"code": "2222-2222-2222-2222"}, headers=address).status_code for _ in range(21)]

    assert said == [404] * 20 + [429]


def test_nobody_unties_what_is_anothers(town: Town, account: Account) -> None:
    case = town.case(town.say("vk", "Яма"))
    tie = tying.tie_case(account.resident, case, now=town.now)
    other = account_of(town.city, "oleg@mail.example", "ru", now=town.now)

    assert browser_of(other).post(f"/me/ties/{tie.pk}/untie/").status_code == 404
    assert Tie.objects.get().untied_at is None


def test_unlinking_puts_everything_back(town: Town, account: Account) -> None:
    case = town.case(town.say("telegram", "Яма на Мельничной", name="Нина"))
    identity = case.case_messages.get().message.identity
    before = identity.resident_id
    tie = tying.tie_identity(account.resident_id, identity, Proof.WORD, now=town.now)
    tying.untie(tie, now=town.now)

    assert Identity.objects.get(pk=identity.pk).resident_id == before
    assert Case.objects.get(pk=case.pk).resident_id == before
    assert queries.cases_of(account) == []


def test_newest_proof_counts_when_two_accounts_link_one_network(town: Town, account: Account) -> None:
    identity = town.say("telegram", "Яма", name="Нина").identity
    other = account_of(town.city, "oleg@mail.example", "ru", now=town.now)
    tying.tie_identity(account.resident_id, identity, Proof.WORD, now=town.now)
    tying.tie_identity(other.resident_id, identity, Proof.WORD, now=town.now)

    assert Identity.objects.get(pk=identity.pk).resident_id == other.resident_id
    assert [tie.untied_at is None for tie in Tie.objects.order_by("id")] == [False, True]


def test_people_of_one_name_are_never_one_person(town: Town, account: Account) -> None:
    first = town.case(town.say("telegram", "Яма", name="Нина Лугова"))
    second = town.case(town.say("vk", "Яма", name="Нина Лугова"))
    Identity.objects.filter(resident=account.resident_id).update(display_name="Нина Лугова")

    assert len({first.resident_id, second.resident_id, account.resident_id}) == 3
    assert queries.cases_of(account) == []


def test_cases_take_the_same_queries_for_one_and_thirty(
    town: Town, account: Account, django_assert_num_queries: object
) -> None:
    identity = Identity.objects.get(resident=account.resident_id)
    for many in (1, 29):
        for n in range(many):
            message = town.say("site", f"Яма {n}", visibility="private")
            Message.objects.filter(pk=message.pk).update(identity=identity)
            message.identity = identity
            town.case(message)
        browser = browser_of(account)
        with django_assert_num_queries(10):
            page = browser.get("/me/")

    assert len(page.context["rows"]) == 30


def test_own_data_is_taken_along_and_nobody_elses(town: Town, account: Account) -> None:
    browser = browser_of(account)
    message = written(town, browser, name="Нина")
    town.case(town.say("site", "Чужая яма", name="Олег", visibility="private"))
    told = json.loads(browser.get("/me/data.json").content)

    assert told["address"] == ADDRESS
    assert [one["number"] for one in told["cases"]] == [message.case_message.case.number]
    assert [one["text"] for one in told["messages"]] == ["Яма на Мельничной, 7, пробил колесо"]


def test_erasing_needs_a_tick_first(town: Town, account: Account) -> None:
    assert browser_of(account).post("/me/erase/").status_code == 422
    assert Account.objects.count() == 1


def test_erased_account_takes_its_words_from_everywhere(town: Town, account: Account) -> None:
    browser = browser_of(account)
    message = written(town, browser, name="Нина Лугова")
    case = message.case_message.case
    tying.tie_case(account.resident, town.case(town.say("vk", "Другая")), now=town.now)
    town.answer(case, "Засыпали.")
    reopen(case, "Нина Лугова: яма снова", now=clock.now())

    gone = browser.post("/me/erase/", {"sure": "1"})
    message.refresh_from_db()
    case.refresh_from_db()
    identity = Identity.objects.get(pk=message.identity_id)
    kept = [
        message.text,
        bytes(Delivery.objects.get(pk=message.delivery_id).body).decode(),
        case.summary,
        case.place_text,
        identity.display_name,
        identity.resident.display_name,
        *[json.dumps(line.detail, ensure_ascii=False) for line in JournalEntry.objects.filter(case=case)],
        *SearchEntry.objects.filter(answer_ref=None).values_list("stems", flat=True),
    ]

    assert gone.status_code == 200
    assert not [words for words in kept if "Мельничн" in words or "Лугова" in words or "яма снова" in words]
    left = [model.objects.count() for model in (Account, AccountSession, Tie, Subscription, ResidentMail)]
    assert left == [0] * 5
    assert case.answers.get().text == "Засыпали."
    assert Client().get(f"/case/{case.code}/").status_code == 200


def test_private_report_is_never_cleared_for_everybody_without_its_authors_word(town: Town, account: Account) -> None:
    message = written(town, browser_of(account), anonymous="1")
    case = message.case_message.case
    said = {"of": message.pk, "seen": seal_of(message.text), "title": "Яма", "then": "show"}

    signed_in(town.clearer).post(f"/desk/cases/{case.number}/showing/", said)
    with pytest.raises(NotForPublic):
        make_public(
            town.access(town.clearer), case, Clearing(message.pk, frozenset(), seal_of(message.text)), now=town.now
        )

    assert Case.objects.get(pk=case.pk).is_public is False
    assert Client().get(f"/cases/{case.number}/").status_code == 404
