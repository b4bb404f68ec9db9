"""The whole way: somebody follows, reads, replies from another server; the answer stands in the same thread there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otklik.cases.enums import Status
from otklik.cases.models import Case
from otklik.channels.enums import OutgoingState
from otklik.channels.fediverse import Follower, Parcel, Unproven
from otklik.channels.models import Delivery, Message, Outgoing, SecurityEvent
from otklik.channels.services.rekeying import rotate
from otklik.common.clock import now
from otklik.org.enums import Role
from otklik.posts.models import Post, Publication
from otklik.posts.services.publishing import Words, publish
from otklik.posts.services.revising import correct, withdraw
from otklik.simulators.fediverse import payloads
from otklik.simulators.fediverse.faults import Fault
from tests.connectors.activitypub.fediverse import Connected, connected_fediverse
from tests.connectors.activitypub.keys import PUBLIC

pytestmark = pytest.mark.django_db

LAMP = "Не горит фонарь, улица Лесная, дом 3, сделайте свет"


@pytest.fixture
def connected() -> Iterator[Connected]:
    with connected_fediverse() as found:
        yield found


def publish_post(connected: Connected, title: str = "Новый сквер") -> Post:
    post = publish(connected.town.official(Role.HEAD), Words(title, "Открываем **в субботу**."), now=now())
    connected.town.send()
    connected.work()
    return post


def address_of(post: Post, connected: Connected) -> str:
    return Publication.objects.get(post=post, channel=connected.channel).external_id


def test_follower_is_let_in_and_gets_posts_and_their_changes(connected: Connected) -> None:
    people, zoya = connected.server.people, connected.person()
    people.follow(zoya)
    connected.hear()
    post = publish_post(connected)
    head = connected.town.official(Role.HEAD)
    post = correct(head, post, Words("Новый сквер", "Открываем в воскресенье."), "день", version=1, now=now())
    connected.town.send()
    connected.work()
    withdraw(head, post, "перенесено", version=2, now=now())
    connected.town.send()
    connected.work()

    kinds = [
        (one.activity["type"], one.inbox.removeprefix(connected.server.base_url)) for one in connected.server.accepted
    ]
    assert kinds == [("Accept", "/users/zoya/inbox"), ("Create", "/inbox"), ("Update", "/inbox"), ("Delete", "/inbox")]
    address = address_of(post, connected)
    [created], [updated] = connected.server.taken("Create"), connected.server.taken("Update")
    assert created["object"]["id"] == updated["object"]["id"] == address
    assert "<strong>в субботу</strong>" in created["object"]["content"]
    assert created["object"]["url"].endswith(f"/posts/{post.slug}/")
    assert [tag["name"] for tag in created["object"]["tag"]] == ["#ЖизньГорода"]
    assert "воскресенье" in updated["object"]["content"]
    assert connected.server.taken("Delete")[0]["object"] == {"id": address, "type": "Tombstone"}
    assert connected.server.refused == 0


def test_unfollowing_ends_it(connected: Connected) -> None:
    people, zoya = connected.server.people, connected.person()
    people.unfollow(zoya, people.follow(zoya))
    connected.hear()
    publish_post(connected)

    assert (Follower.objects.count(), connected.server.taken("Create")) == (0, [])


def test_reply_to_a_post_is_a_case_and_its_answer_stands_under_it(connected: Connected) -> None:
    post = publish_post(connected)
    zoya = connected.person()
    said = connected.server.people.say(zoya, LAMP, reply_to=address_of(post, connected))
    connected.hear()
    message = Message.objects.get(is_ours=False)
    case = connected.town.case(message)
    connected.answer(case, "Здравствуйте! Бригада выехала.")

    post.refresh_from_db()
    case.refresh_from_db()
    assert (message.text, message.visibility, message.thread.post_external_id) == (
        LAMP,
        "public",
        address_of(post, connected),
    )
    assert (message.identity.display_name, message.identity.handle) == ("Зоя Ручьёва", f"zoya@{zoya.base[7:]}")
    assert (post.comment_count, case.status) == (1, Status.ANSWERED)
    note = connected.server.taken("Create")[-1]["object"]
    assert (note["inReplyTo"], note["to"], note["cc"]) == (said["id"], [payloads.PUBLIC], [zoya.id])
    assert [(tag["type"], tag["href"]) for tag in note["tag"]] == [("Mention", zoya.id)]
    assert "Бригада выехала." in connected.server.accepted[-1].text


def test_private_message_is_answered_privately(connected: Connected) -> None:
    zoya = connected.person()
    connected.server.people.say(zoya, LAMP, private=True)
    connected.hear()
    message = Message.objects.get(is_ours=False)
    connected.answer(connected.town.case(message), "Зоя, бригада выехала.")

    note = connected.server.taken("Create")[-1]["object"]
    assert (message.visibility, message.kind) == ("private", "direct_message")
    assert (note["to"], note["cc"]) == ([zoya.id], [])


def test_answer_to_our_answer_goes_on_in_its_thread(connected: Connected) -> None:
    zoya = connected.person()
    connected.server.people.say(zoya, LAMP)
    connected.hear()
    first = Message.objects.get(is_ours=False)
    connected.answer(connected.town.case(first), "Сделано.")
    ours = connected.server.taken("Create")[-1]["object"]["id"]
    connected.server.people.say(zoya, "Спасибо, горит", reply_to=ours)
    connected.hear()

    second = Message.objects.filter(is_ours=False).latest("id")
    assert (first.kind, second.kind, second.thread_id, second.root_key) == (
        "mention",
        "comment",
        first.thread_id,
        first.root_key,
    )


def test_edit_and_deletion_change_the_message(connected: Connected) -> None:
    people, zoya = connected.server.people, connected.person()
    thing = people.say(zoya, LAMP)
    connected.hear()
    people.edit(zoya, thing, "Не горят два фонаря, улица Лесная, дом 3")
    connected.hear()
    edited = Message.objects.get(is_ours=False).text
    people.delete(zoya, thing)
    people.delete(zoya, thing)
    connected.hear()

    message = Message.objects.get(is_ours=False)
    assert (edited, message.text, message.deleted_at is not None) == (
        "Не горят два фонаря, улица Лесная, дом 3",
        "",
        True,
    )


def test_same_activity_twice_is_one_message(connected: Connected) -> None:
    connected.server.people.say(connected.person(), LAMP)
    [pending] = connected.server.people.pending
    connected.receive(pending)
    connected.hear()
    connected.receive(pending)
    connected.work()

    assert (Message.objects.filter(is_ours=False).count(), Delivery.objects.count(), Unproven.objects.count()) == (
        1,
        1,
        0,
    )


def test_words_signed_by_rfc_9421_come_in(connected: Connected) -> None:
    connected.server.people.style = "rfc9421"
    connected.server.people.say(connected.person(), LAMP)
    connected.hear()

    assert Case.objects.count() == 1


def test_forged_signature_never_becomes_a_message_and_is_counted(connected: Connected) -> None:
    connected.server.people.follow(connected.person())
    connected.hear()
    connected.server.people.say(connected.person(), LAMP)
    [pending] = connected.server.people.pending
    headers, body = connected.server.people.signed(pending.who, pending.activity, pending.inbox)
    forged = headers["signature"].replace('signature="', 'signature="AAAA')[:-5] + '"'
    connected.take({**headers, "signature": _same_length(headers["signature"], forged)}, body)
    connected.work()

    assert (Message.objects.count(), Unproven.objects.count()) == (0, 0)
    assert [(one.kind, one.count) for one in SecurityEvent.objects.all()] == [("forged", 1)]


def _same_length(_was: str, forged: str) -> str:
    """A signature of as many bytes, of nobody's."""
    import base64
    import re

    return re.sub(r'signature="[^"]*"$', f'signature="{base64.b64encode(bytes(256)).decode()}"', forged)


def test_server_that_is_down_gets_it_later_and_once(connected: Connected) -> None:
    connected.server.people.follow(connected.person())
    connected.hear()
    connected.server.fail_next(Fault.SERVER_ERROR)
    connected.server.fail_next(Fault.SERVER_ERROR_AFTER)
    publish_post(connected)
    waiting = Parcel.objects.filter(state="due").count()
    connected.later()
    connected.later()

    assert waiting == 1
    assert (len(connected.server.taken("Create")), Parcel.objects.filter(state="carried").count()) == (1, 2)


def test_answer_that_nobody_takes_is_shown_as_not_delivered(connected: Connected) -> None:
    connected.server.people.say(connected.person(), LAMP)
    connected.hear()
    connected.town.send()
    connected.work()
    connected.server.fail_next(Fault.GONE, times=5)
    connected.answer(connected.town.case(Message.objects.get(is_ours=False)), "Сделано.")

    row = Outgoing.objects.latest("id")
    assert (row.state, "410" in row.error) == (OutgoingState.FAILED, True)


def test_server_that_was_given_up_gets_nothing_until_it_is_heard_of_again(connected: Connected) -> None:
    people, zoya = connected.server.people, connected.person()
    people.follow(zoya)
    connected.hear()
    connected.server.fail_next(Fault.GONE)
    publish_post(connected)
    publish_post(connected, "Дороги")
    nothing = connected.server.taken("Create")
    people.like(zoya, connected.account.home.actor)
    connected.hear()
    publish_post(connected, "Школа")

    assert (nothing, len(connected.server.taken("Create"))) == ([], 1)
    assert Parcel.objects.filter(state="given_up").count() == 1


def test_new_key_is_told_and_signs_what_comes_next(connected: Connected) -> None:
    connected.server.people.follow(connected.person())
    connected.hear()
    told = rotate(connected.channel, now=now())
    connected.channel.refresh_from_db()
    home = connected.account.home
    connected.server.keys[home.key_id] = connected.account.persona.public_key
    connected.work()

    [updated] = connected.server.taken("Update")
    assert (told, connected.server.refused) == (1, 0)
    assert updated["object"]["publicKey"]["publicKeyPem"] == connected.account.persona.public_key != PUBLIC
