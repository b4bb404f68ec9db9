"""The state behind the simulator: a bot, its channel with comments, people's dialogs, and files."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from otklik.simulators.max import payloads
from otklik.simulators.max.delivery import Deliveries
from otklik.simulators.max.faults import Refusal
from otklik.simulators.max.payloads import Json, Person

RIGHTS = ("read_all_messages", "write", "edit", "delete")
COMMENT_EDITABLE_MS = 26 * 3_600_000
SEQ = 2**53
"""Numbers of messages begin beyond what floating point keeps, as real ones do."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """One thing that the bot published and that people can see."""

    mid: str
    text: str
    reply_to: str = ""
    photos: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Town:
    """A channel and the people who read it. What people do is pushed to `deliveries`; what the bot does is not."""

    bot: Person
    channel_id: int
    title: str
    deliveries: Deliveries
    clock: Callable[[], float]
    people: dict[int, Person] = field(default_factory=dict)
    dialogs: dict[int, Person] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)
    stopped_by: set[int] = field(default_factory=set)
    rights: tuple[str, ...] = RIGHTS
    is_admin: bool = True
    comments_on: bool = True
    hides_commenters: bool = False
    base_url: str = ""
    """Where this side answers, as it was called last: uploads go there too."""
    last: int = 0
    counted: Json = field(default_factory=dict)
    """What the channel tells of itself in numbers, where it isn't who is known; None: it tells nothing."""

    def now_ms(self) -> int:
        """Return Unix milliseconds."""
        return int(self.clock() * 1000)

    def publish(self, text: str, *, by_bot: bool = False, photos: tuple[str, ...] = ()) -> Json:
        """Put a post into the channel; those of its people are told to the bot, its own are not."""
        where = {"chat_id": self.channel_id, "chat_type": "channel"}
        post = self._add(where, text, photos=photos, url=f"https://max.ru/c/{self.channel_id}/{self.last + 1}")
        if not by_bot:
            self._tell("message_created", message=post)
        return post

    def comment(self, post: str, who: Person, text: str, answers: str = "") -> Json:
        """Have a person comment under a post; the bot may not learn who it was."""
        self.people[who.id] = who
        sender = None if self.hides_commenters else payloads.user(who)
        made = self._add(self._under(post), text, sender=sender, answers=answers)
        self._tell("comment_created", message=made)
        return made

    def write(self, who: Person, text: str, photo: bytes | None = None) -> Json:
        """Have a person write to the bot; from now on it may answer."""
        self.people[who.id] = who
        self.stopped_by.discard(who.id)
        self.dialogs[who.dialog] = who
        photos = (self.keep(photo),) if photo is not None else ()
        made = self._add(self._dialog(who), text, sender=payloads.user(who), photos=photos)
        self._tell("message_created", message=made)
        return made

    def edit(self, mid: str, text: str) -> None:
        """Have a person, or whoever runs the channel, change their words."""
        made = self.messages[mid]
        made["body"] = made["body"] | {"text": text}
        kind = "comment_edited" if "post_id" in made["recipient"] else "message_edited"
        self._tell(kind, message=made)

    def remove(self, mid: str) -> None:
        """Have something deleted."""
        gone = self.messages.pop(mid)
        where = gone["recipient"]
        by = gone.get("sender", {}).get("user_id", self.bot.id)
        named = {"message_id": mid, "chat_id": where["chat_id"], "user_id": by}
        if "post_id" in where:
            self._tell("comment_removed", **named, post_id=where["post_id"])
        else:
            self._tell("message_removed", **named)

    def put_back(self, made: Json) -> None:
        """Place something of an earlier run; numbers go on after it. Nobody is told."""
        self.messages[made["body"]["mid"]] = made
        self.last = max(self.last, made["body"]["seq"] - SEQ)

    def bot_says(self, where: Json, text: str, *, answers: str = "", photos: tuple[str, ...] = ()) -> Json:
        """Publish the bot's words; MAX tells a bot nothing of its own. Raises Refusal."""
        if where.get("chat_type") == "channel" and "post_id" not in where:
            made = self.publish(text, by_bot=True, photos=photos)
        else:
            sender = payloads.user(self.bot, is_bot=True)
            made = self._add(where, text, sender=sender, answers=answers, photos=photos)
        shown = tuple(self.files[token] for token in photos)
        self.accepted.append(Accepted(made["body"]["mid"], text, answers, shown))
        return made

    def place(self, chat_id: int | None, user_id: int | None) -> Json:
        """Return where a message of the bot goes. Raises Refusal."""
        if chat_id == self.channel_id:
            if not self.is_admin or "write" not in self.rights:
                raise Refusal(403, "chat.denied", "chat.denied")
            return {"chat_id": chat_id, "chat_type": "channel"}
        who = self.dialogs.get(chat_id or 0) or next((one for one in self.dialogs.values() if one.id == user_id), None)
        if who is None:
            raise Refusal(404, "dialog.not.found", "Dialog not found")
        if who.id in self.stopped_by:
            raise Refusal(403, "chat.denied", "error.dialog.suspended")
        return self._dialog(who)

    def under(self, post: str) -> Json:
        """Return where a comment of the bot goes. Raises Refusal."""
        if not self.comments_on:
            raise Refusal(500, "internal", "Internal error")
        return self._under(post)

    def keep(self, content: bytes) -> str:
        """Keep a file and return its token."""
        token = f"f{len(self.files) + 1}"
        self.files[token] = content
        return token

    def found(self, mid: str) -> Json:
        """Return a message. Raises Refusal."""
        if mid not in self.messages:
            raise Refusal(404, "not.found", "Message not found")
        return self.messages[mid]

    def _under(self, post: str) -> Json:
        self.found(post)
        return {"chat_id": self.channel_id, "chat_type": "channel", "post_id": post}

    def _dialog(self, who: Person) -> Json:
        return {"chat_id": who.dialog, "chat_type": "dialog", "user_id": self.bot.id}

    def _add(
        self,
        where: Json,
        text: str,
        *,
        sender: Json | None = None,
        answers: str = "",
        photos: tuple[str, ...] = (),
        url: str = "",
    ) -> Json:
        link = payloads.linked("reply", self.found(answers)) if answers else None
        self.last += 1
        images = [payloads.image(int(token[1:]), f"{self.base_url}/i/{token}") for token in photos]
        mid = f"mid.{self.last:024x}"
        made = payloads.message(
            mid, SEQ + self.last, self.now_ms(), where, text, sender=sender, link=link, attachments=images, url=url
        )
        self.messages[mid] = made
        return made

    def _tell(self, kind: str, **fields: Any) -> None:
        # What is told once stays so: what is changed later is another update.
        self.deliveries.push(copy.deepcopy(payloads.update(kind, self.now_ms(), **fields)))
