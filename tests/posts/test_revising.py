"""Correcting, taking back, and whether words are genuine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from otklik.org.access import Refused, access_of
from otklik.org.errors import NotPossible
from otklik.posts.models import Change, Post, Revision, Rubric
from otklik.posts.quoting import Piece
from otklik.posts.services.publishing import Words
from otklik.posts.services.revising import Overtaken, correct, withdraw
from otklik.posts.verifying import Answer, Finding, look_up
from otklik.proof.models import Key
from otklik.proof.queries import proof_of
from otklik.proof.signatures import NoKey
from tests.public.town import Town

TEXT = "Отопление включим 25 сентября. Сначала школы и больница, потом все 312 домов."


@pytest.fixture
def post(town: Town) -> Post:
    return town.post("Тепло дадим раньше", text=TEXT)


def asked(town: Town, pasted: str) -> Answer:
    return look_up(town.city.pk, pasted)


def corrected(town: Town, post: Post, text: str, reason: str = "Дата перенесена") -> Post:
    words = Words(post.title, text, Rubric(post.rubric))
    return correct(access_of(town.head), post, words, reason, version=post.version, now=town.now)


def test_correction_keeps_what_was_said_and_is_signed(town: Town, post: Post) -> None:
    corrected(town, post, TEXT.replace("25", "27"))

    first, second = Revision.objects.filter(post=post).order_by("number")
    assert (first.text, first.change, first.reason) == (TEXT, Change.PUBLISHED, "")
    assert (second.text, second.change, second.reason) == (TEXT.replace("25", "27"), "corrected", "Дата перенесена")
    assert second.entry is not None
    stated = (proof_of(second.entry) or {})["statement"]
    assert (stated["revision"], stated["change"], stated["text"]) == (2, "corrected", second.text)
    assert stated["address"].endswith(f"/posts/{post.slug}/")


def test_same_words_again_change_nothing(town: Town, post: Post) -> None:
    assert corrected(town, post, TEXT).version == 1
    assert Revision.objects.filter(post=post).count() == 1


def test_two_people_correct_one_post_and_the_second_is_told(town: Town, post: Post) -> None:
    stale = Post.objects.get(pk=post.pk)
    corrected(town, post, "Первый")

    with pytest.raises(Overtaken) as told:
        corrected(town, stale, "Второй")

    assert told.value.post.text == "Первый"
    assert Post.objects.get(pk=post.pk).text == "Первый"


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_change_without_a_reason_is_refused(town: Town, post: Post, reason: str) -> None:
    with pytest.raises(NotPossible):
        corrected(town, post, "Иначе", reason)
    with pytest.raises(NotPossible):
        withdraw(access_of(town.head), post, reason, version=1, now=town.now)


def test_only_who_publishes_corrects_and_takes_back(town: Town, post: Post) -> None:
    words = Words("Чужое", "Чужое")
    with pytest.raises(Refused):
        correct(access_of(town.executor), post, words, "Так", version=1, now=town.now)
    with pytest.raises(Refused):
        withdraw(access_of(town.executor), post, "Так", version=1, now=town.now)


def test_post_taken_back_cannot_be_changed_any_more(town: Town, post: Post) -> None:
    gone = withdraw(access_of(town.head), post, "Ошибка", version=1, now=town.now)

    with pytest.raises(NotPossible):
        correct(access_of(town.head), post, Words("Иначе", "Иначе"), "Так", version=gone.version, now=town.now)


def test_without_a_key_nothing_is_published_or_corrected(town: Town, post: Post) -> None:
    Key.objects.filter(municipality=town.city).update(until=town.now)

    with pytest.raises(NoKey, match="otklik keys make"):
        corrected(town, post, "Иначе")
    with pytest.raises(NoKey, match="otklik keys make"):
        town.post("Новость")
    assert list(Post.objects.values_list("title", "text")) == [("Тепло дадим раньше", TEXT)]


def test_quote_is_genuine_with_its_date(town: Town, post: Post) -> None:
    answer = asked(town, "«Сначала школы и больница — потом все 312 домов»")

    assert (answer.finding, answer.revision, answer.is_current) == (
        Finding.GENUINE,
        Revision.objects.get(post=post),
        True,
    )


def test_one_digit_makes_it_altered(town: Town, post: Post) -> None:
    answer = asked(town, "Сначала школы и больница, потом все 313 домов.")

    assert answer.finding == Finding.ALTERED
    assert [piece for piece in answer.pieces if piece.sort != "same"] == [
        Piece("left_out", "312"),
        Piece("added", "313"),
    ]


def test_words_of_before_a_correction_are_told_as_such(town: Town, post: Post) -> None:
    corrected(town, post, TEXT.replace("25", "27"))

    old, new = asked(town, "Отопление включим 25 сентября"), asked(town, "Отопление включим 27 сентября")

    assert (old.finding, old.is_current, old.revision and old.revision.number) == (Finding.GENUINE, False, 1)
    assert (new.finding, new.is_current, new.revision and new.revision.number) == (Finding.GENUINE, True, 2)


def test_words_that_stand_in_both_are_of_the_newest(town: Town, post: Post) -> None:
    corrected(town, post, TEXT.replace("25", "27"))

    answer = asked(town, "Сначала школы и больница, потом все 312 домов")

    assert (answer.is_current, answer.revision and answer.revision.number) == (True, 2)


def test_unknown_and_short_words(town: Town, post: Post) -> None:
    assert asked(town, "Горячую воду отключат на две недели во всём городе").finding == Finding.UNKNOWN
    assert asked(town, "Сначала школы и").finding == Finding.TOO_SHORT
    assert asked(town, "👍👍👍").finding == Finding.TOO_SHORT


def test_links_lead_to_their_posts(town: Town, post: Post) -> None:
    from django.conf import settings

    home = settings.ENVIRONMENT.public_url
    there = post.publications.exclude(channel__network="site").first()
    assert there is not None
    there.permalink, there.external_id = "https://vk.example/wall-1_7", "7"
    there.save()

    links = [f"{home}/posts/{post.slug}/", f"{home}/posts/{post.slug}.json", "https://vk.example/wall-1_7?from=feed"]
    assert [asked(town, link).finding for link in links] == [Finding.GENUINE] * 3
    strange = [f"{home}/posts/other/", f"{home}.evil.example/posts/{post.slug}/", "https://vk.example/wall-1_8"]
    assert [asked(town, link).finding for link in strange] == [Finding.UNKNOWN] * 3


def test_another_citys_words_are_unknown_here(town: Town, post: Post) -> None:
    from tests.builders import make_city

    assert look_up(make_city("zarechye").pk, TEXT).finding == Finding.UNKNOWN


@pytest.mark.parametrize("posts", [1, 30])
def test_queries_of_looking_up_do_not_grow(town: Town, posts: int, django_assert_num_queries: Any) -> None:
    for number in range(posts):
        town.post(f"Тепло {number}", text=TEXT, ago_h=number)

    with django_assert_num_queries(3):
        assert asked(town, TEXT).finding == Finding.GENUINE


def test_long_after_withdrawal_the_words_are_still_known(town: Town, post: Post) -> None:
    withdraw(access_of(town.head), post, "Не та дата", version=1, now=town.now + timedelta(hours=1))

    answer = asked(town, TEXT)

    assert (answer.finding, answer.is_current) == (Finding.GENUINE, False)
    assert answer.revision is not None
    assert (answer.revision.change, answer.revision.reason) == ("withdrawn", "Не та дата")


def test_long_post_pasted_whole_is_genuine(town: Town) -> None:
    text = " ".join(f"слово{number}" for number in range(900))
    town.post("Длинная новость", text=text)

    assert asked(town, text).finding == Finding.GENUINE
