"""A simulated account of Instagram: its posts, comments under them, conversations, and posts of others, in memory."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from otklik.simulators.instagram.delivery import Deliveries
from otklik.simulators.instagram.faults import Refusal
from otklik.simulators.instagram.insights import Numbers
from otklik.simulators.instagram.payloads import Json, change_entry, comment_value, exchange, message_entry

WINDOW_S = 24 * 3600
HUMAN_WINDOW_S = 7 * WINDOW_S
LONGEST_MESSAGE_BYTES = 1000
LONGEST_COMMENT_CHARS = 300


@dataclass(frozen=True, slots=True)
class Person:
    """An inhabitant of the simulated network."""

    id: str
    username: str
    name: str = ""


@dataclass(slots=True)
class Post:
    """A post: the account's, or somebody else's in which it is named."""

    id: str
    caption: str
    at: float
    owner: str = ""
    photos: tuple[str, ...] = ()
    by_api: bool = False


@dataclass(slots=True)
class Comment:
    """A comment; `parent` is the top one that it lies under, for replies have one level."""

    id: str
    media: str
    user: str
    text: str
    at: float
    parent: str = ""
    hidden: bool = False


@dataclass(slots=True)
class Message:
    """A message of a conversation with one person."""

    mid: str
    peer: str
    ours: bool
    text: str
    at: float
    deleted: bool = False
    edits: int = 0


@dataclass(slots=True)
class Town:
    """One account. What people do here is pushed to `deliveries`."""

    account_id: str
    username: str
    clock: Callable[[], float]
    deliveries: Deliveries
    people: dict[str, Person] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    conversations: dict[str, list[Message]] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    answered_privately: set[str] = field(default_factory=set)
    containers: dict[str, object] = field(default_factory=dict)
    """What is on its way to a post (`publishing`)."""
    slow_containers: int = 0
    """How often a container is looked at before it is ready."""
    posts_a_day: int = 50
    human_agent: bool = False
    """Whether Meta allowed the app to answer by people for seven days."""
    numbers: Numbers = field(default_factory=Numbers)
    _last: int = 0

    def meet(self, who: Person) -> Person:
        """Let the network know a person."""
        self.people[who.id] = who
        return who

    def publish(self, caption: str, *, photos: tuple[str, ...] = (), by_api: bool = False) -> Post:
        """Put a post into the account, as in Instagram's own application or by the API; Meta tells nobody."""
        post = Post(self._next("179"), caption, self.clock(), self.account_id, photos, by_api)
        self.posts[post.id] = post
        return post

    def comment(self, media: str, who: Person, text: str, parent: str = "") -> Comment:
        """Have a person comment under a post, or answer a comment there."""
        made = self._comment(media, self.meet(who).id, text, parent)
        self._tell_of_comment(made)
        return made

    def official_comment(self, media: str, text: str, parent: str = "") -> Comment:
        """Have the account write under a post, in Instagram's own application."""
        made = self._comment(media, self.account_id, text, parent)
        self._tell_of_comment(made)
        return made

    def mention(self, who: Person, caption: str) -> Post:
        """Have a person name the account in the caption of a post of their own."""
        post = Post(self._next("188"), caption, self.clock(), self.meet(who).id)
        self.posts[post.id] = post
        self._tell("mentions", {"media_id": post.id})
        return post

    def mention_in_comment(self, who: Person, media: str, text: str) -> Comment:
        """Have a person name the account in a comment under a post of others."""
        made = self._comment(media, self.meet(who).id, text)
        self._tell("mentions", {"media_id": media, "comment_id": made.id})
        return made

    def write(self, who: Person, text: str, **more: object) -> Message:
        """Have a person write to the account; for a day from now on it may answer. `more`: attachments, reply_to."""
        message = self._message(self.meet(who).id, text, ours=False)
        self._tell_of_message(message, "messages", {"message": {"mid": message.mid, "text": text} | more})
        return message

    def unsend(self, message: Message) -> None:
        """Have a person take a message back."""
        message.deleted, message.text = True, ""
        self._tell_of_message(message, "messages", {"message": {"mid": message.mid, "is_deleted": True}})

    def edit(self, message: Message, text: str) -> None:
        """Have a person change a message."""
        message.text = text
        message.edits += 1
        edit = {"mid": message.mid, "text": text, "num_edit": message.edits}
        self._tell_of_message(message, "message_edit", {"message_edit": edit})

    def react(self, message: Message, emoji: str) -> None:
        """Have a person put an emoji on a message."""
        reaction = {"mid": message.mid, "action": "react", "reaction": "love", "emoji": emoji}
        self._tell_of_message(message, "message_reactions", {"reaction": reaction})

    def official_message(self, who: Person, text: str) -> Message:
        """Have the account answer a person in Instagram's own application."""
        message = self._message(who.id, text, ours=True)
        self._tell_of_our_message(message)
        return message

    def reply(self, comment_id: str, text: str) -> Comment:
        """Answer a comment by the API: it lands under the top one. Raises Refusal."""
        answered = self.comments.get(comment_id)
        if answered is None:
            raise Refusal(100, f"Unsupported post request. Object with ID '{comment_id}' does not exist", 33)
        if answered.hidden:
            raise Refusal(100, "Replies to hidden comments are not supported")
        return self._by_api(answered.media, text, answered.parent or answered.id)

    def comment_by_api(self, media: str, text: str) -> Comment:
        """Write under a post by the API. Raises Refusal."""
        if media not in self.posts:
            raise Refusal(100, f"Unsupported post request. Object with ID '{media}' does not exist", 33)
        return self._by_api(media, text, "")

    def send(self, peer: str, text: str, *, tag: str = "") -> Message:
        """Write to a person by the API. Raises Refusal outside the window."""
        if len(text.encode()) > LONGEST_MESSAGE_BYTES:
            raise Refusal(100, "Length of param message[text] must be less than or equal to 1000", 2534025)
        heard = [message.at for message in self.conversations.get(peer, []) if not message.ours]
        window_s = HUMAN_WINDOW_S if tag == "HUMAN_AGENT" and self.human_agent else WINDOW_S
        if not heard or heard[-1] < self.clock() - window_s:
            raise Refusal(10, "This message is sent outside of allowed window.", 2534022)
        message = self._message(peer, text, ours=True)
        self.published.append(text)
        self._tell_of_our_message(message)
        return message

    def reply_privately(self, comment_id: str, text: str) -> Message:
        """Write to the author of a comment by the API: once, within seven days. Raises Refusal."""
        answered = self.comments.get(comment_id)
        if answered is None:
            raise Refusal(100, "Object does not exist", 33)
        if comment_id in self.answered_privately or answered.at < self.clock() - HUMAN_WINDOW_S:
            raise Refusal(10, "The comment was replied to already, or is too old for a private reply.", 2534022)
        if len(text.encode()) > LONGEST_MESSAGE_BYTES:
            raise Refusal(100, "Length of param message[text] must be less than or equal to 1000", 2534025)
        self.answered_privately.add(comment_id)
        message = self._message(answered.user, text, ours=True)
        self.published.append(text)
        self._tell_of_our_message(message)
        return message

    def put_back(self, thing: Post | Comment | Message) -> None:
        """Place something of an earlier run (`count_on_from` keeps its number its own). Nobody is told."""
        match thing:
            case Message():
                self.conversations.setdefault(thing.peer, []).append(thing)
            case Post():
                self.posts[thing.id] = thing
            case Comment():
                self.comments[thing.id] = thing

    def count_on_from(self, number: int) -> None:
        """Number what comes from here on; a second run must not give a new message an old one's number."""
        self._last = max(self._last, number)

    def _by_api(self, media: str, text: str, parent: str) -> Comment:
        if not text or len(text) > LONGEST_COMMENT_CHARS:
            raise Refusal(100, "Invalid parameter: message")
        made = self._comment(media, self.account_id, text, parent)
        self.published.append(text)
        self._tell_of_comment(made)
        return made

    def _comment(self, media: str, user: str, text: str, parent: str = "") -> Comment:
        if media not in self.posts:
            raise Refusal(100, "Object does not exist", 33)
        answered = self.comments.get(parent)
        made = Comment(
            self._next("178"), media, user, text, self.clock(), answered.parent or answered.id if answered else ""
        )
        self.comments[made.id] = made
        return made

    def _message(self, peer: str, text: str, *, ours: bool) -> Message:
        # As long as real ones are.
        mid = base64.urlsafe_b64encode(f"ig_dm:message:{self.account_id}:{peer}:{self._next('32')}".ljust(120).encode())
        message = Message(mid.decode(), peer, ours, text, self.clock())
        self.conversations.setdefault(peer, []).append(message)
        return message

    def _tell_of_comment(self, made: Comment) -> None:
        who = self.username if made.user == self.account_id else self.people[made.user].username
        value = comment_value(
            comment_id=made.id,
            text=made.text,
            user_id=made.user,
            username=who,
            media_id=made.media,
            parent_id=made.parent,
        )
        self._tell("comments", value)

    def _tell(self, field_name: str, value: Json) -> None:
        self.deliveries.push(field_name, [change_entry(self.account_id, self.clock(), field_name, value)])

    def _tell_of_message(self, message: Message, field_name: str, what: Json) -> None:
        passed = exchange(message.peer, self.account_id, self.clock(), **what)
        self.deliveries.push(field_name, [message_entry(self.account_id, self.clock(), passed)])

    def _tell_of_our_message(self, message: Message) -> None:
        told = {"mid": message.mid, "text": message.text, "is_echo": True}
        passed = exchange(self.account_id, message.peer, self.clock(), message=told)
        self.deliveries.push("messages", [message_entry(self.account_id, self.clock(), passed)])

    def new_number(self, prefix: str) -> str:
        """Return a number that nothing else has."""
        return self._next(prefix)

    def _next(self, prefix: str) -> str:
        self._last += 1
        return f"{prefix}{self._last:014d}"
