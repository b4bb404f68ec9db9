from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from otklik.channels.enums import Network, OutgoingState
from otklik.channels.models import Channel, Outgoing
from otklik.org.enums import Role
from otklik.org.models import Official
from otklik.posts.models import Post, Publication, Revision
from otklik.posts.services.publishing import Words, publish_as
from tests.builders import make_official, signed_in
from tests.desk.office import Office, make_stranger

TITLE, TEXT = "Мост на Заречной открыт", "Проезд **бесплатный** весь декабрь.\n\n- автобус № 3\n- автобус № 7"


def send(client: Client, step: str = "publish", **changed: str) -> HttpResponse:
    """The form as a browser sends it."""
    typed = {"form_key": str(uuid4()), "rubric": "projects", "title": TITLE, "text": TEXT, "step": step, **changed}
    return client.post("/desk/posts/new/", typed)


def with_role(office: Office, role: Role) -> Official:
    return make_official(office.town.city, role)


def published(office: Office, title: str = TITLE, *, ago_h: float = 1) -> Post:
    """A post whose rows still wait for the worker."""
    return publish_as(office.head, Words(title, TEXT), now=office.town.now - timedelta(hours=ago_h))


def settle(post: Post, network: str, state: str, *, error: str = "", permalink: str = "") -> None:
    """What the worker leaves behind for one network."""
    place = Publication.objects.get(post=post, channel__network=network)
    Outgoing.objects.filter(pk=place.outgoing_id).update(state=state, error=error)
    if state == OutgoingState.SENT:
        Publication.objects.filter(pk=place.pk).update(external_id=f"{network}-{post.pk}", permalink=permalink)


def places(page: str) -> list[str]:
    """What the page says of each place, in plain words."""
    (listed,) = re.findall(r'<ul class="places".*?</ul>', page, re.DOTALL)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    ]


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        (Role.HEAD, (200, 200, 302)),
        (Role.CHIEF_EDITOR, (200, 200, 302)),
        (Role.EDITOR, (200, 403, 403)),
        (Role.OPERATOR, (403, 403, 403)),
        (Role.AIDE, (403, 403, 403)),
        (Role.ADMIN, (403, 403, 403)),
    ],
)
def test_posts_ask_for_their_permission(role: Role, codes: tuple[int, int, int], office: Office) -> None:
    client = signed_in(with_role(office, role))

    answers = (client.get("/desk/posts/"), client.get("/desk/posts/new/"), send(client))

    assert tuple(answer.status_code for answer in answers) == codes
    assert Post.objects.count() == (1 if codes[2] == 302 else 0)


def test_chief_editor_of_one_department_does_not_publish_for_the_city(office: Office) -> None:
    client = signed_in(make_official(office.town.city, (Role.CHIEF_EDITOR, office.town.roads)))

    assert (client.get("/desk/posts/new/").status_code, send(client).status_code) == (403, 403)
    assert "/desk/posts/new/" not in client.get("/desk/posts/").content.decode()


def test_posts_of_another_city_are_not_listed(office: Office) -> None:
    published(office)

    page = office.browser(make_stranger()).get("/desk/posts/").content.decode()

    assert TITLE not in page
    assert "Nothing has been published yet" in page


def test_first_sending_shows_the_post_and_publishes_nothing(office: Office) -> None:
    key = str(uuid4())

    answer = send(office.browser(office.head), "preview", form_key=key)

    page = answer.content.decode()
    assert (answer.status_code, Post.objects.count()) == (200, 0)
    assert "<p>Проезд <strong>бесплатный</strong> весь декабрь.</p>" in page
    assert f'name="form_key" value="{key}"' in page
    assert f'value="{TITLE}"' in page
    assert TEXT in page


def test_preview_lets_no_script_through(office: Office) -> None:
    page = send(office.browser(office.head), "preview", text="<script>alert(1)</script>").content.decode()

    assert "<script>alert" not in page


def test_published_post_goes_to_the_site_and_to_every_network(office: Office) -> None:
    client = office.browser(with_role(office, Role.CHIEF_EDITOR))

    answer = send(client)

    post = Post.objects.get()
    assert answer["Location"] == "/desk/posts/"
    assert (post.title, post.text, post.rubric) == (TITLE, TEXT, "projects")
    assert Revision.objects.filter(post=post).count() == 1
    assert sorted(row.channel.network for row in Outgoing.objects.all()) == ["telegram", "vk"]
    plain = f"{TITLE}\n\nПроезд бесплатный весь декабрь.\n\n• автобус № 3\n• автобус № 7"
    assert {row.text for row in Outgoing.objects.all()} == {plain}
    assert "Published. It is on the site now" in client.get("/desk/posts/").content.decode()
    assert TITLE in Client().get(f"/posts/{post.slug}/").content.decode()


def test_city_without_networks_publishes_on_its_site(office: Office) -> None:
    Channel.objects.exclude(network=Network.SITE).update(is_enabled=False)
    client = office.browser(office.head)

    form = client.get("/desk/posts/new/").content.decode()
    send(client)

    page = client.get("/desk/posts/").content.decode()
    assert "it appears on the site only" in form
    assert ("<span>Published. It is on the site now.</span>" in page, places(page)) == (True, ["City site Published"])


def test_double_click_publishes_once(office: Office) -> None:
    client, key = office.browser(office.head), str(uuid4())

    answers = [send(client, form_key=key), send(client, form_key=key)]

    assert [answer["Location"] for answer in answers] == ["/desk/posts/", "/desk/posts/"]
    assert (Post.objects.count(), Outgoing.objects.count()) == (1, 2)


def test_two_clicks_at_the_same_moment_publish_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from otklik.org.access import access_of
    from otklik.posts.services import publishing

    access, key, words, now = access_of(office.head), uuid4(), Words(TITLE, TEXT), office.town.now
    real, first = publishing.publish_as, []

    def overtaken(*args: object, **options: object) -> Post:
        """The other click comes between the look and the writing."""
        if not first:
            first.append(real(*args, **options))
        return real(*args, **options)

    monkeypatch.setattr(publishing, "publish_as", overtaken)
    post = publishing.publish(access, words, now=now, form_key=key)

    assert (post, Post.objects.count(), Outgoing.objects.count()) == (first[0], 1, 2)


def test_same_form_with_other_words_asks_before_it_publishes_again(office: Office) -> None:
    client, key = office.browser(office.head), str(uuid4())
    send(client, form_key=key)

    answer = send(client, form_key=key, title="Другой пост")

    page = answer.content.decode()
    assert (answer.status_code, Post.objects.count()) == (409, 1)
    assert "This form has published a post already" in page
    assert 'value="Другой пост"' in page
    (fresh,) = re.findall(r'name="form_key" value="([^"]+)"', page)
    send(client, form_key=fresh, title="Другой пост")
    assert Post.objects.count() == 2


def test_key_of_another_author_is_not_taken_for_ones_own(office: Office) -> None:
    key = str(uuid4())
    send(office.browser(office.head), form_key=key)

    send(office.browser(with_role(office, Role.CHIEF_EDITOR)), form_key=key, title="Ещё пост")

    assert Post.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": " "}, "A post needs a headline"),
        ({"title": "х" * 201}, "The headline is too long"),
        ({"text": ""}, "The post is empty"),
        ({"rubric": "gossip"}, "gossip"),
        ({"form_key": "forged"}, "The page had grown old"),
    ],
)
@pytest.mark.parametrize("step", ["preview", "publish"])
def test_mistake_loses_nothing_that_was_typed(step: str, changed: dict[str, str], words: str, office: Office) -> None:
    answer = send(office.browser(office.head), step, **changed)

    page = answer.content.decode()
    assert (answer.status_code, Post.objects.count()) == (422, 0)
    assert words in page
    assert changed.get("text", TEXT) in page
    assert f'value="{changed.get("title", TITLE)}"' in page
    assert "forged" not in page


def test_states_of_a_post_in_the_networks_are_shown(office: Office) -> None:
    post = published(office)
    settle(post, "telegram", OutgoingState.SENT, permalink="https://telegram.example/c/1")
    settle(post, "vk", OutgoingState.FAILED, error="VK: нет права «стена»")

    page = office.browser(office.head).get("/desk/posts/").content.decode()

    assert places(page) == [
        "City site Published",
        "Telegram Published",
        "VK Not sent VK: нет права «стена» The operators decide about it in “Not delivered”.",
    ]
    assert 'href="https://telegram.example/c/1"' in page


def test_post_on_its_way_is_shown_as_waiting(office: Office) -> None:
    published(office)

    page = office.browser(office.head).get("/desk/posts/").content.decode()

    assert places(page) == ["City site Published", "Telegram Waiting", "VK Waiting"]


def test_form_names_only_channels_that_are_on(office: Office) -> None:
    Channel.objects.filter(network=Network.VK).update(is_enabled=False, title="Выключенная группа")
    Channel.objects.filter(network=Network.TELEGRAM).update(title="Ясногорье сегодня")

    page = office.browser(office.head).get("/desk/posts/new/").content.decode()

    assert "Ясногорье сегодня" in page
    assert "Выключенная группа" not in page


def test_list_goes_on_where_the_page_ends(office: Office) -> None:
    posts = [published(office, f"Пост {number}", ago_h=number) for number in range(14)]
    client = office.browser(office.head)

    first = client.get("/desk/posts/").content.decode()
    (further,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(further).content.decode()

    found = [[int(pk) for pk in re.findall(r'id="post-(\d+)"', page)] for page in (first, second)]
    assert found == [[post.pk for post in posts[:12]], [post.pk for post in posts[12:]]]
    assert 'rel="next"' not in second


@pytest.mark.parametrize("count", [1, 3])
def test_query_count_does_not_depend_on_posts(count: int, office: Office) -> None:
    for number in range(count):
        published(office, f"Пост {number}")
    client = signed_in(with_role(office, Role.CHIEF_EDITOR))

    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/posts/")

    assert len(asked) == 7  # one of them: the drafts


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CHIEF_EDITOR])
def test_editor_without_cases_begins_with_posts(role: Role, office: Office) -> None:
    client = signed_in(with_role(office, role))

    answer = client.get("/desk/", follow=True)

    assert answer.redirect_chain == [("/desk/posts/", 302)]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', answer.content.decode()) == ["/desk/posts/"]


def test_administrator_who_is_an_editor_too_finds_the_way_to_both_rooms(office: Office) -> None:
    client = signed_in(make_official(office.town.city, Role.ADMIN, Role.EDITOR))

    assert client.get("/desk/")["Location"] == "/desk/posts/"
    assert 'href="/desk/administration/"' in client.get("/desk/posts/").content.decode()
    assert 'href="/desk/"' in client.get("/desk/administration/").content.decode()


def test_official_without_permissions_still_gets_a_403(office: Office) -> None:
    assert signed_in(with_role(office, Role.SURVEY)).get("/desk/").status_code == 403


def test_head_writes_from_the_morning_page_and_the_aide_does_not(office: Office) -> None:
    link = 'href="/desk/posts/new/"'

    assert link in office.browser(office.head).get("/desk/head/").content.decode()
    assert link not in office.browser(office.aide).get("/desk/head/").content.decode()
