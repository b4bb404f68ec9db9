"""Posts are written in Markdown; pages get clean HTML, cards get plain words."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

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
