"""Labels: what people said messages are, by working as they do or on the labelling screen. Only added to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from otklik.channels.models import Message
from otklik.common.inserting import insert
from otklik.org.access import Access, Permission, Refused
from otklik.org.queries import topics_of
from otklik.teaching.enums import About, Source
from otklik.teaching.models import Label
from otklik.teaching.queries import TAUGHT_KINDS, label_now


class NotALabel(ValueError):
    """There is no such topic or kind in this city."""


def note(
    access: Access, message_ids: Iterable[int], about: About, value: str, source: Source, *, now: datetime
) -> None:
    """Keep what a person decided about messages as labels. Call it in the transaction of the decision itself.

    The door of the deed has asked for its permission: a label is only what it left behind.
    """
    insert(
        [
            Label(
                municipality_id=access.municipality_id,
                message_id=message_id,
                about=about,
                value=value,
                source=source,
                by=access.official,
                at=now,
            )
            for message_id in message_ids
        ]
    )


@transaction.atomic
def teach(access: Access, message: Message, said: Mapping[About, str], *, now: datetime) -> list[Label]:
    """Label a message on the labelling screen and return the labels. Raises Refused, NotALabel.

    Cases stay as they are: what is taught changes what comes, not what is owed already.
    """
    _check(access, message)
    for about, value in said.items():
        _check_value(access, about, value)
    rows = [_row(access, message, about, value, now) for about, value in said.items()]
    for row in rows:
        row.save()
    return rows


@transaction.atomic
def take_back(access: Access, label: Label, *, now: datetime) -> None:
    """Take one's own label of the labelling screen back; what counted before it counts again. Raises Refused.

    Safe to repeat: a label that isn't the newest any more stays as it is.
    """
    _check(access, label.message)
    if label.by_id != access.official.pk or label.source != Source.LABELLING:
        raise Refused("another person's label")
    newest = label_now(label.message_id, About(label.about))
    if newest is None or newest.pk != label.pk:
        return
    older = Label.objects.filter(message=label.message_id, about=label.about, pk__lt=label.pk).order_by("-id").first()
    _row(access, label.message, About(label.about), older.value if older is not None else "", now).save()


def take_back_all(access: Access, message_ids: Iterable[int], source: Source, *, now: datetime) -> None:
    """Take the labels back that a kind of deed left on messages; what counted before counts again.

    Only where the newest label is of that deed: what was said since stays. Call it in the deed's own transaction.
    """
    told = Label.objects.filter(municipality=access.municipality_id, message__in=list(message_ids)).order_by("id")
    said: dict[tuple[int, str], list[Label]] = {}
    for label in told:
        said.setdefault((label.message_id, label.about), []).append(label)
    for (message_id, about), labels in said.items():
        if labels[-1].source != source or not labels[-1].value:
            continue
        before = next((one.value for one in reversed(labels) if one.source != source), "")
        note(access, [message_id], About(about), before, source, now=now)


def _row(access: Access, message: Message, about: About, value: str, now: datetime) -> Label:
    return Label(
        municipality_id=access.municipality_id,
        message=message,
        about=about,
        value=value,
        source=Source.LABELLING,
        by=access.official,
        at=now,
    )


def _check(access: Access, message: Message) -> None:
    access.require(Permission.TRIAGE_TEACH)
    if message.municipality_id != access.municipality_id or message.is_ours:
        raise Refused("another municipality's message")


def _check_value(access: Access, about: About, value: str) -> None:
    match about:
        case About.TOPIC:
            known = {topic.code for members in topics_of(access.municipality_id).values() for topic in members}
        case About.KIND:
            known = {kind.value for kind in TAUGHT_KINDS}
        case _:
            known = set()
    if value not in known:
        raise NotALabel(f"there is no {about} “{value}” here")
