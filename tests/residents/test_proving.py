"""A one-time word from a network ties nothing by itself: its author is asked, told what would be seen, and may undo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client

from otklik.cases.models import Case
from otklik.channels.connections import connector_of, seal
from otklik.channels.enums import Decision
from otklik.channels.models import Channel, Message, Outgoing
from otklik.channels.services.receiving import Arrival, store
from otklik.common import clock
from otklik.connectors.events import Webhook
from otklik.residents import queries
from otklik.residents.enums import Proof
from otklik.residents.links import LinkQuestion
from otklik.residents.models import Account, LinkWord, Tie
from otklik.residents.services import proving, signing_in, tying
from otklik.residents.services.proving import Say, said_in
from otklik.residents.services.signing_in import account_of
from otklik.simulators.telegram import payloads
from otklik.worker.taking import take_channel
from tests.public.town import SECRET, Town, make_town
from tests.stories import brain

pytestmark = pytest.mark.django_db
TOKEN = "7000000001:AAEnotarealtokenofanybot00000000000"
NINA, OLEG = payloads.Person(77, "Нина"), payloads.Person(78, "Олег")


@pytest.fixture
def town() -> Iterator[Town]:
    from django.core.cache import cache

    cache.clear()
    made = make_town()
    Channel.objects.filter(pk=made.channels["telegram"].pk).update(
        settings={"channel_chat_id": "-1001000000001"},
        sealed_secrets=seal({"bot_token": TOKEN, "webhook_secret": SECRET}),
    )
    yield made
    cache.clear()


@pytest.fixture
def account(town: Town) -> Account:
    return account_of(town.city, "nina@mail.example", "ru", now=town.now)


def say(town: Town, text: str, who: payloads.Person = NINA) -> str:
    """A direct message through the signed webhook and the pipeline; what was answered, if anything."""
    channel = Channel.objects.get(pk=town.channels["telegram"].pk)
    number = Message.objects.count() + 1
    said = payloads.message(
        number, 1790000000 + number, payloads.private_chat(who), sender=payloads.person(who), text=text
    )
    hook = Webhook(payloads.headers(SECRET), payloads.encode(payloads.update(number, "message", said)), town.now)
    connector = connector_of(channel)
    connector.verify(hook)
    store([Arrival(town.city.pk, channel.pk, connector.delivery_key(hook), hook.body, town.now)])
    while take_channel(channel.pk, brain()):
        pass
    row = Outgoing.objects.filter(reply_to=Message.objects.latest("id")).first()
    return row.text if row is not None else ""


def code_in(words: str) -> str:
    return re.search(r"\d{3} \d{3}", words)[0]


def page_of(account: Account) -> str:
    client = Client()
    client.cookies["otklik_me"] = signing_in.open_session(account, now=clock.now())
    return client.get("/me/", headers={"Accept-Language": "en"}).content.decode()


def last_decision() -> str:
    return Message.objects.latest("id").decision


def ask(town: Town, account: Account, who: payloads.Person = NINA) -> str:
    return say(town, f"связать {tying.new_word(account, now=clock.now())}", who)


def test_word_alone_ties_nothing_and_its_author_is_told_what_would_be_seen(town: Town, account: Account) -> None:
    say(town, "Яма на Мельничной, 7, пробил колесо")
    question = ask(town, account)

    assert (Tie.objects.count(), queries.cases_of(account)) == (0, [])
    assert "n•••@mail.example" in question
    assert "nina@" not in question
    assert "1 " in question
    assert LinkWord.objects.count() == 0
    assert (last_decision(), Case.objects.count()) == (Decision.NO_ANSWER, 1)


def test_yes_of_the_same_author_ties_and_says_how_to_undo(town: Town, account: Account) -> None:
    say(town, "Яма на Мельничной, 7, пробил колесо")
    done = say(town, f"связать {code_in(ask(town, account))}")

    assert [one.pk for one in queries.cases_of(account)] == [Case.objects.get().pk]
    assert Tie.objects.get().proof == Proof.WORD
    assert "отвязать" in done
    assert "n•••@mail.example" in done
    assert last_decision() == Decision.NO_ANSWER


def test_author_who_was_talked_into_it_undoes_it_from_the_network(town: Town, account: Account) -> None:
    say(town, "Яма на Мельничной, 7, пробил колесо")
    say(town, f"связать {code_in(ask(town, account))}")
    gone = say(town, "Отвязать")

    assert "n•••@mail.example" in gone
    assert queries.cases_of(account) == []
    assert Tie.objects.get().untied_at is not None


def test_silence_after_the_question_ties_nothing(town: Town, account: Account) -> None:
    """Somebody is talked into sending another person's word; reading whose account it is, they don't go on."""
    say(town, "Яма на Мельничной, 7, пробил колесо")
    ask(town, account)
    say(town, "Спасибо, не надо")

    assert queries.cases_of(account) == []
    assert "Нина" not in page_of(account)
    assert "We asked in Telegram" in page_of(account)


def test_anothers_yes_ties_nobody(town: Town, account: Account) -> None:
    code = code_in(ask(town, account))

    assert say(town, f"связать {code}", OLEG) == ""
    assert (Tie.objects.count(), last_decision()) == (0, Decision.OPERATOR)


def test_right_code_after_five_wrong_ones_ties_nobody(town: Town, account: Account) -> None:
    code = code_in(ask(town, account))
    wrong = "000 000" if code != "000 000" else "111 111"
    for _ in range(proving.TRIES):
        say(town, f"связать {wrong}")

    assert say(town, f"связать {code}") == ""
    assert Tie.objects.count() == 0


def late_yes(message: Message, now: datetime) -> int:
    return len(proving.hear([message], now=now))


def test_late_yes_and_a_second_yes_tie_nobody(town: Town, account: Account) -> None:
    code = code_in(ask(town, account))
    message = Message.objects.latest("id")
    message.text = f"связать {code}"

    assert late_yes(message, clock.now() + proving.ANSWER_WITHIN + timedelta(seconds=1)) == 1
    assert Tie.objects.count() == 0
    say(town, message.text)
    tying.untie(Tie.objects.get(), now=clock.now())
    assert say(town, message.text) == ""


def test_newer_question_ends_the_one_before(town: Town, account: Account) -> None:
    first = code_in(ask(town, account))
    other = account_of(town.city, "oleg@mail.example", "ru", now=town.now)
    second = code_in(ask(town, other))
    if first != second:
        say(town, f"связать {first}")
        assert Tie.objects.count() == 0

    say(town, f"связать {second}")

    assert Tie.objects.get().resident_id == other.resident_id


def test_one_author_is_asked_five_times_a_day(town: Town, account: Account) -> None:
    asked = [bool(ask(town, account)) for _ in range(proving.QUESTIONS_A_DAY + 1)]

    assert asked == [True] * proving.QUESTIONS_A_DAY + [False]


def test_late_word_and_a_strangers_word_ask_nobody(town: Town, account: Account) -> None:
    assert say(town, "link 2222-2222") == ""
    word = tying.new_word(account, now=clock.now() - tying.WORD_LIVES)

    assert say(town, f"link {word}") == ""
    assert LinkQuestion.objects.count() == 0


def test_word_of_another_city_asks_nobody(town: Town) -> None:
    from tests.builders import make_city

    stranger = account_of(make_city("dalnee"), "nina@mail.example", "ru", now=town.now)

    assert ask(town, stranger) == ""


def test_unlink_where_nothing_is_linked_goes_to_a_person(town: Town, account: Account) -> None:
    assert say(town, "unlink") == ""
    assert last_decision() == Decision.OPERATOR


def test_nothing_of_a_question_is_kept_readable(town: Town, account: Account) -> None:
    code = code_in(ask(town, account)).replace(" ", "")
    row = LinkQuestion.objects.values().get()

    assert code not in str(row)


def test_old_questions_are_forgotten(town: Town, account: Account) -> None:
    ask(town, account)

    assert proving.forget_old_questions(now=clock.now() + timedelta(days=3)) == 1
    assert LinkQuestion.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "say", "secret"),
    [
        ("link 7K3F-92QD", Say.WORD, "7K3F-92QD"),
        ("  связать 7k3f-92qd. ", Say.WORD, "7K3F-92QD"),
        ("СВЯЗАТЬ 7К3F-92QD", Say.WORD, "7K3F-92QD"),  # К of a Russian keyboard
        ("link 482 913", Say.YES, "482913"),
        ("Связать 482913.", Say.YES, "482913"),
        ("отвязать", Say.BACK, ""),
        (" Unlink! ", Say.BACK, ""),
    ],
)
def test_three_words_are_understood(text: str, say: Say, secret: str) -> None:
    said = said_in(text)

    assert said is not None
    assert (said.say, said.secret) == (say, secret)


@pytest.mark.parametrize(
    "text",
    [
        "link 7K3F-92Q",
        "please link 7K3F-92QD",
        "link 7K3F-92QD and a pothole",
        "7K3F-92QD",
        "482 913",
        "да 482913",
        "link 48291",
        "link ٤٨٢٩١٣",
        "связать 7K3F-92QD" + " " * 60,
        "отвязать собаку",
        "",
    ],
)
def test_no_other_text_is_one_of_them(text: str) -> None:
    assert said_in(text) is None
