"""HTML of notes as plain words, and our words as HTML. Nothing that others wrote is ever shown as HTML."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

MOST_CHARS = 500_000
"""Longer HTML is cut before it is read."""
_SILENT = frozenset({"script", "style", "title", "template", "svg", "iframe", "object"})
_BLOCKS = frozenset({"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "figure"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)»]")


def words_of(html: str, *, without_mention_of: str = "") -> str:
    """Return what a reader sees, as lines; the mention of `without_mention_of` that opens a note is left out."""
    if not html:
        return ""
    reader = _Reader(without_mention_of)
    reader.feed(html[:MOST_CHARS])
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n ")


def as_html(text: str) -> str:
    """Return plain words as paragraphs, with what looks like an address as a link."""
    paragraphs = (_linked(part).replace("\n", "<br>") for part in re.split(r"\n{2,}", text.strip()))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def mention(address: str, handle: str) -> str:
    """Return how an answer names the one it is for, in the form that servers know a mention by."""
    name = escape(handle.partition("@")[0])
    return f'<span class="h-card"><a href="{escape(address)}" class="u-url mention">@<span>{name}</span></a></span>'


def _linked(text: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        address = escape(found[0])
        parts += [escape(text[end : found.start()], quote=False), f'<a href="{address}" rel="nofollow">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:], quote=False)])


class _Reader(HTMLParser):
    def __init__(self, us: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._us = us
        self._silent: list[str] = []
        self._link = ""
        self._linked = 0
        self._has_words = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in _SILENT:
            self._silent += [tag] if tag in _SILENT else []
        elif tag == "br":
            self.said.append("\n")
        elif tag == "li":
            self.said.append("\n- ")
        elif tag == "a":
            told = {name: value or "" for name, value in attrs}
            kinds = set(told.get("class", "").split())
            self._linked = len(self.said)
            self._link = told.get("href", "") if not {"mention", "hashtag"} & kinds else ""
            if "mention" in kinds and not self._has_words and self._us and told.get("href", "") == self._us:
                self._link = self._us
        elif tag in _BLOCKS and self._has_words:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
        elif tag == "a":
            self._close_link()
        elif tag in _BLOCKS:
            self.said.append("\n\n" if tag in {"p", "div", "pre"} else "\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(_BLANKS.sub(" ", data))
            self._has_words = self._has_words or not data.isspace()

    def _close_link(self) -> None:
        shown = "".join(self.said[self._linked :]).strip()
        if self._us and self._link == self._us and shown.startswith("@"):
            del self.said[self._linked :]
            self._has_words = False
        elif self._link.lower().startswith(("http://", "https://")) and self._link.rstrip("/") != shown.rstrip("/"):
            self.said.append(f" ({self._link[:500]})")
        self._link = ""
