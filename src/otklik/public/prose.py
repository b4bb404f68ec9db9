"""Posts are written in Markdown; pages get clean HTML, cards get plain words."""

from __future__ import annotations

from functools import lru_cache

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
    """Return the first words without the marks."""
    tokens = _markdown.parse(text)
    words = [child.content or " " for token in tokens for child in token.children or [] if child.type != "link_open"]
    paragraphs = " ".join(words)
    return shorten(paragraphs, limit)
