"""`otklik import instagram`: the account's own archive moves in, once, honestly, and whatever is wrong with it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache
from django.test import Client

from otklik.cases.models import Case
from otklik.channels.models import Channel, Message, Outgoing, SearchEntry
from otklik.cli.main import otklik
from otklik.media.models import StoredFile
from otklik.posts.models import Origin, Post, RevisionPhoto
from tests.media.conftest import data_folder  # noqa: F401 - a data folder of each test's own
from tests.pictures import picture
from tests.public.town import Town, make_town

pytestmark = pytest.mark.django_db
AT = 1_583_143_200  # 2 March 2020, 10:00 UTC


def garbled(text: str) -> str:
    """A text as the export writes it: each byte of UTF-8 as a letter."""
    return text.encode().decode("latin-1")


def post(text: str, at: int = AT, *uris: str) -> dict[str, object]:
    media = [{"uri": uri, "creation_timestamp": at, "title": ""} for uri in uris or (f"media/posts/202003/{at}.jpg",)]
    if len(media) == 1:
        media[0]["title"] = garbled(text)
        return {"media": media}
    return {"media": media, "title": garbled(text), "creation_timestamp": at}


def letter(author: str, text: str, at: int = AT) -> dict[str, object]:
    return {"sender_name": garbled(author), "timestamp_ms": at * 1000, "content": garbled(text)}


POSTS = "your_instagram_activity/content/posts_1.json"
INBOX = "your_instagram_activity/messages/inbox/{}/message_1.json"


def talk(author: str, *letters: dict[str, object]) -> dict[str, object]:
    names = [{"name": garbled(author)}, {"name": garbled("Анна Берестова")}]
    return {"participants": names, "messages": list(letters), "title": garbled(author)}


def files() -> dict[str, object]:
    insights = [
        {
            "media_map_data": {"Media Thumbnail": {"uri": "x", "creation_timestamp": AT}},
            "string_map_data": {
                "Likes": {"value": "312"},
                "Comments": {"value": "48"},
                "Impressions": {"value": "9 001"},
            },
        }
    ]
    return {
        POSTS: [
            post("Открыли *новый* парк 🌳\n#ясногорье"),
            post("Субботник", AT + 86400, "media/a.jpg", "media/b.jpg"),
        ],
        "your_instagram_activity/content/reels.json": {"ig_reels_media": [post("Каток", AT + 9, "media/r.mp4")]},
        "your_instagram_activity/content/stories.json": {"ig_stories": [{"uri": "media/s.jpg"}]},
        INBOX.format("nina_1"): talk(
            "Нина Ручьёва",
            letter("Нина Ручьёва", "Когда починят дорогу?"),
            letter("Анна Берестова", "Весной.", AT + 60),
        ),
        INBOX.format("petr_2"): talk("Пётр", letter("Пётр", "Спасибо!")),
        "comments/post_comments_1.json": [
            {
                "string_map_data": {
                    "Comment": {"value": garbled("Сделаем")},
                    "Media Owner": {"value": "town"},
                    "Time": {"timestamp": AT},
                }
            }
        ],
        "connections/followers_and_following/followers_1.json": [{}, {}, {}],
        "logged_information/past_instagram_insights/posts.json": {"organic_insights_posts": insights},
        "media/a.jpg": picture(),
    }


def packed(path: Path, content: dict[str, object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in content.items():
            archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    return path


def run(archive: Path, *options: str) -> Result:
    return CliRunner().invoke(otklik, ["import", "instagram", str(archive), *options])


@pytest.fixture
def town(data_folder: Path) -> Town:  # noqa: F811
    cache.clear()
    return make_town()


def test_archive_moves_in_with_its_days_words_and_numbers(town: Town, tmp_path: Path) -> None:
    done = run(packed(tmp_path / "town.zip", files()))

    park = Post.objects.get(origin__likes=312)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:2] == [
        "Posts: 3 came in.",
        "Messages and own comments: 4 came in; they open no cases.",
    ]
    assert "Followers on the archive's day: 3." in done.output
    assert "Files that the archive names and doesn't hold: 3." in done.output
    assert (park.title, int(park.published_at.timestamp())) == ("Открыли *новый* парк 🌳", AT)
    assert (park.origin.comments, park.origin.views) == (48, 9001)
    assert Outgoing.objects.count() == 0
    assert Case.objects.count() == 0
    page = Client().get(f"/posts/{park.slug}/").content.decode()
    assert "Открыли *новый* парк 🌳<br" in page
    assert "312" in page


def test_messages_become_history_that_can_be_found(town: Town, tmp_path: Path) -> None:
    run(packed(tmp_path / "town.zip", files()), "--no-photos")

    asked = Message.objects.select_related("identity", "thread").get(text="Когда починят дорогу?")
    answered = Message.objects.get(text="Весной.")
    assert (asked.decision, asked.visibility, str(asked.identity)) == ("no_answer", "private", "Нина Ручьёва")
    assert (answered.is_ours, answered.thread_id, answered.root_key) == (True, asked.thread_id, asked.root_key)
    assert SearchEntry.objects.filter(message=asked).exists()
    assert Message.objects.get(text="Сделаем").is_ours
    assert Message.objects.filter(text="Спасибо!").exclude(identity=asked.identity).exists()


def test_statement_says_when_it_was_brought_in_and_what_the_archive_claims(town: Town, tmp_path: Path) -> None:
    run(packed(tmp_path / "town.zip", files()), "--no-photos", "--no-words")

    origin = Origin.objects.select_related("post").get(likes=312)
    said = json.loads(bytes(origin.post.revisions.get().entry.payload))

    assert said["imported"] == {"network": "instagram", "claimed_at": "2020-03-02T10:00:00+00:00"}
    assert said["published_at"] == origin.imported_at.isoformat() == said["at"]


def test_photos_come_with_their_posts(town: Town, tmp_path: Path) -> None:
    run(packed(tmp_path / "town.zip", files()))

    (shown,) = RevisionPhoto.objects.select_related("revision__post", "file")
    assert (shown.revision.post.title, shown.file.is_ready) == ("Субботник", True)
    assert shown.alt_waived == "из архива аккаунта, без описания"


def test_second_import_adds_nothing(town: Town, tmp_path: Path) -> None:
    archive = packed(tmp_path / "town.zip", files())
    run(archive)
    before = (Post.objects.count(), Message.objects.count(), StoredFile.objects.count())

    done = run(archive)

    assert "Posts: 0 came in, 3 were here already." in done.output
    assert "Messages and own comments: 0 came in, 4 were here already" in done.output
    assert (Post.objects.count(), Message.objects.count(), StoredFile.objects.count()) == before


def test_later_archive_adds_only_what_is_new(town: Town, tmp_path: Path) -> None:
    run(packed(tmp_path / "first.zip", files()), "--no-photos")
    later = files()
    later[POSTS] = [*later[POSTS], post("Первый звонок", AT + 500)]  # type: ignore[misc]

    done = run(packed(tmp_path / "later.zip", later), "--no-photos")

    assert "Posts: 1 came in, 3 were here already." in done.output


def test_dry_run_changes_nothing(town: Town, tmp_path: Path) -> None:
    done = run(packed(tmp_path / "town.zip", files()), "--dry-run")

    assert done.output.splitlines()[:2] == [
        "Posts: 3 would come.",
        "Messages and own comments: 4 would come; they open no cases.",
    ]
    assert (Post.objects.count(), Message.objects.count()) == (0, 0)
    assert not Channel.objects.filter(name="instagram-archive").exists()


def test_folder_is_read_and_its_links_are_not_followed(town: Town, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([post("Чужое", AT + 77)]))
    folder = tmp_path / "export"
    for name, value in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    (folder / "posts_2.json").symlink_to(secret)

    done = run(folder, "--no-photos")

    assert "Posts: 3 came in." in done.output
    assert not Post.objects.filter(title="Чужое").exists()


def test_names_that_lead_outside_are_not_read(town: Town, tmp_path: Path) -> None:
    content = {"../../posts_9.json": [post("Снаружи", AT + 7)], "/posts_8.json": [post("Корень", AT + 8)], **files()}

    run(packed(tmp_path / "town.zip", content), "--no-photos", "--no-words")

    assert set(Post.objects.values_list("title", flat=True)) == {"Открыли *новый* парк 🌳", "Субботник", "Каток"}


def test_list_that_unpacks_to_a_flood_is_refused(town: Town, tmp_path: Path) -> None:
    content = {**files(), "content/posts_2.json": b"[" + b" " * 30_000_000 + b"]"}

    done = run(packed(tmp_path / "town.zip", content), "--no-photos", "--no-words")

    assert "content/posts_2.json unpacks to 30 MB: this archive is not to be trusted" in done.output
    assert "Posts: 3 came in." in done.output


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("town.zip", b"PK\x03\x04broken", "town.zip is no whole zip archive: download it again"),
        ("town.zip", {"start_here.html": "<html>"}, "this is the export for reading (HTML)"),
        ("town.zip", {"notes.txt": "x"}, "no posts and no messages are in it"),
        ("absent.zip", None, "isn't there"),
    ],
    ids=["broken", "html", "another", "absent"],
)
def test_wrong_archive_is_told_in_one_sentence(
    town: Town, tmp_path: Path, name: str, content: object, words: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict):
        packed(path, content)

    done = run(path)

    assert (done.exit_code, len(done.output.strip().splitlines())) == (1, 1)
    assert words in done.output


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[[[]]]",
        b'[{"media": 5}]',
        b'[{"media": [{"creation_timestamp": "x"}]}]',
        b'[{"media": [{"uri": 5}]}]',
        b"null",
    ],
)
def test_broken_list_costs_only_itself(town: Town, tmp_path: Path, broken: bytes) -> None:
    done = run(packed(tmp_path / "town.zip", {**files(), "content/posts_2.json": broken}), "--no-photos", "--no-words")

    assert (done.exit_code, Post.objects.count()) == (0, 3)


def test_whose_archive_it_is_must_be_known(town: Town, tmp_path: Path) -> None:
    content = files()
    del content[INBOX.format("petr_2")]  # two names, each in one conversation

    archive = packed(tmp_path / "town.zip", content)

    assert "Say the account's own name by --owner" in run(archive, "--no-photos").output
    assert run(archive, "--no-photos", "--owner", "Анна Берестова").exit_code == 0
    assert Message.objects.filter(is_ours=True).count() == 2
