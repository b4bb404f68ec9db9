"""Photos of posts: signed with them, seen by everybody while a published post shows them, and no longer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from otklik.media.enums import Look
from otklik.media.models import Rendition, StoredFile
from otklik.media.services.redrawing import crop
from otklik.org.access import access_of
from otklik.org.errors import NotPossible
from otklik.posts.models import Post, Revision, RevisionPhoto
from otklik.posts.photos import Shot, shots_of_posts
from otklik.posts.services.picturing import MOST_PHOTOS, Picture
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct, withdraw
from otklik.proof.queries import proof_of
from tests.builders import make_city, make_official
from tests.media.conftest import data_folder, english  # noqa: F401 - a data folder of each test's own
from tests.pictures import GPS
from tests.posts.pictured import pictured, ready_file
from tests.public.town import Town

WORDS = Words("Двор на Садовой", "Готов.")


def published(town: Town, *pictures: Picture) -> Post:
    return publish(access_of(town.head), replace(WORDS, photos=pictures), now=town.now)


def shots(post: Post) -> list[Shot]:
    return shots_of_posts([post]).get(post.pk, [])


def statement(post: Post) -> dict[str, Any]:
    entry = Revision.objects.get(post=post, number=post.version).entry
    assert entry is not None
    return dict((proof_of(entry) or {})["statement"])


def fetched(address: str) -> Any:
    answer = Client().get(address)
    return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_post_shows_its_photos_in_their_order_with_their_words(town: Town) -> None:
    post = published(town, *pictured(town.head, "Качели", "Горка", "Скамейка"))

    assert [shot.alt for shot in shots(post)] == ["Качели", "Горка", "Скамейка"]


def test_photo_has_forms_for_cards_pages_and_networks_and_says_nothing_of_its_author(town: Town) -> None:
    shot = shots(published(town, *pictured(town.head, "Качели")))[0]

    forms = {look: Image.open(BytesIO(fetched(shot._path(look))[1])) for look in shot.forms}
    assert {look: (one.format, one.size) for look, one in forms.items()} == {
        Look.WHOLE: ("JPEG", (1600, 1200)),
        Look.SCREEN: ("WEBP", (1280, 960)),
        Look.SCREEN_AVIF: ("AVIF", (1280, 960)),
        Look.CARD: ("WEBP", (640, 480)),
        Look.CARD_AVIF: ("AVIF", (640, 480)),
        Look.THUMB: ("WEBP", (320, 240)),
    }
    assert [one.getexif().get_ifd(GPS) for one in forms.values()] == [{}] * 6
    assert shot.avif.endswith(" 1280w")
    assert [part.rsplit(" ", 1)[1] for part in shot.webp.split(", ")] == ["320w", "640w", "1280w"]


def test_address_is_the_digest_of_what_lies_there_and_may_be_kept(town: Town) -> None:
    shot = shots(published(town, *pictured(town.head, "Качели")))[0]

    answer, content = fetched(shot.whole)

    assert shot.whole == f"/photos/{hashlib.sha256(content).hexdigest()}.jpg"
    assert (answer["Content-Type"], answer["Cache-Control"]) == (
        "image/jpeg",
        "public, max-age=604800, immutable",
    )
    assert answer.cookies == {}
    assert not answer.has_header("Set-Cookie")


def test_statement_covers_digests_words_and_order(town: Town) -> None:
    post = published(town, *pictured(town.head, "Качели", "Горка"))

    said = statement(post)["photos"]

    assert [one["alt"] for one in said] == ["Качели", "Горка"]
    whole = [shot.forms[Look.WHOLE].digest for shot in shots(post)]
    assert [one["sha256"] for one in said] == whole
    home = settings.ENVIRONMENT.public_url
    assert [one["address"] for one in said] == [f"{home}/photos/{digest}.jpg" for digest in whole]
    assert said[0]["forms"] == {look: form.digest for look, form in shots(post)[0].forms.items()}
    assert statement(town.post("Без фотографий"))["photos"] == []


def test_replaced_photo_is_another_revision_and_leaves_its_address(town: Town) -> None:
    first, second = pictured(town.head, "Качели", "Горка")
    post = published(town, first)
    old = shots(post)[0].whole

    changed = correct(
        access_of(town.head), post, replace(WORDS, photos=(second,)), "Не та фотография", version=1, now=town.now
    )

    new = shots(changed)[0].whole
    assert [fetched(path)[0].status_code for path in (old, new)] == [410, 200]
    assert statement(changed)["photos"][0]["sha256"] in new
    assert [row.alt for row in RevisionPhoto.objects.order_by("revision")] == ["Качели", "Горка"]


def test_other_words_leave_the_photos_and_another_order_is_a_correction(town: Town) -> None:
    first, second = pictured(town.head, "Качели", "Горка")
    post = published(town, first, second)
    head = access_of(town.head)

    same = correct(head, post, replace(WORDS, photos=(first, second)), "Так", version=1, now=town.now)
    words = correct(head, post, Words("Двор", "Готов."), "Короче", version=1, now=town.now)
    order = correct(head, words, Words("Двор", "Готов.", photos=(second, first)), "Порядок", version=2, now=town.now)

    assert (same.version, words.version, order.version) == (1, 2, 3)
    assert [shot.alt for shot in shots(order)] == ["Горка", "Качели"]


def test_withdrawal_takes_the_photos_off_and_keeps_what_they_were(town: Town) -> None:
    post = published(town, *pictured(town.head, "Качели"))
    paths = [shots(post)[0].whole, shots(post)[0].card]

    gone = withdraw(access_of(town.head), post, "Не та дата", version=1, now=town.now)

    assert [fetched(path)[0].status_code for path in paths] == [410, 410]
    assert [one["alt"] for one in statement(gone)["photos"]] == ["Качели"]


def test_photo_that_no_post_shows_has_no_address(town: Town) -> None:
    file = ready_file(town.head)
    digests = list(Rendition.objects.filter(file=file).values_list("digest", flat=True))

    paths = [f"/photos/{digest}.jpg" for digest in digests]
    paths += ["/photos/", "/photos/x.jpg", f"/photos/{'0' * 64}.jpg", f"/photos/{digests[0]}.exe"]
    assert {fetched(path)[0].status_code for path in paths} == {404}


def test_another_citys_photo_cannot_be_shown(town: Town) -> None:
    stranger = make_official(make_city("zarechye"))

    with pytest.raises(NotPossible):
        published(town, *pictured(stranger, "Качели"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alt": " "}, "Say what photo 1 shows"),
        ({"shows_children": True}, "Photo 1 shows children"),
        ({"shows_children": True, "consent": " \n"}, "Photo 1 shows children"),
    ],
)
def test_photo_that_lacks_words_or_consent_is_not_published(town: Town, changes: dict[str, Any], said: str) -> None:
    one = pictured(town.head, "Качели")[0]

    with pytest.raises(NotPossible, match=said):
        published(town, replace(one, **changes))
    assert Post.objects.count() == 0


def test_waiver_and_consent_are_kept_and_the_consent_is_nobody_elses(town: Town) -> None:
    one = replace(pictured(town.head, "Качели")[0], alt="", alt_waived="узор", shows_children=True, consent="папка 7")
    post = published(town, one)

    row = RevisionPhoto.objects.get()
    assert (row.alt, row.alt_waived, row.shows_children, row.consent) == ("", "узор", True, "папка 7")
    assert "папка" not in str(statement(post))


def test_too_many_photos_and_one_that_is_still_checked_are_refused(town: Town) -> None:
    one = pictured(town.head, "Качели")[0]

    with pytest.raises(NotPossible, match="at most 20"):
        published(town, *[one] * (MOST_PHOTOS + 1))
    StoredFile.objects.update(state="waiting")
    one.file.refresh_from_db()
    with pytest.raises(NotPossible, match="still being checked"):
        published(town, one)


def test_cut_photo_keeps_what_it_was_cut_from(town: Town) -> None:
    source = ready_file(town.head, width=1000, height=800)
    cut = crop(source, (0.1, 0.25, 0.6, 0.75), by=town.head, now=town.now)

    post = published(town, Picture(cut, "Качели", source=source, crop=(0.1, 0.25, 0.6, 0.75)))

    row = RevisionPhoto.objects.get()
    assert (row.source, row.crop, (row.file.width, row.file.height)) == (source, [0.1, 0.25, 0.6, 0.75], (500, 400))
    whole = Rendition.objects.get(file=source, look=Look.WHOLE).digest
    assert fetched(f"/photos/{whole}.jpg")[0].status_code == 404
    assert fetched(shots(post)[0].whole)[0].status_code == 200


@pytest.mark.parametrize("area", [(0, 0, 1.2, 1), (0.5, 0, 0.4, 1), (0, 0, 0.01, 1), (float("nan"), 0, 1, 1)])
def test_area_outside_the_photo_is_not_cut(town: Town, area: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="inside the photo"):
        crop(ready_file(town.head), area, by=town.head, now=town.now)


@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_photos_do_not_grow(town: Town, count: int, django_assert_num_queries: Any) -> None:
    picture = pictured(town.head, "Качели")
    posts = [published(town, *picture) for _ in range(count)]

    with django_assert_num_queries(2):
        found = shots_of_posts(posts, first_only=True)
    assert [len(one) for one in found.values()] == [1] * count
