"""People of the town who write letters: what they put into the city's mailbox."""

from __future__ import annotations

from email import message_from_bytes, policy
from random import Random

from otklik.simulators.mail.mailbox import INBOX, MailboxSimulator
from otklik.simulators.town.by_mail import MailHome
from otklik.simulators.town.homes import Answered
from otklik.simulators.town.library import shipped
from tests.simulators.town.towns import town

ADDRESS = "city@yasnogorye.example"
OURS = "otklik.1.2@yasnogorye.example"


def home() -> tuple[MailHome, MailboxSimulator]:
    box = MailboxSimulator()
    return MailHome(shipped(), box, ADDRESS, Random(3), lambda: 0.0), box


def answered(peer: str) -> Answered:
    return Answered("email", "mail", "mail:1", OURS, peer, is_private=True)


def test_letter_says_what_was_to_be_said_in_whatever_charset():
    people, box = home()
    who = next(one for one in shipped().residents if one.network == "email")
    for number in range(12):
        odd = f"Не горит фонарь у дома {number} 👍 на улице Садовой, темно"
        people.say(who, odd if number % 2 else f"Яма {number}", "", private=False)
    people.say(who, "А когда?", "Ремонт дорог", private=True)

    letters = [message_from_bytes(one.raw, policy=policy.default) for one in box.folders[INBOX].letters]
    assert [one.get_content().strip()[:5] for one in letters[:12]] == [
        "Не го" if number % 2 else f"Яма {number}"[:5] for number in range(12)
    ]
    assert (letters[1]["Subject"], letters[12]["Subject"]) == ("Не горит фонарь у дома 1 👍 на улице", "Ремонт дорог")
    assert {str(one["To"]) for one in letters} == {ADDRESS}
    assert len({str(one["Message-ID"]) for one in letters}) == 13


def test_reply_names_what_it_answers_and_strangers_do_not_reply():
    people, box = home()
    who = next(one for one in shipped().residents if one.network == "email")

    assert people.respond(answered(f"resident-{who.number}@mail.example"), "Спасибо")
    assert not people.respond(answered("somebody@mail.example"), "Спасибо")
    [reply] = box.folders[INBOX].letters
    assert f"In-Reply-To: <{OURS}>".encode() in reply.raw


def test_town_writes_letters_only_where_somebody_reads_them():
    life = town()
    for _ in range(60):
        life.speak()
    without = dict(life.said)
    people, box = home()
    life.homes["email"] = people
    for _ in range(120):
        life.speak()

    assert "email" not in without
    assert 0 < life.said["email"] == len(box.folders[INBOX].letters) < 40
