"""Drafts of posts: kept as they are typed, told where two devices write, whole with their photos when published."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from otklik.media.services.keeping import NotTaken
from otklik.media.services.preparing import prepare_next
from otklik.org.access import Access, Refused, access_of
from otklik.org.errors import NotPossible
from otklik.posts.drafts import draft_by_key, drafts_of, photos_of_draft
from otklik.posts.models import DraftPhoto, Post, PostDraft, RevisionPhoto
from otklik.posts.services import drafting
from otklik.posts.services.drafting import Caption, DraftOvertaken, Typed, Upload
from otklik.posts.services.publishing import Words
from tests.media.conftest import data_folder, english  # noqa: F401 - a data folder of each test's own
from tests.pictures import PDF, picture
from tests.public.town import Town

KEY = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")


@pytest.fixture
def head(town: Town) -> Access:
    return access_of(town.head)


def kept(town: Town, head: Access, text: str, seen: int = 0) -> PostDraft:
    return drafting.keep_words(head, KEY, Typed("Двор", text), seen=seen, now=town.now)


def with_photos(town: Town, head: Access, count: int = 3) -> list[DraftPhoto]:
    for number in range(count):
        content = picture(400, 300, colour=f"#2040{10 + number * 20:02x}")
        drafting.add_photo(head, KEY, Upload(f"{number}.jpg", [content], f"part-000{number}"), now=town.now)
    while prepare_next(now=town.now) is not None:
        pass
    return photos(head)


def photos(head: Access) -> list[DraftPhoto]:
    draft = draft_by_key(head, KEY)
    assert draft is not None
    return photos_of_draft(draft)


def captions(*rows: DraftPhoto) -> dict[int, Caption]:
    return {row.pk: Caption(f"Фото {row.pk}") for row in rows}


def test_words_are_kept_by_their_version(town: Town, head: Access) -> None:
    first = kept(town, head, "Го")
    second = kept(town, head, "Готов", first.version)
    again = kept(town, head, "Готов", first.version)

    assert (second.version, second.text) == (first.version + 1, "Готов")
    assert again.version == second.version
    assert [draft.text for draft in drafts_of(head)] == ["Готов"]


def test_second_device_is_told_and_nothing_is_lost(town: Town, head: Access) -> None:
    first = kept(town, head, "С телефона")
    kept(town, head, "С телефона, длиннее", first.version)

    with pytest.raises(DraftOvertaken) as told:
        kept(town, head, "С компьютера", first.version)

    assert told.value.draft.text == "С телефона, длиннее"
    assert kept(town, head, "С компьютера", told.value.draft.version).text == "С компьютера"


def test_draft_is_nobody_elses(town: Town, head: Access) -> None:
    kept(town, head, "Готов")
    other = access_of(town.executor)

    assert (draft_by_key(other, KEY), list(drafts_of(other))) == (None, [])
    with pytest.raises(Refused):
        drafting.keep_words(other, uuid4(), Typed("Чужое", "Чужое"), seen=0, now=town.now)
    with pytest.raises(Refused):
        drafting.add_photo(other, uuid4(), Upload("a.jpg", [picture()], "part-0001"), now=town.now)


def test_photo_sent_twice_is_taken_once_and_other_files_are_refused(town: Town, head: Access) -> None:
    with_photos(town, head, 1)
    with_photos(town, head, 1)

    assert len(photos(head)) == 1
    with pytest.raises(NotTaken, match="not a photo"):
        drafting.add_photo(head, KEY, Upload("смета.pdf", [PDF], "part-pdf1"), now=town.now)


def test_photos_are_moved_and_put_in_order(town: Town, head: Access) -> None:
    a, b, c = with_photos(town, head)
    draft = draft_by_key(head, KEY)
    assert draft is not None

    drafting.move(head, draft, c, -1)
    moved = [photo.pk for photo in photos(head)]
    drafting.put_in_order(head, draft, [b.pk, 999])

    assert moved == [a.pk, c.pk, b.pk]
    assert [photo.pk for photo in photos(head)] == [b.pk, a.pk, c.pk]


def test_photo_taken_out_can_be_brought_back(town: Town, head: Access) -> None:
    a, b, _ = with_photos(town, head)

    drafting.take_out(head, a, now=town.now)
    without = [photo.pk for photo in photos(head)][:1]
    drafting.bring_back(head, DraftPhoto.objects.get(pk=a.pk))

    assert (without, [photo.pk for photo in photos(head)][:1]) == ([b.pk], [a.pk])


def test_photo_is_cut_and_whole_again(town: Town, head: Access) -> None:
    (photo,) = with_photos(town, head, 1)
    original = photo.file

    drafting.cut(head, photo, (0.0, 0.0, 0.5, 1.0), now=town.now)
    (half,) = photos(head)
    drafting.cut(head, half, (0.0, 0.0, 1.0, 0.5), now=town.now)
    (flat,) = photos(head)
    drafting.cut(head, flat, None, now=town.now)
    (whole,) = photos(head)

    assert [(one.file.width, one.file.height) for one in (half, flat, whole)] == [(200, 300), (400, 150), (400, 300)]
    assert (flat.source, whole.file, whole.source, whole.crop) == (original, original, None, None)


def test_draft_is_published_with_its_photos_once_and_gone(town: Town, head: Access) -> None:
    rows = with_photos(town, head)
    typed = Typed("Двор", "Готов", captions=captions(*rows))
    drafting.keep_words(head, KEY, typed, seen=1, now=town.now)
    drafting.take_out(head, rows[1], now=town.now)

    post = drafting.publish_draft(head, KEY, Words("Двор", "Готов."), now=town.now)
    again = drafting.publish_draft(head, KEY, Words("Двор", "Готов."), now=town.now)

    assert (again, Post.objects.count(), PostDraft.objects.count()) == (post, 1, 0)
    shown = RevisionPhoto.objects.filter(revision__post=post).order_by("position")
    assert [(row.file, row.alt) for row in shown] == [(row.file, f"Фото {row.pk}") for row in (rows[0], rows[2])]
    with pytest.raises(NotPossible, match="published already"):
        kept(town, head, "Ещё")


def test_what_a_photo_lacks_keeps_the_draft(town: Town, head: Access) -> None:
    with_photos(town, head, 1)

    with pytest.raises(NotPossible, match="Say what photo 1 shows"):
        drafting.publish_draft(head, KEY, Words("Двор", "Готов."), now=town.now)

    assert (Post.objects.count(), len(photos(head))) == (0, 1)
