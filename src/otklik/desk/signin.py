"""Sign-in of officials: by invitation only, demo accounts only in the demo, second factors sealed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from otklik.channels.connections import vault
from otklik.common.prepared import PreparedObjects
from otklik.org.models import Official

_OFFICIALS = PreparedObjects(lambda official: Official.objects.filter(pk=official).select_related("municipality"))


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Checks passwords, and at every request that the session's official may still come in."""

    def get_user(self, user_id: int) -> Official | None:
        """Return a session's official with the city, by one query; None for one who is gone or may not come in."""
        found = _OFFICIALS.list(int(user_id))
        return found[0] if found and self.user_can_authenticate(found[0]) else None

    def user_can_authenticate(self, user: Official | None) -> bool:
        """Return whether this official may use the desk now: switched on, and a demo account only in the demo."""
        return user is not None and user.is_active and (not user.is_demo or settings.ENVIRONMENT.demo)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's door, narrowed to what a city's desk allows."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs oneself up: officials join by invitation."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Official | None:
        """Return whose password this is. Raises ValidationError, in a sentence, for one who may not come in.

        Only somebody who knows the right password learns that much.
        """
        official: Official | None = super().authenticate(request, **credentials)
        if official is not None and not official.is_active:
            raise ValidationError(_("This account is switched off. Ask your administrator to let you in again."))
        if official is not None and official.is_demo and not settings.ENVIRONMENT.demo:
            raise ValidationError(_("Demo accounts work in the demo only. Ask your administrator for an invitation."))
        return official

    def pre_login(self, request: HttpRequest, user: Official, **kwargs: Any) -> HttpResponse | None:
        """Refuse demo accounts wherever it isn't the demo, whichever way they came."""
        if user.is_demo and not settings.ENVIRONMENT.demo:
            clear_login(request)
            return self.respond_user_inactive(request, user)  # type: ignore[no-any-return]
        return super().pre_login(request, user, **kwargs)  # type: ignore[no-any-return]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Keeps authenticator secrets and recovery codes sealed with the installation's key, like channels' secrets."""

    def encrypt(self, text: str) -> str:
        """Return a secret as the database keeps it."""
        return vault().seal({"secret": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret. Raises WrongKey if another installation sealed it."""
        return vault().unseal(encrypted_text.encode())["secret"]

    def get_totp_label(self, user: Official) -> str:
        """Return what the authenticator app shows under the name."""
        return user.email

    def get_totp_issuer(self) -> str:
        """Return the name under which the authenticator app keeps the code."""
        return "Otklik"
