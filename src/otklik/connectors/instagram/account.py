"""Instagram: whose account it is, by which of Meta's two logins, and with which key."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from otklik.connectors.instagram.graph import Graph


class Login(StrEnum):
    """How the account was connected at Meta: by itself, or through a Facebook page."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"


HOSTS = {Login.INSTAGRAM: "https://graph.instagram.com", Login.FACEBOOK: "https://graph.facebook.com"}
RIGHTS = {
    Login.INSTAGRAM: (
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
        "instagram_business_manage_messages",
    ),
    Login.FACEBOOK: (
        "instagram_basic",
        "instagram_content_publish",
        "instagram_manage_comments",
        "instagram_manage_messages",
    ),
}


@dataclass(frozen=True, slots=True)
class Account:
    """One professional account. `human_agent`: Meta has allowed answers by people for seven days."""

    id: str
    login: Login
    graph: Graph
    human_agent: bool = False
    pause: Callable[[float], None] = time.sleep
