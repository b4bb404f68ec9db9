"""A table of messages as an office keeps it: CSV or pasted cells, its columns known by their names."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.channels.services.taking_down import Heard
from otklik.connectors.reception.connector import Way

MOST_ROWS = 1000
MOST_BYTES = 2_000_000
COLUMNS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "текст", "сообщение", "текст обращения", "обращение", "текст инцидента"}),
    "received": frozenset({"received", "date", "дата", "получено", "дата создания", "когда"}),
    "name": frozenset({"name", "имя", "фио", "заявитель", "от кого"}),
    "contact": frozenset({"contact", "phone", "контакт", "телефон", "почта", "e-mail", "email"}),
    "place": frozenset({"place", "address", "адрес", "место", "улица"}),
    "way": frozenset({"way", "способ", "как"}),
    "source": frozenset({"source", "link", "источник", "ссылка"}),
}
"""What we read, and what offices call it."""
WAYS: Mapping[str, Way] = {
    **{way.value: way for way in Way},
    "телефон": Way.PHONE,
    "по телефону": Way.PHONE,
    "звонок": Way.PHONE,
    "письмо": Way.PAPER,
    "бумага": Way.PAPER,
    "на бумаге": Way.PAPER,
    "лично": Way.IN_PERSON,
    "приём": Way.IN_PERSON,
}
_MOMENTS = ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S")


def read_table(table: bytes, *, consents: bool, now: datetime) -> list[Heard]:
    """Return the messages of a table, a row each, known by what it says: the same row again is the same message.

    Days without a time count from their noon. Raises ValueError with the row and what to do.
    """
    if len(table) > MOST_BYTES:
        raise ValueError(_("The table is larger than %(size)s MB: divide it.") % {"size": MOST_BYTES // 1_000_000})
    text = _decoded(table)
    lines = text.lstrip("\r\n")
    first = lines.partition("\n")[0]
    delimiter = max("\t;,", key=first.count)
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
    try:
        head = _columns(next(rows, []))
        found = [
            _heard(row, head, number, consents, now) for number, row in enumerate(rows, 2) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise ValueError(_("This is no table: %(error)s") % {"error": error}) from error
    if not found:
        raise ValueError(_("The table has no rows below the names of its columns."))
    if len(found) > MOST_ROWS:
        raise ValueError(_("More than %(count)s rows: divide the table.") % {"count": MOST_ROWS})
    return list({one.key: one for one in found}.values())


def _decoded(table: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return table.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(_("The letters of the table can't be read: save it as CSV in UTF-8."))


def _columns(names: list[str]) -> dict[str, int]:
    told = [name.strip().casefold() for name in names]
    head = {
        column: place
        for column, known in COLUMNS.items()
        if (place := next((number for number, name in enumerate(told) if name in known), None)) is not None
    }
    if "text" not in head:
        raise ValueError(_("No column is called “text”: name the columns in the first row."))
    return head


def _heard(row: list[str], head: Mapping[str, int], number: int, consents: bool, now: datetime) -> Heard:  # noqa: FBT001 - private, called once
    said = {column: row[place].strip() if place < len(row) else "" for column, place in head.items()}
    if not said["text"]:
        raise ValueError(_("Row %(number)s has no text.") % {"number": number})
    way = said.get("way", "").casefold()
    if way and way not in WAYS:
        raise ValueError(
            _("Row %(number)s: “%(way)s” is none of phone, paper, in_person, pasted.") % {"number": number, "way": way}
        )
    return Heard(
        key=hashlib.sha256("\0".join(f"{column}={said[column]}" for column in sorted(said)).encode()).hexdigest()[:32],
        way=WAYS[way] if way else Way.PASTED,
        text=said["text"],
        told_at=_moment(said.get("received", ""), number, now),
        name=said.get("name", "") if consents else "",
        contact=said.get("contact", "") if consents else "",
        consents=consents,
        place=said.get("place", ""),
        source=said.get("source", ""),
    )


def _moment(words: str, number: int, now: datetime) -> datetime:
    if not words:
        return now
    for shape in _MOMENTS:
        try:
            moment = datetime.strptime(words, shape)  # noqa: DTZ007 - the city's time is given below
        except ValueError:
            continue
        if "H" not in shape:
            moment = moment.replace(hour=12)
        return (
            min(timezone.make_aware(moment), now)
            if moment.date() == timezone.localdate(now)
            else timezone.make_aware(moment)
        )
    raise ValueError(
        _("Row %(number)s: “%(words)s” is no date such as 24.03.2026 10:30.") % {"number": number, "words": words}
    )
