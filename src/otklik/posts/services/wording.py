"""What each network shows of a post."""

from __future__ import annotations

from otklik.channels.models import Channel
from otklik.posts.models import Post
from otklik.posts.prose import as_plain


def words_for(post: Post, channel: Channel) -> str:  # noqa: ARG001 - each network its own words: next
    """Return what a channel's network shows of a post: its headline and its text without Markdown."""
    return f"{post.title}\n\n{as_plain(post.text)}"
