"""A simulated community: its wall, comments, conversations and callback servers, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from otklik.simulators.vk.delivery import Deliveries, Server
from otklik.simulators.vk.faults import Refusal
from otklik.simulators.vk.payloads import CLIENT_INFO, comment_thing, message_thing, post_thing
from otklik.simulators.vk.photos import Album
from otklik.simulators.vk.statistics import Numbers

REMEMBERED_S = 3600
"""How long a `random_id` or `guid` stops a repeat: VK says about an hour of the first, nothing of the second."""

EDITABLE_S = 86_400
"""How long a message may be changed: a day, as people report; the schema only says that it ends."""


@dataclass(frozen=True, slots=True)
class Person:
    """An inhabitant of the simulated network."""

    id: int
    first_name: str = ""
    last_name: str = ""


@dataclass(slots=True)
class Post:
    """A post on the community's wall."""

    id: int
    from_id: int
    text: str
    date: int
    comments_closed: bool = False
    photos: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Comment:
    """A comment under a post. `top` is the thread it lies in; threads have one level."""

    id: int
    post_id: int
    from_id: int
    text: str
    date: int
    answers: tuple[int, int] | None = None
    top: int | None = None
    deleted: bool = False


@dataclass(slots=True)
class Message:
    """A message of a conversation; `number` is its place there."""

    id: int
    number: int
    peer_id: int
    from_id: int
    text: str
    date: int
    random_id: int = 0


@dataclass(slots=True)
class Town:
    """One community of VK. Everything that happens here is pushed to `deliveries`."""

    group_id: int
    name: str
    clock: Callable[[], float]
    deliveries: Deliveries
    posts: dict[int, Post] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    conversations: dict[int, list[Message]] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    blacklist: set[int] = field(default_factory=set)
    published: list[str] = field(default_factory=list)
    pictured: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    """What was published with photos: by the place in `published`."""
    base_url: str = ""
    """Where this side answers, as it was called last: uploads go there too."""
    album: Album = field(init=False)
    numbers: Numbers = field(default_factory=Numbers)
    _guids: dict[str, tuple[int, float]] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.album = Album(self.owner_id)

    @property
    def owner_id(self) -> int:
        """The community among owners."""
        return -self.group_id

    def meet(self, who: Person) -> int:
        """Let the network know a person, and return the number."""
        self.people[who.id] = who
        return who.id

    def publish(
        self, text: str, from_id: int, guid: str = "", *, by_api: bool = False, photos: tuple[bytes, ...] = ()
    ) -> Post:
        """Put a post on the wall; the same `guid` gives the post that is there."""
        if (known := self._repeated(f"post:{guid}")) is not None:
            return self.posts[known]
        post = Post(self._next("wall"), from_id, text, self._now(), photos=photos)
        self.posts[post.id] = post
        self._remember(f"post:{guid}", post.id)
        if by_api:
            self._count(text, photos)
        self.deliveries.push("wall_post_new", self.describe_post(post))
        return post

    def comment(
        self,
        post_id: int,
        from_id: int,
        text: str,
        reply_to: int | None = None,
        guid: str = "",
        *,
        by_api: bool = False,
        photos: tuple[bytes, ...] = (),
    ) -> Comment:
        """Put a comment under a post; the same `guid` gives the comment that is there. Raises Refusal."""
        if (known := self._repeated(f"comment:{guid}")) is not None:
            return self.comments[known]
        post = self.posts.get(post_id)
        if post is None:
            raise Refusal(100, "One of the parameters specified was missing or invalid: post not found")
        if post.comments_closed:
            raise Refusal(213, "Access to status replies denied")
        answered = self._comment(reply_to, post_id) if reply_to else None
        made = Comment(self._next("wall"), post_id, from_id, text, self._now())
        if answered is not None:
            made.answers = (answered.id, answered.from_id)
            made.top = answered.top or answered.id
        self.comments[made.id] = made
        self._remember(f"comment:{guid}", made.id)
        if by_api:
            self._count(text, photos)
        self.deliveries.push("wall_reply_new", self.describe_comment(made))
        return made

    def put_back(self, thing: Post | Comment | Message) -> None:
        """Place something of an earlier run; numbers go on after it. Nobody is told."""
        match thing:
            case Message():
                self.conversations.setdefault(thing.peer_id, []).append(thing)
                counted = "message"
            case Post():
                self.posts[thing.id] = thing
                counted = "wall"
            case Comment():
                self.comments[thing.id] = thing
                counted = "wall"
        self._last[counted] = max(self._last.get(counted, 0), thing.id)

    def edit_comment(self, comment_id: int, text: str) -> None:
        """Change the words of a comment."""
        comment = self.comments[comment_id]
        comment.text = text
        self.deliveries.push("wall_reply_edit", self.describe_comment(comment))

    def delete_comment(self, comment_id: int, by: int | None = None) -> None:
        """Delete a comment: by its author, or by whoever `by` is."""
        comment = self.comments[comment_id]
        comment.deleted = True
        ids = {"owner_id": self.owner_id, "id": comment.id, "user_id": comment.from_id, "post_id": comment.post_id}
        self.deliveries.push("wall_reply_delete", {**ids, "deleter_id": by or comment.from_id})

    def restore_comment(self, comment_id: int) -> None:
        """Bring a deleted comment back."""
        comment = self.comments[comment_id]
        comment.deleted = False
        self.deliveries.push("wall_reply_restore", self.describe_comment(comment))

    def write(self, peer_id: int, text: str) -> Message:
        """Have a person write to the community; from now on it may answer."""
        message = self._message(peer_id, peer_id, text)
        self.deliveries.push("message_new", {"message": self.describe_message(message), "client_info": CLIENT_INFO})
        return message

    def answer(
        self, peer_id: int, text: str, random_id: int = 0, *, admin_id: int = 0, photos: tuple[bytes, ...] = ()
    ) -> Message:
        """Write to a person as the community; the same `random_id` gives the message that is there.

        `admin_id`: who of the staff wrote it in VK's own application; 0 for the API. Raises Refusal.
        """
        if peer_id in self.blacklist:
            raise Refusal(900, "Can't send messages for users from blacklist")
        if peer_id not in self.conversations:
            raise Refusal(901, "Can't send messages for users without permission")
        if len(text) > 9000:
            raise Refusal(914, "Message is too long")
        recent = self._now() - REMEMBERED_S
        for message in self.conversations[peer_id]:
            if random_id and message.random_id == random_id and message.date >= recent:
                return message
        message = self._message(peer_id, self.owner_id, text, random_id)
        if not admin_id:
            self._count(text, photos)
        by_whom = {"admin_author_id": admin_id} if admin_id else {}
        self.deliveries.push("message_reply", self.describe_message(message) | by_whom)
        return message

    def edit_message(self, peer_id: int, number: int, text: str) -> None:
        """Change the words of the community's message. Raises Refusal."""
        found = next((one for one in self.conversations.get(peer_id, []) if one.number == number), None)
        if found is None or found.from_id != self.owner_id:
            raise Refusal(920, "Can't edit this kind of message")
        if found.date < self._now() - EDITABLE_S:
            raise Refusal(909, "Can't edit this message, because it's too old")
        found.text = text
        self.deliveries.push("message_edit", self.describe_message(found))

    def describe_post(self, post: Post) -> dict[str, Any]:
        """Return a post in VK's words."""
        return post_thing(owner_id=self.owner_id, post_id=post.id, from_id=post.from_id, text=post.text, date=post.date)

    def describe_comment(self, comment: Comment) -> dict[str, Any]:
        """Return a comment in VK's words."""
        return comment_thing(
            owner_id=self.owner_id,
            post_id=comment.post_id,
            comment_id=comment.id,
            from_id=comment.from_id,
            text=comment.text,
            date=comment.date,
            answers=comment.answers,
            top=comment.top,
        )

    def describe_message(self, message: Message) -> dict[str, Any]:
        """Return a message in VK's words."""
        return message_thing(
            message_id=message.id,
            number=message.number,
            peer_id=message.peer_id,
            from_id=message.from_id,
            text=message.text,
            date=message.date,
            random_id=message.random_id,
        )

    def add_server(self, title: str, url: str, secret: str) -> Server:
        """Add a callback server, not yet confirmed. Raises Refusal."""
        if len(self.deliveries.servers) >= 10:
            raise Refusal(2000, "Servers number limit is reached")
        server = Server(self._next("server"), title, url, secret)
        self.deliveries.servers[server.id] = server
        return server

    def _count(self, text: str, photos: tuple[bytes, ...]) -> None:
        if photos:
            self.pictured[len(self.published)] = photos
        self.published.append(text)

    def _comment(self, comment_id: int, post_id: int) -> Comment:
        found = self.comments.get(comment_id)
        if found is None or found.deleted or found.post_id != post_id:
            raise Refusal(100, "One of the parameters specified was missing or invalid: reply_to_comment not found")
        return found

    def _message(self, peer_id: int, from_id: int, text: str, random_id: int = 0) -> Message:
        conversation = self.conversations.setdefault(peer_id, [])
        number = conversation[-1].number + 1 if conversation else 1
        message = Message(self._next("message"), number, peer_id, from_id, text, self._now(), random_id)
        conversation.append(message)
        return message

    def _repeated(self, key: str) -> int | None:
        known = self._guids.get(key)
        return known[0] if known is not None and known[1] >= self.clock() - REMEMBERED_S else None

    def _remember(self, key: str, made: int) -> None:
        if not key.endswith(":"):
            self._guids[key] = (made, self.clock())

    def _next(self, what: str) -> int:
        self._last[what] = self._last.get(what, 0) + 1
        return self._last[what]

    def _now(self) -> int:
        return int(self.clock())
