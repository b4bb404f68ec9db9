"""The product's Russian words: python tools/messages.py update | check.

`update` collects every string of src/otklik into the catalogue, keeps what is translated, drops what nobody uses and
compiles it. `check` says what is missing, and fails. Write the Russian in django.po between an `update` and a commit;
run `update` again to compile.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parents[1] / "src/otklik"
PO = SOURCE / "common/locale/ru/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "said": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

Found = tuple[str | tuple[str, str], str | None]
"""A message id (one string, or singular and plural) and its context."""


def used(source: Path = SOURCE) -> set[Found]:
    """Return every message that the code and the templates ask for."""
    found: set[Found] = set()
    for path in source.rglob("*.py"):
        if "migrations" not in path.parts:
            with path.open("rb") as file:
                extracted = extract("python", file, KEYWORDS, options={"encoding": "utf-8"})
                found |= {(_id(message), context) for _, message, _, context in extracted}
    for path in source.rglob("*.html"):
        found |= set(_in_template(path.read_text(encoding="utf-8"), str(path)))
    return found


def _id(message: object) -> str | tuple[str, str]:
    return (str(message[0]), str(message[1])) if isinstance(message, tuple | list) else str(message)


def _in_template(text: str, origin: str) -> Iterator[Found]:
    """Yield a template's messages. Django turns a template into calls for xgettext; the calls are read back here."""
    calls = templatize(text, origin=origin)
    for match in re.finditer(r"\b(?:(n?)(p?)gettext|_)\(", calls):
        strings = _arguments(calls, match.start())
        context = strings.pop(0) if match[2] else None
        yield (strings[0], strings[1]) if match[1] else strings[0], context


def _arguments(calls: str, start: int) -> list[str]:
    end = start
    while True:
        end = calls.index(")", end) + 1
        try:
            call = ast.parse(calls[start:end].strip(), mode="eval").body
        except SyntaxError:
            continue  # the bracket was inside a string
        return [part.value for part in getattr(call, "args", []) if isinstance(getattr(part, "value", None), str)]


def load() -> Catalog:
    """Return the committed catalogue."""
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="ru")
    # Babel stamps the minute of reading where there is no date, and the compiled file would never be the same twice.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    return catalogue


def untranslated(catalogue: Catalog, found: set[Found]) -> list[str]:
    """Return the messages in use that have no Russian, or not in every plural form."""
    missing = []
    for message_id, context in found:
        message = catalogue.get(message_id if isinstance(message_id, str) else message_id[0], context)
        strings = _strings(message) if message and message.id == message_id else []
        if not strings or not all(strings):
            missing.append(str(message_id))
    return sorted(missing)


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update() -> Catalog:
    """Write the catalogue and its compiled form from what is used now."""
    old, new = (load() if PO.exists() else Catalog(locale="ru")), Catalog(locale="ru", project="Otklik", fuzzy=False)
    for message_id, context in sorted(used(), key=str):
        kept = old.get(message_id if isinstance(message_id, str) else message_id[0], context)
        same = kept is not None and kept.id == message_id
        flags = (kept.flags - {"fuzzy"}) if kept and same else ()
        new.add(message_id, kept.string if kept and same else None, context=context, flags=flags)
    out = io.BytesIO()
    write_po(out, new, width=110, omit_header=True, sort_output=True)
    head = (
        'msgid ""\nmsgstr ""\n"Language: ru\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && '
        '(n%100<10 || n%100>=20) ? 1 : 2);\\n"\n\n'
    )
    PO.write_bytes(head.encode() + out.getvalue())
    catalogue = load()
    MO.write_bytes(compiled(catalogue))
    return catalogue


def main() -> int:
    """Run the command named on the line; 1 when a translation is missing."""
    if sys.argv[1:] not in (["update"], ["check"]):
        print(__doc__)  # noqa: T201 - a command's words
        return 2
    catalogue = update() if sys.argv[1] == "update" else load()
    missing = untranslated(catalogue, used())
    for text in missing:
        print(f"no Russian: {text}", file=sys.stderr)  # noqa: T201 - a command's words
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
