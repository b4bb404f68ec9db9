"""Keeping what search finds: in the transaction of the words themselves, so that nothing is ever stale or missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from otklik.channels.enums import MessageKind
from otklik.channels.models import Identity, Message, SearchEntry
from otklik.channels.searching import UNSORTED, scope_of
from otklik.common.inserting import insert_values
from otklik.common.stems import forms, stems

Cases = Mapping[int, tuple[int, int | None]]
"""The case and its department, by the message's id."""

_WRITES_OF_ONE = 1_000
"""Messages of one person whose entries follow a new name; who wrote more is known by the old one in the oldest."""


def index_messages(messages: Iterable[Message], cases: Cases) -> None:
    """Make entries for new messages of residents; one that isn't in `cases` belongs to none."""
    rows = [(m.municipality_id, m.pk, *_belonging(m, cases), _stems(m)) for m in messages if _is_found(m)]
    insert_values(SearchEntry, ("municipality_id", "message_id", "case_ref", "scope", "stems"), rows)


def reindex_messages(messages: Sequence[Message]) -> None:
    """Let the entries of messages follow an edit or a deletion; repeating it changes nothing."""
    gone = [message.pk for message in messages if not _is_found(message)]
    if gone:
        SearchEntry.objects.filter(message__in=gone).delete()
    for message in messages:
        if _is_found(message):
            SearchEntry.objects.filter(message=message).update(stems=_stems(message))


def follow_names(identities: Sequence[Identity]) -> None:
    """Let people be found by their new names."""
    for identity in identities:
        written = Message.objects.filter(identity=identity, search_entry__isnull=False).order_by("-id")
        entries = []
        for message in written.select_related("search_entry")[:_WRITES_OF_ONE]:
            message.identity = identity
            message.search_entry.stems = _stems(message)
            entries.append(message.search_entry)
        SearchEntry.objects.bulk_update(entries, ["stems"], batch_size=200)


def place_messages(cases: Cases) -> None:
    """Note which case these messages belong to now; without effect for those that have no entry yet."""
    known = SearchEntry.objects.filter(message__in=list(cases)).values_list("message_id", flat=True)
    for message in list(known):
        case_id, department_id = cases[message or 0]
        SearchEntry.objects.filter(message=message).update(case_ref=case_id, scope=scope_of(department_id))


def place_cases(case_ids: Sequence[int], department_id: int | None) -> None:
    """Note that cases went to another department: from now on it finds them, and the one before doesn't."""
    SearchEntry.objects.filter(case_ref__in=case_ids).update(scope=scope_of(department_id))


def index_answer(municipality_id: int, answer_id: int, case_id: int, department_id: int | None, text: str) -> None:
    """Make the entry of an answer, or let it follow a correction."""
    values = {"case_ref": case_id, "scope": scope_of(department_id), "stems": " ".join(stems(text)) or "_"}
    SearchEntry.objects.update_or_create(municipality_id=municipality_id, answer_ref=answer_id, defaults=values)


def _is_found(message: Message) -> bool:
    return not message.is_ours and message.deleted_at is None and message.kind != MessageKind.POST


def _belonging(message: Message, cases: Cases) -> tuple[int | None, str]:
    case_id, department_id = cases.get(message.pk, (None, None))
    return case_id, UNSORTED if case_id is None else scope_of(department_id)


def _stems(message: Message) -> str:
    who = message.identity
    names = (who.display_name, who.handle) if who is not None else ()
    return " ".join(dict.fromkeys([*stems(*names, message.text), *forms(*names)])) or "_"
