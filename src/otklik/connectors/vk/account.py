"""VK: whose account it is, and with which keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from otklik.connectors.vk.api import Api

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """A community with its two tokens: VK lets only a person's token (`user_token`, may be empty) publish posts."""

    group_id: int
    token: str = field(repr=False)
    user_token: str = field(repr=False)
    api: Api

    @property
    def owner_id(self) -> int:
        """The community as VK writes it among owners."""
        return -self.group_id

    def call(self, method: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Call as the community. Raises SendFailed, SendUnknown."""
        return self.api.call(method, self.token, params, answer)

    def call_as_person(self, method: str, params: Mapping[str, str], answer: type[T]) -> T:
        """Call as the person whose token it is. Raises SendFailed, SendUnknown."""
        return self.api.call(method, self.user_token, params, answer)
