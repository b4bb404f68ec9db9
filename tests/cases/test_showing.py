"""A case becomes public by an operator's clearing alone, in the cleared words alone, and leaves a tombstone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from otklik.cases import publicity
from otklik.cases.enums import Withdrawal
from otklik.cases.models import Case, JournalEntry
from otklik.cases.openness import Showing
from otklik.cases.services import merging, showing
from otklik.cases.services.moving import Overtaken
from otklik.cases.services.opening import join_cases
from otklik.channels.models import Message
from otklik.org.access import Access, Refused, access_of
from otklik.org.enums import Role
from otklik.org.services.founding import add_official
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


@pytest.fixture
def operator(town: Town) -> Access:
    return town.access(town.clearer)


def report(town: Town, text: str = "Яма на Мельничной, 7, кв. 5", name: str = "Игорь Ветров") -> Case:
    return town.case(town.say("site", text, name=name, visibility="private"))


def test_private_words_are_shown_only_with_their_residents_word(town: Town, operator: Access) -> None:
    case = report(town)
    refused = showing.Clearing(Message.objects.get().pk, frozenset(), "")

    with pytest.raises(showing.NotForPublic):
        showing.make_public(operator, case, refused, now=town.now)
    showing.agree(case, now=town.now)
    shown = showing.make_public(operator, case, showing.as_found(case), now=town.now)

    case.refresh_from_db()
    assert (case.is_public, shown.text, shown.title) == (True, *["Яма на Мельничной, 7, •••"] * 2)


def test_private_words_of_others_in_the_case_are_never_shown(town: Town, operator: Access) -> None:
    case = report(town)
    showing.agree(case, now=town.now)
    other = town.say("vk", "И у меня, Липовая 3", name="Ольга", visibility="private")
    public = town.say("vk", "Там правда яма", name="Пётр")
    join_cases([(case, other, "same"), (case, public, "same")], now=town.now)

    assert [one.text for one in publicity.sources_of(case)] == ["Яма на Мельничной, 7, кв. 5", "Там правда яма"]
    with pytest.raises(showing.NotForPublic):
        showing.make_public(operator, case, replace(showing.as_found(case), message_id=other.pk), now=town.now)


def test_word_of_one_resident_does_not_count_for_another_whose_case_was_joined(town: Town) -> None:
    curator = access_of(add_official(town.city, email="c@x.example", full_name="К К", roles=[(Role.CURATOR, None)]))
    earlier, later = report(town, "Первая, молчит"), report(town, "Вторая, согласна", name="Нина")
    showing.agree(later, now=town.now)

    merging.merge(curator, earlier, later, now=town.now)

    later.refresh_from_db()
    assert [one.text for one in publicity.sources_of(later)] == ["Вторая, согласна"]


def test_executor_clears_nothing(town: Town) -> None:
    case = town.case(town.say("vk", "Яма"))

    with pytest.raises(Refused):
        showing.make_public(town.access(town.executor), case, showing.as_found(case), now=town.now)
    with pytest.raises(Refused):
        showing.make_private(town.access(town.executor), case, Withdrawal.MISTAKE, now=town.now)


def test_message_edited_meanwhile_is_not_shown_unseen(town: Town, operator: Access) -> None:
    case = town.case(town.say("vk", "Яма"))
    clearing = showing.as_found(case)
    Message.objects.update(text="Яма, мой сосед Пётр болен")

    with pytest.raises(Overtaken):
        showing.make_public(operator, case, clearing, now=town.now)
    assert not Showing.objects.exists()


def test_heading_typed_by_hand_is_masked_too(town: Town, operator: Access) -> None:
    case = town.case(town.say("vk", "Яма во дворе", name="Игорь"))
    clearing = replace(showing.as_found(case), title="Игорь из кв. 5: яма")

    shown = showing.make_public(operator, case, clearing, now=town.now)

    assert shown.title == "••• из •••: яма"


def test_what_was_taken_off_leaves_a_tombstone_without_words(town: Town, operator: Access) -> None:
    case = town.case(town.say("vk", "Яма во дворе"), is_public=True)

    showing.make_private(operator, case, Withdrawal.PERSONAL, now=town.now)

    stone = publicity.tombstone_of(town.city.pk, case.number)
    assert stone is not None
    assert (stone.title, stone.text, stone.stems, stone.hidden) == ("", "", "", [])
    assert (stone.withdrawn_at, stone.withdrawal) == (town.now, "personal")
    assert [line.action for line in JournalEntry.objects.filter(case=case).order_by("id")][-2:] == [
        "made_public",
        "made_private",
    ]


def test_it_can_be_shown_again(town: Town, operator: Access) -> None:
    case = town.case(town.say("vk", "Яма во дворе"), is_public=True)
    showing.make_private(operator, case, Withdrawal.MISTAKE, now=town.now)

    showing.make_public(operator, case, showing.as_found(case), now=town.now + timedelta(hours=1))

    assert publicity.public_case(town.city.pk, case.number).showing.text == "Яма во дворе"
    assert publicity.tombstone_of(town.city.pk, case.number) is None


def test_message_that_its_author_deletes_goes_from_the_public_page(town: Town) -> None:
    case = town.case(town.say("vk", "Яма во дворе"), is_public=True)
    Message.objects.update(deleted_at=town.now, text="")

    with pytest.raises(Case.DoesNotExist):
        publicity.public_case(town.city.pk, case.number)
    assert publicity.tombstone_of(town.city.pk, case.number) is not None


def test_copy_of_deleted_words_is_forgotten(town: Town) -> None:
    case, other = (town.case(town.say("vk", text), is_public=True) for text in ("Яма во дворе", "Фонарь"))
    Message.objects.filter(case_message__case=case).update(deleted_at=town.now, text="")

    done = [showing.forget_deleted(now=town.now) for _ in range(2)]

    case.refresh_from_db()
    stone = publicity.tombstone_of(town.city.pk, case.number)
    assert (done, case.is_public) == ([1, 0], False)
    assert stone is not None
    assert (stone.title, stone.text, stone.stems, stone.withdrawal) == ("", "", "", "")
    assert publicity.public_case(town.city.pk, other.number).showing.text == "Фонарь"


def test_resident_takes_the_word_back_and_it_is_gone_at_once(town: Town) -> None:
    private, public = report(town), town.case(town.say("vk", "Фонарь"))
    town.show(private)
    town.show(public)
    Case.objects.update(resident_agreed=True)
    private.refresh_from_db()
    public.refresh_from_db()

    for case in (private, public):
        showing.disagree(case, now=town.now)

    private.refresh_from_db()
    public.refresh_from_db()
    assert (private.is_public, private.resident_agreed) == (False, False)
    assert (public.is_public, public.resident_agreed) == (True, False)


def test_case_of_another_city_is_cleared_by_nobody_here(town: Town) -> None:
    case = town.case(town.say("vk", "Яма"))
    from tests.builders import make_access, make_city

    stranger = make_access(make_city("zarechye"), Role.OPERATOR)

    with pytest.raises(Refused):
        showing.make_public(stranger, case, showing.as_found(case), now=town.now)
