"""One person in several networks: an operator's link, what it shows, what it never opens, and how it is taken back."""

from __future__ import annotations

import pytest
from django.test import Client

from otklik.cases.enums import Outcome
from otklik.cases.models import Case
from otklik.cases.services.answering import approve, submit, write_draft
from otklik.channels.models import Identity, Message, Outgoing
from otklik.intake.returns import cases_of_conversations
from otklik.org.access import Refused, access_of
from otklik.org.enums import Role
from otklik.org.models import Department, Official
from otklik.residents import queries
from otklik.residents.enums import Proof
from otklik.residents.links import IdentityLink
from otklik.residents.persons import person_of
from otklik.residents.services import linking, tying
from otklik.residents.services.signing_in import account_of
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger
from tests.desk.test_inbox import read

WHY = "тот же номер телефона в обоих письмах"


def pair(office: Office, **second: object) -> tuple[Case, Case]:
    return office.case(network="vk", name="Игорь"), office.case(
        "Ещё и фонарь не горит", **{"network": "telegram", "name": "Игорь В.", **second}
    )


def said(other: Case, reason: str = WHY) -> dict[str, str]:
    return {"same_person-number": str(other.number), "same_person-reason": reason}


def join(office: Office, case: Case, other: Case, who: Official | None = None, reason: str = WHY) -> int:
    client = office.browser(who or office.operator)
    return client.post(f"/desk/cases/{case.number}/same_person/", said(other, reason)).status_code


def identity_of(case: Case) -> Identity:
    found = linking.reporter_of(case)
    assert found is not None
    return found


def test_link_shows_the_other_account_and_its_cases_beside_both(office: Office) -> None:
    case, other = pair(office)

    assert join(office, case, other) == 302
    here, there = (read(office, f"/desk/cases/{one.number}/", "operator") for one in (case, other))

    row = IdentityLink.objects.get()
    assert (row.reason, row.linked_by, {row.one_id, row.other_id}) == (
        WHY,
        office.operator,
        {identity_of(case).pk, identity_of(other).pk},
    )
    assert f'/desk/people/{row.pk}/unlink/?at={case.number}"' in here
    assert f'href="/desk/cases/{other.number}/"' in here.partition('id="person-title"')[2]
    assert f'href="/desk/cases/{case.number}/"' in there.partition('id="person-title"')[2]
    assert [line.action for one in (case, other) for line in one.journal.filter(action="person_linked")] == [
        "person_linked"
    ] * 2


def test_link_is_undone_in_one_step_and_stays_in_both_journals(office: Office) -> None:
    case, other = pair(office)
    join(office, case, other)
    row = IdentityLink.objects.get()

    gone = office.browser(office.operator).post(f"/desk/people/{row.pk}/unlink/?at={other.number}")
    again = office.browser(office.operator).post(f"/desk/people/{row.pk}/unlink/")
    row.refresh_from_db()

    assert (gone["Location"], again.status_code) == (f"/desk/cases/{other.number}/", 302)
    assert (row.unlinked_by, row.unlinked_at is not None) == (office.operator, True)
    assert f"/desk/people/{row.pk}/unlink/" not in read(office, f"/desk/cases/{case.number}/", "operator")
    assert [one.journal.filter(action="person_unlinked").count() for one in (case, other)] == [1, 1]
    assert join(office, other, case) == 302  # undone, it may be said again


def test_link_gives_the_residents_account_nothing_of_the_others(office: Office) -> None:
    case, other = pair(office, visibility="private")
    account = account_of(office.town.city, "igor@mail.example", "ru", now=office.town.now)
    tying.tie_identity(account.resident_id, identity_of(case), Proof.WORD, now=office.town.now)
    before = list(Identity.objects.order_by("pk").values_list("pk", "resident_id"))

    assert join(office, case, other) == 302

    assert [one.pk for one in queries.cases_of(account)] == [case.pk]
    assert list(Identity.objects.order_by("pk").values_list("pk", "resident_id")) == before
    assert Case.objects.get(pk=other.pk).resident_id == identity_of(other).resident_id


def test_linked_account_may_neither_confirm_nor_reopen_the_others_case(office: Office) -> None:
    case, other = pair(office)
    join(office, case, other)
    town, now = office.town, office.town.now
    write_draft(access_of(office.executor), case, "Засыпали.", Outcome.RESOLVED, now=now)
    submit(access_of(office.executor), case, now=now)
    approve(access_of(office.approver), case, now=now)
    Outgoing.objects.update(state="sent")
    Case.objects.filter(pk=case.pk).update(status="answered")
    asked = case.case_messages.get().message
    forged = town.say("vk", "Спасибо, всё сделали", to=asked)
    forged.identity = identity_of(other)

    assert cases_of_conversations(town.city.pk, [forged]) == {}


def test_link_changes_nothing_on_the_private_page(office: Office) -> None:
    case, other = pair(office, visibility="private")
    before = Client().get(f"/case/{case.code}/").content.decode()
    join(office, case, other)
    after = Client().get(f"/case/{case.code}/").content.decode()

    assert [words in page for page in (before, after) for words in ("фонарь", other.code, WHY)] == [False] * 6


def test_private_case_of_the_other_account_is_shown_by_permission_only(office: Office) -> None:
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    case, other = pair(office, visibility="private", topic="utilities.heating")
    shown = office.case("И скамейка", topic="utilities.heating", network="telegram", name="Игорь В.")
    Message.objects.filter(case_message__case=shown).update(identity=identity_of(other))
    Case.objects.filter(pk=shown.pk).update(is_public=True)
    join(office, case, other)
    whole = access_of(office.operator)
    # An operator of one department who may look at every case: of another department's only what everybody sees.
    partly = access_of(make_official(office.town.city, (Role.OPERATOR, roads), (Role.EXECUTOR, None)))
    narrow = access_of(make_official(office.town.city, (Role.OPERATOR, roads)))

    seen = [person_of(access, case, identity_of(case)).cases for access in (whole, partly, narrow)]  # type: ignore[union-attr]

    assert [[one.pk for one in rows] for rows in seen] == [[shown.pk, other.pk], [shown.pk], []]


def test_those_who_only_answer_see_no_person(office: Office) -> None:
    case, other = pair(office)
    join(office, case, other)

    assert "person-title" not in read(office, f"/desk/cases/{case.number}/", "executor")
    assert person_of(access_of(office.executor), case, identity_of(case)) is None


def test_head_and_aide_see_the_person_and_link_nobody(office: Office) -> None:
    case, other = pair(office)
    join(office, case, other)

    pages = [read(office, f"/desk/cases/{case.number}/", who) for who in ("head", "aide")]

    assert [("person-title" in page, "unlink/" in page, "/same_person/" in page) for page in pages] == [
        (True, False, False)
    ] * 2
    assert [join(office, case, other, who) for who in (office.head, office.aide, office.executor)] == [403] * 3


def test_link_to_a_case_that_one_may_not_see_is_refused_like_one_that_is_not_there(office: Office) -> None:
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    case, other = pair(office, topic="utilities.heating")
    client = signed_in(make_official(office.town.city, (Role.OPERATOR, roads)))

    answers = [
        client.post(f"/desk/cases/{case.number}/same_person/", said(other) | {"same_person-number": number})
        for number in (str(other.number), "99999")
    ]

    assert [one.status_code for one in answers] == [409, 409]
    assert IdentityLink.objects.count() == 0


def test_link_needs_the_permission_where_the_other_case_is_too(office: Office) -> None:
    roads = Department.objects.get(municipality=office.town.city, code="roads")
    case, other = pair(office, topic="utilities.heating")
    client = signed_in(make_official(office.town.city, (Role.OPERATOR, roads), (Role.EXECUTOR, None)))

    assert client.post(f"/desk/cases/{case.number}/same_person/", said(other)).status_code == 403
    assert IdentityLink.objects.count() == 0


def test_another_citys_official_undoes_nothing(office: Office) -> None:
    case, other = pair(office)
    join(office, case, other)
    row = IdentityLink.objects.get()

    assert signed_in(make_stranger()).post(f"/desk/people/{row.pk}/unlink/").status_code in (403, 404)
    with pytest.raises(Refused):
        linking.unlink(access_of(office.executor), row, now=office.town.now)
    assert IdentityLink.objects.get().unlinked_at is None


def test_link_needs_a_reason_and_two_accounts(office: Office) -> None:
    case, other = pair(office)
    own = office.case("Снова я")
    Case.objects.filter(pk=own.pk).update(resident=identity_of(case).resident_id)
    own.case_messages.update(identity=identity_of(case))
    message = own.case_messages.get().message
    message.identity = identity_of(case)
    message.save()

    codes = [join(office, case, other, reason=" "), join(office, case, case), join(office, case, own)]
    done, twice = join(office, case, other), join(office, other, case)

    assert (codes, done, twice, IdentityLink.objects.count()) == ([422, 409, 409], 302, 409, 1)


def test_who_proved_it_themselves_needs_no_link(office: Office) -> None:
    case, other = pair(office)
    Identity.objects.filter(pk=identity_of(other).pk).update(resident=identity_of(case).resident_id)
    Case.objects.filter(pk=other.pk).update(resident=identity_of(case).resident_id)

    assert join(office, case, other) == 409
    assert "they showed it themselves" in read(office, f"/desk/cases/{case.number}/", "operator")


def test_who_gave_no_name_on_our_site_is_linked_to_nobody(office: Office) -> None:
    case, other = pair(office, network="site", name="", visibility="private")

    assert [join(office, case, other), join(office, other, case)] == [409, 409]
    assert "/same_person/" not in read(office, f"/desk/cases/{other.number}/", "operator")


def test_person_takes_the_same_queries_for_one_and_thirty_cases(
    office: Office, django_assert_num_queries: object
) -> None:
    case, other = pair(office)
    join(office, case, other)
    access, identity = access_of(office.operator), identity_of(case)
    found = []
    for many in (1, 29):
        for n in range(many):
            more = office.case(f"Яма {n}", name="Игорь")
            message = more.case_messages.get().message
            message.identity = identity
            message.save()
        with django_assert_num_queries(5):  # type: ignore[operator]
            found.append(person_of(access, case, identity))

    assert [len(one.cases) for one in found] == [2, 8]
