"""Letters in HTML as plain words: nothing is run, fetched or shown as HTML; what is quoted is left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST_CHARS = 2_000_000
"""Longer HTML is cut before it is read."""
_SILENT = frozenset({"script", "style", "head", "title", "template", "svg", "object", "iframe", "noembed"})
_BLOCKS = frozenset(
    "address article aside blockquote center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main ol p"
    " pre section table tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_CLOSED_BY_ITSELF = frozenset({"p", "li", "tr", "td", "th", "dd", "dt"})
_QUOTES = re.compile(
    r"(?:^|\s)(?:gmail_quote(?:_container)?|moz-cite-prefix|yahoo_quoted|protonmail_quote|ya-quote)(?:\s|$)"
)
_QUOTE_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\xa0\u200b\u200c]+")


def words_of(html: str, *, with_quotes: bool = False) -> str:
    """Return what a reader of the letter sees, as lines; quoted letters are left out unless asked for."""
    reader = _Reader(with_quotes=with_quotes)
    reader.feed(html[:MOST_CHARS])
    reader.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self, *, with_quotes: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._with_quotes = with_quotes
        self._silent: list[str] = []
        self._after = False
        self._link = ""
        self._linked = 0
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if self._silent:
            if tag == self._silent[0] and tag not in _VOID:
                self._silent.append(tag)
            return
        if self._is_silent(tag, told):
            if tag not in _VOID:
                self._silent.append(tag)
            return
        match tag:
            case "br":
                self.said.append("\n")
            case "li":
                self.said.append("\n- ")
            case "td" | "th":
                self.said.append(" ")
            case "a":
                self._link, self._linked = told.get("href", ""), len(self.said)
            case "img" if told.get("alt", "").strip():
                self.said.append(told["alt"].replace("\n", " "))
            case _ if tag in _BLOCKS:
                self.said.append("\n")
        self._preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[0]:
                self._silent.pop()
            return
        if tag == "a":
            self._close_link()
        elif tag in _BLOCKS and tag != "li":
            self.said.append("\n\n" if tag == "p" else "\n")
        self._preformatted -= tag == "pre" and self._preformatted > 0

    def handle_data(self, data: str) -> None:
        if not (self._silent or self._after):
            self.said.append(data if self._preformatted else re.sub(r"\s+", " ", data))

    def _is_silent(self, tag: str, told: dict[str, str]) -> bool:
        if tag in _SILENT or (_HIDDEN.search(told.get("style", "")) and tag not in _CLOSED_BY_ITSELF):
            return True
        if self._with_quotes:
            return False
        if told.get("id", "").lower() in _QUOTE_IDS:
            self._after = True  # Outlook puts what it quotes behind its mark, not inside
            return True
        cites = tag == "blockquote" and told.get("type", "").lower() == "cite"
        return cites or bool(_QUOTES.search(told.get("class", "")))

    def _close_link(self) -> None:
        shown = "".join(self.said[self._linked :]).strip()
        if self._link.lower().startswith(("http://", "https://")) and self._link.rstrip("/") not in (
            shown,
            shown + "/",
        ):
            self.said.append(f" ({self._link[:500]})")
        self._link = ""
