"""The state behind the simulator: chats, people, messages, files, what the bot was allowed to send, and its updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from otklik.simulators.telegram import payloads
from otklik.simulators.telegram.delivery import Deliveries
from otklik.simulators.telegram.faults import ApiError
from otklik.simulators.telegram.payloads import Json, Person


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing that the bot published and that people can see."""

    method: str
    chat_id: int
    message_id: int
    text: str
    reply_to: int | None = None
    photos: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Town:
    """A channel with its discussion group, and the people who read, comment and write to the bot."""

    bot: Json
    channel: Json
    group: Json
    deliveries: Deliveries
    clock: Callable[[], float]
    people: dict[int, Json] = field(default_factory=dict)
    chats: dict[int, Json] = field(default_factory=dict)
    opened_by: set[int] = field(default_factory=set)
    blocked_by: set[int] = field(default_factory=set)
    bot_is_admin_in: set[int] = field(default_factory=set)
    may_delete: bool = True
    member_count: int | None = None
    """How many the channel says it has; None: who is known."""
    """Whether the bot has the right to delete messages; without it, only for two days."""
    messages: dict[tuple[int, int], Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    _numbers: dict[int, count[int]] = field(default_factory=dict)
    _highest: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chats |= {self.channel["id"]: self.channel, self.group["id"]: self.group}
        self.bot_is_admin_in |= set(self.chats)

    def now(self) -> int:
        """Return Unix seconds."""
        return int(self.clock())

    def chat(self, chat_id: int) -> Json:
        """Return a chat the bot knows. Raises ApiError in Telegram's words."""
        if chat_id not in self.chats:
            raise ApiError(400, "Bad Request: chat not found")
        return self.chats[chat_id]

    def meet(self, who: Person) -> Json:
        """Remember a person and return the User. The bot knows the chat now, but may not write first."""
        self.people[who.id] = payloads.person(who)
        self.chats[who.id] = payloads.private_chat(who)
        return self.people[who.id]

    def open_private_chat(self, who: Person) -> Json:
        """Return the chat that the person has opened with the bot: only now may the bot write."""
        self.meet(who)
        self.opened_by.add(who.id)
        self.blocked_by.discard(who.id)
        return self.chats[who.id]

    def keep(self, content: bytes) -> str:
        """Keep a file and return its file_id."""
        file_id = f"AgAC{len(self.files) + 1:06d}"
        self.files[file_id] = content
        return file_id

    def photo(self, file_id: str) -> list[Json]:
        """Return the sizes of a stored photo."""
        return payloads.photo(file_id, len(self.files[file_id]))

    def add(self, where: Json, **fields: Any) -> Json:
        """Store a message under the chat's next number and return it."""
        number = next(self._numbers.setdefault(where["id"], count(1 if where["type"] == "private" else 5001)))
        found = payloads.message(number, self.now(), where, **fields)
        self.messages[where["id"], number] = found
        return found

    def put_back(self, message: Json) -> None:
        """Place a message of an earlier run; the chat's numbers go on after it. Nobody is told."""
        where, number = message["chat"], message["message_id"]
        self.messages[where["id"], number] = message
        self._highest[where["id"]] = max(number, self._highest.get(where["id"], 0))
        self._numbers[where["id"]] = count(self._highest[where["id"]] + 1)

    def publish(self, *, by_bot: bool, **content: Any) -> tuple[Json, Json]:
        """Put a post into the channel; return it and its automatic forward in the group.

        A bot hears of its own posts only by the automatic forward.
        """
        post = self.add(self.channel, sender_chat=self.channel, **content)
        if not by_bot:
            self.deliveries.push("channel_post", post)
        forward = payloads.automatic_forward(0, self.group, post)
        kept = {name: value for name, value in forward.items() if name not in {"message_id", "date", "chat", "from"}}
        shown = self.add(self.group, sender=forward["from"], **kept)
        self.deliveries.push("message", shown)
        return post, shown

    def bot_says(self, where: Json, answered: Json | None, **content: Any) -> Json:
        """Publish the bot's words; a bot gets no update of its own messages."""
        if where["id"] == self.channel["id"]:
            return self.publish(by_bot=True, **content)[0]
        return self.add(where, sender=self.bot, **self.answering(answered), **content)

    @staticmethod
    def answering(answered: Json | None) -> Json:
        """Return the fields of a message that answers another one: its place in the thread, and the quote."""
        if answered is None:
            return {}
        is_private = answered["chat"]["type"] == "private"
        thread = None if is_private else answered.get("message_thread_id", answered["message_id"])
        return {"message_thread_id": thread, "reply_to_message": payloads.quoted(answered)}
