"""What was opened by a tie opens no more once it is undone: new private links, told to the right person alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from otklik.cases.models import Case
from otklik.cases.services.merging import merge
from otklik.channels.models import Outgoing
from otklik.notices.enums import Way
from otklik.notices.letters import Carrier
from otklik.org.access import access_of
from otklik.org.enums import Role
from otklik.residents import queries
from otklik.residents.enums import Proof
from otklik.residents.models import Account, ResidentMail, Subscription, Tie
from otklik.residents.services import erasing, posting, subscribing, tying
from otklik.residents.services.signing_in import account_of
from tests.builders import make_official
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db
AFTER = timedelta(minutes=5)


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
    return account_of(town.city, "nina@mail.example", "ru", now=town.now)


def tied(town: Town, account: Account, case: Case) -> Tie:
    identity = case.case_messages.order_by("id").first().message.identity
    return tying.tie_identity(account.resident_id, identity, Proof.WORD, now=town.now)


def follow(town: Town, case: Case, address: str, *, minutes: int, is_own: bool = True) -> Subscription:
    at = town.now + timedelta(minutes=minutes)
    subscribing.ask_for_letters(case, address, "ru", is_own=is_own, now=at)
    row = Subscription.objects.order_by("id").last()
    subscribing.confirm_letters(row, now=at)
    return row


def opens(code: str) -> int:
    return Client().get(f"/case/{code}/").status_code


def test_former_holders_link_opens_nothing_and_the_author_gets_the_new_one(town: Town, account: Account) -> None:
    case = town.case(town.say("telegram", "Яма на Мельничной", name="Нина", visibility="private"))
    old, tie = case.code, tied(town, account, case)
    before = opens(old)

    tying.untie(tie, now=town.now + AFTER)

    case.refresh_from_db()
    told = Outgoing.objects.get(idempotency_key__startswith="relock:")
    assert (before, opens(old), opens(case.code)) == (200, 404, 200)
    assert (told.reply_to.identity_id, told.is_automated) == (tie.identity_id, True)
    assert told.text.endswith(f"/case/{case.code}/")
    assert case.journal.order_by("id").last().action == "code_changed"


def test_link_is_never_sent_where_others_read(town: Town, account: Account) -> None:
    case = town.case(town.say("vk", "Яма на Мельничной", name="Нина"))
    tie = tied(town, account, case)

    tying.untie(tie, now=town.now + AFTER)

    assert opens(case.code) == 404
    assert not Outgoing.objects.filter(idempotency_key__startswith="relock:").exists()


def test_lists_and_letters_that_hang_on_the_old_link_are_let_go(town: Town, account: Account) -> None:
    case = town.case(town.say("telegram", "Яма", name="Нина", visibility="private"))
    follow(town, case, "author@mail.example", minutes=-30)
    tie = tied(town, account, case)
    follow(town, case, "nina@mail.example", minutes=1)
    follow(town, case, "second@mail.example", minutes=2)
    follow(town, case, "neighbour@mail.example", minutes=3, is_own=False)
    accomplice = account_of(town.city, "second@mail.example", "ru", now=town.now)
    tying.tie_case(accomplice.resident, case, now=town.now + timedelta(minutes=2))
    ResidentMail.objects.all().delete()

    tying.untie(tie, now=town.now + AFTER)

    case.refresh_from_db()
    letter = ResidentMail.objects.get()
    addresses = {subscribing.address_and_token(row)[0] for row in Subscription.objects.all()}
    assert (queries.cases_of(account), queries.cases_of(accomplice)) == ([], [])
    assert addresses == {"author@mail.example", "neighbour@mail.example"}
    assert posting._letter(letter, town.now)[0] == "author@mail.example"
    assert f"/case/{case.code}/" in posting._letter(letter, town.now)[1].text


def test_case_that_was_joined_into_another_is_locked_too(town: Town, account: Account) -> None:
    message = town.say("telegram", "Яма", name="Нина", visibility="private")
    first = town.case(message)
    second = town.case(town.say("telegram", "Опять яма", name="Нина", visibility="private"))
    tie = tied(town, account, first)
    Case.objects.filter(pk=second.pk).update(resident=account.resident)
    second.refresh_from_db()
    curator = make_official(town.city, Role.CURATOR)
    merge(access_of(curator), second, first, now=town.now)
    old = second.code

    tying.untie(tie, now=town.now + AFTER)

    assert (opens(old), opens(first.code)) == (404, 404)


def test_cases_of_others_keep_their_links(town: Town, account: Account) -> None:
    mine = town.case(town.say("telegram", "Яма", name="Нина", visibility="private"))
    others = town.case(town.say("telegram", "Фонарь", name="Олег", visibility="private"))
    tie = tied(town, account, mine)

    tying.untie(tie, now=town.now + AFTER)
    tying.untie(tie, now=town.now + AFTER)

    assert opens(others.code) == 200
    assert Outgoing.objects.filter(idempotency_key__startswith="relock:").count() == 1


def test_erased_account_leaves_no_link_behind(town: Town, account: Account) -> None:
    case = town.case(town.say("telegram", "Яма", name="Нина", visibility="private"))
    tied(town, account, case)

    erasing.erase(account, now=town.now + AFTER)

    assert opens(case.code) == 404
    assert opens(Case.objects.get(pk=case.pk).code) == 200
