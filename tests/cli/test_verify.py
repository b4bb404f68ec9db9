"""`otklik verify`: a saved proof, or the address of a post, checked by the keys one trusts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from otklik.cli.verify import verify
from otklik.common.clock import now
from otklik.posts.models import Post
from otklik.posts.services.publishing import Words, publish
from otklik.proof.queries import key_document, proof_of
from otklik.proof.services.signing import make_key
from tests.builders import make_city
from tests.stories import Town, found_town


@pytest.fixture
def town(db: None) -> Town:
    return found_town()


@pytest.fixture
def post(town: Town) -> Post:
    from otklik.org.enums import Role

    made = publish(town.official(Role.HEAD), Words("Тепло дадим раньше", "Включим 25 сентября."), now=now())
    town.send()  # the worker gives it its place in the log
    return made


def saved(folder: Path, name: str, body: object) -> str:
    file = folder / name
    file.write_text(json.dumps(body))
    return str(file)


def proof(post: Post) -> dict[str, Any]:
    entry = post.revisions.get().entry
    assert entry is not None
    made = proof_of(entry)
    assert made is not None
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, arguments)


def test_saved_proof_is_checked_by_saved_keys(town: Town, post: Post, tmp_path: Path) -> None:
    keys = saved(tmp_path, "keys.json", key_document(town.city, "https://city.example"))

    done = run(saved(tmp_path, "post.json", proof(post)), "--keys", keys)

    lines = done.output.splitlines()
    assert done.exit_code == 0
    assert lines[0] == "Genuine: Тепло дадим раньше"
    assert lines[-1].startswith("  number 2 of 2 in the public log ")


def test_altered_digit_is_not_genuine(town: Town, post: Post, tmp_path: Path) -> None:
    keys = saved(tmp_path, "keys.json", key_document(town.city, "https://city.example"))
    forged = proof(post)
    forged["statement"]["text"] = forged["statement"]["text"].replace("25", "26")

    done = run(saved(tmp_path, "post.json", forged), "--keys", keys)

    assert (done.exit_code, "not genuine" in done.output) == (1, True)


def test_another_citys_keys_do_not_fit(post: Post, tmp_path: Path) -> None:
    other = make_city("zarechye")
    make_key(other, now=now())
    keys = saved(tmp_path, "keys.json", key_document(other, "https://other.example"))

    done = run(saved(tmp_path, "post.json", proof(post)), "--keys", keys)

    assert (done.exit_code, "no signature fits" in done.output) == (1, True)


@pytest.mark.parametrize("content", ["", "hello", "[]", "\x00\x01"])
def test_file_of_something_else_is_one_sentence(tmp_path: Path, content: str) -> None:
    file = tmp_path / "post.json"
    file.write_text(content)

    done = run(str(file), "--keys", str(file))

    assert done.exit_code == 1
    assert len(done.output.strip().splitlines()) == 1


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none.json"))

    assert (done.exit_code, "give the address of a post" in done.output) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_address_of_a_post_is_checked_over_http(live_server: Any, settings: Any) -> None:
    from dataclasses import replace

    from otklik.org.enums import Role

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_url=live_server.url)
    town = found_town()
    made = publish(town.official(Role.HEAD), Words("Тепло", "Включим 25 сентября."), now=now())
    town.send()

    done = run(f"{live_server.url}/posts/{made.slug}/")
    gone = run(f"{live_server.url}/posts/other/")

    assert done.output.splitlines()[0] == "Genuine: Тепло"
    assert done.exit_code == 0
    assert (gone.exit_code, "answered 404" in gone.output) == (1, True)
