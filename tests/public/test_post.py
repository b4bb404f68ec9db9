"""A post and its one conversation from every network."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from otklik.channels.enums import Decision, MessageKind
from otklik.channels.models import Message
from otklik.posts import queries
from tests.public.town import Town

NETWORKS = ("vk", "telegram", "site")


def texts(page: str) -> list[str]:
    return re.findall(r'<p class="comment-text[^"]*">([^<]*)</p>', page)


@pytest.mark.parametrize("comments", [1, 3])
def test_post_asks_the_same_queries_for_any_number_of_comments(
    town: Town, client: Client, django_assert_num_queries: Any, comments: int
) -> None:
    post = town.post("Новость")
    for number in range(comments):
        first = town.say(NETWORKS[number], f"Вопрос {number}", name="Олег", post=post)
        town.say(NETWORKS[number], f"Ответ {number}", to=first, post=post, by=town.executor)

    # The city, the post, its revisions, channels and threads; first words, replies, files, what is hidden, the spam.
    with django_assert_num_queries(12):
        page = client.get(f"/posts/{post.slug}/")

    assert len(texts(page.content.decode())) == 2 * comments


def test_post_that_a_network_gives_back_is_no_comment_on_itself(town: Town, client: Client) -> None:
    post = town.post("Новость")
    given_back = town.say("telegram", "Новость", post=post, is_ours=True, kind=MessageKind.POST)
    town.say("telegram", "Под ней", to=given_back, post=post)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert texts(page) == ["Под ней"]


def test_conversation_joins_all_networks_newest_first_replies_in_order(town: Town, client: Client) -> None:
    post = town.post("Новость")
    ask = town.say("vk", "Когда?", post=post, ago_m=30)
    town.say("vk", "Завтра.", to=ask, post=post, by=town.executor, ago_m=20)
    town.say("vk", "Спасибо", to=ask, post=post, ago_m=5)
    town.say("telegram", "Красота", post=post, ago_m=10)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert texts(page) == ["Красота", "Когда?", "Завтра.", "Спасибо"]
    assert page.count('class="comment official"') == 1


def test_answer_names_person_and_department(town: Town, client: Client) -> None:
    post = town.post("Новость")
    town.say("vk", "Завтра.", to=town.say("vk", "Когда?", post=post), post=post, by=town.executor)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert '<span class="comment-who">Павел Ключников</span> <span class="quiet">Отдел дорог</span>' in page


def test_what_people_typed_is_escaped(town: Town, client: Client) -> None:
    post = town.post("<script>1</script>", "<img src=x onerror=alert(1)> [x](javascript:alert(1)) **да**")
    town.say("vk", "<script>2</script>", name="<b>Имя</b>", post=post)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert "<script>1" not in page
    assert "<script>2" not in page
    assert "<b>Имя" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "<strong>да</strong>" in page


def test_spam_is_not_shown_but_counted(town: Town, client: Client) -> None:
    post = town.post("Новость")
    town.say("telegram", "Заработок", post=post, decision=Decision.SPAM)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert texts(page) == []
    assert "1 комментарий не показан" in page


def test_private_words_never_appear_under_a_post(town: Town, client: Client) -> None:
    post = town.post("Новость")
    town.say("vk", "Лично вам", post=post, visibility="private")

    assert texts(client.get(f"/posts/{post.slug}/").content.decode()) == []


def test_deleted_comment_keeps_its_place_while_somebody_answered_it(town: Town, client: Client) -> None:
    post = town.post("Новость")
    answered, alone = town.say("vk", "", name="Олег", post=post), town.say("vk", "", post=post)
    town.say("vk", "Ответили.", to=answered, post=post, by=town.executor)
    Message.objects.filter(pk__in=[answered.pk, alone.pk]).update(deleted_at=town.now)

    page = client.get(f"/posts/{post.slug}/").content.decode()

    assert page.count("Автор удалил этот комментарий") == 1
    assert texts(page) == ["Ответили."]


def test_reply_to_words_that_never_came_stands_on_its_own(town: Town, client: Client) -> None:
    post = town.post("Новость")
    town.say("vk", "Ответ неизвестно на что", post=post, root_key="wall:lost", parent_key="wall:lost")

    assert texts(client.get(f"/posts/{post.slug}/").content.decode()) == ["Ответ неизвестно на что"]


def test_conversation_pages_show_every_talk_once(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "TALK_PAGE", 2)
    post = town.post("Новость")
    for number in range(5):
        town.say(NETWORKS[number % 3], f"Слова {number}", post=post, ago_m=number // 2)

    address, seen = f"/posts/{post.slug}/", []
    while address:
        page = client.get(address).content.decode()
        seen += texts(page)
        older = re.search(r'rel="next" href="([^"#]+)', page)
        address = older[1].replace("&amp;", "&") if older else ""

    assert sorted(seen) == [f"Слова {number}" for number in range(5)]
