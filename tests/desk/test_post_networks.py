"""Choosing where a post goes, words for one network, and how it will look there."""

from __future__ import annotations

import html

import pytest

from otklik.channels.models import Channel, Outgoing
from otklik.channels.services.connecting import connect
from otklik.posts.models import Post, Variant
from tests.desk.office import Office
from tests.worker.networks import TOKEN

LONG = "Сначала школы и больница, потом все дома. " * 150


@pytest.fixture
def telegram(office: Office) -> Channel:
    Channel.objects.filter(network="telegram").delete()
    values = {"bot_token": TOKEN, "channel_chat_id": "-1002", "discussion_chat_id": "-1001"}
    return connect(office.town.city, "telegram", "news", "Ясногорье сегодня", values, now=office.town.now)


def typed(**changes: object) -> dict[str, object]:
    return {"rubric": "town", "title": "Тепло", "text": "Включим 25 сентября.", "networks": "1", **changes}


def test_look_is_drawn_while_typing_and_nothing_is_written(office: Office, telegram: Channel) -> None:
    form = typed(text=LONG, to=[telegram.pk])

    answer = office.browser(office.head).post("/desk/posts/networks/", form)

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 200
    assert f"{len(LONG.strip()) + 7} of 4096" in page.replace("\xa0", "").replace(",", "")
    assert "Shortened, with a link to the site" in page
    assert page.count('class="look"') == 1
    assert Post.objects.count() == 0


def test_post_goes_where_it_is_ticked_with_its_own_words(office: Office, telegram: Channel) -> None:
    own = {f"own-{telegram.pk}": "Тепло дадим 25 сентября"}
    form = typed(to=[telegram.pk], step="publish", form_key="6f1f1c5e-52a5-4a1a-9a2e-0d4d5a7c1a11", **own)

    done = office.browser(office.head).post("/desk/posts/new/", form)

    assert done.status_code == 302
    assert [(row.channel_id, row.text) for row in Outgoing.objects.all()] == [(telegram.pk, "Тепло дадим 25 сентября")]
    assert Variant.objects.get().text == "Тепло дадим 25 сентября"


def test_choice_is_kept_while_the_post_is_looked_at(office: Office, telegram: Channel) -> None:
    other = Channel.objects.get(network="vk")
    own = {f"own-{telegram.pk}": "Только здесь", f"whole-{telegram.pk}": "1"}

    page = office.browser(office.head).post("/desk/posts/new/", typed(to=[telegram.pk], **own)).content.decode()

    assert f'value="{telegram.pk}" checked' in page
    assert f'value="{other.pk}" checked' not in page
    assert "Только здесь</textarea>" in page
    assert 'class="look-words">Только здесь</p>' in page


def test_preview_is_for_those_who_publish(office: Office) -> None:
    assert office.browser(office.executor).post("/desk/posts/networks/", typed()).status_code == 403
