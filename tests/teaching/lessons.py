"""A city that was taught enough to learn: messages of three topics, each in words of its own, and their labels."""

from __future__ import annotations

import random
from datetime import datetime

from otklik.channels.models import Channel, Message, Thread
from otklik.common.clock import now
from otklik.org.access import Access
from otklik.org.models import Municipality
from otklik.teaching.enums import About, Source
from otklik.teaching.services.labelling import note

TOPICS = ("roads.pothole", "utilities.heating", "waste.collection")
_SYLLABLES = "ба ве ги до жу зя ка ле ми но пу ря са те фи хо цу чи ша ще".split()


def _words(dice: random.Random, count: int) -> list[str]:
    """Invented words: unlike each other, so that two texts of one topic are no near-copies."""
    return ["".join(dice.choice(_SYLLABLES) for _ in range(4)) for _ in range(count)]


_DICE = random.Random(5)
_SAID = {code: _words(_DICE, 50) for code in TOPICS}
_FILLING = _words(_DICE, 300)


def write(
    city: Municipality, channel: Channel, count: int, *, seed: int = 7, at: datetime | None = None
) -> list[Message]:
    """Write so many messages, their topics in turn; the same seed gives the same words."""
    dice = random.Random(seed)
    moment = at or now()
    thread, _ = Thread.objects.get_or_create(municipality=city, channel=channel, key="lessons", visibility="public")
    start = Message.objects.filter(channel=channel).count()
    rows = []
    for number in range(start, start + count):
        code = TOPICS[number % len(TOPICS)]
        words = [*dice.sample(_SAID[code], 6), *dice.sample(_FILLING, 5)]
        dice.shuffle(words)
        rows.append(
            Message(
                municipality=city,
                channel=channel,
                thread=thread,
                object_key=f"lesson:{number}",
                root_key=f"lesson:{number}",
                external_id=str(number),
                kind="comment",
                visibility="public",
                text=" ".join(words),
                occurred_at=moment,
                received_at=moment,
                decision="operator",
            )
        )
    return Message.objects.bulk_create(rows)


def topic_of(message: Message) -> str:
    """The topic that a message was written about."""
    return TOPICS[int(message.external_id) % len(TOPICS)]


def words_about(code: str) -> str:
    """Words that people who write about a topic use."""
    return " ".join(_SAID[code][:8])


def teach_all(access: Access, messages: list[Message], *, wrong: bool = False, at: datetime | None = None) -> None:
    """Label every message with its topic; or, where wrong, with whatever chance gives."""
    dice = random.Random(3)
    for code in TOPICS:
        chosen = [m for m in messages if (dice.choice(TOPICS) if wrong else topic_of(m)) == code]
        note(access, [m.pk for m in chosen], About.TOPIC, code, Source.CORRECTION, now=at or now())
