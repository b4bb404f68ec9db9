"""A large archive to measure with, made in minutes: people, messages, cases and search entries inserted in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import connection

from otklik.cli.bench import town

if TYPE_CHECKING:  # models exist only after Django starts
    from otklik.channels.models import Channel, Identity, Message, Thread

_BATCH = 2_000
PEOPLE = 2_000
CASES_PER_MESSAGE = 0.3
_RARE_EVERY = 50_000
RARE = "аквапарк"
"""A word that hardly anybody writes: once in 50,000 messages."""


class Archive:
    """A city's archive that grows: one message in three or so opens a case."""

    def __init__(self, channel: Channel) -> None:
        from otklik.channels.models import Thread
        from otklik.common.clock import now
        from otklik.org.models import Topic

        self.channel, self.now, self.messages, self.cases = channel, now(), 0, 0
        self.rng = Random(11)  # noqa: S311 - invented cases
        self.texts = town.texts(13)
        self.topics = list(Topic.objects.filter(municipality=channel.municipality, parent__isnull=False))
        self.identities = _people(channel, self.now)
        self.threads = [
            Thread(municipality=channel.municipality, channel=channel, key=f"t{number}", visibility="public")
            for number in range(200)
        ]
        Thread.objects.bulk_create(self.threads)

    def grow(self, count: int) -> None:
        """Add messages until there are `count`, with their cases and entries."""
        while self.messages < count:
            self._batch(min(_BATCH, count - self.messages))
        self._settle()

    def grow_cases(self, count: int) -> None:
        """Add messages until there are about `count` cases, never fewer."""
        while self.cases < count:
            self._batch(min(_BATCH, round((count - self.cases) / CASES_PER_MESSAGE) + 1))
        self._settle()

    def _settle(self) -> None:
        from otklik.cases.services.tallying import fold

        fold()  # as the worker does twice a minute
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # A city's rows come one by one and its server keeps up with them; after years in a minute it would
                # vacuum and write them out beside what is measured.
                cursor.execute("VACUUM (ANALYZE)")
                cursor.execute("CHECKPOINT")
            else:
                cursor.execute("ANALYZE")

    def _batch(self, size: int) -> None:
        from django.db import transaction

        from otklik.cases.models import CaseMessage
        from otklik.channels.models import SearchEntry
        from otklik.channels.searching import UNSORTED, scope_of
        from otklik.common.inserting import insert
        from otklik.common.stems import stems

        with transaction.atomic():
            messages = list(self._messages(size))
            insert(messages)
            first = [one for one in messages if self.rng.random() < CASES_PER_MESSAGE]
            cases = [self._case(one) for one in first]
            insert(cases)
            insert(
                [
                    CaseMessage(
                        municipality_id=case.municipality_id,
                        case_id=case.pk,
                        message_id=one.pk,
                        identity_id=one.identity_id,
                        thread_id=one.thread_id,
                    )
                    for case, one in zip(cases, first, strict=True)
                ]
            )
            places = {one.pk: (case.pk, case.department_id) for case, one in zip(cases, first, strict=True)}
            entries = []
            for one in messages:
                case_id, department = places.get(one.pk, (None, None))
                entries.append(
                    SearchEntry(
                        municipality_id=one.municipality_id,
                        message_id=one.pk,
                        case_ref=case_id,
                        scope=UNSORTED if case_id is None else scope_of(department),
                        stems=" ".join(stems(one.text)) or "_",
                    )
                )
            insert(entries)

    def _messages(self, size: int) -> Iterator[Message]:
        from otklik.channels.models import Message

        for text in islice(self.texts, size):
            self.messages += 1
            number = self.messages
            thread: Thread = self.threads[number % len(self.threads)]
            at = self.now - timedelta(seconds=5 * (2_000_000 - number))
            yield Message(
                municipality_id=self.channel.municipality_id,
                channel_id=self.channel.pk,
                thread_id=thread.pk,
                identity_id=self.identities[number % len(self.identities)].pk,
                object_key=f"b:{number}",
                external_id=str(number),
                root_key=f"b:{number}",
                kind="comment",
                visibility="public",
                text=f"{text} {RARE}" if number % _RARE_EVERY == 7 else text,
                occurred_at=at,
                received_at=at,
                decision="opened",
            )

    def _case(self, message: Message) -> Any:
        from otklik.cases.models import Case
        from otklik.common.codes import private_code

        self.cases += 1
        topic, rng = self.rng.choice(self.topics), self.rng
        status = rng.choice(STATUSES) if self.cases % 8 == 0 else "closed"
        return Case(
            municipality_id=message.municipality_id,
            number=self.cases,
            code=private_code(),
            status=status,
            urgency=rng.choice((1, 2, 2, 2, 3, 4)),
            summary=message.text[:140],
            channel_id=message.channel_id,
            topic_id=topic.pk,
            department_id=topic.department_id,
            opened_at=message.received_at,
            answer_due_at=message.received_at + timedelta(hours=9),
            personal_control=rng.random() < 0.002,
            updated_at=message.received_at,
        )


STATUSES = ("new", "assigned", "in_progress", "drafting", "approval", "returned", "answered", "closed")


def _people(channel: Channel, now: Any) -> list[Identity]:
    from otklik.channels.models import Identity, Resident
    from otklik.common.inserting import insert

    city = channel.municipality
    residents = [Resident(municipality=city, display_name=f"Житель {n}", created_at=now) for n in range(PEOPLE)]
    insert(residents)
    people = [
        Identity(
            municipality=channel.municipality,
            network=channel.network,
            external_id=f"p{number}",
            resident=resident,
            display_name=f"Житель {number}",
            first_seen_at=now,
        )
        for number, resident in enumerate(residents)
    ]
    insert(people)
    return people
