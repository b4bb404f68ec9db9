"""Posts are written in Markdown; pages get clean HTML, networks get plain text, cards get plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from otklik.common.text import shorten

_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a", "h2", "h3", "hr", "code"}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(["image"])


@lru_cache(maxsize=256)
def as_html(text: str) -> SafeString:
    """Return a post's text as HTML with nothing in it but paragraphs, lists, quotes, headings and links."""
    clean = nh3.clean(_markdown.render(text), tags=_TAGS, url_schemes={"https", "http", "mailto", "tel"})
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


@lru_cache(maxsize=1024)
def excerpt(text: str, limit: int = 260) -> str:
    """Return the first paragraphs in plain words, cut at a word."""
    tokens = _markdown.parse(text)
    paragraphs = [
        "".join(child.content or " " * (child.type.endswith("break")) for child in token.children or [])
        for before, token in pairwise(tokens)
        if before.type == "paragraph_open" and before.level == 0
    ]
    return shorten(" ".join(paragraphs), limit)


def as_plain(text: str) -> str:
    """Return a post's text for networks that show no Markdown: paragraphs, lists with marks, addresses in brackets."""
    parts: list[str] = []
    counters: list[int | None] = []
    mark = ""
    for token in _markdown.parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            parts += [""] if not counters else []
            counters.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
        elif token.type == "list_item_open":
            number = counters[-1]
            mark = "• " if number is None else f"{number}. "
            counters[-1] = None if number is None else number + 1
        elif token.type in ("inline", "code_block", "fence"):
            words = _plain_line(token.children) if token.children is not None else token.content.rstrip()
            parts.append(f"{mark}{words}" if counters else f"\n{words}")
            mark = ""
    return "\n".join(parts).strip()


def _plain_line(tokens: Sequence[Token]) -> str:
    """Return a line's words; a link's address follows its words unless it is them."""
    words = ""
    links: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            links.append((str(token.attrs["href"]), len(words)))
        elif token.type == "link_close":
            address, start = links.pop()
            words += f" ({address})" if address.removeprefix("mailto:") != words[start:] else ""
        else:
            words += "\n" if token.type.endswith("break") else token.content
    return words


_MARKS = re.compile(r"([\\`*_\[\]<>~|])")
_BEGINS = re.compile(r"^(\s*)([#+\-=]|\d+(?=[.)]))", re.MULTILINE)


def escaped(text: str) -> str:
    """Return plain words as Markdown that says just them: nothing in them is a heading, a list or a link."""
    return _BEGINS.sub(_escape_begin, _MARKS.sub(r"\\\1", text))


def _escape_begin(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdecimal() else f"{space}\\{mark}"
