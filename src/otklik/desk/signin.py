"""Sign-in of officials: by invitation only, and demo accounts only in the demo."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from otklik.org.models import Official


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's door, narrowed to what a city's desk allows."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs oneself up: officials join by invitation."""
        return False

    def pre_login(self, request: HttpRequest, user: Official, **kwargs: Any) -> HttpResponse | None:
        """Refuse demo accounts wherever it isn't the demo."""
        if user.is_demo and not settings.ENVIRONMENT.demo:
            return self.respond_user_inactive(request, user)  # type: ignore[no-any-return]
        return super().pre_login(request, user, **kwargs)  # type: ignore[no-any-return]
