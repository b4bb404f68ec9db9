"""How channels do, in Prometheus' text format: numbers and the channels' own names, nothing of any person.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format (version 0.0.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from otklik.channels.states import ChannelState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Measure = Callable[[ChannelState], float | None]


def _instant(at: datetime | None) -> float | None:
    return None if at is None else round(at.timestamp(), 3)


_GAUGES: tuple[tuple[str, str, Measure], ...] = (
    ("enabled", "1 unless an administrator switched it off", lambda one: int(one.channel.is_enabled)),
    ("needs_a_look", "1 if a person should look at it", lambda one: int(one.needs_a_look)),
    ("last_event_timestamp_seconds", "when anything last came in", lambda one: _instant(one.channel.last_delivery_at)),
    ("last_sent_timestamp_seconds", "when anything last went out", lambda one: _instant(one.channel.last_sent_at)),
    ("waiting", "what waits to be sent", lambda one: one.waiting),
    ("not_sent", "what was refused for good", lambda one: one.not_sent),
    ("uncertain", "what may have been sent", lambda one: one.uncertain),
    ("not_understood", "deliveries that could not be read", lambda one: one.not_understood),
    ("calls_24h", "calls to the network in the last 24 whole hours", lambda one: one.day.made),
    ("failed_calls_24h", "how many of them failed", lambda one: one.day.failed),
    ("calls_7d", "calls to the network in the last 7 days", lambda one: one.week.made),
    ("failed_calls_7d", "how many of them failed", lambda one: one.week.failed),
    ("troubles", "what the last look found that isn't well", lambda one: len(one.troubles)),
    (
        "last_look_timestamp_seconds",
        "when the account was last looked at",
        lambda one: _instant(one.health.checked_at) if one.health else None,
    ),
    (
        "token_ends_timestamp_seconds",
        "when its access token ends, where that is known",
        lambda one: _instant(one.health.token_ends_at) if one.health else None,
    ),
    (
        "delivers",
        "1 if the network says that it delivers to us, 0 if not, absent where it doesn't tell",
        lambda one: None if one.health is None or one.health.delivers is None else int(one.health.delivers),
    ),
    ("silent", "1 if it is quiet against its own weekly rhythm", lambda one: int(one.is_silent)),
)


def exposition(states: Iterable[ChannelState]) -> str:
    """Return the measures of these channels; a channel's row comes with its municipality."""
    found = list(states)
    lines: list[str] = []
    for name, told, measure in _GAUGES:
        lines += [f"# HELP otklik_channel_{name} {told}", f"# TYPE otklik_channel_{name} gauge"]
        for one in found:
            if (value := measure(one)) is not None:
                lines.append(f"otklik_channel_{name}{_labels(one)} {value}")
    return "\n".join([*lines, *_off_by_law(found)]) + "\n"


def _off_by_law(states: Iterable[ChannelState]) -> Iterable[str]:
    name = "otklik_channel_off_by_law"
    yield f"# HELP {name} 1 for what the law keeps off, 0 where an administrator has acknowledged it"
    yield f"# TYPE {name} gauge"
    for one in states:
        for restriction in one.restrictions:
            yield f"{name}{_labels(one, capability=restriction.capability)} {int(restriction.is_off)}"


def _labels(one: ChannelState, **more: str) -> str:
    channel = one.channel
    named = {"city": channel.municipality.slug, "channel": channel.name, "network": channel.network, **more}
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in named.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
