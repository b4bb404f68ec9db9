"""Instagram's numbers: what the simulated account and its posts are told to have.

Source: https://developers.facebook.com/docs/instagram-platform/insights
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from otklik.simulators.instagram.faults import Refusal

Json = dict[str, Any]
FEWEST_FOLLOWERS = 100
_OF_ACCOUNT = frozenset({"reach", "views", "follower_demographics", "accounts_engaged", "total_interactions"})
_OF_MEDIA = frozenset({"views", "reach", "saved", "shares", "likes", "comments", "total_interactions"})


@dataclass(slots=True)
class Numbers:
    """What Instagram knows in numbers. What isn't here, it doesn't tell."""

    account: dict[str, int] = field(default_factory=dict)
    """`followers_count`, `reach`, `views`."""
    posts: dict[str, dict[str, int]] = field(default_factory=dict)
    """By post: `like_count`, `comments_count`, and the metrics by their names."""
    comment_likes: dict[str, int] = field(default_factory=dict)
    audience: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """By breakdown (`age`, `gender`, `city`)."""
    more: list[Json] = field(default_factory=list)
    """Metrics that are told beside everything else."""

    def of_account(self, params: Mapping[str, str]) -> Json:
        """Return the account's metrics. Raises Refusal."""
        wanted = _wanted(params, _OF_ACCOUNT)
        if params.get("metric_type") != "total_value":
            raise Refusal(100, "metric_type must be total_value")
        if wanted == ["follower_demographics"]:
            return self._demographics(params)
        found = [(name, self.account[name]) for name in wanted if name in self.account]
        return {"data": [_metric(name, {"total_value": {"value": value}}) for name, value in found] + self.more}

    def of_media(self, post: str, params: Mapping[str, str]) -> Json:
        """Return a post's metrics. Raises Refusal."""
        known = self.posts.get(post, {})
        found = [(name, known[name]) for name in _wanted(params, _OF_MEDIA) if name in known]
        return {"data": [_metric(name, {"values": [{"value": value}]}) for name, value in found] + self.more}

    def beside_post(self, post: str) -> Json:
        """Return what a post's own fields tell."""
        known = self.posts.get(post, {})
        return {name: known[name] for name in ("like_count", "comments_count") if name in known}

    def _demographics(self, params: Mapping[str, str]) -> Json:
        if params.get("period") != "lifetime" or params.get("breakdown") not in {"age", "gender", "city", "country"}:
            raise Refusal(100, "period must be lifetime, breakdown one of age, city, country, gender")
        if self.account.get("followers_count", 0) < FEWEST_FOLLOWERS:
            raise Refusal(10, "Not enough followers to view demographics", 2108006)
        rows = self.audience.get(params["breakdown"], [])
        results = [{"dimension_values": ["LIFETIME", name], "value": count} for name, count in rows]
        broken = {"dimension_keys": ["timeframe", params["breakdown"]], "results": results}
        return {"data": [_metric("follower_demographics", {"total_value": {"breakdowns": [broken]}})]}


def _wanted(params: Mapping[str, str], known: frozenset[str]) -> list[str]:
    wanted = params.get("metric", "").split(",")
    if wrong := [name for name in wanted if name not in known]:
        raise Refusal(100, f"(#100) metric[0] must be one of the following values: not {wrong[0]}")
    return wanted


def _metric(name: str, value: Json) -> Json:
    return {
        "name": name,
        "period": "lifetime",
        "title": name,
        "description": name,
        "id": f"17841/insights/{name}",
        **value,
    }
