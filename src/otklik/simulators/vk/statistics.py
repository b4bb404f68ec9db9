"""VK's numbers: what is liked, seen and reached in the simulated community. Source: the API's schema, version 5.199."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_POSTS = 30


@dataclass(slots=True)
class Numbers:
    """What VK knows in numbers. What isn't here, or is hidden, VK doesn't tell."""

    account: dict[str, int] = field(default_factory=dict)
    """`members`, `reach`, `views`, `likes`, `copies`, `comments`."""
    posts: dict[int, dict[str, int]] = field(default_factory=dict)
    """By post: `likes`, `reposts`, `comments`, `views`, `reach`."""
    comment_likes: dict[int, int] = field(default_factory=dict)
    audience: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """`cities` by name, `sex_age` by VK's own value ("f;25-30")."""
    more: dict[str, Any] = field(default_factory=dict)
    """Told beside everything else: what the next version may bring."""

    def with_numbers(self, post_id: int, told: dict[str, Any]) -> dict[str, Any]:
        """Return a post of wall.get and wall.getById with its numbers, where any are known."""
        known = self.posts.get(post_id)
        if known is None:
            return told
        names = [name for name in ("likes", "reposts", "comments", "views") if name in known]
        bare = {name: value for name, value in told.items() if name != "comments"}
        return bare | {name: {"count": known[name]} for name in names} | self.more

    def beside_comment(self, comment_id: int) -> dict[str, Any]:
        """Return what a comment has more where its likes were asked for."""
        return {"likes": {"count": self.comment_likes.get(comment_id, 0), "can_like": 1}}

    def reach_of(self, post_ids: list[int]) -> list[dict[str, Any]]:
        """Return stats.getPostReach."""
        known = [(number, self.posts.get(number, {})) for number in post_ids]
        return [
            {"post_id": number, "hide": 0, "links": 0, "reach_subscribers": counts["reach"] // 2}
            | {"reach_total": counts["reach"]}
            | self.more
            for number, counts in known
            if "reach" in counts
        ]

    def period(self) -> dict[str, Any]:
        """Return one period of stats.get."""
        reach = self._some({"reach": "reach"}) | {"mobile_reach": 1}
        reach |= {"cities": [{"name": name, "value": 1, "count": n} for name, n in self.audience.get("cities", [])]}
        reach |= {"sex_age": [{"value": name, "count": n} for name, n in self.audience.get("sex_age", [])]}
        return {
            "period_from": 1_763_800_000,
            "period_to": 1_763_886_400,
            "reach": reach,
            "visitors": self._some({"views": "views"}),
            "activity": self._some({"likes": "likes", "copies": "copies", "comments": "comments"}) | {"subscribed": 1},
        } | self.more

    def _some(self, names: Mapping[str, str]) -> dict[str, Any]:
        return {theirs: self.account[ours] for ours, theirs in names.items() if ours in self.account}
