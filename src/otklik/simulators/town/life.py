"""What the people of the town do: they write, change their minds, and say whether an answer helped.

Everything happens at once in the simulators' memory and waits there to be delivered; nothing here touches the network.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from random import Random

from otklik.simulators.telegram.payloads import Json
from otklik.simulators.telegram.payloads import Person as TelegramPerson
from otklik.simulators.telegram.simulator import TelegramSimulator
from otklik.simulators.town.homes import Answered, Home
from otklik.simulators.town.library import Library, Resident, Saying
from otklik.simulators.town.visitors import Visitors
from otklik.simulators.vk.simulator import VkSimulator
from otklik.simulators.vk.town import Person as VkPerson

FIRST_TELEGRAM_ID = 610_000_000
FIRST_VK_ID = 310_000_000
RECENT_POSTS = 8
"""People talk under the newest posts."""
_FIRST = ("telegram", "vk", "site")
_REMEMBERED = 40
_DIRECT_SHARE = 0.2


class Life:
    """The town's people in three networks, and in `homes`. `said` counts new messages by network, not changes."""

    def __init__(
        self,
        library: Library,
        telegram: TelegramSimulator,
        vk: VkSimulator,
        visitors: Visitors,
        rng: Random,
        *,
        homes: Sequence[Home] = (),
    ) -> None:
        self.library = library
        self.telegram = telegram
        self.vk = vk
        self.visitors = visitors
        self.homes = {home.network: home for home in homes}
        self.said: Counter[str] = Counter()
        self._rng = rng
        self._undo: deque[Callable[[], None]] = deque(maxlen=_REMEMBERED)
        self._unsaid: list[Saying] = []

    def speak(self) -> None:
        """Have a resident write something somewhere new."""
        saying = self._next_saying()
        who = self._rng.choice(
            [one for one in self.library.residents if one.network in _FIRST or one.network in self.homes]
        )
        text = self.library.filled(saying.text, self._rng)
        private = saying.where == "direct" or (not saying.where and self._rng.random() < _DIRECT_SHARE)
        match who.network:
            case "telegram":
                self._in_telegram(who, text, saying.under, private=private)
            case "vk":
                self._in_vk(who, text, saying.under, private=private)
            case network if network in self.homes:
                change = self.homes[network].say(who, text, self._title_of(saying.under), private=private)
                self._undo.extend([] if change is None else [change])
                self.said[network] += 1
            case _:
                post = "" if private else self._site_post(saying.under)
                self.visitors.submit(who, text, self._rng, post=post)
                self.said["site"] += 1

    def say_with_photo(self, text: str, photo: bytes) -> None:
        """Have a resident show something under a post in Telegram."""
        town = self.telegram.town
        who = self._rng.choice([one for one in self.library.residents if one.network == "telegram"])
        forwards = [one for one in town.messages.values() if one.get("is_automatic_forward")]
        place = town.answering(forwards[-1]) | {"message_thread_id": forwards[-1]["message_id"]}
        shown = {"caption": text, "photo": town.photo(town.keep(photo))}
        message = town.add(town.group, sender=town.meet(telegram_person(who)), **shown, **place)
        self.telegram.deliveries.push("message", message)
        self.said["telegram"] += 1

    def change_mind(self) -> bool:
        """Edit or delete something said lately; False if there is nothing."""
        if not self._undo:
            return False
        change = self._rng.choice(list(self._undo))
        self._undo.remove(change)
        change()
        return True

    def respond(self, answer: Answered, *, solved: bool) -> bool:
        """Have the person who was answered say whether it helped; False where that can't be said in the network."""
        text = self._rng.choice(self.library.content if solved else self.library.discontent)
        match answer.network:
            case "telegram":
                done = self._respond_in_telegram(answer, text)
            case "vk":
                done = self._respond_in_vk(answer, text)
            case network if network in self.homes:
                done = self.homes[network].respond(answer, text)
            case _:
                done = self._respond_on_site(answer, text)
        self.said[answer.network] += done
        return done

    def _next_saying(self) -> Saying:
        """Return a saying that wasn't used since all the others were."""
        if not self._unsaid:
            self._unsaid = list(self.library.sayings)
            self._rng.shuffle(self._unsaid)
        return self._unsaid.pop()

    def _in_telegram(self, who: Resident, text: str, under: str, *, private: bool) -> None:
        town, person = self.telegram.town, telegram_person(who)
        forwards = [one for one in town.messages.values() if one.get("is_automatic_forward")][-RECENT_POSTS:]
        if private or not forwards:
            where = town.open_private_chat(person)
            message = town.add(where, sender=town.people[person.id], text=text)
        else:
            title = self._title_of(under)
            post = next((one for one in forwards if title and _words_of(one).startswith(title)), None)
            message = self._comment_in_telegram(person, text, post or self._rng.choice(forwards))
        self.telegram.deliveries.push("message", message)
        self.said["telegram"] += 1
        self._undo.append(lambda: self._edit_in_telegram(message))

    def _comment_in_telegram(self, person: TelegramPerson, text: str, post: Json, answered: Json | None = None) -> Json:
        town = self.telegram.town
        place = town.answering(answered or post) | {"message_thread_id": post["message_id"]}
        return town.add(town.group, sender=town.meet(person), text=text, **place)

    def _edit_in_telegram(self, message: Json) -> None:
        changed = f"{message['text']} {self._rng.choice(self.library.edits)}"
        message |= {"text": changed, "edit_date": self.telegram.town.now()}
        self.telegram.deliveries.push("edited_message", message)

    def _in_vk(self, who: Resident, text: str, under: str, *, private: bool) -> None:
        town, person = self.vk.town, vk_person(who)
        town.meet(person)
        posts = sorted(town.posts.values(), key=lambda post: post.id)[-RECENT_POSTS:]
        if private or not posts:
            town.write(person.id, text)
        else:
            title = self._title_of(under)
            post = next((one for one in posts if title and one.text.startswith(title)), None) or self._rng.choice(posts)
            comment = town.comment(post.id, person.id, text)
            self._undo.append(lambda: self._change_in_vk(comment.id))
        self.said["vk"] += 1

    def _change_in_vk(self, comment_id: int) -> None:
        comment = self.vk.town.comments[comment_id]
        if self._rng.random() < 0.4:
            self.vk.town.delete_comment(comment_id)
        else:
            self.vk.town.edit_comment(comment_id, f"{comment.text} {self._rng.choice(self.library.edits)}")

    def _site_post(self, under: str) -> str:
        """Return the id of the post to write under; "" while there are none."""
        recent = list(self.visitors.posts.items())[-RECENT_POSTS:]
        title = self._title_of(under)
        fitting = [post for post, its_title in recent if its_title == title] or [post for post, _ in recent]
        return self._rng.choice(fitting) if fitting else ""

    def _title_of(self, key: str) -> str:
        return next((post.title for post in self.library.posts if post.key == key), "") if key else ""

    def _respond_in_telegram(self, answer: Answered, text: str) -> bool:
        town = self.telegram.town
        who = self._at_home("telegram", answer.peer, FIRST_TELEGRAM_ID)
        if who is None:
            return False
        person = telegram_person(who)
        if answer.is_private:
            message = town.add(town.open_private_chat(person), sender=town.people[person.id], text=text)
        else:
            group = town.group["id"]
            thread = int(answer.thread_key.rpartition(":")[2])
            post = town.messages.get((group, thread))
            answered = town.messages.get((group, int(answer.external_id)))
            if post is None or answered is None:
                return False
            message = self._comment_in_telegram(person, text, post, answered)
        self.telegram.deliveries.push("message", message)
        return True

    def _respond_in_vk(self, answer: Answered, text: str) -> bool:
        town = self.vk.town
        who = self._at_home("vk", answer.peer, FIRST_VK_ID)
        if who is None:
            return False
        if answer.is_private:
            town.write(town.meet(vk_person(who)), text)
            return True
        post_id, answered = int(answer.container.rpartition("_")[2]), int(answer.external_id)
        if post_id not in town.posts or answered not in town.comments:
            return False
        town.comment(post_id, town.meet(vk_person(who)), text, answered)
        return True

    def _respond_on_site(self, answer: Answered, text: str) -> bool:
        who = self._at_home("site", answer.peer.rpartition("-")[2], 0)
        if who is None or answer.is_private:
            return False
        post = answer.container.removeprefix("post:")
        self.visitors.submit(who, text, self._rng, post=post, parent=answer.external_id)
        return True

    def _at_home(self, network: str, peer: str, first: int) -> Resident | None:
        number = int(peer) - first if peer.isdigit() else 0
        found = (one for one in self.library.residents if one.number == number and one.network == network)
        return next(found, None)


def telegram_person(who: Resident) -> TelegramPerson:
    """Return a resident as Telegram knows them."""
    return TelegramPerson(FIRST_TELEGRAM_ID + who.number, who.first_name, who.last_name)


def vk_person(who: Resident) -> VkPerson:
    """Return a resident as VK knows them."""
    return VkPerson(FIRST_VK_ID + who.number, who.first_name, who.last_name)


def _words_of(message: Json) -> str:
    """Return a message's words, or those beside its photos; the further photos of an album have none."""
    return str(message.get("text") or message.get("caption") or "")
