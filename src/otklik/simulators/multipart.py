"""What a form with files holds, for simulators that take uploads (RFC 7578, read by the standard library's parser)."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """One file of a form."""

    filename: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Form:
    """The fields of a form, and its files, by their names."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)


def is_multipart(content_type: bytes) -> bool:
    """Return whether a request's body is such a form."""
    return content_type.lower().startswith(b"multipart/form-data")


def read_form(content_type: bytes, body: bytes) -> Form:
    """Return the form in a request's body. Raises ValueError where it isn't one."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise ValueError("not a form with files")
    form = Form()
    for part in message.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        content: Any = part.get_payload(decode=True)
        if not name:
            raise ValueError("a part of the form has no name")
        if (filename := part.get_filename()) is None:
            form.fields[name] = content.decode()
        else:
            form.files[name] = File(filename, part.get_content_type(), content)
    return form


def is_jpeg(content: bytes) -> bool:
    """Return whether these are the bytes of a JPEG from its beginning to its end."""
    return content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\0").endswith(b"\xff\xd9")
